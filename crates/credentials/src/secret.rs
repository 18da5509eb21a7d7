use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes that are never shown and do not stay in memory. What is done with [`Self::expose`] is meant.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// So many bytes from the system's source of randomness.
    ///
    /// # Errors
    /// When the system has none.
    pub fn random(bytes: usize) -> Result<Self, getrandom::Error> {
        let mut secret = Zeroizing::new(vec![0; bytes]);
        getrandom::fill(&mut secret)?;
        Ok(Self(secret))
    }

    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_not_shown() {
        let secret = Secret::from(vec![0x41; 16]);
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "(secret) Some(\n    (secret),\n)");
    }

    #[test]
    fn random_ones_differ() {
        let (one, other) = (Secret::random(16).unwrap(), Secret::random(16).unwrap());
        assert!(one != other && one == one.clone());
        assert_eq!(one.expose().len(), 16);
    }
}
