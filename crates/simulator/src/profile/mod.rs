//! What the simulated devices are: one profile per kind of device, each with its objects and its moving values.

mod battery;
mod device_object;
mod gauge;
mod light;
mod meter;
mod route;
mod sensor;
mod server_object;
mod tracker;

use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

pub(crate) use device_object::DeviceObject;
pub(crate) use server_object::insert_server_object;

use crate::dice::Dice;

/// A point in time of the simulated world, in seconds since 1970 UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) unix_s: f64,
    /// Since the moment before.
    pub(crate) elapsed_s: f64,
}

/// New values of resources.
pub(crate) type Values = Vec<(Path, Value)>;

/// The objects of one kind of device and how their values move.
pub(crate) trait Profile: Send {
    /// Adds the objects to a tree.
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError>;

    /// The values at a moment. Those that are as before need not be left out.
    fn advance(&mut self, moment: Moment) -> Values;

    /// The server wrote a value.
    fn written(&mut self, path: Path, value: &Value);

    /// The server executed a resource. Returns the values that change at once.
    fn executed(&mut self, path: Path) -> Values;
}

/// Kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sensor,
    Meter,
    Tracker,
    Light,
}

/// One device as it leaves the factory.
pub(crate) struct Design {
    pub(crate) endpoint: String,
    pub(crate) device: DeviceObject,
    pub(crate) profile: Box<dyn Profile>,
}

/// Designs a device; the same dice give the same device.
pub(crate) fn design(kind: Kind, dice: &mut Dice) -> Design {
    match kind {
        Kind::Sensor => sensor::design(dice),
        Kind::Meter => meter::design(dice),
        Kind::Tracker => tracker::design(dice),
        Kind::Light => light::design(dice),
    }
}

/// Adds one resource per value, in the order given.
fn insert_all(
    tree: &mut ObjectTree,
    values: impl IntoIterator<Item = (Path, Value)>,
) -> Result<(), TreeError> {
    values.into_iter().try_for_each(|(path, value)| tree.insert(path, value))
}

fn text(value: &str) -> Value {
    Value::string(value)
}

/// Rounded to the nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and all values here are small")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use lwm2m_core::client::ObjectTree;
    use lwm2m_model::Registry;

    use super::*;

    pub(super) fn registry() -> Arc<Registry> {
        Arc::new(Registry::from_json(crate::REGISTRY).unwrap())
    }

    fn run(kind: Kind, stream: u64, seconds: u32) -> (ObjectTree, BTreeMap<Path, usize>) {
        let mut design = design(kind, &mut Dice::new(7, stream));
        let mut tree = ObjectTree::new(registry());
        design.profile.insert_into(&mut tree).unwrap();
        design.device.insert_into(&mut tree).unwrap();
        let mut changes = BTreeMap::new();
        for second in 0..seconds {
            let moment = Moment { unix_s: 1_760_000_000.0 + f64::from(second), elapsed_s: 1.0 };
            let values = design.profile.advance(moment).into_iter().chain(design.device.advance(moment));
            for (path, value) in values {
                // Setting checks type and range of every value against the registry.
                if tree.set(path, value).unwrap() {
                    *changes.entry(path).or_default() += 1;
                }
            }
        }
        (tree, changes)
    }

    #[test]
    fn every_profile_fits_the_registry_for_an_hour() {
        for kind in [Kind::Sensor, Kind::Meter, Kind::Tracker, Kind::Light] {
            for stream in 0..4 {
                let (tree, changes) = run(kind, stream, 3600);
                assert!(tree.objects().any(|object| object == 3), "{kind:?}");
                assert!(changes[&Path::resource(3, 0, 13)] >= 3599, "the clock of {kind:?} ticks");
            }
        }
    }

    #[test]
    fn mandatory_resources_are_there() {
        let registry = registry();
        for kind in [Kind::Sensor, Kind::Meter, Kind::Tracker, Kind::Light] {
            let (tree, _) = run(kind, 1, 1);
            for object in tree.objects() {
                let definition = registry.object(object).unwrap();
                for instance in tree.instances(object).unwrap() {
                    for resource in definition.resources.iter().filter(|resource| resource.mandatory) {
                        let path = Path::resource(object, instance, resource.id);
                        assert!(tree.contains(&path), "{kind:?} lacks {path} {}", resource.name);
                    }
                }
            }
        }
    }

    #[test]
    fn main_values_move_within_a_minute() {
        for (kind, path) in [
            (Kind::Sensor, Path::resource(3303, 0, 5700)),
            (Kind::Sensor, Path::resource(3304, 0, 5700)),
            (Kind::Tracker, Path::resource(6, 0, 0)),
        ] {
            let (_, changes) = run(kind, 2, 60);
            assert!(changes.get(&path).is_some_and(|count| *count >= 5), "{kind:?} {path}: {changes:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_device() {
        for kind in [Kind::Sensor, Kind::Meter, Kind::Tracker, Kind::Light] {
            let endpoint = |stream| design(kind, &mut Dice::new(7, stream)).endpoint;
            assert_eq!(endpoint(1), endpoint(1));
            assert_ne!(endpoint(1), endpoint(2));
        }
    }

    #[test]
    fn endpoint_names_of_a_large_fleet_are_unique() {
        let fleet = crate::arguments::FleetProfile::Demo;
        let names: std::collections::BTreeSet<String> = (0..5_000)
            .map(|number| design(fleet.kind(number), &mut Dice::new(1, number.into())).endpoint)
            .collect();
        assert_eq!(names.len(), 5_000);
    }
}
