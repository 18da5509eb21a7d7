use axum::{
    Json,
    body::Bytes,
    extract::{State as Extract, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use console_api::{
    CredentialMode, FailedHandshakes, IssuedCertificate, NewAuthority, NewCertificate, ServerSecurity,
};
use credentials::{Server, limits};
use serde::de::DeserializeOwned;

use super::{
    super::{State, error::Failure, extract::Author},
    failure::{body, failure, members},
};
use crate::credentials::{CertificateOrder, Issued, certificate, credential, public_key, server_of};

/// Bytes of a request about certificates. A longer one is refused.
pub(super) const REQUEST_BYTES: usize = 64 << 10;

pub(in super::super) async fn server(Extract(state): Extract<State>) -> Json<ServerSecurity> {
    Json(view(&state))
}

fn view(state: &State) -> ServerSecurity {
    let credentials = state.desk.credentials();
    let keys = credentials.server();
    let server = keys.of(Server::DeviceManagement);
    let bootstrap = keys.of(Server::Bootstrap);
    let has_certificate = server.certificate.is_some();
    let mut modes = vec![CredentialMode::Psk, CredentialMode::Rpk];
    modes.extend(has_certificate.then_some(CredentialMode::X509));
    ServerSecurity {
        coap: state.coap.map(|address| format!("coap://{address}")),
        coaps: state.coaps.map(|address| format!("coaps://{address}")),
        bootstrap_coap: state.bootstrap_coap.map(|address| format!("coap://{address}")),
        bootstrap_coaps: state.bootstrap_coaps.map(|address| format!("coaps://{address}")),
        modes,
        public_key: public_key(&server.raw.public),
        certificate: server.certificate.as_ref().and_then(|own| certificate(&own.public)),
        bootstrap_public_key: public_key(&bootstrap.raw.public),
        bootstrap_certificate: bootstrap.certificate.as_ref().and_then(|own| certificate(&own.public)),
        authority: keys.authority.as_ref().and_then(|own| certificate(&own.public)),
        credentials: credentials.tables().len(),
        credentials_limit: limits::CREDENTIALS,
    }
}

pub(in super::super) async fn authority(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<ServerSecurity>), Failure> {
    let new: NewAuthority = read(&headers, &body(content, REQUEST_BYTES)?)?;
    state.desk.found_authority(author, new).await.map_err(failure)?;
    Ok((StatusCode::CREATED, Json(view(&state))))
}

pub(in super::super) async fn certificates(
    Extract(state): Extract<State>,
    Author(author): Author,
    headers: HeaderMap,
    content: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<IssuedCertificate>), Failure> {
    let new: NewCertificate = read(&headers, &body(content, REQUEST_BYTES)?)?;
    let NewCertificate { endpoint, server, days, csr, note, retire_after_s } = new;
    let server = server_of(server.unwrap_or_default());
    let note = note.unwrap_or_default();
    if note.len() > limits::NOTE_BYTES {
        let failure = Failure::bad_request("the note is too long");
        let expected = format!("at most {} bytes", limits::NOTE_BYTES);
        return Err(failure.expected(expected, format!("{} bytes", note.len())));
    }
    let order = CertificateOrder { author, endpoint, server, days, csr, note, retire_after_s };
    let issued = state.desk.issue(order).await.map_err(failure)?;
    let Issued { credential: issued_as, certificate: der, authority, secret } = issued;
    let unreadable = || Failure::failed(&std::io::Error::other("the certificate cannot be read"));
    let view = IssuedCertificate {
        credential: credential(&issued_as, state.clock.now().as_millis()),
        certificate: certificate(&der).ok_or_else(unreadable)?,
        authority: certificate(&authority).ok_or_else(unreadable)?,
        secret,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

pub(in super::super) async fn handshakes(Extract(state): Extract<State>) -> Json<FailedHandshakes> {
    Json(FailedHandshakes { items: state.handshakes.list() })
}

/// A request without secrets; a private key that somebody sends all the same is not repeated.
pub(super) fn read<T: DeserializeOwned>(headers: &HeaderMap, content: &[u8]) -> Result<T, Failure> {
    let members = members(headers, content)?;
    serde_json::from_value(members.into()).map_err(|_| {
        Failure::bad_request("a member is of another type")
            .expected("the members of /api/v1/openapi.json", "something else")
    })
}
