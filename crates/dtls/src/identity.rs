use core::fmt;

use openssl::{nid::Nid, x509::X509Ref};

/// Who the peer has proven to be. Its address says nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// The PSK identity. It is text by RFC 7925 §4.1, but devices choose.
    Psk(Vec<u8>),
    /// SubjectPublicKeyInfo in DER (RFC 7250).
    RawPublicKey(Vec<u8>),
    Certificate(Certificate),
}

/// The certificate of a peer, whose chain was found good.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Certificate {
    pub der: Vec<u8>,
    /// CN of the subject.
    pub common_name: Option<String>,
    /// DNS names, URIs and IP addresses among the subject alternative names, in their order.
    pub names: Vec<String>,
}

impl Certificate {
    pub(crate) fn of(x509: &X509Ref) -> Option<Self> {
        let common_name = x509
            .subject_name()
            .entries_by_nid(Nid::COMMONNAME)
            .last()
            .and_then(|entry| entry.data().to_string().ok());
        let alternative = x509.subject_alt_names();
        let names = alternative.iter().flatten().filter_map(|name| {
            let text = name.dnsname().or_else(|| name.uri()).map(str::to_owned);
            text.or_else(|| name.ipaddress().and_then(ip_address))
        });
        Some(Self { der: x509.to_der().ok()?, common_name, names: names.collect() })
    }
}

fn ip_address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).ok().map(|octets| core::net::Ipv4Addr::from(octets).to_string());
    v4.or_else(|| {
        <[u8; 16]>::try_from(bytes).ok().map(|octets| core::net::Ipv6Addr::from(octets).to_string())
    })
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Psk(identity) => write!(f, "PSK identity “{}”", identity.escape_ascii()),
            Self::RawPublicKey(key) => {
                write!(f, "raw public key {}", Hex(&openssl::sha::sha256(key)[..8]))
            }
            Self::Certificate(certificate) => match &certificate.common_name {
                Some(name) => write!(f, "certificate of “{name}”"),
                None => {
                    write!(f, "certificate {}", Hex(&openssl::sha::sha256(&certificate.der)[..8]))
                }
            },
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("common_name", &self.common_name)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
