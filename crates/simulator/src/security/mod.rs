//! How a device proves who it is, and its DTLS line to the server (LwM2M 1.0 TS §7.1).

mod account;
mod line;
mod secret;

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::Context;
use dtls::{CertificateUsage, ClientConfig, ClientCredential, ExpectedCertificate, MatchingType};
use serde::Deserialize;
use zeroize::Zeroizing;

pub(crate) use account::of_account;
pub(crate) use line::{LineOutput, SecureLine};
pub(crate) use secret::Key;

/// What stands for the Endpoint Client Name of a device.
const ENDPOINT: &str = "%";

/// What the devices of a group connect with. A `%` stands for the endpoint name, so that each has its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Security {
    Psk(Psk),
    RawPublicKey(RawPublicKey),
    Certificate(Certificate),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Psk {
    pub(crate) identity: String,
    /// In hexadecimal.
    pub(crate) key: Key,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPublicKey {
    /// The private key of the device, PEM: PKCS #8 or SEC 1.
    pub(crate) key: PathBuf,
    /// The public key that the server has to have, PEM.
    pub(crate) server: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    /// The certificate of the device, then those between it and its authority, PEM.
    pub(crate) certificate: PathBuf,
    /// Its private key, PEM: PKCS #8 or SEC 1.
    pub(crate) key: PathBuf,
    /// The authority that has to have signed the certificate of the server, PEM.
    pub(crate) authority: PathBuf,
}

/// `IDENTITY:HEXKEY`
impl FromStr for Psk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((identity, key)) = text.rsplit_once(':').filter(|(identity, _)| !identity.is_empty()) else {
            return Err("expected IDENTITY:KEY with the key in hexadecimal".to_owned());
        };
        Ok(Self { identity: identity.to_owned(), key: key.parse()? })
    }
}

/// `KEY,SERVER`
impl FromStr for RawPublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split(',').collect::<Vec<_>>()[..] {
            [key, server] => Ok(Self { key: key.into(), server: server.into() }),
            _ => Err("expected KEY,SERVER: two PEM files".to_owned()),
        }
    }
}

/// `CERTIFICATE,KEY,AUTHORITY`
impl FromStr for Certificate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split(',').collect::<Vec<_>>()[..] {
            [certificate, key, authority] => {
                Ok(Self { certificate: certificate.into(), key: key.into(), authority: authority.into() })
            }
            _ => Err("expected CERTIFICATE,KEY,AUTHORITY: three PEM files".to_owned()),
        }
    }
}

impl Security {
    /// What one device connects with. `server_name` is what the certificate of the server has to be made out for.
    pub(crate) fn config(&self, endpoint: &str, server_name: Option<&str>) -> anyhow::Result<ClientConfig> {
        let credential = match self {
            Self::Psk(psk) => ClientCredential::Psk {
                identity: of_endpoint(&psk.identity, endpoint).into_bytes(),
                key: Zeroizing::new(psk.key.bytes().to_vec()),
            },
            Self::RawPublicKey(RawPublicKey { key, server }) => ClientCredential::RawPublicKey {
                key: read(key, endpoint, dtls::pem::private_key)?,
                server: read(server, endpoint, dtls::pem::public_key)?,
            },
            Self::Certificate(Certificate { certificate, key, authority }) => {
                let mut anchors = read(authority, endpoint, dtls::pem::certificates)?.into_iter();
                let content =
                    anchors.next().with_context(|| format!("no certificate in {}", authority.display()))?;
                ClientCredential::Certificate {
                    chain: read(certificate, endpoint, dtls::pem::certificates)?,
                    key: read(key, endpoint, dtls::pem::private_key)?,
                    server: ExpectedCertificate {
                        usage: CertificateUsage::TrustAnchorAssertion,
                        matching: MatchingType::Exact,
                        content,
                        anchors: anchors.collect(),
                    },
                }
            }
        };
        Ok(ClientConfig { server_name: server_name.map(str::to_owned), ..ClientConfig::new(credential) })
    }
}

/// What an instance of the Security object says about a credential: resources 2 to 5, and 15.
pub(crate) struct AccountKeys {
    pub(crate) mode: i64,
    pub(crate) identity: Vec<u8>,
    pub(crate) server: Vec<u8>,
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) certificate_usage: Option<u64>,
}

impl Security {
    /// The same for an instance of the Security object, as a factory would put it in.
    pub(crate) fn account(&self, endpoint: &str) -> anyhow::Result<AccountKeys> {
        Ok(match self {
            Self::Psk(psk) => AccountKeys {
                mode: 0,
                identity: of_endpoint(&psk.identity, endpoint).into_bytes(),
                server: Vec::new(),
                secret: Zeroizing::new(psk.key.bytes().to_vec()),
                certificate_usage: None,
            },
            Self::RawPublicKey(RawPublicKey { key, server }) => {
                let key = read(key, endpoint, dtls::pem::private_key)?;
                AccountKeys {
                    mode: 1,
                    identity: dtls::pem::public_key_of(&key)?,
                    server: read(server, endpoint, dtls::pem::public_key)?,
                    secret: key.0,
                    certificate_usage: None,
                }
            }
            Self::Certificate(Certificate { certificate, key, authority }) => {
                let mut authorities = read(authority, endpoint, dtls::pem::certificates)?.into_iter();
                AccountKeys {
                    mode: 2,
                    identity: read(certificate, endpoint, dtls::pem::certificates)?.concat(),
                    server: authorities
                        .next()
                        .with_context(|| format!("no certificate in {}", authority.display()))?,
                    secret: read(key, endpoint, dtls::pem::private_key)?.0,
                    // Trust anchor assertion.
                    certificate_usage: Some(2),
                }
            }
        })
    }
}

fn read<T, E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    endpoint: &str,
    parse: impl Fn(&[u8]) -> Result<T, E>,
) -> anyhow::Result<T> {
    let path = of_endpoint(&path.to_string_lossy(), endpoint);
    let file = fs::read(&path).with_context(|| format!("cannot read {path}"))?;
    parse(&file).with_context(|| format!("{path} is not what it should be, in PEM"))
}

/// `text` for one device.
pub(crate) fn of_endpoint(text: &str, endpoint: &str) -> String {
    text.replace(ENDPOINT, endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_follows_the_last_colon_of_its_identity() {
        let psk: Psk = "urn:dev:%:0aFF".parse().unwrap();
        assert_eq!((psk.identity.as_str(), psk.key.bytes()), ("urn:dev:%", &[0x0a, 0xff][..]));
        assert_eq!(of_endpoint(&psk.identity, "7"), "urn:dev:7");
        for bad in ["", "identity", ":00", "a:", "a:0", "a:0g", &format!("a:{}", "00".repeat(65))] {
            assert!(bad.parse::<Psk>().is_err(), "{bad}");
        }
    }

    #[test]
    fn files_are_separated_by_commas() {
        assert!("key.pem,server.pem".parse::<RawPublicKey>().is_ok());
        assert!("key.pem".parse::<RawPublicKey>().is_err());
        assert!("c.pem,k.pem,a.pem".parse::<Certificate>().is_ok());
        assert!("c.pem,k.pem".parse::<Certificate>().is_err());
    }
}
