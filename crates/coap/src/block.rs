use core::fmt;

/// The value of a Block1 or Block2 option (RFC 7959 §2.2).
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Position of the block, in units of its size. 20 bits.
    pub num: u32,
    /// More blocks follow.
    pub more: bool,
    /// Size exponent 0..=6 for 16..=1024 bytes; 7 is reserved over UDP.
    pub szx: u8,
}

impl Block {
    pub const MAX_NUM: u32 = (1 << 20) - 1;

    /// Size exponent of the largest block, 1024 bytes.
    pub const MAX_SZX: u8 = 6;

    /// Bytes of the largest block.
    pub const MAX_SIZE: usize = 16 << Self::MAX_SZX;

    /// Size exponent without a meaning over UDP.
    pub const RESERVED_SZX: u8 = 7;

    /// `None` when the value does not fit into three bytes.
    pub const fn from_uint(value: u32) -> Option<Self> {
        if value > 0xff_ffff {
            return None;
        }
        Some(Self { num: value >> 4, more: value & 0x08 != 0, szx: (value & 0x07) as u8 })
    }

    pub const fn to_uint(self) -> u32 {
        ((self.num & Self::MAX_NUM) << 4) | if self.more { 0x08 } else { 0 } | (self.szx & 0x07) as u32
    }

    pub const fn size(self) -> usize {
        16 << (self.szx & 0x07)
    }

    /// Number of bytes before this block.
    pub const fn offset(self) -> usize {
        self.num as usize * self.size()
    }
}

/// `2/1/1024`, the notation of RFC 7959 §3: number, more, size.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.num, u8::from(self.more), self.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_round_trip() {
        for value in [0, 0x06, 0x0e, 0x1e, 0xff_ffff] {
            assert_eq!(Block::from_uint(value).map(Block::to_uint), Some(value));
        }
        assert_eq!(Block::from_uint(0x100_0000), None);
    }

    #[test]
    fn size_and_offset() {
        let block = Block { num: 2, more: true, szx: 6 };
        assert_eq!((block.size(), block.offset()), (1024, 2048));
        assert_eq!(block.to_string(), "2/1/1024");
    }
}
