use std::fmt;
use std::ops::BitOr;

use super::MAX_ID;

/// The access rights of an ACL entry (LwM2M Core §8.1, resource `/2/x/2`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessRights(u8);

impl AccessRights {
    pub const NONE: Self = Self(0);
    /// Read, Observe, Write-Attributes, and being notified and sent to.
    pub const READ: Self = Self(1);
    pub const WRITE: Self = Self(2);
    pub const EXECUTE: Self = Self(4);
    pub const DELETE: Self = Self(8);
    /// Counts only on the level of the object.
    pub const CREATE: Self = Self(16);
    /// What can be granted on an object instance; the owner has it when the list does not name it.
    pub const ALL_OF_INSTANCE: Self = Self(15);

    /// The letters the standard uses, in the order of the bits.
    const LETTERS: [(Self, &str); 5] = [
        (Self::READ, "R"),
        (Self::WRITE, "W"),
        (Self::EXECUTE, "E"),
        (Self::DELETE, "D"),
        (Self::CREATE, "C"),
    ];

    /// The rights of a value of `/2/x/2`. All bits above the fifth are reserved and ignored.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self((bits & 0x1F) as u8)
    }

    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0 as u16
    }

    /// Those that mean something in the list of an instance that guards this Object Instance, or with 65535 the Object
    /// itself.
    #[must_use]
    pub const fn meaningful(instance: u16) -> Self {
        if instance == MAX_ID { Self::CREATE } else { Self::ALL_OF_INSTANCE }
    }

    #[must_use]
    pub const fn contains(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for AccessRights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// `RWEDC`, with the letters of the rights that are there; `nothing` without any.
impl fmt::Display for AccessRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return f.write_str("nothing");
        }
        Self::LETTERS
            .iter()
            .filter(|(right, _)| self.contains(*right))
            .try_for_each(|(_, letter)| f.write_str(letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_reserved_bits() {
        for (bits, text) in [(0, "nothing"), (1, "R"), (3, "RW"), (15, "RWED"), (16, "C"), (0xFFF5, "REC")] {
            assert_eq!(AccessRights::from_bits(bits).to_string(), text);
        }
        let read_and_execute = AccessRights::READ | AccessRights::EXECUTE;
        assert_eq!(read_and_execute.bits(), 5);
        assert!(
            read_and_execute.contains(AccessRights::READ) && !read_and_execute.contains(AccessRights::WRITE)
        );
    }
}
