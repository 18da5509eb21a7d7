mod every_format;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::annotate::{Annotation, AnnotationKind, annotate};
use crate::content_format::ContentFormat;
use crate::error::EncodeError;
use crate::limits::{ITEMS_MAX, PAYLOAD_MAX};
use crate::lookup::{NoDefinitions, Operations};
use crate::path::Level;
use crate::value::{ObjectLink, Value, ValueType};

/// Object 9 with one single and, 100 above, one multiple resource per type; 9 is executable. Nothing else is
/// defined.
struct EveryType;

const OBJECT: u16 = 9;
const MULTIPLE: u16 = 100;
const EXECUTABLE: u16 = 9;

impl Lookup for EveryType {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        let multiple = resource >= MULTIPLE;
        let operations = Operations { execute: resource == EXECUTABLE, ..Operations::default() };
        let value_type = ValueType::ALL.get(usize::from(resource % MULTIPLE)).copied();
        let defined = object == OBJECT && (value_type.is_some() || resource == EXECUTABLE);
        defined.then_some(ResourceShape { value_type, multiple, operations })
    }
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn resource_of(value_type: ValueType) -> u16 {
    ValueType::ALL.iter().position(|other| *other == value_type).unwrap() as u16
}

fn class_of(format: ContentFormat, at: &str, payload: &[u8]) -> &'static str {
    decode(format, &path(at), payload, &EveryType).unwrap_err().class.name()
}

#[test]
fn formats_without_values_say_so() {
    for format in [40, 41, 50, 7].map(ContentFormat) {
        let error = decode(format, &path("/3/0"), b"[]", &NoDefinitions).unwrap_err();
        assert_eq!(error.class.name(), "FORMAT_NOT_SUPPORTED");
        assert_eq!(encode(format, &path("/3/0"), &[]), Err(EncodeError::FormatNotSupported { format }));
    }
    let error = decode(ContentFormat::CORE_LINK, &path("/3/0"), b"[]", &NoDefinitions).unwrap_err();
    assert!(error.to_string().ends_with("got 40 (link format)"), "{error}");
}

#[test]
fn without_a_definition_values_stay_raw() {
    let at = path("/3/0/9");
    let raw = [Record::new(at, Value::Raw([0x31].into()))];
    for (format, payload) in [
        (ContentFormat::TEXT, &b"1"[..]),
        (ContentFormat::OPAQUE, &b"1"[..]),
        (ContentFormat::TLV, &[0xC1, 9, 0x31][..]),
    ] {
        assert_eq!(decode(format, &at, payload, &NoDefinitions).unwrap(), raw, "{format}");
        assert_eq!(encode(format, &at, &raw).unwrap(), payload, "{format}");
    }
    let multiple = decode(ContentFormat::TLV, &at, &[0x83, 9, 0x41, 7, 0xFF], &NoDefinitions).unwrap();
    assert_eq!(multiple, [Record::new(path("/3/0/9/7"), Value::Raw([0xFF].into()))]);
}

#[test]
fn wrappers_that_are_seen_in_practice_are_accepted() {
    let cases: [(&str, &[u8], &str); 4] = [
        // A resource inside its object instance.
        ("/9/5/1", &[0x03, 5, 0xC1, 1, 42], "/9/5/1"),
        // A resource instance inside its resource, and that inside its object instance.
        ("/9/5/101/3", &[0x83, 101, 0x41, 3, 42], "/9/5/101/3"),
        ("/9/5/101/3", &[0x05, 5, 0x83, 101, 0x41, 3, 42], "/9/5/101/3"),
        // An object instance, asked for by its path.
        ("/9/5", &[0x03, 5, 0xC1, 1, 42], "/9/5/1"),
    ];
    for (at, payload, record) in cases {
        let records = decode(ContentFormat::TLV, &path(at), payload, &EveryType).unwrap();
        assert_eq!(records, [Record::new(path(record), Value::Integer(42))], "{at}");
        check_annotations(&path(at), payload);
    }
}

