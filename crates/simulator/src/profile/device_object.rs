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
    /// The low battery was reported and has not been cleared by Reset Error Code.
    low_battery_reported: bool,
    low_battery_cleared: bool,
}

/// The constant part.
pub(super) struct Identity {
    pub(super) manufacturer: &'static str,
    pub(super) model: &'static str,
    pub(super) device_type: &'static str,
    pub(super) serial: String,
    pub(super) firmware: &'static str,
    pub(super) hardware: &'static str,
    pub(super) time_zone: (&'static str, &'static str),
}

pub(super) enum Power {
    Mains,
    Battery(Battery),
}

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
const BATTERY_STATUS: Path = resource(20);

const NO_ERROR: i64 = 0;
const LOW_BATTERY: i64 = 1;
const BATTERY_NOT_INSTALLED: i64 = 5;
const MEMORY_TOTAL_KB: i64 = 256;

const fn resource(id: u16) -> Path {
    Path::resource(3, 0, id)
}

fn first(resource: Path) -> Path {
    resource.child(0).unwrap_or(resource)
}

impl DeviceObject {
    pub(super) fn new(identity: Identity, power: Power, dice: &mut Dice) -> Self {
        Self {
            identity,
            power,
            memory: Wander::new(dice, 40.0, 600.0),
            clock_offset_s: 0,
            unix_s: 0.0,
            low_battery_reported: false,
            low_battery_cleared: false,
        }
    }

    pub(crate) fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let identity = &self.identity;
        insert_all(
            tree,
            [
                (resource(0), text(identity.manufacturer)),
                (resource(1), text(identity.model)),
                (resource(2), text(&identity.serial)),
                (resource(3), text(identity.firmware)),
                (resource(16), text("U")),
                (resource(17), text(identity.device_type)),
                (resource(18), text(identity.hardware)),
                (resource(19), text(identity.firmware)),
                (resource(21), Value::Integer(MEMORY_TOTAL_KB)),
                (first(ERROR_CODE), Value::Integer(NO_ERROR)),
                (CURRENT_TIME, Value::Time(0)),
            ],
        )?;
        insert_all(tree, self.defaults())?;
        insert_all(tree, self.measured())?;
        [4, 5, 12].into_iter().try_for_each(|id| tree.insert_executable(resource(id)))
    }

    pub(crate) fn advance(&mut self, moment: Moment) -> Values {
        self.unix_s = moment.unix_s;
        if let Power::Battery(battery) = &mut self.power {
            battery.advance(moment);
            if !battery.is_low() {
                self.low_battery_cleared = false;
            }
            self.low_battery_reported = battery.is_low() && !self.low_battery_cleared;
        }
        let mut values = self.measured();
        values.push((CURRENT_TIME, Value::Time(self.clock_s())));
        values.push((first(ERROR_CODE), self.error_code()));
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
                self.low_battery_cleared = false;
                self.defaults()
            }
            RESET_ERROR_CODE => {
                self.low_battery_cleared = self.low_battery_reported;
                self.low_battery_reported = false;
                vec![(first(ERROR_CODE), self.error_code())]
            }
            _ => Values::new(),
        }
    }

    /// Whether executing `path` makes the device start anew beyond what the client role does by itself.
    pub(crate) fn restarts_on(path: Path) -> bool {
        path == FACTORY_RESET
    }

    fn clock_s(&self) -> i64 {
        whole(self.unix_s.floor()).saturating_add(self.clock_offset_s)
    }

    fn error_code(&self) -> Value {
        Value::Integer(if self.low_battery_reported { LOW_BATTERY } else { NO_ERROR })
    }

    /// What a server can change and a factory reset restores.
    fn defaults(&self) -> Values {
        let (offset, zone) = self.identity.time_zone;
        vec![(UTC_OFFSET, text(offset)), (TIMEZONE, text(zone))]
    }

    fn measured(&self) -> Values {
        let free = 140.0 + self.memory.at(self.unix_s);
        let mut values = vec![(MEMORY_FREE, Value::Integer(whole(free)))];
        // Available Power Sources: 1 internal battery, 6 AC mains.
        let (source, millivolts, milliamperes) = match &self.power {
            Power::Mains => {
                values.push((BATTERY_STATUS, Value::Integer(BATTERY_NOT_INSTALLED)));
                (6, 230_000.0, 40.0)
            }
            Power::Battery(battery) => {
                values.push((BATTERY_LEVEL, Value::Integer(whole(battery.percent()))));
                values.push((BATTERY_STATUS, Value::Integer(battery.status())));
                (1, battery.millivolts(), 85.0)
            }
        };
        values.push((first(POWER_SOURCES), Value::Integer(source)));
        values.push((first(POWER_VOLTAGE), Value::Integer(whole(millivolts))));
        values.push((first(POWER_CURRENT), Value::Integer(whole(milliamperes))));
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
    fn a_low_battery_is_an_error_until_it_is_reset() {
        let mut device = device();
        let error = |values: &Values| value(values, first(ERROR_CODE));
        let low = (0..600).find(|second| {
            let values = device.advance(Moment { unix_s: f64::from(*second), elapsed_s: 1.0 });
            error(&values) == Some(Value::Integer(LOW_BATTERY))
        });
        assert!(low.is_some());
        assert_eq!(error(&device.executed(RESET_ERROR_CODE)), Some(Value::Integer(NO_ERROR)));
        let values = device.advance(Moment { unix_s: 700.0, elapsed_s: 1.0 });
        assert_eq!(error(&values), Some(Value::Integer(NO_ERROR)));
    }
}
