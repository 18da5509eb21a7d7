use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::record::Record;
use super::{cbor, lwm2m_cbor, lwm2m_json, opaque, senml, text, tlv};
use crate::content_format::ContentFormat;
use crate::error::EncodeError;
use crate::node::Node;
use crate::path::{Level, Path, RESERVED_ID};

/// Writes records as a payload for `path`.
///
/// JSON and SenML keep the order of the records; in the other formats it does not matter.
///
/// # Errors
/// When the format cannot carry the records, or they do not all lie at or below `path`.
pub fn encode(format: ContentFormat, path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    match format.canonical() {
        ContentFormat::TEXT => text::encode(path, records),
        ContentFormat::OPAQUE => opaque::encode(path, records),
        ContentFormat::CBOR => cbor::encode(path, records),
        ContentFormat::TLV => tlv::encode(path, records, &[]),
        ContentFormat::JSON => lwm2m_json::encode(path, records),
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => senml::json::encode(path, records),
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => senml::cbor::encode(path, records),
        ContentFormat::LWM2M_CBOR => lwm2m_cbor::encode(path, records),
        _ => Err(EncodeError::FormatNotSupported { format }),
    }
}

/// Writes a tree as a payload for `path`.
///
/// # Errors
/// As [`encode`]; and when something in the tree is empty, which only TLV can say.
pub fn encode_node(format: ContentFormat, path: &Path, node: &Node) -> Result<Vec<u8>, EncodeError> {
    let records = node.records();
    let empty = node.empty_paths();
    if format.canonical() == ContentFormat::TLV {
        return tlv::encode(path, &records, &empty);
    }
    match empty.iter().find(|empty| *empty != path) {
        Some(empty) => Err(EncodeError::EmptyNotCarried { format, path: *empty }),
        None => encode(format, path, &records),
    }
}

/// Checks that every record can be carried by a format that addresses each value by its path.
pub(super) fn check_addressed(request: &Path, records: &[Record]) -> Result<(), EncodeError> {
    for record in records {
        let path = &record.path;
        if record.time().is_some_and(f64::is_infinite) {
            return Err(EncodeError::NotFinite { path: *path });
        }
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
    sorted.sort_by_key(|record| record.identity());
    // A parent is followed directly by its children, so neighbours show every duplicate and every value that
    // stands beside resource instances.
    match sorted.iter().zip(sorted.iter().skip(1)).find(|(first, second)| first.clashes_with(second)) {
        Some((first, _)) => Err(EncodeError::DuplicatePath { path: first.path }),
        None => Ok(()),
    }
}

/// The records in order of their paths, for a format that has no times.
pub(super) fn sorted<'a>(
    format: ContentFormat,
    request: &Path,
    records: &'a [Record],
) -> Result<Vec<&'a Record>, EncodeError> {
    check_addressed(request, records)?;
    if let Some(record) = records.iter().find(|record| record.time().is_some()) {
        return Err(EncodeError::TimeNotCarried { format, path: record.path });
    }
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_key(|record| record.path);
    Ok(sorted)
}

/// How a payload names its values: the path of the request is the base name, the rest is the name.
pub(super) struct Names {
    pub(super) base: String,
    request: Path,
    whole: bool,
}

impl Names {
    pub(super) fn of(request: &Path, records: &[Record]) -> Self {
        // When all values have the path of the request itself, there is no need for names.
        let whole = !records.is_empty() && records.iter().all(|record| record.path == *request);
        let base = match (whole, request.level()) {
            (false, Level::Root) | (true, _) => format!("{request}"),
            (false, _) => format!("{request}/"),
        };
        Self { base, request: *request, whole }
    }

    pub(super) fn below(&self, path: &Path) -> Option<String> {
        if self.whole {
            return None;
        }
        let ids = path.ids().iter().skip(self.request.ids().len());
        let mut name = String::new();
        for (position, id) in ids.enumerate() {
            let separator = if position == 0 { "" } else { "/" };
            // Writing to a string cannot fail.
            let _ = write!(name, "{separator}{id}");
        }
        Some(name)
    }
}