#[test]
fn wrappers_must_hold_what_was_asked_for() {
    let class = |at, payload: &[u8]| class_of(ContentFormat::TLV, at, payload);
    assert_eq!(class("/9/5/1", &[0x00, 5]), "EMPTY_PAYLOAD");
    assert_eq!(class("/9/5/1", &[0x06, 5, 0xC1, 1, 42, 0xC1, 2, 42]), "TLV_TRAILING_DATA");
    assert_eq!(class("/9/5/1", &[0x02, 5, 0x00, 5]), "TLV_BAD_NESTING");
    assert_eq!(class("/9/5/101/3", &[0x80, 101]), "EMPTY_PAYLOAD");
    assert_eq!(class("/9/5/101/3", &[0x86, 101, 0x41, 3, 42, 0x41, 4, 42]), "TLV_TRAILING_DATA");
    assert_eq!(class("/9/5/101/3", &[0x83, 102, 0x41, 3, 42]), "ID_MISMATCH");
    assert_eq!(class("/9/5/1/0", &[0x41, 0, 42]), "MULTIPLE_FOR_SINGLE");
    assert_eq!(class("/9/5", &[0xC1, 1, 42, 0x00, 5]), "TLV_BAD_NESTING");
    assert_eq!(class("/", &[0xC1, 1, 42]), "FORMAT_NOT_ALLOWED_FOR_PATH");
}

#[test]
fn errors_point_at_their_place() {
    let at = path("/9/0");
    let string = resource_of(ValueType::String) as u8;
    let cases: [(&[u8], usize); 4] = [
        // The length of a value, the byte of a text, a second element of the same id, a missing byte.
        (&[0xC1, 1, 42, 0xC3, 2, 0, 0, 0], 5),
        (&[0xC1, 1, 42, 0xC3, string, b'a', 0xFF, b'b'], 6),
        (&[0xC1, 1, 42, 0xC1, 1, 42], 3),
        (&[0xC1, 1, 42, 0xC3, 2, 0], 3),
    ];
    for (payload, offset) in cases {
        let error = decode(ContentFormat::TLV, &at, payload, &EveryType).unwrap_err();
        assert_eq!(error.offset, Some(offset), "{error}");
        check_annotations(&at, payload);
    }
    let error = decode(ContentFormat::TLV, &at, &[0xC3, 1, 0, 0, 0], &EveryType).unwrap_err();
    assert_eq!(error.to_string(), "expected an integer of 1, 2, 4 or 8 bytes, got 3 (/9/0/1), at byte 2");
}

#[test]
fn the_link_to_nothing_is_the_only_one_to_object_65535() {
    let at = path("/9/0/7");
    let decoded = |bytes: &[u8]| decode(ContentFormat::TLV, &at, bytes, &EveryType);
    assert_eq!(
        decoded(&[0xC4, 7, 0xFF, 0xFF, 0xFF, 0xFF]).unwrap(),
        [Record::new(at, Value::ObjectLink(ObjectLink::NULL))]
    );
    assert_eq!(decoded(&[0xC4, 7, 0xFF, 0xFF, 0, 7]).unwrap_err().class.name(), "BAD_OBJLNK");
}

