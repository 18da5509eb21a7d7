use core::fmt;

/// 0 to 8 bytes chosen by the requester, by which a response finds its request (RFC 7252 §5.3.1).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Token {
    // Bytes past `length` are always zero, so that the derived comparison is right.
    bytes: [u8; Self::MAX_LENGTH],
    length: u8,
}

impl Token {
    pub const MAX_LENGTH: usize = 8;

    pub const EMPTY: Self = Self { bytes: [0; Self::MAX_LENGTH], length: 0 };

    /// `None` above 8 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut token = Self::EMPTY;
        token.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        token.length = u8::try_from(bytes.len()).ok()?;
        Some(token)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_up_to_eight_bytes() {
        assert_eq!(Token::new(&[]), Some(Token::EMPTY));
        assert_eq!(Token::new(&[7; 8]).map(|t| t.as_bytes().to_vec()), Some(vec![7; 8]));
        assert_eq!(Token::new(&[7; 9]), None);
    }

    #[test]
    fn length_distinguishes_trailing_zeros() {
        assert_ne!(Token::new(&[1]), Token::new(&[1, 0]));
        assert_eq!(Token::new(&[0x0a, 0xff]).unwrap().to_string(), "0aff");
    }
}
