use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::content::{byte_count, empty_payload, utf8};
use crate::error::{DecodeError, ErrorClass};
use crate::limits::CBOR_DEPTH_MAX;

/// Number of items of an array or pairs of a map; none when a break ends them (RFC 8949 §3.2.2).
pub(in crate::content) type Length = Option<u64>;

/// One data item; the content of arrays, maps and tags follows it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::content) enum Item<'a> {
    Unsigned(u64),
    /// -1 - n
    Negative(u64),
    Bytes(Cow<'a, [u8]>),
    Text(Cow<'a, str>),
    Array(Length),
    Map(Length),
    Tag(u64),
    Boolean(bool),
    Null,
    Undefined,
    Float(f64),
    Break,
}

impl Item<'_> {
    pub(in crate::content) const fn name(&self) -> &'static str {
        match self {
            Self::Unsigned(_) | Self::Negative(_) => "an integer",
            Self::Bytes(_) => "a byte string",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Tag(_) => "a tag",
            Self::Boolean(_) => "a boolean",
            Self::Null => "null",
            Self::Undefined => "undefined",
            Self::Float(_) => "a float",
            Self::Break => "a break",
        }
    }
}

/// The initial byte of an item and its argument.
struct Head {
    major: u8,
    info: u8,
    argument: u64,
}

/// Additional information for "until a break".
const INDEFINITE: u8 = 31;

/// Reads items one after the other. Nothing is copied but strings that come in chunks.
#[derive(Clone)]
pub(in crate::content) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Maps that were passed over.
    maps: usize,
}

impl<'a> Reader<'a> {
    pub(in crate::content) fn new(payload: &'a [u8]) -> Result<Self, DecodeError> {
        if payload.is_empty() {
            Err(empty_payload())
        } else {
            Ok(Self { bytes: payload, position: 0, maps: 0 })
        }
    }

    /// Checks that the rest is one well-formed item (RFC 8949 §5.3.1) and counts the maps in it. Errors of syntax
    /// come before all others: what is only half there must not be judged by its content.
    pub(in crate::content) fn check(&self) -> Result<usize, DecodeError> {
        let mut reader = self.clone();
        reader.skip()?;
        reader.finish().map(|()| reader.maps)
    }

    /// Checks that nothing follows.
    pub(in crate::content) fn finish(&self) -> Result<(), DecodeError> {
        match self.rest().len() {
            0 => Ok(()),
            rest => {
                let found = byte_count(rest);
                Err(DecodeError::new(ErrorClass::CborTrailingBytes, "the end", found).at(self.position))
            }
        }
    }

    /// Bytes read so far.
    pub(in crate::content) const fn position(&self) -> usize {
        self.position
    }

    /// Bytes between two positions.
    pub(in crate::content) fn between(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Whether a map comes next.
    pub(in crate::content) fn is_at_map(&self) -> bool {
        self.rest().first().is_some_and(|initial| initial >> 5 == 5)
    }

    pub(in crate::content) fn item(&mut self) -> Result<Item<'a>, DecodeError> {
        let start = self.position;
        let head = self.head()?;
        let length = (head.info != INDEFINITE).then_some(head.argument);
        match head.major {
            0 => Ok(Item::Unsigned(head.argument)),
            1 => Ok(Item::Negative(head.argument)),
            2 => self.bytes_item(length).map(Item::Bytes),
            3 => self.text_item(length).map(Item::Text),
            4 => self.fits(length, 1, start).map(|()| Item::Array(length)),
            5 => self.fits(length, 2, start).map(|()| Item::Map(length)),
            6 => Ok(Item::Tag(head.argument)),
            _ => simple_or_float(&head).ok_or_else(|| {
                let found = format!("simple value {}", head.argument);
                DecodeError::new(ErrorClass::CborBadSimple, "false, true, null or a float", found).at(start)
            }),
        }
    }

