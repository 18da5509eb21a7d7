//! application/vnd.oma.lwm2m+json, the JSON of LwM2M 1.0 (TS 1.0 §6.4.4): one object with a base name, a base time
//! and an array of entries.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::base64::Base64;
use super::collector::Collector;
use super::encoder::{self, Names};
use super::json::{Kind, Reader, Writer};
use super::members::Members;
use super::name;
use super::number::Number;
use super::record::{Record, time_of};
use super::text::finite;
use super::wire::{Dialect, Wire};
use crate::annotate::{AnnotationKind, value_text};
use crate::error::{DecodeError, EncodeError, ErrorClass, quoted};
use crate::path::Path;

pub(super) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let reader = Reader::new(payload)?;
    collector.reserve(reader.most_records());
    let read = |collector: &mut Collector<'_>| {
        let pack = Pack::read(&mut reader.clone(), collector)?;
        pack.entries(collector)
    };
    collector.syntax_first(|| reader.check(), read)
}

/// Everything but the entries, which cannot be read before: the base name may come after them.
struct Pack<'a> {
    base_name: Cow<'a, str>,
    base_time: Option<f64>,
    /// Stands at the array.
    entries: Reader<'a>,
}

impl<'a> Pack<'a> {
    fn read(reader: &mut Reader<'a>, collector: &mut Collector<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        let kind = reader.kind()?;
        if kind != Kind::Object {
            let class = ErrorClass::JsonRootNotObject;
            return Err(DecodeError::new(class, "an object with the member e", kind.name()).at(start));
        }
        reader.enter();
        let (mut base_name, mut base_time, mut entries) = (None, None, None);
        let mut first = true;
        loop {
            let start = reader.position();
            let member = match reader.member(&mut first) {
                Ok(Some(member)) => member.unescaped(),
                Ok(None) => break,
                // An explanation shows what there is before the error.
                Err(_) if collector.explains() && entries.is_some() => break,
                Err(error) => return Err(error),
            };
            match &*member {
                "bn" => {
                    let text = text_member(reader, "bn")?;
                    collector.note(start..reader.position(), AnnotationKind::Name, None, || {
                        format!("base name {}", quoted(&text))
                    });
                    once(&mut base_name, text, "bn", start)?;
                }
                "bt" => {
                    let time = time_member(reader, "bt")?;
                    collector.note(start..reader.position(), AnnotationKind::Time, None, || {
                        format!("base time {time}")
                    });
                    once(&mut base_time, time, "bt", start)?;
                }
                "e" => {
                    let kind = reader.kind()?;
                    if kind != Kind::Array {
                        let expected = "an array of entries in e";
                        let error = DecodeError::new(ErrorClass::ENotArray, expected, kind.name());
                        return Err(error.at(reader.position()));
                    }
                    once(&mut entries, reader.clone(), "e", start)?;
                    if let Err(error) = reader.skip() {
                        collector.remember(error)?;
                        break;
                    }
                }
                _ => reader.skip()?,
            }
        }
        if !collector.explains() {
            reader.finish()?;
        }
        let entries = entries.ok_or_else(|| {
            DecodeError::new(ErrorClass::MissingE, "the member e", "an object without it").at(start)
        })?;
        Ok(Self { base_name: base_name.unwrap_or_default(), base_time, entries })
    }

    fn entries(self, collector: &mut Collector<'_>) -> Result<(), DecodeError> {
        let mut reader = self.entries.clone();
        reader.enter();
        let mut first = true;
        while reader.element(&mut first)? {
            let mut behind = reader.clone();
            if let Err(error) = self.entry(&mut reader, collector) {
                let start = behind.position();
                behind.skip()?;
                let offset = error.offset.unwrap_or(start);
                collector.refuse(error.at(offset), behind.position())?;
                reader = behind;
            }
        }
        Ok(())
    }

    fn entry(&self, reader: &mut Reader<'a>, collector: &mut Collector<'_>) -> Result<(), DecodeError> {
        let start = reader.position();
        let kind = reader.kind()?;
        if kind != Kind::Object {
            let expected = "an object for every entry of e";
            return Err(DecodeError::new(ErrorClass::EntryNotObject, expected, kind.name()).at(start));
        }
        reader.enter();
        let entry = Entry::read(reader)?;
        let (wire, value_range) = entry.value.ok_or_else(|| {
            DecodeError::new(ErrorClass::NoValue, "one of v, bv, sv, ov", "an entry without a value")
                .at(start)
        })?;
        let (entry_name, name_range) = entry.name.unwrap_or((Cow::Borrowed(""), start..start));
        // TS 1.0 §6.4.4: without any name the value is that of the resource that was asked for.
        let path = if self.base_name.is_empty() && entry_name.is_empty() {
            *collector.request()
        } else {
            name::resolve(&self.base_name, &entry_name, collector.root())
                .map_err(|error| error.at(name_range.start))?
        };
        let shape = collector.addressed_shape(&path).map_err(|error| error.at(name_range.start))?;
        let value = wire
            .typed(shape.and_then(|shape| shape.value_type), Dialect::Json)
            .map_err(|error| error.about(path).at(value_range.start))?;
        collector.note(name_range, AnnotationKind::Name, Some(path), || format!("{path}"));
        collector.note(value_range, AnnotationKind::Value, Some(path), || value_text(&value));
        let mut record = Record::new(path, value);
        if let Some((time, range)) = entry.time {
            let offset = range.start;
            collector.note(range, AnnotationKind::Time, Some(path), || format!("time {time}"));
            let sum = time_of(time, self.base_time).map_err(|error| error.at(offset))?;
            record = record.at_time(sum);
        } else if let Some(base_time) = self.base_time {
            record = record.at_time(base_time);
        }
        collector.push(record, start)
    }
}

