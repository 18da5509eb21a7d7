use coap::Instant;
use credentials::{
    Credential, Field, KeyPair, Pick, Proof, Server, Wrong,
    authority::{Authority, DeviceKey},
    der_of_text,
};
use store::Audit;

use super::{
    Change, Credentials, Desk, DeskError,
    desk::{added, checked_retirement},
    secret_of_pair,
    server_keys::{AUTHORITY, Own, certificate_name},
    transaction::Wanted,
};

/// Days that certificates are valid when nothing else is said: devices have theirs for their life.
const AUTHORITY_DAYS: u32 = 36_500;
const DEVICE_DAYS: u32 = 3_650;
const SERVER_DAYS: u32 = 3_650;

/// What a certificate is wanted for.
pub(crate) struct CertificateOrder {
    pub(crate) author: String,
    pub(crate) endpoint: String,
    pub(crate) server: Server,
    pub(crate) days: Option<u32>,
    /// A signing request, as text.
    pub(crate) csr: Option<String>,
    pub(crate) note: String,
    pub(crate) retire_after_s: Option<u64>,
}

/// A certificate that there is now.
pub(crate) struct Issued {
    pub(crate) credential: Credential,
    /// DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) authority: Vec<u8>,
    pub(crate) secret: Option<console_api::IssuedSecret>,
}

impl Desk {
    /// Makes the authority where there is none, or another is wanted, and the server's certificate.
    pub(crate) async fn found_authority(
        &self,
        author: String,
        new: console_api::NewAuthority,
    ) -> Result<(), DeskError> {
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let now = desk.clock.now();
            let console_api::NewAuthority { name, names, days, replace } = new;
            let earlier = if replace { None } else { desk.credentials.server().to_authority()? };
            let (authority, what) = match earlier {
                Some(earlier) => (earlier, "server_certificate"),
                None => {
                    let name = name.as_deref().unwrap_or("LwM2M Console authority");
                    (Authority::create(name, AUTHORITY_DAYS, now.as_millis())?, "authority")
                }
            };
            let vault = desk.credentials.vault();
            let own_authority = Own::of_authority(&authority)?;
            transaction.add(own_authority.to_change(AUTHORITY, vault)?);
            let mut certificates = Vec::new();
            for server in Server::ALL {
                let pair = certificate_key(&desk.credentials, server)?;
                let own = for_server(&authority, &pair, &names, days, now)?;
                transaction.add(own.to_change(certificate_name(server), vault)?);
                certificates.push((server, own));
            }
            let details = format!("for {}", names.join(", "));
            transaction.audit(Audit { at: now, author, what: what.to_owned(), endpoint: None, details });
            transaction.store().await?;
            let mut keys = desk.credentials.server_mut();
            keys.authority = Some(own_authority);
            for (server, own) in certificates {
                keys.of_mut(server).certificate = Some(own);
            }
            drop(keys);
            desk.credentials.tell(Change::Everything);
            Ok(())
        })
        .await
    }

    /// A certificate for a device, which is its credential.
    pub(crate) async fn issue(&self, order: CertificateOrder) -> Result<Issued, DeskError> {
        let request = order.csr.as_deref().map(request).transpose()?;
        order.retire_after_s.map(checked_retirement).transpose()?;
        self.whole(async move |desk| {
            let CertificateOrder { author, endpoint, server, days, note, retire_after_s, .. } = order;
            let mut transaction = desk.transaction().await;
            let now_ms = desk.clock.now().as_millis();
            let authority = desk.credentials.server().to_authority()?.ok_or_else(no_authority)?;
            let pair = match &request {
                Some(_) => None,
                None => Some(KeyPair::generate().map_err(|error| DeskError::Failed(error.to_string()))?),
            };
            let key = match (request, &pair) {
                (Some(key), _) => key,
                (None, Some(pair)) => DeviceKey::of_pair(pair)?,
                (None, None) => return Err(DeskError::Failed("there is no key".to_owned())),
            };
            let days = days.unwrap_or(DEVICE_DAYS);
            let certificate = authority.issue_for_device(&endpoint, &key, days, now_ms)?;
            let secret = pair.as_ref().map(secret_of_pair).transpose()?;
            let certificate_itself = |proof: &Proof| matches!(proof, Proof::Certificate(Some(_)));
            if let Some(after_s) = retire_after_s {
                transaction.retire(server, &endpoint, certificate_itself, after_s);
            }
            let pick = Pick::Certificate(Some(certificate.clone()));
            let wanted = Wanted { endpoint, server, pick, note, author: author.clone(), made_in: None };
            let new = transaction.make(wanted, &[])?;
            let audit = desk.audit(&author, "issue_certificate", new);
            transaction.audit(audit);
            let added = added(transaction.store().await?, Vec::new())?;
            let authority = authority.certificate()?;
            Ok(Issued { credential: added.credential, certificate, authority, secret })
        })
        .await
    }
}

/// A certificate for a server.
pub(super) fn for_server(
    authority: &Authority,
    pair: &KeyPair,
    names: &[String],
    days: Option<u32>,
    now: Instant,
) -> Result<Own, DeskError> {
    let days = days.unwrap_or(SERVER_DAYS);
    Own::of_pair(pair, authority.issue_for_server(pair, names, days, now.as_millis())?)
}

/// A certificate that is made again is of the same key.
fn certificate_key(credentials: &Credentials, server: Server) -> Result<KeyPair, DeskError> {
    let keys = credentials.server();
    let earlier = keys.of(server).certificate.as_ref().map(|own| KeyPair::from_pkcs8(&own.key));
    earlier.unwrap_or_else(KeyPair::generate).map_err(|error| DeskError::Failed(error.to_string()))
}

fn request(text: &str) -> Result<DeviceKey, Wrong> {
    let labels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
    let der = der_of_text(text, &labels).map_err(|error| Field::Csr.wrong(error.expected, error.got))?;
    DeviceKey::of_request(&der)
}

fn no_authority() -> DeskError {
    DeskError::Conflict {
        message: "there is no certificate authority yet",
        expected: "one, which POST /api/v1/security/authority makes".to_owned(),
        got: "none".to_owned(),
    }
}
