use std::collections::{BTreeMap, BTreeSet};

use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Moment, Values, battery::Battery, insert_all, text, whole};
use crate::{dice::Dice, signal::Wander};

/// The Device object, `/3/0`, which every simulated device has in full.
pub(crate) struct DeviceObject {
    identity: Identity,
    power: Power,
    memory: Wander,
    /// What the server has set the clock to, relative to the real time.
    clock_offset_s: i64,
    unix_s: f64,
    /// Error codes that have been raised and neither resolved nor reset.
    errors: BTreeSet<i64>,
    /// The low battery was reported once; it is reported again after the next charge.
    low_battery_reported: bool,
}

/// What does not change, save for the firmware by an update.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) manufacturer: &'static str,
    pub(crate) model: &'static str,
    pub(crate) device_type: &'static str,
    pub(crate) serial: String,
    pub(crate) firmware: &'static str,
    pub(crate) hardware: &'static str,
    pub(crate) time_zone: (&'static str, &'static str),
}

pub(crate) enum Power {
    Mains,
    Battery(Battery),
    /// A battery that the sun charges.
    Solar(Battery),
}

const FIRMWARE_VERSION: Path = resource(3);
const FACTORY_RESET: Path = resource(5);
const POWER_SOURCES: Path = resource(6);
const POWER_VOLTAGE: Path = resource(7);
const POWER_CURRENT: Path = resource(8);
const BATTERY_LEVEL: Path = resource(9);
const MEMORY_FREE: Path = resource(10);
const ERROR_CODE: Path = resource(11);
const RESET_ERROR_CODE: Path = resource(12);
const CURRENT_TIME: Path = resource(13);
const UTC_OFFSET: Path = resource(14);
const TIMEZONE: Path = resource(15);
const SOFTWARE_VERSION: Path = resource(19);
const BATTERY_STATUS: Path = resource(20);

const NO_ERROR: i64 = 0;
const LOW_BATTERY: i64 = 1;
const BATTERY_NOT_INSTALLED: i64 = 5;
const MEMORY_TOTAL_KB: i64 = 256;

const fn resource(id: u16) -> Path {
    Path::resource(3, 0, id)
}

impl DeviceObject {
    pub(crate) fn new(identity: Identity, power: Power, dice: &mut Dice) -> Self {
        Self {
            identity,
            power,
            memory: Wander::new(dice, 40.0, 600.0),
            clock_offset_s: 0,
            unix_s: 0.0,
            errors: BTreeSet::new(),
            low_battery_reported: false,
        }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let identity = &self.identity;
        insert_all(
            tree,
            [
                (resource(0), text(identity.manufacturer)),
                (resource(1), text(identity.model)),
                (resource(2), text(&identity.serial)),
                (resource(16), text("U")),
                (resource(17), text(identity.device_type)),
                (resource(18), text(identity.hardware)),
                (resource(21), Value::Integer(MEMORY_TOTAL_KB)),
                (CURRENT_TIME, Value::Time(0)),
            ],
        )?;
        for (id, code) in self.error_codes() {
            tree.insert(ERROR_CODE.child(id).unwrap_or(ERROR_CODE), code)?;
        }
        insert_all(tree, Self::firmware_values(identity.firmware))?;
        insert_all(tree, self.defaults())?;
        insert_all(tree, self.measured())?;
        [4, 5, 12].into_iter().try_for_each(|id| tree.insert_executable(resource(id)))
    }

    pub(crate) fn advance(&mut self, moment: Moment) -> Values {
        self.unix_s = moment.unix_s;
        if let Power::Battery(battery) | Power::Solar(battery) = &mut self.power {
            battery.advance(moment);
            match (battery.is_low(), self.low_battery_reported) {
                (true, false) => {
                    self.errors.insert(LOW_BATTERY);
                }
                (false, true) => {
                    self.errors.remove(&LOW_BATTERY);
                }
                _ => {}
            }
            self.low_battery_reported = battery.is_low();
        }
        let mut values = self.measured();
        values.push((CURRENT_TIME, Value::Time(self.clock_s())));
        values
    }

    pub(crate) fn written(&mut self, path: Path, value: &Value) {
        if let (CURRENT_TIME, Value::Time(seconds)) = (path, value) {
            self.clock_offset_s = seconds.saturating_sub(whole(self.unix_s));
        }
    }

    /// Reboot needs nothing here: the client role registers again by itself.
    pub(crate) fn executed(&mut self, path: Path) -> Values {
        match path {
            FACTORY_RESET => {
                self.clock_offset_s = 0;
                self.defaults()
            }
            RESET_ERROR_CODE => {
                self.errors.clear();
                Values::new()
            }
            _ => Values::new(),
        }
    }

    /// Whether executing `path` makes the device start anew beyond what the client role does by itself.
    pub(crate) fn restarts_on(path: Path) -> bool {
        path == FACTORY_RESET
    }

    pub(crate) fn raise_error(&mut self, code: i64) {
        self.errors.insert(code);
    }

    pub(crate) fn clear_error(&mut self, code: i64) {
        self.errors.remove(&code);
    }

    /// Makes the instances of Error Code those of the errors there are: one of them says that there is none, further
    /// errors add instances, and what is resolved vanishes (LwM2M 1.0 TS App. E.4).
    pub(crate) fn show_errors(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let codes = self.error_codes();
        let shown = tree.records(&ERROR_CODE).into_iter();
        let shown = shown.filter_map(|record| Some((record.path.resource_instance_id()?, record.value)));
        if shown.eq(codes.iter().map(|(id, code)| (*id, code.clone()))) {
            return Ok(());
        }
        tree.replace_multiple(ERROR_CODE, codes)
    }

