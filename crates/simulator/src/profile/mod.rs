//! What kinds of devices there are: one profile each, with its objects and its moving values.

mod cold_chain;
mod light;
mod meter;
mod route;
mod sensor;
mod street_light;
mod tracker;
mod weather_station;

use clap::ValueEnum;
use lwm2m_codec::registration::LwM2mVersion;
use serde::Deserialize;

use crate::{
    dice::Dice,
    objects::{Behaviour, DeviceObject, Portfolio},
};

/// Kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sensor,
    Meter,
    Tracker,
    Light,
    WeatherStation,
    ColdChain,
    StreetLight,
}

/// What kinds of devices there are in a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// All of them.
    #[default]
    Demo,
    Sensor,
    Meter,
    Tracker,
    Light,
    WeatherStation,
    ColdChain,
    StreetLight,
}

/// One device as it leaves the factory.
pub(crate) struct Design {
    pub(crate) endpoint: String,
    pub(crate) device: DeviceObject,
    pub(crate) objects: Vec<Box<dyn Behaviour>>,
}

impl Profile {
    /// `demo`, `sensor`, …
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// What [`Profile::named`] knows.
    pub fn names() -> Vec<String> {
        let values = Self::value_variants().iter().filter_map(Self::to_possible_value);
        values.map(|value| value.get_name().to_owned()).collect()
    }

    /// The kind of the device with this number.
    pub(crate) fn kind(self, number: u32) -> Kind {
        const DEMO: [Kind; 12] = [
            Kind::Sensor,
            Kind::Tracker,
            Kind::Meter,
            Kind::Sensor,
            Kind::Light,
            Kind::WeatherStation,
            Kind::Meter,
            Kind::Tracker,
            Kind::ColdChain,
            Kind::StreetLight,
            Kind::Sensor,
            Kind::Meter,
        ];
        match self {
            Self::Demo => DEMO[number as usize % DEMO.len()],
            Self::Sensor => Kind::Sensor,
            Self::Meter => Kind::Meter,
            Self::Tracker => Kind::Tracker,
            Self::Light => Kind::Light,
            Self::WeatherStation => Kind::WeatherStation,
            Self::ColdChain => Kind::ColdChain,
            Self::StreetLight => Kind::StreetLight,
        }
    }
}

/// Designs a device that speaks `version`; the same dice give the same device.
pub(crate) fn design(kind: Kind, version: LwM2mVersion, dice: &mut Dice) -> Design {
    let mut design = match kind {
        Kind::Sensor => sensor::design(dice),
        Kind::Meter => meter::design(dice, version),
        Kind::Tracker => tracker::design(dice, version),
        Kind::Light => light::design(dice),
        Kind::WeatherStation => weather_station::design(dice, version),
        Kind::ColdChain => cold_chain::design(dice, version),
        Kind::StreetLight => street_light::design(dice, version),
    };
    let identity = design.device.identity();
    design.objects.push(Box::new(Portfolio::new(identity.model, &identity.serial)));
    design
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use lwm2m_codec::Path;
    use lwm2m_core::client::ObjectTree;
    use lwm2m_model::Registry;

    use super::*;
    use crate::objects::Moment;

    const ALL: [Kind; 7] = [
        Kind::Sensor,
        Kind::Meter,
        Kind::Tracker,
        Kind::Light,
        Kind::WeatherStation,
        Kind::ColdChain,
        Kind::StreetLight,
    ];

    pub(crate) fn registry() -> Arc<Registry> {
        Arc::new(Registry::from_bytes(crate::REGISTRY).unwrap())
    }

    fn design_of(kind: Kind, seed: u64, stream: u64) -> Design {
        design(kind, LwM2mVersion::V1_1, &mut Dice::new(seed, stream))
    }

    fn run(
        registry: &Arc<Registry>,
        kind: Kind,
        stream: u64,
        steps: impl IntoIterator<Item = u32>,
    ) -> (ObjectTree, BTreeMap<Path, usize>) {
        let mut design = design_of(kind, 7, stream);
        let mut tree = ObjectTree::new(registry.clone());
        design.device.insert_into(&mut tree).unwrap();
        for object in &design.objects {
            object.insert_into(&mut tree).unwrap();
        }
        let mut changes = BTreeMap::new();
        let mut unix_s = 1_760_000_000.0;
        for step_s in steps {
            unix_s += f64::from(step_s);
            let moment = Moment { unix_s, elapsed_s: f64::from(step_s) };
            let mut values = design.device.advance(moment);
            values.extend(design.objects.iter_mut().flat_map(|object| object.advance(moment)));
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
    fn every_profile_fits_the_registry_whether_watched_or_not() {
        let registry = registry();
        for kind in ALL {
            for stream in 0..4 {
                let watched = std::iter::repeat_n(1, 600);
                let (_, changes) =
                    run(&registry, kind, stream, watched.chain(std::iter::repeat_n(7_000, 60)));
                assert!(changes[&Path::resource(3, 0, 13)] >= 659, "the clock of {kind:?} ticks");
            }
        }
    }

    #[test]
    fn mandatory_resources_are_there() {
        let registry = registry();
        for kind in ALL {
            let (tree, _) = run(&registry, kind, 1, [1]);
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
    fn c_052_location_connectivity_monitoring_and_portfolio_are_present() {
        let registry = registry();
        for kind in ALL {
            let (tree, _) = run(&registry, kind, 1, []);
            assert!(tree.contains(&Path::resource_instance(16, 0, 0, 0)), "{kind:?}");
            let outdoors = !matches!(kind, Kind::Sensor | Kind::Light);
            assert_eq!(tree.contains(&Path::resource(4, 0, 2)), outdoors, "{kind:?}");
            assert_eq!(tree.contains(&Path::resource(6, 0, 0)), outdoors && kind != Kind::Meter, "{kind:?}");
        }
    }

    #[test]
    fn main_values_move_within_a_minute() {
        let registry = registry();
        for (kind, path) in [
            (Kind::Sensor, Path::resource(3303, 0, 5700)),
            (Kind::Sensor, Path::resource(3304, 0, 5700)),
            (Kind::Tracker, Path::resource(6, 0, 0)),
            (Kind::WeatherStation, Path::resource(3303, 0, 5700)),
            (Kind::ColdChain, Path::resource(3303, 0, 5700)),
            (Kind::StreetLight, Path::resource(3316, 0, 5700)),
        ] {
            let (_, changes) = run(&registry, kind, 2, std::iter::repeat_n(1, 60));
            assert!(changes.get(&path).is_some_and(|count| *count >= 5), "{kind:?} {path}: {changes:?}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_device() {
        for kind in ALL {
            let endpoint = |stream| design_of(kind, 7, stream).endpoint;
            assert_eq!(endpoint(1), endpoint(1));
            assert_ne!(endpoint(1), endpoint(2));
        }
    }

    #[test]
    fn endpoint_names_of_a_large_fleet_are_unique() {
        let names: std::collections::BTreeSet<String> = (0..5_000)
            .map(|number| design_of(Profile::Demo.kind(number), 1, number.into()).endpoint)
            .collect();
        assert_eq!(names.len(), 5_000);
    }

    #[test]
    fn the_demo_fleet_is_mixed() {
        let kinds: Vec<Kind> = (0..12).map(|number| Profile::Demo.kind(number)).collect();
        assert!(ALL.iter().all(|kind| kinds.contains(kind)));
        assert_eq!(Profile::Meter.kind(5), Kind::Meter);
    }
}
