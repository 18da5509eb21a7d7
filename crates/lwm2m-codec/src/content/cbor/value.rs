use super::date_time;
use super::reader::{Item, Reader};
use crate::content::number::Number;
use crate::content::wire::Wire;
use crate::error::{DecodeError, ErrorClass};

/// Tags that say how a value is meant (RFC 8949 §3.4).
const DATE_TIME: u64 = 0;
const EPOCH_TIME: u64 = 1;
const UNSIGNED_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;
const DECIMAL_FRACTION: u64 = 4;

impl<'a> Reader<'a> {
    /// Reads one value with the tags that LwM2M has a use for (LwM2M Core, Appendix C). `depth` levels are above it.
    pub(in crate::content) fn wire(&mut self, depth: usize) -> Result<Wire<'a>, DecodeError> {
        let start = self.position();
        let mut behind = self.clone();
        let wire = match self.item()? {
            Item::Unsigned(number) => Wire::Number(Number::Integer(i128::from(number))),
            Item::Negative(number) => Wire::Number(Number::Integer(negative(number))),
            Item::Float(number) => Wire::Number(Number::Float(number)),
            Item::Text(text) => Wire::Text(text),
            Item::Bytes(bytes) => Wire::Bytes(bytes),
            Item::Boolean(truth) => Wire::Boolean(truth),
            Item::Tag(tag) => self.tagged(tag, start)?,
            other => Wire::Other(other.name()),
        };
        // A value that is not understood has been read only in part.
        if matches!(wire, Wire::Other(_)) {
            behind.skip_below(depth)?;
            *self = behind;
        }
        Ok(wire)
    }

    fn tagged(&mut self, tag: u64, start: usize) -> Result<Wire<'a>, DecodeError> {
        match (tag, self.item()?) {
            (DATE_TIME, Item::Text(text)) => match date_time::parse(&text) {
                Some(seconds) => Ok(Wire::Time(seconds)),
                None => Ok(Wire::Other("a text with tag 0 that is no date and time of RFC 3339")),
            },
            (EPOCH_TIME, Item::Unsigned(number)) => epoch(i128::from(number), start),
            (EPOCH_TIME, Item::Negative(number)) => epoch(negative(number), start),
            (EPOCH_TIME, Item::Float(number)) if number.is_finite() => epoch(floor(number), start),
            (EPOCH_TIME, Item::Float(_)) => epoch(i128::MAX, start),
            (UNSIGNED_BIGNUM, Item::Bytes(bytes)) => Ok(integer(bignum(&bytes))),
            (NEGATIVE_BIGNUM, Item::Bytes(bytes)) => Ok(integer(bignum(&bytes).map(|number| -1 - number))),
            (DECIMAL_FRACTION, Item::Array(Some(2))) => self.decimal_fraction(),
            _ => Ok(Wire::Other("a value with a tag that LwM2M has no use for")),
        }
    }

    /// Exponent and mantissa (RFC 8949 §3.4.4).
    fn decimal_fraction(&mut self) -> Result<Wire<'a>, DecodeError> {
        let exponent = match self.item()? {
            Item::Unsigned(number) => i64::try_from(number).ok(),
            Item::Negative(number) => i64::try_from(negative(number)).ok(),
            _ => None,
        };
        let mantissa = match self.item()? {
            Item::Unsigned(number) => Some(i128::from(number)),
            Item::Negative(number) => Some(negative(number)),
            _ => None,
        };
        Ok(match (mantissa, exponent) {
            (Some(mantissa), Some(exponent)) => Wire::Number(Number::Decimal { mantissa, exponent }),
            _ => Wire::Other("a decimal fraction that is not two integers"),
        })
    }
}

const fn negative(number: u64) -> i128 {
    -1 - number as i128
}

/// Far more bytes than any integer of LwM2M has.
const BIGNUM_BYTES_MAX: usize = 15;

fn bignum(bytes: &[u8]) -> Option<i128> {
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let short = significant.clone().count() <= BIGNUM_BYTES_MAX;
    short.then(|| significant.fold(0, |number, byte| number << 8 | i128::from(*byte)))
}

fn integer(number: Option<i128>) -> Wire<'static> {
    let too_long = Wire::Other("an integer of more than 15 bytes");
    number.map_or(too_long, |number| Wire::Number(Number::Integer(number)))
}

fn floor(number: f64) -> i128 {
    let whole = number as i128;
    if whole as f64 > number { whole.saturating_sub(1) } else { whole }
}

fn epoch(seconds: i128, start: usize) -> Result<Wire<'static>, DecodeError> {
    i64::try_from(seconds).map(Wire::Time).map_err(|_| {
        let expected = "a time of 64 bits in seconds";
        DecodeError::new(ErrorClass::ValueOutOfRange, expected, "one beyond them").at(start)
    })
}
