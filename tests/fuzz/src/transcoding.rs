//! From one format to another: a value that the other format cannot carry is refused, never changed.

use lwm2m_codec::{ContentFormat, Record, decode, encode};

use crate::{
    answers,
    records::{self, is_same_place, is_same_value},
    request::Request,
};

const FORMATS: [ContentFormat; 8] = ContentFormat::WITH_VALUES;

/// The first byte has the two formats, the second one what the payload is for.
pub fn transcode(data: &[u8]) {
    let Some((formats, data)) = data.split_first() else { return };
    let [from, to] =
        [formats >> 4, formats & 0x0F].map(|number| FORMATS[usize::from(number) % FORMATS.len()]);
    let (request, payload) = Request::split(data);
    let Ok(records) = decode(from, &request.path, payload, request.lookup) else { return };
    // Nothing at all is an empty multiple resource in TLV, whatever is defined: an encoder knows no definitions.
    if records.is_empty() {
        return;
    }
    let written = match encode(to, &request.path, &records) {
        Ok(written) => written,
        Err(error) => return answers::check_message(&error.to_string()),
    };
    let again = decode(to, &request.path, &written, request.lookup);
    let again = again.unwrap_or_else(|error| {
        panic!("{from} to {to} is not read: {error}\nin {written:02x?}\nfrom {records:?}")
    });
    let (again, records) = (records::sorted(again), records::sorted(records));
    let same = again.len() == records.len()
        && again.iter().zip(&records).all(|(again, record)| is_carried(&request, again, record));
    assert!(same, "{from} to {to}\ngot      {again:?}\nexpected {records:?}");
}

/// Whether a record has become the same record. Without a definition the form of a value depends on the format, so
/// that only its place can be compared. Times are taken as they are given; what they count from is for the caller.
fn is_carried(request: &Request, again: &Record, record: &Record) -> bool {
    is_same_place(again, record)
        && (!request.defines(&record.path) || is_same_value(&again.value, &record.value))
}
