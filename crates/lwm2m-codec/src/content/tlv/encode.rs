//! Records to elements: shortest ids, shortest lengths, ascending order.

use alloc::vec::Vec;

use super::element::Kind;
use super::scalar;
use crate::content::encoder;
use crate::content::record::Record;
use crate::content_format::ContentFormat;
use crate::error::EncodeError;
use crate::limits::TLV_VALUE_MAX;
use crate::path::{Level, Path};
use crate::value::Value;

/// What is to be written: a value, or a node with nothing in it.
#[derive(Clone, Copy)]
struct Entry<'a> {
    path: Path,
    value: Option<&'a Value>,
}

pub(crate) fn encode(path: &Path, records: &[Record], empty: &[Path]) -> Result<Vec<u8>, EncodeError> {
    let format = ContentFormat::TLV;
    let records = encoder::sorted(format, path, records)?;
    let values = records.iter().map(|record| Entry { path: record.path, value: Some(&record.value) });
    let mut entries: Vec<Entry<'_>> =
        values.chain(empty.iter().map(|path| Entry { path: *path, value: None })).collect();
    entries.sort_by_key(|entry| entry.path);
    let mut payload = Vec::new();
    match path.level() {
        Level::Root => return Err(EncodeError::FormatNotAllowedForPath { format, path: *path }),
        Level::Object => {
            for instance in entries.chunk_by(|a, b| a.path.instance_id() == b.path.instance_id()) {
                let mut value = Vec::new();
                resources(&mut value, instance)?;
                let instance = ancestor(instance, Level::ObjectInstance);
                append(&mut payload, Kind::ObjectInstance, &instance, &value)?;
            }
        }
        // Only a multiple resource can be there without a value.
        Level::Resource if entries.is_empty() => append(&mut payload, Kind::MultipleResource, path, &[])?,
        Level::ObjectInstance | Level::Resource => resources(&mut payload, &entries)?,
        Level::ResourceInstance => {
            let [Entry { value: Some(value), .. }] = entries.as_slice() else {
                return Err(EncodeError::OneValueNeeded { format, path: *path, got: records.len() });
            };
            append(&mut payload, Kind::ResourceInstance, path, &scalar::encode(value))?;
        }
    }
    Ok(payload)
}

fn ancestor(entries: &[Entry<'_>], level: Level) -> Path {
    entries.first().map_or(Path::ROOT, |entry| entry.path.truncate(level))
}

/// Writes the resources of one object instance.
fn resources(out: &mut Vec<u8>, entries: &[Entry<'_>]) -> Result<(), EncodeError> {
    let resources = entries.iter().position(|entry| entry.path.level() >= Level::Resource);
    let entries = entries.get(resources.unwrap_or(entries.len())..).unwrap_or_default();
    for resource in entries.chunk_by(|a, b| a.path.resource_id() == b.path.resource_id()) {
        if let [Entry { path, value: Some(value) }] = resource
            && path.level() == Level::Resource
        {
            append(out, Kind::Resource, path, &scalar::encode(value))?;
            continue;
        }
        let mut nested = Vec::new();
        for Entry { path, value } in resource {
            if let Some(value) = value {
                append(&mut nested, Kind::ResourceInstance, path, &scalar::encode(value))?;
            }
        }
        append(out, Kind::MultipleResource, &ancestor(resource, Level::Resource), &nested)?;
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
