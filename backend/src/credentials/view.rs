//! Credentials as REST and console see them.

use console_api::{
    CertificateView, CredentialMode, CredentialServer, CredentialState, IssuedSecret, SecretText,
};
use credentials::{CertificateInfo, Credential, KeyPair, Mode, Proof, Secret, Server, State};

use super::DeskError;

pub(crate) fn credential(credential: &Credential, now_ms: u64) -> console_api::Credential {
    let Credential { proof, .. } = credential;
    let (identity, key_bytes) = match proof {
        Proof::Psk { identity, key_bytes } => (Some(identity.clone()), Some(*key_bytes)),
        Proof::RawPublicKey(_) | Proof::Certificate(_) => (None, None),
    };
    let public_key = match proof {
        Proof::RawPublicKey(der) => Some(console_api::hex_encode(der)),
        Proof::Psk { .. } | Proof::Certificate(_) => None,
    };
    let certificate = match proof {
        Proof::Certificate(Some(der)) => certificate(der),
        Proof::Certificate(None) | Proof::Psk { .. } | Proof::RawPublicKey(_) => None,
    };
    console_api::Credential {
        id: credential.id.0,
        endpoint: credential.endpoint.clone(),
        server: told_server(credential.server),
        mode: mode(proof.mode()),
        version: credential.version,
        state: state(credential.state(now_ms)),
        identity,
        key_bytes,
        public_key,
        certificate,
        note: credential.note.clone(),
        created_at_ms: credential.created_at_ms,
        author: credential.author.clone(),
        retire_at_ms: credential.retire_at_ms,
        revoked_at_ms: credential.revoked_at_ms,
        last_used_at_ms: credential.last_used_at_ms,
    }
}

/// Nothing of what is no certificate; such a one is not taken in.
pub(crate) fn certificate(der: &[u8]) -> Option<CertificateView> {
    let info = CertificateInfo::of(der).ok()?;
    Some(CertificateView {
        subject: info.subject,
        issuer: info.issuer,
        serial: console_api::hex_encode(&info.serial),
        names: info.names,
        not_before_ms: info.not_before_ms,
        not_after_ms: info.not_after_ms,
        fingerprint: console_api::hex_encode(&info.fingerprint),
        pem: info.pem,
        der: console_api::hex_encode(der),
    })
}

pub(crate) fn public_key(der: &[u8]) -> console_api::PublicKeyView {
    let pem = credentials::public_key_pem(der);
    console_api::PublicKeyView { der: console_api::hex_encode(der), pem }
}

/// A key that is told this once.
pub(crate) fn secret_of_key(key: &Secret) -> IssuedSecret {
    IssuedSecret { key: Some(hex(key)), ..IssuedSecret::default() }
}

/// A private key that is told this once.
pub(crate) fn secret_of_pair(pair: &KeyPair) -> Result<IssuedSecret, DeskError> {
    let forms = pair.forms().map_err(|error| DeskError::Failed(error.to_string()))?;
    Ok(IssuedSecret {
        key: None,
        pkcs8_pem: Some(text(&forms.pkcs8_pem)),
        pkcs8_der: Some(hex(&forms.pkcs8_der)),
        sec1_pem: Some(text(&forms.sec1_pem)),
        sec1_der: Some(hex(&forms.sec1_der)),
    })
}

fn hex(secret: &Secret) -> SecretText {
    SecretText(console_api::hex_encode(secret.expose()))
}

fn text(secret: &Secret) -> SecretText {
    SecretText(String::from_utf8_lossy(secret.expose()).into_owned())
}

pub(crate) const fn told_server(server: Server) -> CredentialServer {
    match server {
        Server::DeviceManagement => CredentialServer::DeviceManagement,
        Server::Bootstrap => CredentialServer::Bootstrap,
    }
}

const fn mode(mode: Mode) -> CredentialMode {
    match mode {
        Mode::Psk => CredentialMode::Psk,
        Mode::RawPublicKey => CredentialMode::Rpk,
        Mode::Certificate => CredentialMode::X509,
    }
}

pub(crate) const fn state(state: State) -> CredentialState {
    match state {
        State::Active => CredentialState::Active,
        State::Retiring => CredentialState::Retiring,
        State::Revoked => CredentialState::Revoked,
    }
}