    /// What an update of the firmware changes.
    pub(crate) fn firmware_values(version: &str) -> [(Path, Value); 2] {
        [(FIRMWARE_VERSION, text(version)), (SOFTWARE_VERSION, text(version))]
    }

    fn error_codes(&self) -> BTreeMap<u16, Value> {
        let none = self.errors.is_empty().then_some(NO_ERROR);
        (0..).zip(none.into_iter().chain(self.errors.iter().copied()).map(Value::Integer)).collect()
    }

    fn clock_s(&self) -> i64 {
        whole(self.unix_s.floor()).saturating_add(self.clock_offset_s)
    }

    /// What a server can change and a factory reset restores.
    fn defaults(&self) -> Values {
        let (offset, zone) = self.identity.time_zone;
        vec![(UTC_OFFSET, text(offset)), (TIMEZONE, text(zone))]
    }

    fn measured(&self) -> Values {
        /// Available Power Sources: internal battery, AC mains, solar.
        const BATTERY: i64 = 1;
        const MAINS: i64 = 6;
        const SOLAR: i64 = 7;

        let free = 140.0 + self.memory.at(self.unix_s);
        let mut values = vec![(MEMORY_FREE, Value::Integer(whole(free)))];
        let sources = match &self.power {
            Power::Mains => {
                values.push((BATTERY_STATUS, Value::Integer(BATTERY_NOT_INSTALLED)));
                vec![(MAINS, 230_000.0, 40.0)]
            }
            Power::Battery(battery) | Power::Solar(battery) => {
                values.push((BATTERY_LEVEL, Value::Integer(whole(battery.percent()))));
                values.push((BATTERY_STATUS, Value::Integer(battery.status())));
                let mut sources = vec![(BATTERY, battery.millivolts(), 85.0)];
                if matches!(self.power, Power::Solar(_)) {
                    sources.push((SOLAR, 5_400.0, if battery.is_charging() { 420.0 } else { 0.0 }));
                }
                sources
            }
        };
        // One source has the same id in all three resources.
        for (id, (source, millivolts, milliamperes)) in (0..).zip(sources) {
            let rows = [
                (POWER_SOURCES, source),
                (POWER_VOLTAGE, whole(millivolts)),
                (POWER_CURRENT, whole(milliamperes)),
            ];
            values.extend(rows.map(|(at, number)| (at.child(id).unwrap_or(at), Value::Integer(number))));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> DeviceObject {
        let mut dice = Dice::new(1, 0);
        let identity = Identity {
            manufacturer: "M",
            model: "X",
            device_type: "T",
            serial: "1".to_owned(),
            firmware: "1.0",
            hardware: "A",
            time_zone: ("+01:00", "Europe/Oslo"),
        };
        let battery = Battery::new(&mut dice, 2.0);
        DeviceObject::new(identity, Power::Battery(battery), &mut dice)
    }

    fn value(values: &Values, wanted: Path) -> Option<Value> {
        values.iter().find(|(path, _)| *path == wanted).map(|(_, value)| value.clone())
    }

    fn codes(device: &DeviceObject, tree: &mut ObjectTree) -> Vec<(u16, i64)> {
        device.show_errors(tree).unwrap();
        let records = tree.records(&ERROR_CODE).into_iter();
        records
            .map(|record| match record.value {
                Value::Integer(code) => (record.path.resource_instance_id().unwrap(), code),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn the_clock_ticks_from_where_it_was_set() {
        let mut device = device();
        device.advance(Moment { unix_s: 1000.4, elapsed_s: 1.0 });
        device.written(CURRENT_TIME, &Value::Time(5000));
        let values = device.advance(Moment { unix_s: 1010.4, elapsed_s: 10.0 });
        assert_eq!(value(&values, CURRENT_TIME), Some(Value::Time(5010)));
        device.executed(FACTORY_RESET);
        let values = device.advance(Moment { unix_s: 1011.4, elapsed_s: 1.0 });
        assert_eq!(value(&values, CURRENT_TIME), Some(Value::Time(1011)));
    }

    #[test]
    fn c_049_error_code_instances_appear_and_vanish() {
        let mut device = device();
        let mut tree = ObjectTree::new(crate::profile::tests::registry());
        device.insert_into(&mut tree).unwrap();
        assert_eq!(codes(&device, &mut tree), [(0, 0)]);
        device.raise_error(3);
        assert_eq!(codes(&device, &mut tree), [(0, 3)], "the first error takes the place of none");
        device.raise_error(7);
        assert_eq!(codes(&device, &mut tree), [(0, 3), (1, 7)]);
        device.clear_error(3);
        assert_eq!(codes(&device, &mut tree), [(0, 7)]);
        device.raise_error(2);
        device.executed(RESET_ERROR_CODE);
        assert_eq!(codes(&device, &mut tree), [(0, 0)]);
    }

    #[test]
    fn c_049_a_low_battery_is_an_error_until_it_is_reset_or_charged() {
        let mut device = device();
        let low = (0..600).find(|second| {
            device.advance(Moment { unix_s: f64::from(*second), elapsed_s: 1.0 });
            device.errors.contains(&LOW_BATTERY)
        });
        assert!(low.is_some());
        device.executed(RESET_ERROR_CODE);
        device.advance(Moment { unix_s: 700.0, elapsed_s: 1.0 });
        assert!(device.errors.is_empty(), "it is as low as before, and that was reset");
        let again = (701..2000).any(|second| {
            device.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
            device.errors.contains(&LOW_BATTERY)
        });
        assert!(again, "after the next charge it counts anew");
    }
}
