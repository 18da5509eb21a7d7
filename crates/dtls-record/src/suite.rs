/// The protection of records in one direction.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Suite {
    /// RFC 6655, RFC 7251: CCM with a tag of 8 bytes.
    Aes128Ccm8,
    /// RFC 6655, RFC 7251: CCM with a tag of 16 bytes.
    Aes128Ccm,
    /// RFC 5288, RFC 5289, RFC 5487.
    Aes128Gcm,
}

impl Suite {
    pub const ALL: [Self; 3] = [Self::Aes128Ccm8, Self::Aes128Ccm, Self::Aes128Gcm];

    /// The protection of a TLS cipher suite; `None` when these records do not carry it. All of these derive their keys
    /// with SHA-256.
    pub const fn of(cipher_suite: u16) -> Option<Self> {
        match cipher_suite {
            // PSK, DHE_PSK, ECDHE_PSK (RFC 8442), ECDHE_ECDSA
            0xc0a8 | 0xc0aa | 0xd003 | 0xc0ae => Some(Self::Aes128Ccm8),
            0xc0a4 | 0xc0a6 | 0xd005 | 0xc0ac => Some(Self::Aes128Ccm),
            0x00a8 | 0x00aa | 0xd001 | 0xc02b => Some(Self::Aes128Gcm),
            _ => None,
        }
    }

    pub const fn tag_length(self) -> usize {
        match self {
            Self::Aes128Ccm8 => 8,
            Self::Aes128Ccm | Self::Aes128Gcm => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cipher_suites_by_their_number() {
        assert_eq!(Suite::of(0xc0a8), Some(Suite::Aes128Ccm8));
        assert_eq!(Suite::of(0xc0ae), Some(Suite::Aes128Ccm8));
        assert_eq!(Suite::of(0xc0ac), Some(Suite::Aes128Ccm));
        assert_eq!(Suite::of(0x00a8), Some(Suite::Aes128Gcm));
        assert_eq!(Suite::of(0xc02b), Some(Suite::Aes128Gcm));
        // CBC is not ours, nor is anything that takes SHA-384.
        for other in [0x00ae, 0xc023, 0x00a9, 0xc02c, 0xc0a9, 0x1301] {
            assert_eq!(Suite::of(other), None, "{other:04x}");
        }
    }
}
