//! What the formats that carry exactly one value have in common: text, opaque and CBOR.

use alloc::format;
use alloc::string::String;

use super::collector::Collector;
use super::multiple_for_single;
use super::record::Record;
use crate::annotate::{AnnotationKind, value_text};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::lookup::ResourceShape;
use crate::path::{Level, Path};
use crate::value::Value;

/// Checks that a format of exactly one value fits the path; gives the definition when there is one.
pub(super) fn shape(
    format: ContentFormat,
    collector: &Collector<'_>,
) -> Result<Option<ResourceShape>, DecodeError> {
    let path = collector.request();
    let not_allowed = |found: &str| {
        let expected = format!(
            "a single resource or a resource instance, since content format {format} carries one value"
        );
        DecodeError::new(ErrorClass::FormatNotAllowedForPath, expected, String::from(found)).about(*path)
    };
    if path.level() < Level::Resource {
        return Err(not_allowed(path.level().name()));
    }
    let shape = super::shape_of(path, collector.lookup());
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

/// Takes the one value, which is the whole payload.
pub(super) fn take(value: Value, payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let path = *collector.request();
    collector.note(0..payload.len(), AnnotationKind::Value, Some(path), || value_text(&value));
    collector.push(Record::new(path, value), 0)
}

/// The one record of a format that carries exactly one value.
pub(super) fn record<'a>(
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
    if record.time().is_some() {
        return Err(EncodeError::TimeNotCarried { format, path: record.path });
    }
    if record.path == *path {
        Ok(record)
    } else {
        Err(EncodeError::PathNotUnderRequest { path: record.path, request: *path })
    }
}
