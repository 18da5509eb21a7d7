//! Records to elements: shortest ids, shortest lengths, ascending order.

use alloc::vec::Vec;

use super::element::Kind;
use super::scalar;
use crate::content::Record;
use crate::content_format::ContentFormat;
use crate::error::EncodeError;
use crate::limits::TLV_VALUE_MAX;
use crate::path::{Level, Path, RESERVED_ID};

pub(crate) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    let format = ContentFormat::TLV;
    let records = sorted(path, records)?;
    let mut payload = Vec::new();
    match path.level() {
        Level::Root => return Err(EncodeError::FormatNotAllowedForPath { format, path: *path }),
        Level::Object => {
            for instance in records.chunk_by(|a, b| a.path.instance_id() == b.path.instance_id()) {
                let mut value = Vec::new();
                resources(&mut value, instance)?;
                append(
                    &mut payload,
                    Kind::ObjectInstance,
                    &ancestor(instance, Level::ObjectInstance),
                    &value,
                )?;
            }
        }
        Level::ObjectInstance => resources(&mut payload, &records)?,
        // Only a multiple resource can be there without a value.
        Level::Resource if records.is_empty() => append(&mut payload, Kind::MultipleResource, path, &[])?,
        Level::Resource => resources(&mut payload, &records)?,
        Level::ResourceInstance => {
            let [record] = records.as_slice() else {
                return Err(EncodeError::OneValueNeeded { format, path: *path, got: records.len() });
            };
            append(&mut payload, Kind::ResourceInstance, path, &scalar::encode(&record.value))?;
        }
    }
    Ok(payload)
}

/// The records in order of their paths, after a check that each can be carried.
fn sorted<'a>(request: &Path, records: &'a [Record]) -> Result<Vec<&'a Record>, EncodeError> {
    for Record { path, .. } in records {
        if !path.starts_with(request) {
            return Err(EncodeError::PathNotUnderRequest { path: *path, request: *request });
        }
        if path.level() < Level::Resource {
            return Err(EncodeError::NotAResource { path: *path });
        }
        if path.ids().contains(&RESERVED_ID) {
            return Err(EncodeError::ReservedId { path: *path });
        }
    }
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_key(|record| record.path);
    // A parent is followed directly by its children, so neighbours show every duplicate and every value that
    // stands beside resource instances.
    let neighbours = sorted.iter().zip(sorted.iter().skip(1));
    for (first, second) in neighbours {
        if second.path.starts_with(&first.path) {
            return Err(EncodeError::DuplicatePath { path: first.path });
        }
    }
    Ok(sorted)
}

fn ancestor(records: &[&Record], level: Level) -> Path {
    records.first().map_or(Path::ROOT, |record| record.path.truncate(level))
}

/// Writes the resources of one object instance.
fn resources(out: &mut Vec<u8>, records: &[&Record]) -> Result<(), EncodeError> {
    for resource in records.chunk_by(|a, b| a.path.resource_id() == b.path.resource_id()) {
        match resource {
            [Record { path, value }] if path.level() == Level::Resource => {
                append(out, Kind::Resource, path, &scalar::encode(value))?;
            }
            instances => {
                let mut nested = Vec::new();
                for Record { path, value } in instances {
                    append(&mut nested, Kind::ResourceInstance, path, &scalar::encode(value))?;
                }
                append(out, Kind::MultipleResource, &ancestor(instances, Level::Resource), &nested)?;
            }
        }
    }
    Ok(())
}

/// Writes one element; its id is the last one of `path`.
fn append(out: &mut Vec<u8>, kind: Kind, path: &Path, value: &[u8]) -> Result<(), EncodeError> {
    let id = path.ids().last().copied().unwrap_or_default();
    let [id_high, id_low] = id.to_be_bytes();
    let wide = id_high != 0;
    let length = value.len();
    if length > TLV_VALUE_MAX {
        return Err(EncodeError::ValueTooLong { path: *path, length, max: TLV_VALUE_MAX });
    }
    let [.., high, middle, low] = length.to_be_bytes();
    let (length_bits, length_field): (u8, &[u8]) = match length {
        0..=7 => (low, &[]),
        8..=0xFF => (0b01 << 3, &[low]),
        0x100..=0xFFFF => (0b10 << 3, &[middle, low]),
        _ => (0b11 << 3, &[high, middle, low]),
    };
    out.push(kind.bits() | u8::from(wide) << 5 | length_bits);
    out.extend(wide.then_some(id_high));
    out.push(id_low);
    out.extend_from_slice(length_field);
    out.extend_from_slice(value);
    Ok(())
}