#[test]
fn large_payloads_are_bounded() {
    let at = path("/9");
    let too_large = vec![0; PAYLOAD_MAX + 1];
    assert_eq!(class_of(ContentFormat::TLV, "/9", &too_large), "PAYLOAD_TOO_LARGE");
    assert_eq!(annotate(ContentFormat::TLV, &at, &too_large, &EveryType).len(), 1);

    // Instances with empty resources: legal, and as many elements per byte as can be.
    let mut many = Vec::new();
    for instance in 0..u16::MAX {
        let [high, low] = instance.to_be_bytes();
        many.extend([0x24, high, low, 0xC0, 0, 0xC0, 5]);
    }
    assert_eq!(class_of(ContentFormat::TLV, "/9", &many), "TOO_MANY_ITEMS");
    assert!(annotate(ContentFormat::TLV, &at, &many, &EveryType).len() <= 2 * ITEMS_MAX + 1);
    check_annotations(&at, &many);

    let text = "1".repeat(100);
    assert_eq!(class_of(ContentFormat::TEXT, "/9/0/1", text.as_bytes()), "VALUE_OUT_OF_RANGE");
    assert_eq!(class_of(ContentFormat::TEXT, "/9/0/2", text.as_bytes()), "VALUE_OUT_OF_RANGE");
    assert_eq!(class_of(ContentFormat::TEXT, "/9/0/3", text.repeat(20).as_bytes()), "VALUE_OUT_OF_RANGE");
}

#[test]
fn records_that_a_format_cannot_carry_are_refused() {
    let integer = |at: &str| Record::new(path(at), Value::Integer(1));
    let tlv = |at: &str, records: &[Record]| encode(ContentFormat::TLV, &path(at), records).unwrap_err();
    assert!(matches!(tlv("/", &[]), EncodeError::FormatNotAllowedForPath { .. }));
    assert!(matches!(tlv("/9/0", &[integer("/9/1/1")]), EncodeError::PathNotUnderRequest { .. }));
    assert!(matches!(tlv("/9", &[integer("/9/1")]), EncodeError::NotAResource { .. }));
    assert!(matches!(
        tlv("/9/0", &[integer("/9/0/1"), integer("/9/0/1")]),
        EncodeError::DuplicatePath { .. }
    ));
    assert!(matches!(
        tlv("/9/0", &[integer("/9/0/1/0"), integer("/9/0/1")]),
        EncodeError::DuplicatePath { .. }
    ));
    assert!(matches!(tlv("/9/0/1/0", &[]), EncodeError::OneValueNeeded { .. }));
    let reserved = Record::new(Path::resource(9, 0, u16::MAX), Value::Integer(1));
    assert!(matches!(tlv("/9/0", &[reserved]), EncodeError::ReservedId { .. }));
    let long = Record::new(path("/9/0/5"), Value::opaque(vec![0; 1 << 24]));
    assert!(matches!(tlv("/9/0", &[long]), EncodeError::ValueTooLong { .. }));

    let text = |at: &str, records: &[Record]| encode(ContentFormat::TEXT, &path(at), records).unwrap_err();
    assert!(matches!(text("/9/0", &[integer("/9/0/1")]), EncodeError::FormatNotAllowedForPath { .. }));
    assert!(matches!(text("/9/0/1", &[]), EncodeError::OneValueNeeded { got: 0, .. }));
    assert!(matches!(text("/9/0/1", &[integer("/9/0/1/0")]), EncodeError::PathNotUnderRequest { .. }));
    let infinite = Record::new(path("/9/0/3"), Value::Float(f64::INFINITY));
    assert!(matches!(text("/9/0/3", &[infinite]), EncodeError::NotFinite { .. }));

    let opaque = encode(ContentFormat::OPAQUE, &path("/9/0/1"), &[integer("/9/0/1")]).unwrap_err();
    assert!(matches!(opaque, EncodeError::FormatNotAllowedForType { type_name: "integer", .. }));
}

