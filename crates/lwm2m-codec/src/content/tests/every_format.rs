//! What holds for every format alike.

use super::*;
use crate::content::Decoder;

const MANY_VALUES: [ContentFormat; 5] = [
    ContentFormat::TLV,
    ContentFormat::JSON,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::LWM2M_CBOR,
];

const TIMED: [ContentFormat; 3] = [ContentFormat::JSON, ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR];

/// Payloads that are right in each format but for a few bytes.
fn almost_right() -> impl Strategy<Value = (ContentFormat, Path, Vec<u8>)> {
    let format = prop::sample::select(&MANY_VALUES[..]);
    let mutation = (any::<prop::sample::Index>(), any::<u8>(), 0_u8..4);
    (format, any_records(), prop::collection::vec(mutation, 0..3)).prop_map(|(format, records, mutations)| {
        let at = records
            .first()
            .map_or(Path::object(OBJECT), |record| record.path.truncate(Level::ObjectInstance));
        let below: Vec<Record> = records.into_iter().filter(|record| record.path.starts_with(&at)).collect();
        let mut payload = encode(format, &at, &below).unwrap_or_default();
        for (index, byte, kind) in mutations {
            let position = index.index(payload.len() + 1);
            match kind {
                0 => payload.truncate(position),
                1 => payload.insert(position, byte),
                _ if position < payload.len() => payload[position] = byte,
                _ => {}
            }
        }
        (format, at, payload)
    })
}

/// Everything that must hold for a payload, whatever it is.
fn check(format: ContentFormat, at: &Path, payload: &[u8]) {
    for lookup in [&EveryType as &dyn Lookup, &NoDefinitions] {
        let decoded = decode(format, at, payload, lookup);
        let annotations = annotate(format, at, payload, lookup);
        let mut covered = 0;
        for annotation in &annotations {
            assert_eq!(annotation.range.start, covered, "{annotations:?}");
            assert!(!annotation.range.is_empty() && !annotation.text.is_empty(), "{annotations:?}");
            covered = annotation.range.end;
        }
        assert_eq!(covered, payload.len(), "{annotations:?}");
        let marked = annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error);
        assert_eq!(marked, decoded.is_err() && !payload.is_empty(), "{decoded:?} {annotations:?}");
        match decoded {
            Err(error) => {
                assert!(error.offset.is_none_or(|offset| offset <= payload.len()), "{error}");
                assert!(!error.expected().is_empty() && !error.found().is_empty(), "{error}");
            }
            Ok(records) => {
                let again = match encode(format, at, &records) {
                    // What is not finite has a form in TLV only, and nothing has none in LwM2M CBOR.
                    Err(EncodeError::EmptyNotCarried { .. }) if records.is_empty() => continue,
                    again => again.unwrap(),
                };
                let mut reread = decode(format, at, &again, lookup).unwrap();
                let mut records = records;
                let order = |record: &Record| (record.path, record.time().map(f64::to_bits));
                reread.sort_by_key(order);
                records.sort_by_key(order);
                // Raw bytes of LwM2M CBOR become a byte string, which says the same with a type.
                if !records.iter().any(|record| matches!(record.value, Value::Raw(_))) {
                    assert_eq!(format!("{reread:?}"), format!("{records:?}"));
                }
            }
        }
    }
}

#[test]
fn times_are_carried_or_refused() {
    let at = path("/9/0/3");
    let records = [
        Record::new(at, Value::Float(1.5)).at_time(1_600_000_000.5),
        Record::new(at, Value::Float(2.0)).at_time(-10.0),
        Record::new(at, Value::Float(3.0)),
    ];
    for format in ContentFormat::WITH_VALUES {
        let carried = TIMED.contains(&format);
        match encode(format, &at, &records) {
            Ok(payload) => {
                assert!(carried, "{format}");
                assert_eq!(decode(format, &at, &payload, &EveryType).unwrap(), records, "{format}");
            }
            Err(EncodeError::TimeNotCarried { .. } | EncodeError::OneValueNeeded { .. }) => {
                assert!(!carried, "{format}");
            }
            Err(other) => panic!("{format}: {other}"),
        }
        let one = encode(format, &at, &records[..1]);
        assert_eq!(one.is_ok(), carried, "{format}: {one:?}");
    }
}

#[test]
fn ids_in_lwm2m_cbor_may_be_relative_where_that_is_allowed() {
    let at = path("/9/0");
    // {1: 5} below /9/0, and {9: {0: {1: 5}}} from the object down.
    let relative = [0xA1, 1, 5];
    let absolute = [0xA1, 9, 0xA1, 0, 0xA1, 1, 5];
    let decoder = Decoder::new(ContentFormat::LWM2M_CBOR, &at, &EveryType);
    let expected = [Record::new(path("/9/0/1"), Value::Integer(5))];
    assert_eq!(decoder.decode(&absolute).unwrap(), expected);
    assert_eq!(decoder.relative_ids().decode(&absolute).unwrap(), expected);
    assert_eq!(decoder.decode(&relative).unwrap_err().class.name(), "PATH_NOT_UNDER_REQUEST");
    assert_eq!(decoder.relative_ids().decode(&relative).unwrap(), expected);
    // When neither fits, the reason is that of the plain reading.
    let neither = [0xA1, 8, 0xA1, 0, 0xA1, 1, 5];
    let refused = decoder.relative_ids().decode(&neither).unwrap_err();
    assert_eq!(refused.class.name(), "PATH_NOT_UNDER_REQUEST");
}

