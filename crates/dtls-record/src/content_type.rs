use core::fmt;

/// What a record carries (RFC 5246 §6.2.1, RFC 9146 §4).
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct ContentType(pub u8);

impl ContentType {
    pub const CHANGE_CIPHER_SPEC: Self = Self(20);
    pub const ALERT: Self = Self(21);
    pub const HANDSHAKE: Self = Self(22);
    pub const APPLICATION_DATA: Self = Self(23);
    /// A record with a Connection ID, which hides its real type.
    pub const TLS12_CID: Self = Self(25);
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CHANGE_CIPHER_SPEC => f.write_str("change_cipher_spec"),
            Self::ALERT => f.write_str("alert"),
            Self::HANDSHAKE => f.write_str("handshake"),
            Self::APPLICATION_DATA => f.write_str("application_data"),
            Self::TLS12_CID => f.write_str("tls12_cid"),
            Self(other) => write!(f, "content type {other}"),
        }
    }
}

impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
