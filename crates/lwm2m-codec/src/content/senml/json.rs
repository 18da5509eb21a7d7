//! application/senml+json

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::fields::{Fields, Source, not_understood};
use super::label::{Label, must_be_understood};
use super::pack::Pack;
use crate::content::base64::Base64;
use crate::content::collector::Collector;
use crate::content::encoder::{self, Names};
use crate::content::json::{Kind, Reader, Writer};
use crate::content::lwm2m_json::{field_type, text_member, time_member};
use crate::content::number::Number;
use crate::content::record::Record;
use crate::content::wire::{Dialect, Wire};
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::path::Path;
use crate::value::Value;

pub(in crate::content) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let mut reader = Reader::new(payload)?;
    match reader.check() {
        Ok(records) => collector.reserve(records),
        Err(error) => collector.remember(error)?,
    }
    let mut pack = Pack::default();
    records(&mut reader, |fields, start, behind| {
        let outcome = fields.and_then(|fields| pack.record::<Reader<'_>>(fields, start, collector));
        outcome.or_else(|error| {
            let offset = error.offset.unwrap_or(start);
            collector.refuse(error.at(offset), behind)
        })
    })
}

/// Reads the records of a pack one after the other. `each` is given the fields or why there are none, the place of
/// the record, and the place after it; whether an error ends it all is for `each` to say.
pub(super) fn records<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(Result<Fields<'a>, DecodeError>, usize, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let kind = reader.kind()?;
    if kind != Kind::Array {
        let error = DecodeError::new(ErrorClass::SenmlRootNotArray, "an array of records", kind.name());
        return Err(error.at(reader.position()));
    }
    reader.enter();
    let mut first = true;
    while reader.element(&mut first)? {
        let start = reader.position();
        let mut behind = reader.clone();
        let fields = fields(reader);
        if fields.is_err() {
            behind.skip()?;
            *reader = behind;
        }
        each(fields, start, reader.position())?;
    }
    Ok(())
}

fn fields<'a>(reader: &mut Reader<'a>) -> Result<Fields<'a>, DecodeError> {
    let kind = reader.kind()?;
    if kind != Kind::Object {
        let expected = "an object for every record";
        let error = DecodeError::new(ErrorClass::SenmlRecordNotMap, expected, kind.name());
        return Err(error.at(reader.position()));
    }
    reader.enter();
    let mut fields = Fields::default();
    let mut first = true;
    while let Some(name) = reader.member(&mut first)? {
        let name = name.unescaped();
        match Label::of_name(&name) {
            Some(label) => fields.read(label, reader)?,
            None if must_be_understood(&name) => return Err(not_understood(&name).at(reader.position())),
            None => reader.skip()?,
        }
    }
    Ok(fields)
}

impl<'a> Source<'a> for Reader<'a> {
    const DIALECT: Dialect = Dialect::SenmlJson;
    const DUPLICATE: ErrorClass = ErrorClass::JsonDuplicateKey;

    fn position(&self) -> usize {
        Reader::position(self)
    }

    fn text(&mut self, label: Label) -> Result<Cow<'a, str>, DecodeError> {
        text_member(self, label.name())
    }

    fn number(&mut self, label: Label) -> Result<f64, DecodeError> {
        time_member(self, label.name())
    }

    fn value(&mut self, label: Label) -> Result<Wire<'a>, DecodeError> {
        let kind = self.kind()?;
        let wanted = match label {
            Label::Value => Kind::Number,
            Label::BooleanValue => Kind::Boolean,
            _ => Kind::String,
        };
        if kind != wanted {
            let mut error = field_type(wanted.name(), label.name(), kind);
            error.class = ErrorClass::ValueTypeMismatch;
            return Err(error.at(Reader::position(self)));
        }
        Ok(match label {
            Label::Value => Wire::Number(Number::Text(Reader::number(self)?)),
            Label::BooleanValue => Wire::Boolean(self.boolean()?),
            Label::DataValue => Wire::Base64Url(self.string()?.unescaped()),
            Label::ObjectLinkValue => Wire::Link(self.string()?.unescaped()),
            _ => Wire::Text(self.string()?.unescaped()),
        })
    }
}

pub(in crate::content) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    encoder::check_addressed(path, records)?;
    let names = Names::of(path, records);
    let mut out = Writer::default();
    out.raw("[");
    for (position, record) in records.iter().enumerate() {
        if position == 0 {
            out.raw("{\"bn\":");
            out.string(&names.base);
            out.raw(",");
        } else {
            out.raw(",{");
        }
        if let Some(name) = names.below(&record.path) {
            out.raw("\"n\":");
            out.string(&name);
            out.raw(",");
        }
        write_value(&mut out, record)?;
        if let Some(time) = record.time() {
            out.raw(",\"t\":");
            encoder::write_time(&mut out, time);
        }
        out.raw("}");
    }
    out.raw("]");
    Ok(String::into_bytes(out.finish()))
}

fn write_value(out: &mut Writer, record: &Record) -> Result<(), EncodeError> {
    match &record.value {
        Value::String(text) | Value::CoreLink(text) => {
            out.raw("\"vs\":");
            out.string(text);
        }
        Value::Opaque(bytes) | Value::Raw(bytes) => {
            out.raw("\"vd\":");
            out.string(&Base64::Url.encode(bytes));
        }
        Value::ObjectLink(link) => out.display(format_args!("\"vlo\":\"{link}\"")),
        Value::Boolean(truth) => out.display(format_args!("\"vb\":{truth}")),
        number => encoder::write_number(out, &record.path, number)?,
    }
    Ok(())
}
