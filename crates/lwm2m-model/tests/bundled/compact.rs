use lwm2m_codec::{Operations, ValueType};
use lwm2m_model::{ObjectDefinition, Registry, ResourceDefinition, limits};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::asset;

fn resource(id: u16, name: &str, value_type: Option<ValueType>) -> ResourceDefinition {
    ResourceDefinition {
        id,
        name: name.into(),
        operations: Operations { read: true, ..Operations::default() },
        multiple: id == 1,
        mandatory: id == 2,
        value_type,
        range: "0..1".into(),
        units: String::new(),
        description: String::new(),
    }
}

fn object(id: u16, version: &str, urn: &str, resources: Vec<ResourceDefinition>) -> ObjectDefinition {
    ObjectDefinition {
        id,
        name: format!("Object {id}"),
        version: version.parse().unwrap(),
        lwm2m_version: "1.1".into(),
        urn: urn.into(),
        multiple: id == 7,
        mandatory: id == 8,
        description: String::new(),
        description2: String::new(),
        licence: "MIT".into(),
        copyright: "Copyright nobody".into(),
        resources,
    }
}

fn round_trip(registry: &Registry) -> Registry {
    Registry::from_bytes(&registry.to_bytes().unwrap()).unwrap()
}

#[test]
fn every_field_survives() {
    let every_type =
        |(id, value_type): (usize, &ValueType)| resource(id as u16, value_type.name(), Some(*value_type));
    let mut registry = Registry::new();
    assert_eq!(round_trip(&registry), registry);
    registry.add([
        object(7, "1.0", "urn:oma:lwm2m:x:7", ValueType::ALL.iter().enumerate().map(every_type).collect()),
        object(
            7,
            "1.10",
            "urn:oma:lwm2m:x:7:1.10",
            vec![resource(1, "Ünit", None), resource(65534, "", None)],
        ),
        object(8, "65535.65535", "something else", vec![]),
        object(65534, "0.0", "", vec![resource(1, "Ünit", None)]),
    ]);
    assert_eq!(round_trip(&registry), registry);
    let prose = ObjectDefinition {
        description: "prose".into(),
        ..object(8, "65535.65535", "something else", vec![])
    };
    let mut described = registry.clone();
    described.add([prose]);
    assert_eq!(round_trip(&described), registry);
}

#[test]
fn what_cannot_be_written_is_refused() {
    let mut registry = Registry::new();
    registry.add([object(7, "1.0", "a\0b", vec![])]);
    let error = registry.to_bytes().unwrap_err();
    assert_eq!(error.to_string(), "registry in compact form: expected texts without U+0000, got \"a\\0b\"");
}

#[test]
fn other_bytes_are_refused() {
    let told = |bytes: &[u8]| Registry::from_bytes(bytes).unwrap_err().to_string();
    assert!(told(b"<!doctype html>").ends_with("expected bytes that begin with LwM2M-1, got something else"));
    assert!(told(b"LwM2M-1\0").contains("expected whole columns, got "));
    assert!(told(&vec![0; limits::COMPACT_MAX + 1]).ends_with("expected at most 1048576 bytes, got 1048577"));
    let bytes = asset("registry.bin");
    assert!(told(&[bytes.as_slice(), b"\0"].concat()).ends_with("nothing behind the columns, got 1 bytes"));
    for length in (0..bytes.len()).step_by(97) {
        assert!(Registry::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
}

/// Texts are told once and used often; what they would become is bounded all the same.
#[test]
fn a_small_file_cannot_become_a_large_registry() {
    let long = "x".repeat(100_000);
    let resources = (0..200).map(|id| resource(id, &long, None)).collect();
    let mut registry = Registry::new();
    registry.add([object(7, "1.0", "u", resources)]);
    let bytes = registry.to_bytes().unwrap();
    assert!(bytes.len() < 110_000);
    let error = Registry::from_bytes(&bytes).unwrap_err();
    assert!(error.to_string().contains("texts of at most 8388608 bytes"), "{error}");
}

proptest! {
    #[test]
    fn damaged_registries_never_panic(edits in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..5)) {
        let mut bytes = asset("registry.bin");
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(registry) = Registry::from_bytes(&bytes) {
            prop_assert!(round_trip(&registry) == registry);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [b"LwM2M-1\0".as_slice(), &tail].concat();
        if let Err(error) = Registry::from_bytes(&bytes) {
            prop_assert!(!error.expected.is_empty());
        }
    }
}