#[test]
fn names_with_the_alternate_path_of_a_client() {
    let at = path("/9/0");
    let payload = br#"[{"bn":"/lwm2m/9/0/","n":"1","v":5}]"#;
    let decoder = Decoder::new(ContentFormat::SENML_JSON, &at, &EveryType);
    assert_eq!(decoder.decode(payload).unwrap_err().class.name(), "BAD_NAME");
    let expected = [Record::new(path("/9/0/1"), Value::Integer(5))];
    assert_eq!(decoder.root("/lwm2m").decode(payload).unwrap(), expected);
}

#[test]
fn a_value_that_is_there_twice_is_pointed_at() {
    let at = path("/9/0");
    let payload = br#"[{"n":"/9/0/1","v":5},{"n":"/9/0/3","v":5},{"n":"/9/0/1","v":6}]"#;
    let error = decode(ContentFormat::SENML_JSON, &at, payload, &EveryType).unwrap_err();
    assert_eq!((error.class.name(), error.offset), ("DUPLICATE_ID", Some(43)));
    assert_eq!(error.path, Some(path("/9/0/1")));
}

#[test]
fn an_explanation_goes_on_after_an_error() {
    let kinds = |format, payload: &[u8]| -> Vec<(AnnotationKind, String)> {
        let annotations = annotate(format, &path("/9/0"), payload, &EveryType);
        let told = annotations.iter().filter(|annotation| annotation.kind != AnnotationKind::Structure);
        told.map(|annotation| (annotation.kind, annotation.text.clone())).collect()
    };
    let mismatch = "expected a value of type integer, got true (/9/0/1)".to_string();
    let json = br#"[{"n":"/9/0/1","vb":true},{"n":"/9/0/4","vb":true}]"#;
    assert_eq!(
        kinds(ContentFormat::SENML_JSON, json),
        [
            (AnnotationKind::Error, mismatch.clone()),
            (AnnotationKind::Name, "/9/0/4".to_string()),
            (AnnotationKind::Value, "boolean true".to_string()),
        ]
    );
    let cbor = [0xA1, 9, 0xA1, 0, 0xA2, 1, 0xF5, 4, 0xF5];
    assert_eq!(
        kinds(ContentFormat::LWM2M_CBOR, &cbor)[2..],
        [
            (AnnotationKind::Resource, "/9/0/1".to_string()),
            (AnnotationKind::Error, mismatch),
            (AnnotationKind::Resource, "/9/0/4".to_string()),
            (AnnotationKind::Value, "boolean true".to_string()),
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn records_are_read_back(records in any_records(), times in prop::collection::vec(any::<i32>(), 12)) {
        let object = Path::object(OBJECT);
        let levels = [Level::Root, Level::ObjectInstance, Level::Resource, Level::ResourceInstance];
        let targets = records.iter().flat_map(|record| levels.map(|level| record.path.truncate(level)));
        for at in targets.chain([object]) {
            let below: Vec<Record> =
                records.iter().filter(|record| record.path.starts_with(&at)).cloned().collect();
            for format in MANY_VALUES {
                if at == Path::ROOT && format == ContentFormat::TLV || below.is_empty() {
                    continue;
                }
                let payload = encode(format, &at, &below).unwrap();
                prop_assert_eq!(&decode(format, &at, &payload, &EveryType).unwrap(), &below, "{}", format);
            }
            for format in TIMED {
                let timed = below.iter().zip(&times);
                let timed = timed.map(|(record, time)| record.clone().at_time(f64::from(*time) / 8.0));
                let timed: Vec<Record> = timed.collect();
                let payload = encode(format, &at, &timed).unwrap();
                prop_assert_eq!(&decode(format, &at, &payload, &EveryType).unwrap(), &timed, "{}", format);
            }
        }
    }

    #[test]
    fn one_value_is_read_back(value in any_typed_value()) {
        let at = Path::resource(OBJECT, 0, resource_of(value.value_type().unwrap()));
        let record = [Record::new(at, value)];
        let payload = encode(ContentFormat::CBOR, &at, &record).unwrap();
        prop_assert_eq!(decode(ContentFormat::CBOR, &at, &payload, &EveryType).unwrap(), record);
    }

    #[test]
    fn what_is_almost_right_is_answered((format, at, payload) in almost_right()) {
        check(format, &at, &payload);
    }

    #[test]
    fn any_bytes_in_any_format(at in any_path(), payload in prop::collection::vec(any::<u8>(), 0..40)) {
        ContentFormat::WITH_VALUES.into_iter().for_each(|format| check(format, &at, &payload));
    }

    #[test]
    fn anything_like_json_is_answered(
        at in any_path(),
        text in r#"(\[|\{"e":\[)?(\{"(bn|n)":"/?9?/?[0-9/]{0,5}","(v|vs|vb|sv|bv|t|bt)":(-?[0-9]{1,3}(\.[0-9])?(e[0-9])?|true|"[a-z\\u0-9]{0,6}"|null)\},?){0,4}(\]|\}){0,2}"#,
    ) {
        check(ContentFormat::JSON, &at, text.as_bytes());
        check(ContentFormat::SENML_JSON, &at, text.as_bytes());
    }

    #[test]
    fn lists_of_paths_are_read_back(records in any_records()) {
        let paths: Vec<Path> = records.iter().map(|record| record.path).collect();
        for format in [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::SENML_ETCH_JSON] {
            let payload = encode_paths(format, &paths).unwrap();
            prop_assert_eq!(&decode_paths(format, &payload).unwrap(), &paths);
        }
    }
}
