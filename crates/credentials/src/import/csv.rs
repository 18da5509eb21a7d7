use csv::{ByteRecord, Error, ErrorKind, ReaderBuilder};

use super::Import;
use crate::{Draft, Field, Wrong};

/// A file with a header.
pub(super) fn read(file: &[u8], import: &mut Import) {
    let header = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // Spreadsheets of some countries separate by semicolon.
    let delimiter = if header.contains(&b';') && !header.contains(&b',') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(true).from_reader(file);
    let columns = match reader.byte_headers() {
        Ok(header) => columns(header, import),
        Err(error) => return import.refuse(1, unreadable(&error)),
    };
    let Some(columns) = columns else { return };
    let mut record = ByteRecord::new();
    loop {
        let read = reader.read_byte_record(&mut record);
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        match read {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return import.refuse(line, unreadable(&error)),
        }
        if !import.add(line, draft(&columns, &record).and_then(Draft::check)) {
            return;
        }
    }
}

/// The field of each column.
fn columns(header: &ByteRecord, import: &mut Import) -> Option<Vec<Field>> {
    let expected =
        "the columns endpoint, mode, identity, key, and perhaps server, public_key, certificate, note";
    let known = |name: &[u8]| {
        let name = core::str::from_utf8(name).ok()?.trim().to_ascii_lowercase();
        Field::of_name(&name).filter(|field| !matches!(field, Field::Generate | Field::RetireAfter))
    };
    let mut columns = Vec::new();
    for (position, name) in (1..).zip(header) {
        match known(name) {
            Some(field) if columns.contains(&field) => {
                import.refuse(1, field.wrong("one column of this name", "several"));
                return None;
            }
            Some(field) => columns.push(field),
            None => {
                // Without a header it would be a key.
                import.refuse(1, Field::Entry.wrong(expected, format!("another name of column {position}")));
                return None;
            }
        }
    }
    let missing: Vec<_> =
        [Field::Endpoint, Field::Mode].into_iter().filter(|field| !columns.contains(field)).collect();
    for field in &missing {
        import.refuse(1, field.wrong("a column of this name", "none"));
    }
    missing.is_empty().then_some(columns)
}

fn draft(columns: &[Field], record: &ByteRecord) -> Result<Draft, Vec<Wrong>> {
    if record.len() != columns.len() {
        let expected = format!("{} fields, as in the header", columns.len());
        return Err(vec![Field::Entry.wrong(expected, record.len().to_string())]);
    }
    let (mut draft, mut wrong) = (Draft::default(), Vec::new());
    for (field, value) in columns.iter().zip(record) {
        match core::str::from_utf8(value) {
            Ok("") => {}
            Ok(text) if *field == Field::Identity => draft.put(*field, text.to_owned()),
            Ok(text) => draft.put(*field, text.trim().to_owned()),
            Err(_) => wrong.push(field.wrong("UTF-8", "something else")),
        }
    }
    if wrong.is_empty() { Ok(draft) } else { Err(wrong) }
}

fn unreadable(error: &Error) -> Wrong {
    let got = match error.kind() {
        ErrorKind::Utf8 { .. } => "something else than UTF-8",
        _ => "something that cannot be read",
    };
    Field::Entry.wrong("CSV (RFC 4180)", got)
}