#[test]
fn annotations_tell_headers_from_values() {
    let payload = [0x08, 0, 8, 0xC1, 1, 42, 0x83, 101, 0x41, 3, 0xFF];
    let annotations = annotate(ContentFormat::TLV, &path("/9"), &payload, &EveryType);
    let told: Vec<(core::ops::Range<usize>, AnnotationKind, String, &str)> = annotations
        .iter()
        .map(|Annotation { range, kind, path, text }| {
            (range.clone(), *kind, path.unwrap().to_string(), text.as_str())
        })
        .collect();
    let expected = [
        (0..3, AnnotationKind::ObjectInstance, "/9/0", "object instance 0, 8 bytes"),
        (3..5, AnnotationKind::Resource, "/9/0/1", "resource 1, 1 byte"),
        (5..6, AnnotationKind::Value, "/9/0/1", "integer 42"),
        (6..8, AnnotationKind::MultipleResource, "/9/0/101", "multiple resource 101, 3 bytes"),
        (8..10, AnnotationKind::ResourceInstance, "/9/0/101/3", "resource instance 3, 1 byte"),
        (10..11, AnnotationKind::Value, "/9/0/101/3", "integer -1"),
    ];
    assert_eq!(told, expected.map(|(range, kind, path, text)| (range, kind, path.to_string(), text)));
}

#[test]
fn annotations_of_other_formats_are_one_range() {
    let one = |format, at: &str, payload: &[u8]| {
        let annotations = annotate(format, &path(at), payload, &EveryType);
        let [Annotation { range, kind, text, .. }] = annotations.as_slice() else {
            panic!("{annotations:?}")
        };
        assert_eq!(*range, 0..payload.len());
        (*kind, text.clone())
    };
    assert_eq!(one(ContentFormat::TEXT, "/9/0/1", b"42"), (AnnotationKind::Value, "integer 42".to_string()));
    assert_eq!(one(ContentFormat::OPAQUE, "/9/0/5", b"42").1, "opaque, 2 bytes");
    assert_eq!(one(ContentFormat::TEXT, "/9/0/1", b"x").0, AnnotationKind::Error);
    let unknown = (AnnotationKind::Payload, "content format 7".to_string());
    assert_eq!(one(ContentFormat(7), "/9/0", b"[]"), unknown);
    assert!(annotate(ContentFormat::TLV, &path("/9/0"), b"", &EveryType).is_empty());
}

/// Ranges in order, without gaps, over the whole payload; an error is shown exactly when there is one.
fn check_annotations(at: &Path, payload: &[u8]) {
    let annotations = annotate(ContentFormat::TLV, at, payload, &EveryType);
    let mut covered = 0;
    for annotation in &annotations {
        assert_eq!(annotation.range.start, covered, "{annotations:?}");
        assert!(!annotation.range.is_empty(), "{annotations:?}");
        covered = annotation.range.end;
    }
    assert_eq!(covered, payload.len(), "{annotations:?}");
    let marked = annotations.iter().any(|annotation| annotation.kind == AnnotationKind::Error);
    let refused = decode(ContentFormat::TLV, at, payload, &EveryType).is_err();
    assert_eq!(marked, refused && !payload.is_empty(), "{annotations:?}");
}

fn any_value(value_type: ValueType) -> BoxedStrategy<Value> {
    match value_type {
        ValueType::String => ".{0,12}".prop_map(Value::string).boxed(),
        ValueType::CoreLink => "(</[0-9]>){0,2}".prop_map(|text| Value::CoreLink(text.into())).boxed(),
        ValueType::Integer => any_integer().prop_map(Value::Integer).boxed(),
        ValueType::Time => any_integer().prop_map(Value::Time).boxed(),
        ValueType::Unsigned => any_integer().prop_map(|number| Value::Unsigned(number as u64)).boxed(),
        ValueType::Float => prop_oneof![
            prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            any::<i8>().prop_map(f64::from)
        ]
        .prop_map(Value::Float)
        .boxed(),
        ValueType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ValueType::Opaque => prop_oneof![
            prop::collection::vec(any::<u8>(), 0..12),
            (0usize..1000).prop_map(|length| vec![0xAB; length]),
        ]
        .prop_map(Value::opaque)
        .boxed(),
        ValueType::ObjectLink => {
            let link =
                (0..u16::MAX, any::<u16>()).prop_map(|(object, instance)| ObjectLink { object, instance });
            prop_oneof![link, Just(ObjectLink::NULL)].prop_map(Value::ObjectLink).boxed()
        }
    }
}

