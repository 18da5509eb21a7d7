//! application/senml+json

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::fields::{Fields, Source, not_understood};
use super::label::{Label, must_be_understood};
use super::pack;
use crate::content::base64::Base64;
use crate::content::collector::Collector;
use crate::content::encoder::{self, Names};
use crate::content::json::{Kind, Reader, Writer};
use crate::content::lwm2m_json::{field_type, text_member, time_member};
use crate::content::members::Members;
use crate::content::number::Number;
use crate::content::record::Record;
use crate::content::wire::{Dialect, Wire};
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::path::Path;

pub(in crate::content) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    pack::decode(Reader::new(payload)?, collector)
}

impl<'a> Source<'a> for Reader<'a> {
    const DIALECT: Dialect = Dialect::SenmlJson;
    const DUPLICATE: ErrorClass = ErrorClass::JsonDuplicateKey;

    /// Whether the first element is still to come.
    type Progress = bool;

    fn position(&self) -> usize {
        Reader::position(self)
    }

    fn skip(&mut self) -> Result<(), DecodeError> {
        Reader::skip(self)
    }

    fn check(&self) -> Result<(), DecodeError> {
        Reader::check(self)
    }

    fn most_records(&self) -> usize {
        Reader::most_records(self)
    }

    fn finish(&mut self) -> Result<(), DecodeError> {
        Reader::finish(self)
    }

    fn enter_pack(&mut self) -> Result<bool, DecodeError> {
        let kind = self.kind()?;
        if kind != Kind::Array {
            let class = ErrorClass::SenmlRootNotArray;
            let error = DecodeError::new(class, "an array of records", kind.name());
            return Err(error.at(Reader::position(self)));
        }
        self.enter();
        Ok(true)
    }

    fn another(&mut self, first: &mut bool) -> Result<bool, DecodeError> {
        self.element(first)
    }

    fn fields(&mut self) -> Result<Fields<'a>, DecodeError> {
        let kind = self.kind()?;
        if kind != Kind::Object {
            let expected = "an object for every record";
            let error = DecodeError::new(ErrorClass::SenmlRecordNotMap, expected, kind.name());
            return Err(error.at(Reader::position(self)));
        }
        self.enter();
        let mut fields = Fields::default();
        let mut first = true;
        while let Some(name) = self.member(&mut first)? {
            let name = name.unescaped();
            match Label::of_name(&name) {
                Some(label) => fields.read(label, self)?,
                None if must_be_understood(&name) => {
                    return Err(not_understood(&name).at(Reader::position(self)));
                }
                None => Reader::skip(self)?,
            }
        }
        Ok(fields)
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
        if kind == Kind::Null {
            Reader::skip(self)?;
            return Ok(pack::NULL);
        }
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
        MEMBERS.write(&mut out, &names, record)?;
        out.raw("}");
    }
    out.raw("]");
    Ok(String::into_bytes(out.finish()))
}

const MEMBERS: Members =
    Members { text: "vs", boolean: "vb", object_link: "vlo", bytes: "vd", base64: Base64::Url };
