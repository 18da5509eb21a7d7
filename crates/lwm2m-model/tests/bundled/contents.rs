use lwm2m_codec::{Lookup, Operations, ValueType};
use lwm2m_model::{ObjectVersion, Registry, read_definitions};

use crate::{asset, bundled};

#[test]
fn the_bundled_registry_is_complete() {
    let registry = bundled();
    assert_eq!(registry.objects().count(), 327);
    assert_eq!(registry.definitions().count(), 327 + 97);

    let device = registry.object(3).unwrap();
    assert_eq!((device.name.as_str(), device.version), ("Device", ObjectVersion::new(1, 2)));
    assert!(device.mandatory && !device.multiple);
    let battery_level = registry.resource(3, 9).unwrap();
    assert_eq!((battery_level.units.as_str(), battery_level.range.as_str()), ("/100", "0..100"));
    let reboot = Lookup::resource(&registry, 3, 4).unwrap();
    assert_eq!(reboot.value_type, None);
    assert_eq!(reboot.operations, Operations { execute: true, ..Operations::default() });
    // Package is written and never read, the firmware state the other way round.
    let package = Lookup::resource(&registry, 5, 0).unwrap();
    assert_eq!(package.value_type, Some(ValueType::Opaque));
    assert_eq!(package.operations, Operations { write: true, ..Operations::default() });
    // Reachable for a Bootstrap-Server only.
    assert_eq!(Lookup::resource(&registry, 0, 5).unwrap().operations, Operations::default());
}

#[test]
fn the_compact_form_is_what_the_sources_give() {
    let registry = bundled();
    let bytes = asset("registry.bin");
    assert!(registry.to_bytes().unwrap() == bytes, "out of date: run `cargo xtask registry`");
    assert!(Registry::from_bytes(&bytes).unwrap() == registry);
}

/// The form in which the payload vectors define their objects.
#[test]
fn the_objects_of_the_vectors_are_readable() {
    let mut registry = bundled();
    registry.add(read_definitions(&asset("../vectors/test_objects.json")).unwrap());
    assert_eq!(registry.definitions().count(), 327 + 97 + 6);
    assert_eq!(registry.resource(66, 2).unwrap().value_type, Some(ValueType::ObjectLink));
    let found = registry.search("temperature", 3);
    assert_eq!((found.len(), found[0].object.id, found[0].resource), (3, 3303, None));
}