/// Numbers of every width.
fn any_integer() -> impl Strategy<Value = i64> {
    (any::<i64>(), 0u32..64).prop_map(|(number, shift)| number >> shift)
}

fn any_typed_value() -> impl Strategy<Value = Value> {
    prop::sample::select(&ValueType::ALL[..]).prop_flat_map(any_value)
}

/// Records of object 9 with distinct paths; ids of one and two bytes.
fn any_records() -> impl Strategy<Value = Vec<Record>> {
    let id = || prop_oneof![0u16..3, 254u16..258, Just(65534u16)];
    let record = (id(), prop::option::of(id()), any_typed_value()).prop_map(|(instance, multiple, value)| {
        let resource = resource_of(value.value_type().unwrap());
        let path = match multiple {
            None => Path::resource(OBJECT, instance, resource),
            Some(member) => Path::resource_instance(OBJECT, instance, resource + MULTIPLE, member),
        };
        (path, value)
    });
    prop::collection::vec(record, 0..12).prop_map(|records| {
        let distinct: BTreeMap<Path, Value> = records.into_iter().collect();
        distinct.into_iter().map(|(path, value)| Record::new(path, value)).collect()
    })
}

/// Bytes that are TLV more often than not, with every kind inside every other.
fn almost_tlv() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop::collection::vec(any::<u8>(), 0..9);
    let nested = leaf.prop_recursive(3, 24, 4, |inner| {
        let element = (0u8..4, prop_oneof![0u8..12, 100u8..108], inner).prop_map(|(kind, id, value)| {
            let mut element = vec![kind << 6 | 0b01 << 3, id, value.len() as u8];
            element.extend(value);
            element
        });
        prop::collection::vec(element, 0..4).prop_map(|elements| elements.concat())
    });
    (nested, any::<prop::sample::Index>(), prop::option::weighted(0.3, any::<u8>())).prop_map(
        |(mut bytes, index, mutation)| {
            match mutation {
                Some(0..=99) => bytes.truncate(index.index(bytes.len() + 1)),
                Some(byte) if !bytes.is_empty() => {
                    let position = index.index(bytes.len());
                    bytes[position] ^= byte;
                }
                _ => {}
            }
            bytes
        },
    )
}

fn any_path() -> impl Strategy<Value = Path> {
    let id = || prop_oneof![0u16..4, 98u16..104];
    prop_oneof![
        Just(Path::object(OBJECT)),
        id().prop_map(|instance| Path::instance(OBJECT, instance)),
        (id(), id()).prop_map(|(instance, resource)| Path::resource(OBJECT, instance, resource)),
        (id(), id(), id()).prop_map(|(instance, resource, member)| Path::resource_instance(
            OBJECT, instance, resource, member
        )),
    ]
}

/// Everything that must hold for a payload, whatever it is.
fn check_payload(at: &Path, payload: &[u8]) {
    check_annotations(at, payload);
    for lookup in [&EveryType as &dyn Lookup, &NoDefinitions] {
        let Ok(mut records) = decode(ContentFormat::TLV, at, payload, lookup) else { continue };
        assert!(2 * records.len() <= payload.len());
        assert!(records.iter().map(|record| heap_bytes(&record.value)).sum::<usize>() <= payload.len());
        records.sort_by_key(|record| record.path);
        let again = encode(ContentFormat::TLV, at, &records).unwrap();
        // Compared as text: not-a-number equals nothing, itself included.
        let reread = decode(ContentFormat::TLV, at, &again, lookup).unwrap();
        assert_eq!(format!("{reread:?}"), format!("{records:?}"));
    }
}

fn heap_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) | Value::CoreLink(text) => text.len(),
        Value::Opaque(bytes) | Value::Raw(bytes) => bytes.len(),
        _ => 0,
    }
}

