//! How a device proves who it is, and its DTLS line to the server (LwM2M 1.0 TS §7.1).

mod line;
mod secret;

use std::{path::PathBuf, str::FromStr};

use serde::Deserialize;

pub(crate) use line::{Line, LineOutput};
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
            [certificate, key, authority] => Ok(Self {
                certificate: certificate.into(),
                key: key.into(),
                authority: authority.into(),
            }),
            _ => Err("expected CERTIFICATE,KEY,AUTHORITY: three PEM files".to_owned()),
        }
    }
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
