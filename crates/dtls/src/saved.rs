use core::str::FromStr;
use std::net::SocketAddr;

use dtls_record::SavedSession;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    identity::{Certificate, Identity},
    output::SessionId,
};

/// A session of a server for the store: its keys, and who is at its other end.
pub struct Saved {
    pub session: SessionId,
    /// Where the peer was.
    pub address: SocketAddr,
    pub identity: Identity,
    /// Number of the cipher suite with the IANA.
    pub suite: u16,
    pub(crate) records: SavedSession,
}

/// The layout of the bytes. Another one is refused, and the peer makes a new handshake.
const LAYOUT: u8 = 1;

const PSK: u8 = 0;
const RAW_PUBLIC_KEY: u8 = 1;
const CERTIFICATE: u8 = 2;

#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SavedError {
    #[error("expected a saved session, got bytes that end within one")]
    Truncated,
    #[error("expected a saved session of layout {LAYOUT}, got {0}")]
    Layout(u8),
    #[error("expected {expected} in a saved session, got something else")]
    Field { expected: &'static str },
    #[error(transparent)]
    Records(#[from] dtls_record::SavedSessionError),
}

impl Saved {
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(vec![LAYOUT]);
        bytes.extend_from_slice(&self.session.0.to_be_bytes());
        bytes.extend_from_slice(&self.suite.to_be_bytes());
        put(&mut bytes, self.address.to_string().as_bytes());
        let (kind, content) = match &self.identity {
            Identity::Psk(identity) => (PSK, identity),
            Identity::RawPublicKey(key) => (RAW_PUBLIC_KEY, key),
            Identity::Certificate(certificate) => (CERTIFICATE, &certificate.der),
        };
        bytes.push(kind);
        put(&mut bytes, content);
        bytes.extend_from_slice(&self.records.to_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        let mut rest = bytes;
        match take(&mut rest)? {
            [LAYOUT] => {}
            [other] => return Err(SavedError::Layout(other)),
        }
        let session = SessionId(u64::from_be_bytes(take(&mut rest)?));
        let suite = u16::from_be_bytes(take(&mut rest)?);
        let address = core::str::from_utf8(take_long(&mut rest)?).ok();
        let address = address.and_then(|text| SocketAddr::from_str(text).ok());
        let address = address.ok_or(SavedError::Field { expected: "an address" })?;
        let [kind] = take(&mut rest)?;
        let content = take_long(&mut rest)?;
        let identity = match kind {
            PSK => Identity::Psk(content.to_vec()),
            RAW_PUBLIC_KEY => Identity::RawPublicKey(content.to_vec()),
            CERTIFICATE => {
                let x509 = openssl::x509::X509::from_der(content).ok();
                let certificate = x509.and_then(|x509| Certificate::of(&x509));
                Identity::Certificate(certificate.ok_or(SavedError::Field { expected: "a certificate" })?)
            }
            _ => return Err(SavedError::Field { expected: "a kind of identity" }),
        };
        Ok(Self { session, address, identity, suite, records: SavedSession::from_bytes(rest)? })
    }
}

fn put(bytes: &mut Vec<u8>, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(content);
}

fn take<const LENGTH: usize>(rest: &mut &[u8]) -> Result<[u8; LENGTH], SavedError> {
    let (first, after) = rest.split_first_chunk().ok_or(SavedError::Truncated)?;
    *rest = after;
    Ok(*first)
}

fn take_long<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], SavedError> {
    let length = u32::from_be_bytes(take(rest)?) as usize;
    let (content, after) = rest.split_at_checked(length).ok_or(SavedError::Truncated)?;
    *rest = after;
    Ok(content)
}
