//! CBOR (RFC 8949) as far as LwM2M needs it, and application/cbor with one value (LwM2M Core §7.4.7).

mod date_time;
mod reader;
mod value;
mod writer;

pub(super) use reader::{Item, Length, Reader};
pub(super) use writer::{CborWriter, TimeTag};

use alloc::vec::Vec;

use super::collector::Collector;
use super::record::Record;
use super::wire::Dialect;
use super::{executable, not_readable, single};
use crate::content_format::ContentFormat;
use crate::error::{DecodeError, EncodeError};
use crate::path::Path;

pub(super) fn decode(payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let reader = Reader::new(payload)?;
    collector
        .syntax_first(|| reader.check().map(|_| ()), |collector| read(reader.clone(), payload, collector))
}

fn read(mut reader: Reader<'_>, payload: &[u8], collector: &mut Collector<'_>) -> Result<(), DecodeError> {
    let shape = single::shape(ContentFormat::CBOR, collector)?;
    if shape.is_some_and(executable) {
        return Err(not_readable(collector.request()));
    }
    let wire = reader.wire(0)?;
    reader.finish()?;
    let value = wire.typed(shape.and_then(|shape| shape.value_type), Dialect::Cbor);
    single::take(value.map_err(|error| error.about(*collector.request()).at(0))?, payload, collector)
}

pub(super) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    let record = single::record(ContentFormat::CBOR, path, records)?;
    let mut out = CborWriter::default();
    // LwM2M Core, Appendix C names the tagged form for a time, and some readers insist on it.
    out.value(path, &record.value, TimeTag::Always)?;
    Ok(out.finish())
}
