//! The registry that ships in `assets/registry`.

use lwm2m_codec::{Lookup, Operations, ValueType};
use lwm2m_model::Registry;

#[test]
fn the_bundled_registry_is_complete() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/registry/objects.json");
    let registry = Registry::from_json(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(registry.objects().count(), 327);

    let device = registry.object(3).unwrap();
    assert_eq!((device.name.as_str(), device.version.as_str()), ("Device", "1.2"));
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
