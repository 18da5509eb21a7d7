//! Payloads with values, in every format.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use lwm2m_codec::{AnnotationKind, ContentFormat, Lookup, Path, Record, annotate, decode, encode};

use crate::source::{DecodedRecord, Definitions, Malformed, Valid, bytes, same, vectors};
use crate::trial;

/// Files, the rows they prove, their formats, and the numbers the formats had before LwM2M 1.0 was published.
const FORMATS: [(&str, &str, ContentFormat, Option<ContentFormat>); 8] = [
    ("tlv", "S-119", ContentFormat::TLV, Some(ContentFormat(1542))),
    ("text", "S-126", ContentFormat::TEXT, Some(ContentFormat(1541))),
    ("opaque", "S-126", ContentFormat::OPAQUE, Some(ContentFormat(1544))),
    ("json", "S-122", ContentFormat::JSON, Some(ContentFormat(1543))),
    ("cbor", "S-124", ContentFormat::CBOR, None),
    ("senml_json", "S-123", ContentFormat::SENML_JSON, None),
    ("senml_cbor", "S-123", ContentFormat::SENML_CBOR, None),
    ("lwm2m_cbor", "S-125", ContentFormat::LWM2M_CBOR, None),
];

/// What is canonical is encoded to the stated bytes.
const ENCODED: &str = "S-120";
/// What is malformed is refused.
const REFUSED: &str = "S-121";

pub(crate) fn add(trials: &mut Vec<Trial>) {
    let definitions = Arc::new(Definitions::load());
    for (name, row, format, old) in FORMATS {
        let file = vectors::<Vec<DecodedRecord>>(name);
        assert_eq!(file.content_format, format.0);
        for vector in file.valid {
            let definitions = Arc::clone(&definitions);
            let rows = if vector.is_canonical() { format!("{row} {ENCODED}") } else { row.to_owned() };
            let id = format!("{rows} {}", vector.id);
            trials.push(trial(&id, move || valid(format, old, &definitions, &vector)));
        }
        for vector in file.malformed {
            let definitions = Arc::clone(&definitions);
            let rows = if vector.must_reject { format!("{row} {REFUSED}") } else { row.to_owned() };
            let id = format!("{rows} {}", vector.id);
            trials.push(trial(&id, move || malformed(format, &definitions, &vector)));
        }
    }
}

fn valid(
    format: ContentFormat,
    old: Option<ContentFormat>,
    definitions: &Definitions,
    vector: &Valid<Vec<DecodedRecord>>,
) -> Result<(), Failed> {
    let path: Path = vector.path.parse().unwrap();
    let payload = bytes(&vector.hex);
    let mut records = decode(format, &path, &payload, definitions).map_err(|error| error.to_string())?;
    check_annotations(format, &path, &payload, definitions)?;
    if let Some(old) = old {
        same(&decode(old, &path, &payload, definitions).as_ref(), &Ok(&records))?;
    }

    // Whatever form a payload came in, what we make of it means the same.
    if !(format == ContentFormat::LWM2M_CBOR && records.is_empty()) {
        let again = encode(format, &path, &records).map_err(|error| error.to_string())?;
        let mut reread = decode(format, &path, &again, definitions).map_err(|error| error.to_string())?;
        let mut sorted = records.clone();
        sorted.sort_by_key(|record| record.path);
        reread.sort_by_key(|record| record.path);
        same(&reread, &sorted)?;
    }

    // The vectors leave resources without a definition out.
    records.retain(|record| is_defined(&record.path, definitions));
    let expected: Vec<Record> = vector.decoded.iter().map(DecodedRecord::record).collect();
    same(&records, &expected)?;
    if vector.is_canonical() {
        let encoded = encode(format, &path, &expected).map_err(|error| error.to_string())?;
        same(&encoded, &payload)?;
    }
    Ok(())
}

fn is_defined(path: &Path, definitions: &Definitions) -> bool {
    let ids = path.object_id().zip(path.resource_id());
    ids.is_some_and(|(object, resource)| definitions.resource(object, resource).is_some())
}

fn malformed(format: ContentFormat, definitions: &Definitions, vector: &Malformed) -> Result<(), Failed> {
    let path: Path = vector.path.parse().unwrap();
    let payload = bytes(&vector.hex);
    check_annotations(format, &path, &payload, definitions)?;
    match decode(format, &path, &payload, definitions) {
        Ok(records) if vector.must_reject => Err(format!("accepted: {records:?}").into()),
        Ok(_) => Ok(()),
        Err(error) => vector.expect(&error),
    }
}

fn check_annotations(
    format: ContentFormat,
    path: &Path,
    payload: &[u8],
    definitions: &Definitions,
) -> Result<(), Failed> {
    let annotations = annotate(format, path, payload, definitions);
    let mut covered = 0;
    for annotation in &annotations {
        same(&annotation.range.start, &covered)?;
        if annotation.range.is_empty() || annotation.text.is_empty() {
            return Err(format!("says nothing: {annotation:?}").into());
        }
        covered = annotation.range.end;
    }
    same(&covered, &payload.len())?;
    let marked = annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error);
    let refused = decode(format, path, payload, definitions).is_err();
    same(&marked, &(refused && !payload.is_empty()))
}
