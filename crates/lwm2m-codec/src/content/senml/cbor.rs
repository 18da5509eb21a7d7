//! application/senml+cbor

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

use super::fields::{Fields, Source, not_understood};
use super::label::{Label, must_be_understood};
use super::pack;
use crate::content::cbor::{CborWriter, Item, Length, Reader, TimeTag};
use crate::content::collector::Collector;
use crate::content::encoder::{self, Names};
use crate::content::record::Record;
use crate::content::wire::{Dialect, Wire};
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::path::Path;
use crate::value::Value;

/// The array and the map are above the content of a field.
const DEPTH: usize = 2;

pub(in crate::content) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    pack::decode(Reader::new(payload)?, collector)
}

impl<'a> Source<'a> for Reader<'a> {
    const DIALECT: Dialect = Dialect::SenmlCbor;
    const DUPLICATE: ErrorClass = ErrorClass::CborDuplicateKey;

    /// What is left of the array.
    type Progress = Length;

    fn position(&self) -> usize {
        Reader::position(self)
    }

    fn skip(&mut self) -> Result<(), DecodeError> {
        Reader::skip(self)
    }

    fn check(&self) -> Result<(), DecodeError> {
        Reader::check(self).map(|_| ())
    }

    fn most_records(&self) -> usize {
        Reader::check(self).unwrap_or(0)
    }

    fn finish(&mut self) -> Result<(), DecodeError> {
        Reader::finish(self)
    }

    fn enter_pack(&mut self) -> Result<Length, DecodeError> {
        let start = Reader::position(self);
        match self.item()? {
            Item::Array(left) => Ok(left),
            other => {
                let class = ErrorClass::SenmlRootNotArray;
                Err(DecodeError::new(class, "an array of records", other.name()).at(start))
            }
        }
    }

    fn another(&mut self, left: &mut Length) -> Result<bool, DecodeError> {
        self.more(left)
    }

    fn fields(&mut self) -> Result<Fields<'a>, DecodeError> {
        let start = Reader::position(self);
        let mut left = match self.item()? {
            Item::Map(left) => left,
            other => {
                let class = ErrorClass::SenmlRecordNotMap;
                return Err(DecodeError::new(class, "a map for every record", other.name()).at(start));
            }
        };
        let mut fields = Fields::default();
        while self.more(&mut left)? {
            let start = Reader::position(self);
            match label(self.item()?).map_err(|error| error.at(start))? {
                Some(label) => fields.read(label, self)?,
                None => self.skip_below(DEPTH)?,
            }
        }
        Ok(fields)
    }

    fn text(&mut self, label: Label) -> Result<Cow<'a, str>, DecodeError> {
        let start = Reader::position(self);
        match self.item()? {
            Item::Text(text) => Ok(text),
            other => Err(wrong(ErrorClass::FieldType, "a text", label, other.name()).at(start)),
        }
    }

    fn number(&mut self, label: Label) -> Result<f64, DecodeError> {
        let start = Reader::position(self);
        match self.wire(DEPTH)? {
            Wire::Number(number) => number.float().map_err(|error| error.at(start)),
            _ => Err(wrong(ErrorClass::FieldType, "a number", label, "something else").at(start)),
        }
    }

    fn value(&mut self, label: Label) -> Result<Wire<'a>, DecodeError> {
        let start = Reader::position(self);
        let wire = self.wire(DEPTH)?;
        match (label, wire) {
            (_, pack::NULL) => Ok(pack::NULL),
            (Label::ObjectLinkValue, Wire::Text(text)) => Ok(Wire::Link(text)),
            (Label::Value, wire @ (Wire::Number(_) | Wire::Time(_)))
            | (Label::StringValue, wire @ Wire::Text(_))
            | (Label::BooleanValue, wire @ Wire::Boolean(_))
            | (Label::DataValue, wire @ Wire::Bytes(_)) => Ok(wire),
            _ => {
                let wanted = match label {
                    Label::Value => "a number",
                    Label::BooleanValue => "a boolean",
                    Label::DataValue => "a byte string",
                    _ => "a text",
                };
                Err(wrong(ErrorClass::ValueTypeMismatch, wanted, label, "something else").at(start))
            }
        }
    }
}

/// RFC 8428 §6: numbers for what SenML itself defines, texts for the rest.
fn label(item: Item<'_>) -> Result<Option<Label>, DecodeError> {
    match item {
        Item::Unsigned(number) => Ok(i64::try_from(number).ok().and_then(Label::of_number)),
        Item::Negative(number) => {
            Ok(i64::try_from(number).ok().and_then(|number| Label::of_number(-1 - number)))
        }
        Item::Text(name) if must_be_understood(&name) => Err(not_understood(&name)),
        Item::Text(name) => Ok((name == "vlo").then_some(Label::ObjectLinkValue)),
        other => {
            let expected = "an integer or a text as label";
            Err(DecodeError::new(ErrorClass::SenmlBadLabel, expected, other.name()))
        }
    }
}

fn wrong(class: ErrorClass, wanted: &str, label: Label, found: &'static str) -> DecodeError {
    DecodeError::new(class, format!("{wanted} in {}", label.name()), found)
}

pub(in crate::content) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    encoder::check_addressed(path, records)?;
    let names = Names::of(path, records);
    let mut out = CborWriter::default();
    out.array(records.len());
    for (position, record) in records.iter().enumerate() {
        let name = names.below(&record.path);
        let optional = [position == 0, name.is_some(), record.time().is_some()];
        out.map(1 + optional.iter().filter(|there| **there).count());
        if position == 0 {
            out.integer(-2);
            out.text(&names.base);
        }
        if let Some(name) = name {
            out.unsigned(0);
            out.text(&name);
        }
        write_value(&mut out, record)?;
        if let Some(time) = record.time() {
            out.unsigned(6);
            write_time(&mut out, time);
        }
    }
    Ok(out.finish())
}

fn write_value(out: &mut CborWriter, record: &Record) -> Result<(), EncodeError> {
    match &record.value {
        Value::ObjectLink(_) => out.text("vlo"),
        Value::String(_) | Value::CoreLink(_) => out.unsigned(3),
        Value::Boolean(_) => out.unsigned(4),
        Value::Opaque(_) | Value::Raw(_) => out.unsigned(8),
        _ => out.unsigned(2),
    }
    // RFC 8428 §6: a value is a number, so a time goes without its tag.
    out.value(&record.path, &record.value, TimeTag::Never)
}

/// Whole seconds are integers, as clocks of devices count them.
fn write_time(out: &mut CborWriter, time: f64) {
    let whole = time as i64;
    if whole as f64 == time { out.integer(whole) } else { out.float(time) }
}