/// The members of an entry and where they stand, names included.
#[derive(Default)]
struct Entry<'a> {
    name: Option<(Cow<'a, str>, Range<usize>)>,
    time: Option<(f64, Range<usize>)>,
    value: Option<(Wire<'a>, Range<usize>)>,
}

impl<'a> Entry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut entry = Self::default();
        let mut value_name = Cow::Borrowed("");
        let mut first = true;
        while let Some(member) = reader.member(&mut first)? {
            // The position after a member's name and colon; its value begins here.
            let start = reader.position();
            let member = member.unescaped();
            match &*member {
                "n" => {
                    let text = text_member(reader, "n")?;
                    once(&mut entry.name, (text, start..reader.position()), "n", start)?;
                }
                "t" => {
                    let time = time_member(reader, "t")?;
                    once(&mut entry.time, (time, start..reader.position()), "t", start)?;
                }
                "v" | "bv" | "sv" | "ov" => {
                    let wire = value_member(reader, &member)?;
                    if entry.value.is_some() && value_name != member {
                        let found = format!("{value_name} and {member}");
                        return Err(DecodeError::new(ErrorClass::ManyValues, "one value", found).at(start));
                    }
                    once(&mut entry.value, (wire, start..reader.position()), &member, start)?;
                    value_name = member;
                }
                _ => reader.skip()?,
            }
        }
        Ok(entry)
    }
}

fn value_member<'a>(reader: &mut Reader<'a>, member: &str) -> Result<Wire<'a>, DecodeError> {
    match (member, reader.kind()?) {
        ("v", Kind::Number) => reader.number().map(|text| Wire::Number(Number::Text(text))),
        ("bv", Kind::Boolean) => reader.boolean().map(Wire::Boolean),
        ("sv", Kind::String) => Ok(Wire::Text(reader.string()?.unescaped())),
        ("ov", Kind::String) => Ok(Wire::Link(reader.string()?.unescaped())),
        (member, kind) => {
            let expected = match member {
                "v" => "a number in v",
                "bv" => "a boolean in bv",
                "sv" => "a string in sv",
                _ => "a string in ov",
            };
            let error = DecodeError::new(ErrorClass::ValueTypeMismatch, expected, kind.name());
            Err(error.at(reader.position()))
        }
    }
}

/// A member that is a text: a name.
pub(super) fn text_member<'a>(reader: &mut Reader<'a>, member: &str) -> Result<Cow<'a, str>, DecodeError> {
    match reader.kind()? {
        Kind::String => Ok(reader.string()?.unescaped()),
        kind => Err(field_type("a string", member, kind).at(reader.position())),
    }
}

/// A member that is a time in seconds.
pub(super) fn time_member(reader: &mut Reader<'_>, member: &str) -> Result<f64, DecodeError> {
    let start = reader.position();
    match reader.kind()? {
        Kind::Number => finite(reader.number()?).map_err(|error| error.at(start)),
        kind => Err(field_type("a number", member, kind).at(start)),
    }
}

pub(super) fn field_type(wanted: &str, member: &str, kind: Kind) -> DecodeError {
    DecodeError::new(ErrorClass::FieldType, format!("{wanted} in {member}"), kind.name())
}

/// Fills a slot that may be filled once.
pub(super) fn once<T>(
    slot: &mut Option<T>,
    value: T,
    member: &str,
    offset: usize,
) -> Result<(), DecodeError> {
    if slot.replace(value).is_some() {
        let found = format!("{member} again");
        return Err(DecodeError::new(ErrorClass::JsonDuplicateKey, "every member once", found).at(offset));
    }
    Ok(())
}

pub(super) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    encoder::check_addressed(path, records)?;
    let names = Names::of(path, records);
    let mut out = Writer::default();
    out.raw("{\"bn\":");
    out.string(&names.base);
    out.raw(",\"e\":[");
    for (position, record) in records.iter().enumerate() {
        out.raw(if position == 0 { "{" } else { ",{" });
        MEMBERS.write(&mut out, &names, record)?;
        out.raw("}");
    }
    out.raw("]}");
    Ok(String::into_bytes(out.finish()))
}

const MEMBERS: Members =
    Members { text: "sv", boolean: "bv", object_link: "ov", bytes: "sv", base64: Base64::Standard };
