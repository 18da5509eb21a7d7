//! Payloads in the content formats of LwM2M (LwM2M Core §7.4).

mod base64;
mod opaque;
mod text;
pub(crate) mod tlv;

pub(crate) use text::utf8;

use alloc::format;
use alloc::vec::Vec;

use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::limits::PAYLOAD_MAX;
use crate::lookup::{Lookup, ResourceShape};
use crate::path::{Level, Path};
use crate::value::Value;

/// One value and where it belongs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    pub path: Path,
    pub value: Value,
}

impl Record {
    #[must_use]
    pub const fn new(path: Path, value: Value) -> Self {
        Self { path, value }
    }
}

/// Reads a payload that was written for, or read from, `path`.
///
/// Resources without a definition in `lookup` become [`Value::Raw`]; everything else must fit its definition.
///
/// # Errors
/// When the payload breaks the rules of its format or does not fit the path or a definition.
pub fn decode(
    format: ContentFormat,
    path: &Path,
    payload: &[u8],
    lookup: &dyn Lookup,
) -> Result<Vec<Record>, DecodeError> {
    if payload.len() > PAYLOAD_MAX {
        let message = format!("expected a payload of at most {PAYLOAD_MAX} bytes, got {}", payload.len());
        return Err(DecodeError::new(ErrorClass::PayloadTooLarge, message));
    }
    match format.canonical() {
        ContentFormat::TEXT => text::decode(path, payload, lookup),
        ContentFormat::OPAQUE => opaque::decode(path, payload, lookup),
        ContentFormat::TLV => tlv::decode(path, payload, lookup),
        _ => {
            let message =
                format!("content format {format} cannot be decoded yet: expected text, opaque or TLV");
            Err(DecodeError::new(ErrorClass::FormatNotSupported, message))
        }
    }
}

/// Writes records as a payload for `path`. The order of the records does not matter.
///
/// # Errors
/// When the format cannot carry the records, or they do not all lie at or below `path`.
pub fn encode(format: ContentFormat, path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    match format.canonical() {
        ContentFormat::TEXT => text::encode(path, records),
        ContentFormat::OPAQUE => opaque::encode(path, records),
        ContentFormat::TLV => tlv::encode(path, records),
        _ => Err(EncodeError::FormatNotSupported { format }),
    }
}

/// Whether a resource has no value because it is executable. A definition may name no type and be readable
/// all the same; then nothing is known about the value.
pub(crate) const fn executable(shape: ResourceShape) -> bool {
    shape.value_type.is_none() && shape.operations.execute
}

pub(crate) fn shape_of(path: &Path, lookup: &dyn Lookup) -> Option<ResourceShape> {
    lookup.resource(path.object_id()?, path.resource_id()?)
}

/// Checks that a format of exactly one value fits the path; gives the definition when there is one.
fn single_value_shape(
    format: ContentFormat,
    path: &Path,
    lookup: &dyn Lookup,
) -> Result<Option<ResourceShape>, DecodeError> {
    let not_allowed = |what: &str| {
        let message = format!(
            "expected a single resource or a resource instance, since content format {format} carries one \
             value, got {what} ({path})"
        );
        DecodeError::new(ErrorClass::FormatNotAllowedForPath, message)
    };
    if path.level() < Level::Resource {
        return Err(not_allowed(path.level().name()));
    }
    let shape = shape_of(path, lookup);
    match shape {
        Some(ResourceShape { multiple: true, .. }) if path.level() == Level::Resource => {
            Err(not_allowed("a multiple resource"))
        }
        Some(ResourceShape { multiple: false, .. }) if path.level() == Level::ResourceInstance => {
            Err(multiple_for_single(path))
        }
        _ => Ok(shape),
    }
}

fn multiple_for_single(path: &Path) -> DecodeError {
    let message =
        format!("expected one value, since the resource is single, got resource instances ({path})");
    DecodeError::new(ErrorClass::MultipleForSingle, message)
}

fn not_readable(path: &Path) -> DecodeError {
    let message = format!("expected no value, since the resource is executable, got one ({path})");
    DecodeError::new(ErrorClass::ResourceNotReadable, message)
}

/// The one record of a format that carries exactly one value.
fn single_record<'a>(
    format: ContentFormat,
    path: &Path,
    records: &'a [Record],
) -> Result<&'a Record, EncodeError> {
    if path.level() < Level::Resource {
        return Err(EncodeError::FormatNotAllowedForPath { format, path: *path });
    }
    let [record] = records else {
        return Err(EncodeError::OneValueNeeded { format, path: *path, got: records.len() });
    };
    if record.path == *path {
        Ok(record)
    } else {
        Err(EncodeError::PathNotUnderRequest { path: record.path, request: *path })
    }
}

#[cfg(test)]
mod tests;
