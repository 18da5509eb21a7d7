use alloc::format;
use alloc::vec::Vec;

use crate::error::EncodeError;
use crate::path::Path;
use crate::value::Value;

/// Whether a time is marked as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum TimeTag {
    Always,
    Never,
}

/// Writes items in their shortest form (RFC 8949 §4.2.1); the caller keeps arrays and maps complete.
#[derive(Default)]
pub(in crate::content) struct CborWriter {
    out: Vec<u8>,
}

impl CborWriter {
    pub(in crate::content) fn unsigned(&mut self, number: u64) {
        self.head(0, number);
    }

    pub(in crate::content) fn integer(&mut self, number: i64) {
        match u64::try_from(number) {
            Ok(number) => self.head(0, number),
            // -1 - n is the complement of n.
            Err(_) => self.head(1, !number as u64),
        }
    }

    pub(in crate::content) fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    pub(in crate::content) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(in crate::content) fn array(&mut self, length: usize) {
        self.head(4, length as u64);
    }

    pub(in crate::content) fn map(&mut self, length: usize) {
        self.head(5, length as u64);
    }

    pub(in crate::content) fn boolean(&mut self, truth: bool) {
        self.out.push(0xF4 | u8::from(truth));
    }

    /// A float stays a float even when it is whole: some readers refuse an integer for it.
    pub(in crate::content) fn float(&mut self, number: f64) {
        let single = number as f32;
        if f64::from(single).to_bits() != number.to_bits() {
            self.out.push(0xFB);
            self.out.extend_from_slice(&number.to_be_bytes());
        } else if let Some(half) = exact_half(single) {
            self.out.push(0xF9);
            self.out.extend_from_slice(&half.to_be_bytes());
        } else {
            self.out.push(0xFA);
            self.out.extend_from_slice(&single.to_be_bytes());
        }
    }

    /// The value of a resource (LwM2M Core, Appendix C), with links as texts.
    pub(in crate::content) fn value(
        &mut self,
        path: &Path,
        value: &Value,
        time_tag: TimeTag,
    ) -> Result<(), EncodeError> {
        match value {
            Value::String(text) | Value::CoreLink(text) => self.text(text),
            Value::Integer(number) => self.integer(*number),
            Value::Unsigned(number) => self.unsigned(*number),
            Value::Float(number) if number.is_finite() => self.float(*number),
            Value::Float(_) => return Err(EncodeError::NotFinite { path: *path }),
            Value::Boolean(truth) => self.boolean(*truth),
            Value::Opaque(bytes) | Value::Raw(bytes) => self.bytes(bytes),
            Value::Time(seconds) => {
                if time_tag == TimeTag::Always {
                    self.head(6, 1);
                }
                self.integer(*seconds);
            }
            Value::ObjectLink(link) => self.text(&format!("{link}")),
        }
        Ok(())
    }

    pub(in crate::content) fn finish(self) -> Vec<u8> {
        self.out
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let [.., c, d] = argument.to_be_bytes();
        match argument {
            0..=23 => self.out.push(major | d),
            24..=0xFF => self.out.extend_from_slice(&[major | 24, d]),
            0x100..=0xFFFF => self.out.extend_from_slice(&[major | 25, c, d]),
            0x1_0000..=0xFFFF_FFFF => {
                self.out.push(major | 26);
                self.out.extend_from_slice(&(argument as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend_from_slice(&argument.to_be_bytes());
            }
        }
    }
}

/// The half-precision float of the same value, if there is one.
fn exact_half(number: f32) -> Option<u16> {
    let bits = number.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    let mantissa = bits & 0x7F_FFFF;
    let exponent = (bits >> 23 & 0xFF) as i32 - 127;
    if exponent == -127 && mantissa == 0 {
        return Some(sign);
    }
    if (-14..=15).contains(&exponent) {
        let exact = mantissa.trailing_zeros() >= 13;
        return exact.then_some(sign | ((exponent + 15) as u16) << 10 | (mantissa >> 13) as u16);
    }
    // Subnormal: the implicit bit becomes part of the mantissa.
    if (-24..-14).contains(&exponent) {
        let shift = (-1 - exponent) as u32;
        let whole = mantissa | 0x80_0000;
        let exact = whole.trailing_zeros() >= shift;
        return exact.then_some(sign | (whole >> shift) as u16);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::reader::{Item, Reader};
    use super::*;

    #[test]
    fn every_half_precision_float_is_written_as_one() {
        for bits in (0..=0x7BFF_u16).chain(0x8000..=0xFBFF) {
            let [high, low] = bits.to_be_bytes();
            let payload = [0xF9, high, low];
            let Item::Float(number) = Reader::new(&payload).unwrap().item().unwrap() else { panic!() };
            let mut out = CborWriter::default();
            out.float(number);
            assert_eq!(out.finish(), payload, "{number}");
        }
    }

    #[test]
    fn heads_are_as_short_as_can_be() {
        for (number, bytes) in [
            (0, &[0x00][..]),
            (-1, &[0x20]),
            (23, &[0x17]),
            (24, &[0x18, 24]),
            (-25, &[0x38, 24]),
            (256, &[0x19, 1, 0]),
            (65_536, &[0x1A, 0, 1, 0, 0]),
            (i64::MIN, &[0x3B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ] {
            let mut out = CborWriter::default();
            out.integer(number);
            assert_eq!(out.finish(), bytes, "{number}");
        }
    }
}
