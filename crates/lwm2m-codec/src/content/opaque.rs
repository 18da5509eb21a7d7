//! application/octet-stream: the bytes of one opaque resource or resource instance (LwM2M Core §7.4.2).

use alloc::format;
use alloc::vec::Vec;

use super::collector::Collector;
use super::record::Record;
use super::single;
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::path::Path;
use crate::value::{Value, ValueType};

pub(super) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let format = ContentFormat::OPAQUE;
    let value = match single::shape(format, collector)? {
        None => Value::Raw(payload.into()),
        Some(shape) if shape.value_type == Some(ValueType::Opaque) => Value::Opaque(payload.into()),
        Some(shape) => {
            let defined = shape.value_type.map_or("executable", ValueType::name);
            let expected = format!("{defined}, as the resource is defined");
            let found = format!("content format {format}, which carries a value of type opaque");
            let error = DecodeError::new(ErrorClass::FormatNotAllowedForType, expected, found);
            return Err(error.about(*collector.request()));
        }
    };
    single::take(value, payload, collector)
}

pub(super) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    let format = ContentFormat::OPAQUE;
    let record = single::record(format, path, records)?;
    match &record.value {
        Value::Opaque(bytes) | Value::Raw(bytes) => Ok(bytes.to_vec()),
        other => {
            let type_name = other.type_name();
            Err(EncodeError::FormatNotAllowedForType { format, path: *path, type_name })
        }
    }
}
