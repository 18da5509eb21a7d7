use serde::{Deserialize, Serialize};

use crate::{CertificateView, SecretText};

/// How a device proves who it is (`/0/x/2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CredentialMode {
    /// With a pre-shared key.
    Psk,
    /// With a raw public key.
    Rpk,
    /// With a certificate.
    X509,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum CredentialState {
    Active,
    /// A later version is to take its place; it counts until `retire_at_ms`.
    Retiring,
    /// It opens nothing any more.
    Revoked,
}

/// Whom a credential is for: it opens nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CredentialServer {
    #[default]
    DeviceManagement,
    Bootstrap,
}

/// `GET /api/v1/credentials`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialList {
    /// How many match.
    pub total: usize,
    /// Those of the page, by endpoint and version.
    pub items: Vec<Credential>,
}

/// One version of what a device connects with, without its secret: that is never told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credential {
    pub id: u64,
    /// The Endpoint Client Name that may register or bootstrap with it.
    pub endpoint: String,
    pub server: CredentialServer,
    pub mode: CredentialMode,
    /// Counted for each endpoint and server.
    pub version: u32,
    pub state: CredentialState,
    /// PSK: what the device names itself in the handshake.
    pub identity: Option<String>,
    /// PSK: how long the key is.
    pub key_bytes: Option<usize>,
    /// Raw public key: its SubjectPublicKeyInfo, DER in hexadecimal.
    pub public_key: Option<String>,
    /// Certificate: this one and no other. Without one, any of a trusted authority with this name.
    pub certificate: Option<CertificateView>,
    pub note: String,
    pub created_at_ms: u64,
    /// Who added it: the console or another program, and from which address.
    pub author: String,
    pub retire_at_ms: Option<u64>,
    pub revoked_at_ms: Option<u64>,
    pub last_used_at_ms: Option<u64>,
}

/// `POST /api/v1/credentials`, and `POST /api/v1/credentials/{id}/rotate`, where `endpoint`, `server` and `mode` are
/// those of the earlier version when absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewCredential {
    pub endpoint: Option<String>,
    /// That of device management when absent.
    pub server: Option<CredentialServer>,
    pub mode: Option<CredentialMode>,
    /// PSK: at most 128 bytes; the endpoint name when absent.
    pub identity: Option<String>,
    /// PSK: 1 to 64 bytes in hexadecimal or base64.
    pub key: Option<SecretText>,
    /// The server makes the key, and tells it this once.
    pub generate: bool,
    /// Raw public key: SubjectPublicKeyInfo on P-256, as PEM, or DER in base64 or hexadecimal.
    pub public_key: Option<String>,
    /// Certificate, as PEM, or DER in base64 or hexadecimal.
    pub certificate: Option<String>,
    pub note: Option<String>,
    /// Rotating: the earlier version counts for so long; a week when absent. Adding: those that the endpoint has for
    /// this server in this mode do; without it, for as long as they are valid.
    pub retire_after_s: Option<u64>,
}

/// A credential that there is now, and what is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialAdded {
    pub credential: Credential,
    /// What the server made. It is not told again.
    pub secret: Option<IssuedSecret>,
    /// What is allowed and not advisable, in words.
    pub warnings: Vec<String>,
}

/// A secret that the server made, in the forms that devices take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedSecret {
    /// PSK: the key in hexadecimal.
    pub key: Option<SecretText>,
    /// Private key as PKCS #8, PEM.
    pub pkcs8_pem: Option<SecretText>,
    /// Private key as PKCS #8 (RFC 5958), DER in hexadecimal: what Resource `/0/x/5` takes.
    pub pkcs8_der: Option<SecretText>,
    /// Private key as SEC 1, PEM.
    pub sec1_pem: Option<SecretText>,
    /// Private key as SEC 1, DER in hexadecimal.
    pub sec1_der: Option<SecretText>,
}

/// `POST /api/v1/credentials/import`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialImport {
    /// It was only looked at.
    pub dry_run: bool,
    /// Entries that are good. They are stored unless it is a dry run, or something was refused and `partial` not asked.
    pub accepted: usize,
    pub stored: bool,
    pub refused: Vec<RefusedEntry>,
    /// What is allowed and not advisable.
    pub warnings: Vec<RefusedEntry>,
}

/// What is wrong with an entry. What came is described and never repeated: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedEntry {
    /// In the file, from 1.
    pub line: usize,
    /// The column or member.
    pub field: String,
    pub expected: String,
    pub got: String,
}
