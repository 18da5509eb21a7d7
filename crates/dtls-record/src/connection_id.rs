use core::fmt;

use crate::limits::CONNECTION_ID_LENGTH;

/// What the receiver of a record chose to find its session by, whatever the address (RFC 9146 §3). It is in the clear
/// and proves nothing. The empty one says that records of this direction carry none.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnectionId {
    // Bytes past `length` are always zero, so that the derived comparison is right.
    bytes: [u8; CONNECTION_ID_LENGTH],
    length: u8,
}

impl ConnectionId {
    pub const EMPTY: Self = Self { bytes: [0; CONNECTION_ID_LENGTH], length: 0 };

    /// `None` above [`CONNECTION_ID_LENGTH`].
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut id = Self::EMPTY;
        id.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        id.length = u8::try_from(bytes.len()).ok()?;
        Some(id)
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Content of the extension `connection_id` (RFC 9146 §3): a length and the bytes.
    pub fn to_extension(&self) -> Vec<u8> {
        [&[self.length], self.as_bytes()].concat()
    }

    /// `None` when the extension is malformed or its id is longer than [`CONNECTION_ID_LENGTH`].
    pub fn from_extension(content: &[u8]) -> Option<Self> {
        let (length, id) = content.split_first()?;
        if usize::from(*length) == id.len() { Self::new(id) } else { None }
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({self})")
    }
}

/// What both peers said in the extension `connection_id`; `None` when it was not negotiated, which for the records is
/// the same as the empty one.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct ConnectionIds {
    /// In the records that we receive.
    pub ours: Option<ConnectionId>,
    /// In the records that we send.
    pub theirs: Option<ConnectionId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_up_to_twenty_bytes() {
        assert_eq!(ConnectionId::new(&[]), Some(ConnectionId::EMPTY));
        assert_eq!(ConnectionId::new(&[7; 20]).map(|id| id.as_bytes().to_vec()), Some(vec![7; 20]));
        assert_eq!(ConnectionId::new(&[7; 21]), None);
        assert_ne!(ConnectionId::new(&[1]), ConnectionId::new(&[1, 0]));
    }

    #[test]
    fn extension() {
        let id = ConnectionId::new(&[1, 2, 3]).unwrap();
        assert_eq!(id.to_extension(), [3, 1, 2, 3]);
        assert_eq!(ConnectionId::from_extension(&[3, 1, 2, 3]), Some(id));
        assert_eq!(ConnectionId::from_extension(&[0]), Some(ConnectionId::EMPTY));
        for wrong in [&[][..], &[1], &[2, 1], &[0, 1], &[21; 22]] {
            assert_eq!(ConnectionId::from_extension(wrong), None, "{wrong:?}");
        }
    }
}
