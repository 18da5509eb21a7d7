use console_api::{
    Authorities, CertificateView, Credential, CredentialAdded, CredentialImport, CredentialList,
    FailedHandshakes, IssuedCertificate, IssuedSecret, NewAuthority, NewBelievedAuthority, ServerSecurity,
};
use gloo_net::http::Request;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draft::Asked;
use crate::api::{Failure, answer, answer_to, done};

const CREDENTIALS: &str = "/api/v1/credentials";
const AUTHORITIES: &str = "/api/v1/security/authorities";

/// A credential that there is now, with what is shown this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Added {
    pub(crate) credential: Credential,
    pub(crate) secret: Option<IssuedSecret>,
    /// The certificate that was made, and whom the device can trust.
    pub(crate) certificate: Option<(CertificateView, CertificateView)>,
    pub(crate) warnings: Vec<String>,
}

impl From<CredentialAdded> for Added {
    fn from(added: CredentialAdded) -> Self {
        let CredentialAdded { credential, secret, warnings } = added;
        Self { credential, secret, certificate: None, warnings }
    }
}

impl From<IssuedCertificate> for Added {
    fn from(issued: IssuedCertificate) -> Self {
        let IssuedCertificate { credential, certificate, authority, secret } = issued;
        Self { credential, secret, certificate: Some((certificate, authority)), warnings: Vec::new() }
    }
}

pub(crate) async fn list(query: &str) -> Result<CredentialList, Failure> {
    answer_to(&format!("{CREDENTIALS}?{query}")).await
}

/// Does what the form asks for.
pub(crate) async fn add(asked: &Asked) -> Result<Added, Failure> {
    match asked {
        Asked::Add(wanted) => post::<CredentialAdded>(CREDENTIALS, wanted).await.map(Added::from),
        Asked::Rotate(id, wanted) => {
            post::<CredentialAdded>(&format!("{CREDENTIALS}/{id}/rotate"), wanted).await.map(Added::from)
        }
        Asked::Certificate(wanted) => {
            post::<IssuedCertificate>("/api/v1/security/certificates", wanted).await.map(Added::from)
        }
    }
}

pub(crate) async fn revoke(id: u64) -> Result<(), Failure> {
    let request = Request::post(&format!("{CREDENTIALS}/{id}/revoke"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Forgets a revoked one.
pub(crate) async fn delete(id: u64) -> Result<(), Failure> {
    let request = Request::delete(&format!("{CREDENTIALS}/{id}"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Many at once, as CSV or JSON. `dry_run`: looks at them only.
pub(crate) async fn import(text: &str, dry_run: bool, partial: bool) -> Result<CredentialImport, Failure> {
    let format = if text.trim_start().starts_with(['[', '{']) { "json" } else { "csv" };
    let address = format!("{CREDENTIALS}/import?format={format}&dry_run={dry_run}&partial={partial}");
    let request = Request::post(&address).body(text.to_owned()).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn server() -> Result<ServerSecurity, Failure> {
    answer_to("/api/v1/security/server").await
}

pub(crate) async fn make_authority(wanted: &NewAuthority) -> Result<ServerSecurity, Failure> {
    let request = Request::post("/api/v1/security/authority").json(wanted).map_err(Failure::unreachable)?;
    done(request.send().await.map_err(Failure::unreachable)?).await?;
    server().await
}

/// Whose certificates are believed besides those of the server's own authority.
pub(crate) async fn authorities() -> Result<Authorities, Failure> {
    answer_to(AUTHORITIES).await
}

pub(crate) async fn believe(certificate: String) -> Result<Authorities, Failure> {
    post(AUTHORITIES, &NewBelievedAuthority { certificate }).await
}

pub(crate) async fn disbelieve(fingerprint: &str) -> Result<(), Failure> {
    let request = Request::delete(&format!("{AUTHORITIES}/{fingerprint}"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn handshakes() -> Result<FailedHandshakes, Failure> {
    answer_to("/api/v1/security/handshakes").await
}

async fn post<T: DeserializeOwned>(address: &str, wanted: &impl Serialize) -> Result<T, Failure> {
    let request = Request::post(address).json(wanted).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}