    /// Whether an array or map of that length has another member.
    pub(in crate::content) fn more(&mut self, left: &mut Length) -> Result<bool, DecodeError> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.rest().first() == Some(&0xFF) => {
                self.position += 1;
                Ok(false)
            }
            None if self.rest().is_empty() => Err(self.truncated("a break")),
            None => Ok(true),
        }
    }

    /// Passes over one item with all its content.
    pub(in crate::content) fn skip(&mut self) -> Result<(), DecodeError> {
        self.skip_below(0)
    }

    /// The same for an item that has `depth` levels above it.
    pub(in crate::content) fn skip_below(&mut self, depth: usize) -> Result<(), DecodeError> {
        let start = self.position;
        let item = self.item()?;
        if matches!(item, Item::Array(_) | Item::Map(_) | Item::Tag(_)) && depth == CBOR_DEPTH_MAX {
            let expected = format!("at most {CBOR_DEPTH_MAX} levels of arrays, maps and tags");
            return Err(DecodeError::new(ErrorClass::CborTooDeep, expected, "more").at(start));
        }
        match item {
            Item::Array(mut left) => {
                while self.more(&mut left)? {
                    self.skip_below(depth + 1)?;
                }
            }
            Item::Map(mut left) => {
                self.maps += 1;
                while self.more(&mut left)? {
                    self.skip_below(depth + 1)?;
                    if left.is_none() && self.rest().first() == Some(&0xFF) {
                        let class = ErrorClass::CborOddMap;
                        return Err(
                            DecodeError::new(class, "a value for the key", "a break").at(self.position)
                        );
                    }
                    self.skip_below(depth + 1)?;
                }
            }
            Item::Tag(_) => self.skip_below(depth + 1)?,
            Item::Break => {
                let class = ErrorClass::CborUnexpectedBreak;
                return Err(DecodeError::new(class, "an item", "a break").at(start));
            }
            _ => {}
        }
        Ok(())
    }

    fn head(&mut self) -> Result<Head, DecodeError> {
        let start = self.position;
        let [initial] = self.take::<1>()?;
        let (major, info) = (initial >> 5, initial & 0x1F);
        let argument = match info {
            0..=23 => u64::from(info),
            24 => u64::from(u8::from_be_bytes(self.take()?)),
            25 => u64::from(u16::from_be_bytes(self.take()?)),
            26 => u64::from(u32::from_be_bytes(self.take()?)),
            27 => u64::from_be_bytes(self.take()?),
            INDEFINITE if matches!(major, 2..=5 | 7) => 0,
            _ => {
                let found = format!("additional information {info} of major type {major}");
                let expected = "an initial byte that is in use";
                return Err(DecodeError::new(ErrorClass::CborReservedInfo, expected, found).at(start));
            }
        };
        Ok(Head { major, info, argument })
    }

    fn bytes_item(&mut self, length: Length) -> Result<Cow<'a, [u8]>, DecodeError> {
        if let Some(length) = length {
            return self.string(length).map(Cow::Borrowed);
        }
        let mut joined = Vec::new();
        while let Some((chunk, _)) = self.chunk(2)? {
            joined.extend_from_slice(chunk);
        }
        Ok(Cow::Owned(joined))
    }

    fn text_item(&mut self, length: Length) -> Result<Cow<'a, str>, DecodeError> {
        if let Some(length) = length {
            let bytes = self.string(length)?;
            let start = self.position - bytes.len();
            return utf8(bytes).map(Cow::Borrowed).map_err(|error| error.shifted(start));
        }
        let mut joined = String::new();
        // RFC 8949 §3.2.3: a character is never divided between chunks.
        while let Some((chunk, start)) = self.chunk(3)? {
            joined.push_str(utf8(chunk).map_err(|error| error.shifted(start))?);
        }
        Ok(Cow::Owned(joined))
    }

    /// The next chunk of a string of that major type and its place; none at the break.
    fn chunk(&mut self, major: u8) -> Result<Option<(&'a [u8], usize)>, DecodeError> {
        let start = self.position;
        let head = self.head()?;
        if head.major == 7 && head.info == INDEFINITE {
            return Ok(None);
        }
        if head.major != major || head.info == INDEFINITE {
            let expected = "chunks of the same type and of known length";
            return Err(DecodeError::new(ErrorClass::CborBadChunk, expected, "something else").at(start));
        }
        let place = self.position;
        self.string(head.argument).map(|chunk| Some((chunk, place)))
    }

    fn string(&mut self, length: u64) -> Result<&'a [u8], DecodeError> {
        let end = usize::try_from(length).ok().and_then(|length| self.position.checked_add(length));
        let string = end.and_then(|end| self.bytes.get(self.position..end));
        let string = string.ok_or_else(|| self.truncated(&format!("{length} bytes of a string")))?;
        self.position += string.len();
        Ok(string)
    }

    /// Checks a declared length against what is there: an item takes at least one byte.
    fn fits(&self, length: Length, items_each: u64, start: usize) -> Result<(), DecodeError> {
        let rest = self.rest().len() as u64;
        match length.map(|length| length.checked_mul(items_each)) {
            None => Ok(()),
            Some(Some(items)) if items <= rest => Ok(()),
            Some(_) => {
                let expected = format!("{} members", length.unwrap_or_default());
                let found = byte_count(self.rest().len());
                Err(DecodeError::new(ErrorClass::CborTruncated, expected, found).at(start))
            }
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest().first_chunk::<N>() {
            Some(taken) => {
                self.position += N;
                Ok(*taken)
            }
            None => Err(self.truncated("another item, whole")),
        }
    }

    fn truncated(&self, expected: &str) -> DecodeError {
        let found = match self.rest().len() {
            0 => String::from("the end"),
            rest => byte_count(rest),
        };
        DecodeError::new(ErrorClass::CborTruncated, String::from(expected), found).at(self.position)
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }
}

fn simple_or_float(head: &Head) -> Option<Item<'static>> {
    let bits = head.argument;
    match head.info {
        20 => Some(Item::Boolean(false)),
        21 => Some(Item::Boolean(true)),
        22 => Some(Item::Null),
        23 => Some(Item::Undefined),
        25 => u16::try_from(bits).ok().map(|bits| Item::Float(half(bits))),
        26 => u32::try_from(bits).ok().map(|bits| Item::Float(f64::from(f32::from_bits(bits)))),
        27 => Some(Item::Float(f64::from_bits(bits))),
        INDEFINITE => Some(Item::Break),
        _ => None,
    }
}

/// A half-precision float (RFC 8949, Appendix D).
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1F);
    let mantissa = f64::from(bits & 0x3FF);
    let magnitude = match exponent {
        0 => mantissa * power_of_two(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * power_of_two(exponent - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// 2^`exponent` for the small exponents of half-precision floats.
fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(1023 + exponent).unwrap_or(0);
    f64::from_bits(biased << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_floats() {
        let cases = [
            (0x0000, 0.0),
            (0x3C00, 1.0),
            (0x3E00, 1.5),
            (0x7BFF, 65504.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x0400, 6.103_515_625e-5),
            (0xC400, -4.0),
            (0x7C00, f64::INFINITY),
        ];
        for (bits, number) in cases {
            assert_eq!(half(bits), number, "{bits:#06x}");
        }
        assert!(half(0x8000).is_sign_negative() && half(0x7E00).is_nan());
    }
}
