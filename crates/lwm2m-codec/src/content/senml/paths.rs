//! Lists of paths: what Read-Composite and Observe-Composite ask for (LwM2M Core §6.3.8, §6.4.4).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fields::Fields;
use super::pack::{self, Pack};
use crate::content::cbor::{CborWriter, Reader as CborReader};
use crate::content::collector::{Collector, too_many};
use crate::content::decoder::Decoder;
use crate::content::json::{Reader as JsonReader, Writer as JsonWriter};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError, ErrorClass, payload_too_large};
use crate::limits::{ITEMS_MAX, PAYLOAD_MAX};
use crate::lookup::NoDefinitions;
use crate::path::Path;

/// Reads a list of paths: SenML records without values.
///
/// # Errors
/// When the payload is no SenML, a record has a value or a malformed name, or a path is there twice.
pub fn decode_paths(format: ContentFormat, payload: &[u8]) -> Result<Vec<Path>, DecodeError> {
    decode_paths_below("/", format, payload)
}

/// [`decode_paths`] for a client whose objects are below an alternate path (LwM2M Core §6.2.1).
///
/// # Errors
/// As [`decode_paths`].
pub fn decode_paths_below(
    root: &str,
    format: ContentFormat,
    payload: &[u8],
) -> Result<Vec<Path>, DecodeError> {
    if payload.len() > PAYLOAD_MAX {
        return Err(payload_too_large(payload.len()));
    }
    let target = Decoder::new(format, &Path::ROOT, &NoDefinitions).root(root);
    let mut list = List { pack: Pack::default(), collector: Collector::new(&target), paths: Vec::new() };
    match format {
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => {
            let mut reader = JsonReader::new(payload)?;
            reader.check()?;
            pack::records(&mut reader, |fields, start, _| list.add(fields?, start))?;
        }
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => {
            let mut reader = CborReader::new(payload)?;
            reader.check()?;
            pack::records(&mut reader, |fields, start, _| list.add(fields?, start))?;
        }
        _ => {
            let expected = "SenML JSON or SenML CBOR for a list of paths";
            return Err(DecodeError::new(ErrorClass::FormatNotSupported, expected, format.to_string()));
        }
    }
    match twice(&list.paths) {
        Some(path) => {
            Err(DecodeError::new(ErrorClass::DuplicateId, "every path once", "one again").about(path))
        }
        None => Ok(list.paths),
    }
}

fn twice(paths: &[Path]) -> Option<Path> {
    let mut sorted = paths.to_vec();
    sorted.sort_unstable();
    sorted.iter().zip(sorted.iter().skip(1)).find(|(first, second)| first == second).map(|(first, _)| *first)
}

struct List<'a> {
    pack: Pack<'a>,
    collector: Collector<'a>,
    paths: Vec<Path>,
}

impl<'a> List<'a> {
    fn add(&mut self, mut fields: Fields<'a>, start: usize) -> Result<(), DecodeError> {
        let path = self.pack.path(&mut fields, start, &mut self.collector)?;
        if let Some(value) = fields.value {
            let expected = "names without values in a list of paths";
            let error = DecodeError::new(ErrorClass::UnexpectedValue, expected, "a value");
            return Err(error.about(path).at(value.range.start));
        }
        if self.paths.len() == ITEMS_MAX {
            return Err(too_many("paths").at(start));
        }
        self.paths.push(path);
        Ok(())
    }
}

/// Writes a list of paths.
///
/// # Errors
/// When the format is not SenML, or a path is there twice.
pub fn encode_paths(format: ContentFormat, paths: &[Path]) -> Result<Vec<u8>, EncodeError> {
    if let Some(path) = twice(paths) {
        return Err(EncodeError::DuplicatePath { path });
    }
    let names = paths.iter().map(ToString::to_string);
    match format {
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => {
            let mut out = JsonWriter::default();
            out.raw("[");
            for (position, name) in names.enumerate() {
                out.raw(if position == 0 { "{\"n\":" } else { ",{\"n\":" });
                out.string(&name);
                out.raw("}");
            }
            out.raw("]");
            Ok(String::into_bytes(out.finish()))
        }
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => {
            let mut out = CborWriter::default();
            out.array(paths.len());
            for name in names {
                out.map(1);
                out.unsigned(0);
                out.text(&name);
            }
            Ok(out.finish())
        }
        _ => Err(EncodeError::FormatNotSupported { format }),
    }
}
