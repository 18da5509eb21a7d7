//! Payloads in the content formats of LwM2M (LwM2M Core §7.4).

mod base64;
mod cbor;
pub(crate) mod collector;
mod decoder;
mod encoder;
mod json;
mod lwm2m_cbor;
mod lwm2m_json;
mod members;
mod name;
mod number;
mod opaque;
mod record;
mod senml;
mod single;
mod text;
mod tlv;
mod wire;

pub use decoder::{Decoder, decode};
pub use encoder::{encode, encode_node};
pub use record::Record;
pub use senml::paths::{decode_paths, decode_paths_below, encode_paths};
pub(crate) use text::utf8;

use alloc::format;

use crate::error::{DecodeError, ErrorClass};
use crate::lookup::{Lookup, ResourceShape};
use crate::path::Path;

/// Whether a resource has no value because it is executable. A definition may name no type and be readable
/// all the same; then nothing is known about the value.
pub(crate) const fn executable(shape: ResourceShape) -> bool {
    shape.value_type.is_none() && shape.operations.execute
}

pub(crate) fn shape_of(path: &Path, lookup: &dyn Lookup) -> Option<ResourceShape> {
    lookup.resource(path.object_id()?, path.resource_id()?)
}

fn empty_payload() -> DecodeError {
    DecodeError::new(ErrorClass::EmptyPayload, "a payload", "an empty one").at(0)
}

fn multiple_for_single(path: &Path) -> DecodeError {
    let expected = "one value, since the resource is single";
    DecodeError::new(ErrorClass::MultipleForSingle, expected, "resource instances").about(*path)
}

fn single_for_multiple(path: &Path) -> DecodeError {
    let expected = "a multiple resource, as it is defined";
    DecodeError::new(ErrorClass::SingleForMultiple, expected, "a single one").about(*path)
}

fn not_readable(path: &Path) -> DecodeError {
    let expected = "no value, since the resource is executable";
    DecodeError::new(ErrorClass::ResourceNotReadable, expected, "one").about(*path)
}

/// `1 byte`, `2 bytes`
pub(crate) fn byte_count(count: usize) -> alloc::string::String {
    if count == 1 { alloc::string::String::from("1 byte") } else { format!("{count} bytes") }
}

#[cfg(test)]
mod tests;
