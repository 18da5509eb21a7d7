//! application/octet-stream: the bytes of one opaque resource or resource instance.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::{Record, single_record, single_value_shape};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass};
use crate::lookup::Lookup;
use crate::path::Path;
use crate::value::{Value, ValueType};

pub(super) fn decode(path: &Path, payload: &[u8], lookup: &dyn Lookup) -> Result<Vec<Record>, DecodeError> {
    let value = match single_value_shape(ContentFormat::OPAQUE, path, lookup)? {
        None => Value::Raw(payload.to_vec()),
        Some(shape) if shape.value_type == Some(ValueType::Opaque) => Value::Opaque(payload.to_vec()),
        Some(shape) => {
            let defined = shape.value_type.map_or("executable", ValueType::name);
            let message = format!(
                "content format {} carries a value of type opaque, expected {defined} ({path})",
                ContentFormat::OPAQUE
            );
            return Err(DecodeError::new(ErrorClass::FormatNotAllowedForType, message));
        }
    };
    Ok(vec![Record::new(*path, value)])
}

pub(super) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    let format = ContentFormat::OPAQUE;
    let record = single_record(format, path, records)?;
    match &record.value {
        Value::Opaque(bytes) | Value::Raw(bytes) => Ok(bytes.clone()),
        other => {
            let type_name = other.type_name();
            Err(EncodeError::FormatNotAllowedForType { format, path: *path, type_name })
        }
    }
}