#[test]
fn a_record_without_a_value_is_a_removal_only_where_that_is_asked_for() {
    let at = "/3/0/6/1".parse().unwrap();
    // {0: "/3/0/6/1", 2: null}
    let cbor = [&[0x81, 0xA2, 0, 0x68], &b"/3/0/6/1"[..], &[2, 0xF6]].concat();
    for (format, payload) in [
        (ContentFormat::SENML_ETCH_JSON, &br#"[{"n":"/3/0/6/1"}]"#[..]),
        (ContentFormat::SENML_ETCH_JSON, br#"[{"n":"/3/0/6/1","v":null}]"#),
        (ContentFormat::SENML_ETCH_CBOR, &cbor),
    ] {
        let decoder = Decoder::new(format, &Path::ROOT, &NoDefinitions);
        assert_eq!(decoder.removals().decode_with_empty(payload), Ok((vec![], vec![at])));
        assert!(decoder.decode(payload).is_err());
        // The formats of a Write know nothing of it.
        let plain = if format == ContentFormat::SENML_ETCH_CBOR { 112 } else { 110 };
        let writing = Decoder::new(ContentFormat(plain), &Path::ROOT, &NoDefinitions).removals();
        assert!(writing.decode_with_empty(payload).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn tlv_is_read_back(records in any_records()) {
        let object = Path::object(OBJECT);
        let payload = encode(ContentFormat::TLV, &object, &records).unwrap();
        prop_assert_eq!(&decode(ContentFormat::TLV, &object, &payload, &EveryType).unwrap(), &records);
        check_annotations(&object, &payload);
        // And each record, its siblings and its whole instance alone.
        let levels = [Level::ObjectInstance, Level::Resource, Level::ResourceInstance];
        for at in records.iter().flat_map(|record| levels.map(|level| record.path.truncate(level))) {
            let below = records.iter().filter(|record| record.path.starts_with(&at));
            let below: Vec<Record> = below.cloned().collect();
            let payload = encode(ContentFormat::TLV, &at, &below).unwrap();
            prop_assert_eq!(&decode(ContentFormat::TLV, &at, &payload, &EveryType).unwrap(), &below);
            check_annotations(&at, &payload);
        }
    }

    #[test]
    fn text_is_read_back(value in any_typed_value()) {
        let value_type = value.value_type().unwrap();
        let at = Path::resource(OBJECT, 0, resource_of(value_type));
        let payload = encode(ContentFormat::TEXT, &at, &[Record::new(at, value.clone())]).unwrap();
        let records = decode(ContentFormat::TEXT, &at, &payload, &EveryType).unwrap();
        prop_assert_eq!(records, [Record::new(at, value.clone())]);
        prop_assert_eq!(Value::parse(value_type, &value.to_text()), Ok(value));
    }

    #[test]
    fn any_bytes_are_answered(at in any_path(), payload in prop::collection::vec(any::<u8>(), 0..48)) {
        check_payload(&at, &payload);
        for format in [ContentFormat::TEXT, ContentFormat::OPAQUE, ContentFormat(110)] {
            let decoded = decode(format, &at, &payload, &EveryType);
            let annotations = annotate(format, &at, &payload, &EveryType);
            let covered: usize = annotations.iter().map(|annotation| annotation.range.len()).sum();
            prop_assert_eq!(covered, payload.len());
            prop_assert!(decoded.is_ok() || decoded.unwrap_err().to_string().len() < 400);
        }
    }

    #[test]
    fn almost_tlv_is_answered(at in any_path(), payload in almost_tlv()) {
        check_payload(&at, &payload);
    }

    #[test]
    fn any_text_is_answered(text in "[-+0-9.eE:= A-Za-z/]{0,24}|\\PC{0,8}") {
        for value_type in ValueType::ALL {
            if let Ok(value) = Value::parse(value_type, &text) {
                prop_assert_eq!(Value::parse(value_type, &value.to_text()), Ok(value));
            }
        }
    }
}
