//! The members by which the two JSON formats write a value; they differ in little but their names.

use super::base64::Base64;
use super::encoder::Names;
use super::json::Writer;
use super::record::Record;
use crate::error::EncodeError;
use crate::value::Value;

/// Names for what is not a number, and how bytes become text.
pub(super) struct Members {
    pub(super) text: &'static str,
    pub(super) boolean: &'static str,
    pub(super) object_link: &'static str,
    pub(super) bytes: &'static str,
    pub(super) base64: Base64,
}

impl Members {
    /// Writes name, value and time, without the braces around them.
    pub(super) fn write(&self, out: &mut Writer, names: &Names, record: &Record) -> Result<(), EncodeError> {
        if let Some(name) = names.below(&record.path) {
            out.raw("\"n\":");
            out.string(&name);
            out.raw(",");
        }
        self.write_value(out, record)?;
        if let Some(time) = record.time() {
            out.raw(",\"t\":");
            write_time(out, time);
        }
        Ok(())
    }

    fn write_value(&self, out: &mut Writer, record: &Record) -> Result<(), EncodeError> {
        match &record.value {
            Value::String(text) | Value::CoreLink(text) => {
                out.member(self.text);
                out.string(text);
            }
            Value::Opaque(bytes) | Value::Raw(bytes) => {
                out.member(self.bytes);
                out.string(&self.base64.encode(bytes));
            }
            Value::ObjectLink(link) => {
                out.member(self.object_link);
                out.display(format_args!("\"{link}\""));
            }
            Value::Boolean(truth) => {
                out.member(self.boolean);
                out.display(format_args!("{truth}"));
            }
            Value::Float(number) if !number.is_finite() => {
                return Err(EncodeError::NotFinite { path: record.path });
            }
            Value::Float(number) => {
                out.member("v");
                out.float(*number);
            }
            Value::Integer(number) | Value::Time(number) => {
                out.member("v");
                out.display(format_args!("{number}"));
            }
            Value::Unsigned(number) => {
                out.member("v");
                out.display(format_args!("{number}"));
            }
        }
        Ok(())
    }
}

/// Up to here every whole number is a float of its own.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Seconds, without a fraction where there is none.
fn write_time(out: &mut Writer, time: f64) {
    // Most times are whole, and an integer is written several times as fast.
    let whole = time as i64;
    if time.abs() < WHOLE_MAX && (whole as f64).to_bits() == time.to_bits() {
        out.display(format_args!("{whole}"));
    } else {
        out.display(format_args!("{time}"));
    }
}
