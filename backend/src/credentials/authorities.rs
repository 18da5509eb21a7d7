//! Authorities of others, whose certificates devices may have besides those of one's own.

use std::sync::atomic::Ordering;

use credentials::{CertificateInfo, Field, Place, Vault, Wrong, der_of_text, limits};
use store::{Audit, SecurityChange, ServerSecret};

use super::{Change, Desk, DeskError};

/// What the name begins with under which each is stored. Its fingerprint follows.
const NAME: &str = "authority:";

impl Desk {
    /// Believes an authority (PEM, or DER in base64 or hexadecimal) from now on.
    pub(crate) async fn believe(&self, author: String, text: &str) -> Result<(), DeskError> {
        let der = self.authority_of_text(text)?;
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let info = CertificateInfo::of(&der).map_err(|error| unusable(error.to_string()))?;
            {
                let keys = desk.credentials.server();
                let own = keys.authority.as_ref().is_some_and(|own| own.public == der);
                if own || keys.believed.contains(&der) {
                    return Err(conflict("it is believed already", "another authority", "the same"));
                }
                if keys.believed.len() >= limits::AUTHORITIES {
                    desk.credentials.refused_authorities.fetch_add(1, Ordering::Relaxed);
                    let expected = format!("at most {}", limits::AUTHORITIES);
                    let got = (limits::AUTHORITIES + 1).to_string();
                    return Err(conflict("there is no room for further authorities", &expected, &got));
                }
            }
            transaction.add(to_change(&der, &info, desk.credentials.vault())?);
            transaction.audit(desk.audit_authority(author, "believe_authority", &info));
            transaction.store().await?;
            desk.credentials.server_mut().believed.push(der);
            desk.credentials.tell(Change::Everything);
            Ok(())
        })
        .await
    }

    /// Ends sessions that nobody else vouches for.
    pub(crate) async fn disbelieve(&self, author: String, fingerprint: String) -> Result<(), DeskError> {
        self.whole(async move |desk| {
            let mut transaction = desk.transaction().await;
            let infos: Vec<_> =
                desk.credentials.server().believed.iter().flat_map(|der| CertificateInfo::of(der)).collect();
            let info = infos.into_iter().find(|info| is_named(info, &fingerprint));
            let info = info.ok_or(DeskError::UnknownAuthority)?;
            transaction.add(SecurityChange::ServerForgotten(name(&info)));
            transaction.audit(desk.audit_authority(author, "disbelieve_authority", &info));
            transaction.store().await?;
            let is_another = |der: &Vec<u8>| {
                CertificateInfo::of(der).is_ok_and(|other| other.fingerprint != info.fingerprint)
            };
            desk.credentials.server_mut().believed.retain(is_another);
            desk.credentials.tell(Change::Everything);
            Ok(())
        })
        .await
    }

    fn authority_of_text(&self, text: &str) -> Result<Vec<u8>, DeskError> {
        let der = der_of_text(text, &["CERTIFICATE"]);
        let der = der.map_err(|error| Field::Certificate.wrong(error.expected, error.got))?.to_vec();
        if der.len() > limits::CERTIFICATE_BYTES {
            return Err(unusable(format!("one of {} bytes", der.len())).into());
        }
        CertificateInfo::of(&der).map_err(|error| unusable(error.to_string()))?;
        let now = dtls::Instant::from_millis(self.clock.now().as_millis());
        dtls::check_authority(&der, now).map_err(|error| unusable(error.to_string()))?;
        Ok(der)
    }

    fn audit_authority(&self, author: String, what: &str, info: &CertificateInfo) -> Audit {
        let details = format!("{}, SHA-256 {}", info.subject, console_api::hex_encode(&info.fingerprint));
        Audit { at: self.clock.now(), author, what: what.to_owned(), endpoint: None, details }
    }
}

/// Those among what is stored of the server.
pub(super) fn stored(secrets: &[ServerSecret]) -> Vec<Vec<u8>> {
    let authorities = secrets.iter().filter(|secret| secret.name.starts_with(NAME));
    authorities.map(|secret| secret.public.clone()).collect()
}

/// Nothing of it is secret here.
fn to_change(der: &[u8], info: &CertificateInfo, vault: &Vault) -> Result<SecurityChange, DeskError> {
    let name = name(info);
    let sealed = vault.seal(Place::Server(&name), &[])?;
    Ok(SecurityChange::Server(ServerSecret { name, public: der.to_vec(), sealed }))
}

fn name(info: &CertificateInfo) -> String {
    format!("{NAME}{}", console_api::hex_encode(&info.fingerprint))
}

fn is_named(info: &CertificateInfo, fingerprint: &str) -> bool {
    console_api::hex_encode(&info.fingerprint).eq_ignore_ascii_case(fingerprint)
}

fn unusable(got: String) -> Wrong {
    let expected = format!(
        "the certificate of an authority, with a key of at least 256 bits on a curve or 2,048 of RSA, signed with SHA-256 or better, of at most {} bytes",
        limits::CERTIFICATE_BYTES
    );
    Field::Certificate.wrong(expected, got)
}

fn conflict(message: &'static str, expected: &str, got: &str) -> DeskError {
    DeskError::Conflict { message, expected: expected.to_owned(), got: got.to_owned() }
}
