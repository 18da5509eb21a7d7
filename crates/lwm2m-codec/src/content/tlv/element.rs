//! One type-length-value element, not yet interpreted.

use alloc::format;

use crate::error::{DecodeError, ErrorClass};

/// Bits 7 and 6 of the type byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ObjectInstance,
    ResourceInstance,
    MultipleResource,
    Resource,
}

impl Kind {
    pub(super) const fn bits(self) -> u8 {
        match self {
            Self::ObjectInstance => 0b0000_0000,
            Self::ResourceInstance => 0b0100_0000,
            Self::MultipleResource => 0b1000_0000,
            Self::Resource => 0b1100_0000,
        }
    }

    const fn of(type_byte: u8) -> Self {
        match type_byte >> 6 {
            0b00 => Self::ObjectInstance,
            0b01 => Self::ResourceInstance,
            0b10 => Self::MultipleResource,
            _ => Self::Resource,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ObjectInstance => "object instance",
            Self::ResourceInstance => "resource instance",
            Self::MultipleResource => "multiple resource",
            Self::Resource => "resource",
        }
    }
}

/// An element and its place in the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) kind: Kind,
    pub(super) id: u16,
    /// Offset of the type byte in the payload.
    pub(super) offset: usize,
    /// Offset of the value in the payload.
    pub(super) value_offset: usize,
    pub(super) value: &'a [u8],
}

impl Element<'_> {
    /// Offset of the first byte after the element.
    pub(super) const fn end(&self) -> usize {
        self.value_offset + self.value.len()
    }
}

/// Reads sibling elements one after the other; `offset` is where `bytes` begin in the payload.
pub(super) fn elements(bytes: &[u8], offset: usize) -> Elements<'_> {
    Elements { rest: bytes, offset }
}

/// Ends after the last element or after the first error.
#[derive(Clone)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (type_byte, rest) = self.rest.split_first()?;
        let element = read(*type_byte, rest, self.offset);
        match &element {
            Ok(element) => {
                self.rest = self.rest.get(element.end() - self.offset..).unwrap_or_default();
                self.offset = element.end();
            }
            Err(_) => self.rest = &[],
        }
        Some(element)
    }
}

fn read(type_byte: u8, rest: &[u8], offset: usize) -> Result<Element<'_>, DecodeError> {
    let id_width = if type_byte & 0b0010_0000 == 0 { 1 } else { 2 };
    let (id, rest) = field(rest, id_width, offset, ErrorClass::TlvTruncatedId, "id")?;
    let length_width = usize::from(type_byte >> 3 & 0b11);
    let (length, rest) = if length_width == 0 {
        (usize::from(type_byte & 0b111), rest)
    } else {
        // Bits 2 to 0 mean nothing when there is a length field.
        field(rest, length_width, offset, ErrorClass::TlvTruncatedLength, "length")?
    };
    let value = rest.get(..length).ok_or_else(|| {
        let expected = format!("{length} bytes of value");
        DecodeError::new(ErrorClass::TlvLengthOverrun, expected, format!("{}", rest.len())).at(offset)
    })?;
    let value_offset = offset + 1 + id_width + length_width;
    // The field is at most two bytes wide.
    let id = u16::try_from(id).unwrap_or(u16::MAX);
    Ok(Element { kind: Kind::of(type_byte), id, offset, value_offset, value })
}

fn field<'a>(
    bytes: &'a [u8],
    width: usize,
    offset: usize,
    class: ErrorClass,
    name: &str,
) -> Result<(usize, &'a [u8]), DecodeError> {
    let (field, rest) = bytes.split_at_checked(width).ok_or_else(|| {
        let expected = format!("{width} bytes of {name}");
        DecodeError::new(class, expected, format!("{}", bytes.len())).at(offset)
    })?;
    Ok((field.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), rest))
}
