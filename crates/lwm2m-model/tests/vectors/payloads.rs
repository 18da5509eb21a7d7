//! TLV, text and opaque.

use lwm2m_codec::{AnnotationKind, ContentFormat, ErrorLevel, Path, Record, Value, annotate, decode, encode};

use crate::source::{DecodedRecord, Definitions, Malformed, Valid, bytes, vectors};

const FORMATS: [(&str, ContentFormat, ContentFormat); 3] = [
    ("tlv", ContentFormat::TLV, ContentFormat(1542)),
    ("text", ContentFormat::TEXT, ContentFormat(1541)),
    ("opaque", ContentFormat::OPAQUE, ContentFormat(1544)),
];

fn each_valid(check: impl Fn(ContentFormat, &Definitions, &Valid<Vec<DecodedRecord>>)) {
    let definitions = Definitions::load();
    for (name, format, _) in FORMATS {
        let vectors = vectors(name);
        assert_eq!(vectors.content_format, format.0);
        assert!(!vectors.valid.is_empty());
        vectors.valid.iter().for_each(|vector| check(format, &definitions, vector));
    }
}

fn each_malformed(check: impl Fn(ContentFormat, &Definitions, &Malformed)) {
    let definitions = Definitions::load();
    for (name, format, _) in FORMATS {
        let vectors = vectors::<Vec<DecodedRecord>>(name);
        assert!(!vectors.malformed.is_empty());
        vectors.malformed.iter().for_each(|vector| check(format, &definitions, vector));
    }
}

/// Floats by their bits, so that -0.0 is not 0.0.
fn same(left: &[Record], right: &[Record]) -> bool {
    let same_value = |left: &Value, right: &Value| match (left, right) {
        (Value::Float(left), Value::Float(right)) => left.to_bits() == right.to_bits(),
        _ => left == right,
    };
    let same =
        |(left, right): (&Record, &Record)| left.path == right.path && same_value(&left.value, &right.value);
    left.len() == right.len() && left.iter().zip(right).all(same)
}

#[test]
fn valid_payloads_decode_to_their_records() {
    each_valid(|format, definitions, vector| {
        let path: Path = vector.path.parse().unwrap();
        let mut records = decode(format, &path, &bytes(&vector.hex), definitions).unwrap_or_else(|error| {
            panic!("{}: {error}", vector.id);
        });
        // The vectors leave resources without a definition out.
        records.retain(|record| !matches!(record.value, Value::Raw(_)));
        let expected: Vec<Record> = vector.decoded.iter().map(DecodedRecord::record).collect();
        assert!(same(&records, &expected), "{}: {records:?}\nexpected {expected:?}", vector.id);
    });
}

#[test]
fn numbers_used_before_1_0_are_understood() {
    let definitions = Definitions::load();
    for (name, format, old) in FORMATS {
        for vector in vectors::<Vec<DecodedRecord>>(name).valid {
            let path: Path = vector.path.parse().unwrap();
            let payload = bytes(&vector.hex);
            let records = decode(format, &path, &payload, &definitions);
            assert_eq!(decode(old, &path, &payload, &definitions), records, "{}", vector.id);
        }
    }
}

#[test]
fn canonical_payloads_are_what_is_encoded() {
    each_valid(|format, _, vector| {
        let path: Path = vector.path.parse().unwrap();
        let records: Vec<Record> = vector.decoded.iter().map(DecodedRecord::record).collect();
        let payload = encode(format, &path, &records);
        if vector.canonical {
            assert_eq!(payload, Ok(bytes(&vector.hex)), "{}", vector.id);
        }
    });
}

/// Whatever form a payload came in, what we make of it means the same.
#[test]
fn every_valid_payload_survives_a_round_trip() {
    each_valid(|format, definitions, vector| {
        let path: Path = vector.path.parse().unwrap();
        let mut records = decode(format, &path, &bytes(&vector.hex), definitions).unwrap();
        records.sort_by_key(|record| record.path);
        let payload = encode(format, &path, &records).unwrap();
        let again = decode(format, &path, &payload, definitions).unwrap();
        assert!(same(&again, &records), "{}: {again:?}\nexpected {records:?}", vector.id);
    });
}

#[test]
fn malformed_payloads_are_refused_with_their_class() {
    each_malformed(|format, definitions, vector| {
        let path: Path = vector.path.parse().unwrap();
        match decode(format, &path, &bytes(&vector.hex), definitions) {
            Ok(records) => assert!(!vector.must_reject, "{}: {records:?}", vector.id),
            Err(error) => {
                assert_eq!(error.class.name(), vector.error, "{}: {error}", vector.id);
                let level = if vector.level == "syntax" { ErrorLevel::Syntax } else { ErrorLevel::Semantic };
                assert_eq!(error.class.level(), level, "{}", vector.id);
            }
        }
    });
}

fn check_annotations(
    id: &str,
    format: ContentFormat,
    path: &Path,
    payload: &[u8],
    definitions: &Definitions,
) {
    let annotations = annotate(format, path, payload, definitions);
    let mut covered = 0;
    for annotation in &annotations {
        assert_eq!(annotation.range.start, covered, "{id}: {annotation:?}");
        assert!(!annotation.range.is_empty() && !annotation.text.is_empty(), "{id}: {annotation:?}");
        covered = annotation.range.end;
    }
    assert_eq!(covered, payload.len(), "{id}");
    let marked = annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error);
    let refused = decode(format, path, payload, definitions).is_err();
    assert_eq!(marked, refused && !payload.is_empty(), "{id}: {annotations:?}");
}

#[test]
fn annotations_cover_every_payload_and_mark_the_malformed() {
    each_valid(|format, definitions, vector| {
        let path = vector.path.parse().unwrap();
        check_annotations(&vector.id, format, &path, &bytes(&vector.hex), definitions);
    });
    each_malformed(|format, definitions, vector| {
        let path = vector.path.parse().unwrap();
        check_annotations(&vector.id, format, &path, &bytes(&vector.hex), definitions);
    });
}
