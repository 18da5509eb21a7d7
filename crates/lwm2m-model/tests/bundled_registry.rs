//! The registry that ships in `assets/registry`.

// Helpers of tests: a file that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lwm2m_codec::{Lookup, Operations, ValueType};
use lwm2m_model::{ObjectVersion, Registry};

fn bundled() -> Registry {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/registry");
    let mut registry = Registry::new();
    for name in ["objects.json", "objects_history.json"] {
        let text = fs::read_to_string(assets.join(name)).unwrap();
        registry.add(Registry::from_json(&text).unwrap().definitions().cloned());
    }
    registry
}

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

/// Range texts that limit nothing for a program, with the type they stand at.
const UNCLEAR: [&str; 45] = [
    "integer -30..-120",
    "string 0 or 26 Bytes",
    "integer 0,1,2",
    "integer 0..247, 255",
    "integer 0..3, 99",
    "boolean 0..65535",
    "unsigned 0: CONFIGURED_ON\n 1: FULL_ON\n 2: RECALL",
    "unsigned 0: RELEASE\n 1: CLICK\n 2: HOLD\n 3: DOUBLE-CLICK\n 255: STUCK",
    "unsigned 0: RELEASED\n 1: PRESSED\n 2: FAULT",
    "integer 0: disabled\n 1: normal\n 2: remote\n 3: local\n 255: non_responsive",
    "float 0; 3.8..20.5",
    "integer 1 bytes",
    "integer 1...15",
    "integer 1...25",
    "integer 1...3",
    "integer 1...63",
    "string 10 or 26 Bytes",
    "string 10,26",
    "string 12",
    "string 12 Bytes",
    "string 12 bytes",
    "string 15",
    "opaque 16,32,48",
    "opaque 16-32-48 bytes",
    "integer 16-bit",
    "integer 1: normal\n 2: remote\n 3: local",
    "integer 2 Instances",
    "integer 2 bytes",
    "integer 255",
    "string 3",
    "string 3 Bytes",
    "string 32 bytes",
    "integer 5, 10, 15, 20",
    "opaque 6",
    "opaque 6 bytes",
    "string 64",
    "string 64 Bytes",
    "integer 8 bit",
    "opaque 8 bit",
    "integer 8-Bits",
    "integer <7 to >12.5",
    "float ON;OFF",
    "string The possible values are those listed in the LwM2M Core Specification",
    "string The possible values of Resource are listed in 5.3.1.1",
    "integer [1:4]",
];

/// Every range text of the registry is either understood or known not to be clear.
#[test]
fn ranges_are_understood_or_left_to_people() {
    let registry = bundled();
    let mut clear = BTreeSet::new();
    let mut unclear = BTreeSet::new();
    for resource in registry.definitions().flat_map(|object| &object.resources) {
        let Some(value_type) = resource.value_type.filter(|_| !resource.range.is_empty()) else { continue };
        match resource.value_range() {
            Some(range) => clear.insert((resource.range.clone(), range.to_string())),
            None => unclear.insert((resource.range.clone(), value_type.name())),
        };
    }
    let unclear: Vec<String> =
        unclear.into_iter().map(|(range, value_type)| format!("{value_type} {range}")).collect();
    assert_eq!(unclear, UNCLEAR);
    assert_eq!(clear.len(), 102);
}
