use serde::{Deserialize, Serialize};

use crate::{Credential, CredentialMode, CredentialServer, IssuedSecret};

/// `GET /api/v1/security/server`: what a device must be told to connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerSecurity {
    /// Where devices connect without security.
    pub coap: Option<String>,
    /// Where devices connect with it.
    pub coaps: Option<String>,
    /// Where devices bootstrap without security, and with it.
    pub bootstrap_coap: Option<String>,
    pub bootstrap_coaps: Option<String>,
    /// What devices may prove themselves with.
    pub modes: Vec<CredentialMode>,
    pub public_key: PublicKeyView,
    pub certificate: Option<CertificateView>,
    /// The Bootstrap-Server has keys of its own.
    pub bootstrap_public_key: PublicKeyView,
    pub bootstrap_certificate: Option<CertificateView>,
    /// The certificate authority of this server, which signs certificates of devices and its own.
    pub authority: Option<CertificateView>,
    /// How many credentials there are, revoked ones too, and how many there can be.
    pub credentials: usize,
    pub credentials_limit: usize,
}

/// A raw public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicKeyView {
    /// SubjectPublicKeyInfo, DER in hexadecimal: what Resource `/0/x/4` takes.
    pub der: String,
    pub pem: String,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateView {
    pub subject: String,
    pub issuer: String,
    /// In hexadecimal.
    pub serial: String,
    /// Host names, addresses and URIs that it is for.
    pub names: Vec<String>,
    pub not_before_ms: u64,
    pub not_after_ms: u64,
    /// SHA-256 of the DER, in hexadecimal.
    pub fingerprint: String,
    pub pem: String,
    /// In hexadecimal.
    pub der: String,
}

/// `POST /api/v1/security/authority`: makes the certificate authority and the server's certificate, or that
/// certificate again with other names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewAuthority {
    /// What the authority is called, when it is made.
    pub name: Option<String>,
    /// Host names and IP addresses that devices find the server by.
    pub names: Vec<String>,
    /// How long the server's certificate is valid.
    pub days: Option<u32>,
    /// Makes another authority in place of the one that there is: all certificates of devices are void then.
    pub replace: bool,
}

/// `GET /api/v1/security/authorities`: whom the server believes besides its own authority when a device shows a
/// certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authorities {
    pub items: Vec<CertificateView>,
    /// How many there can be.
    pub limit: usize,
}

/// `POST /api/v1/security/authorities`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewBelievedAuthority {
    /// Its certificate, as PEM, or DER in base64 or hexadecimal.
    pub certificate: String,
}

/// `POST /api/v1/security/certificates`: a certificate for a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewCertificate {
    pub endpoint: String,
    /// That of device management when absent.
    pub server: Option<CredentialServer>,
    pub days: Option<u32>,
    /// PKCS #10, as PEM, or DER in base64 or hexadecimal. Without one the server makes the key.
    pub csr: Option<String>,
    pub note: Option<String>,
    /// Earlier certificates of this endpoint for the same server count for so long; null for as long as they are valid.
    pub retire_after_s: Option<u64>,
}

/// A certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedCertificate {
    pub credential: Credential,
    pub certificate: CertificateView,
    /// Whom the device can trust: it signed the server's certificate.
    pub authority: CertificateView,
    /// The private key, when the server made it. It is not told again.
    pub secret: Option<IssuedSecret>,
}

/// `GET /api/v1/security/handshakes`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedHandshakes {
    /// Those that are remembered, the newest first.
    pub items: Vec<FailedHandshake>,
}

/// Attempts to connect that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedHandshake {
    /// The last of them.
    pub at_ms: u64,
    /// The first of them.
    pub since_ms: u64,
    /// Where the device wanted to connect.
    pub server: CredentialServer,
    pub from: String,
    /// Whom the device said it was, as far as that is known.
    pub identity: Option<String>,
    /// How far it came.
    pub stage: String,
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub advice: String,
    pub count: u64,
}
