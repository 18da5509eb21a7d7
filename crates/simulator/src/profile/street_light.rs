use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Design, light::uuid};
use crate::{
    dice::Dice,
    objects::{
        Bearer, Behaviour, ConnectivityMonitoring, DeviceObject, FixedLocation, Gauge, Identity, Moment,
        Power, Values, insert_all, text, whole,
    },
    signal::{self, Wander},
};

/// A street light: goes on at dusk, is dimmed in the dead of night and off at dawn. What a server writes holds until
/// the next of these times.
struct StreetLight {
    watts: f64,
    on: bool,
    dimmer_percent: i64,
    on_time_s: f64,
    energy_wh: f64,
    schedule: Option<Schedule>,
    illuminance: Gauge,
    power: Gauge,
    voltage: Gauge,
    clouds: Wander,
    mains: Wander,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Schedule {
    Day,
    Evening,
    Night,
}

const COLOUR: Path = lamp(5706);
const APPLICATION_TYPE: Path = lamp(5750);
const ENERGY: Path = lamp(5805);
const POWER_FACTOR: Path = lamp(5820);
const ON_OFF: Path = lamp(5850);
const DIMMER: Path = lamp(5851);
const ON_TIME: Path = lamp(5852);

const LOCAL_OFFSET_S: f64 = 3600.0;
/// A lamp that is on lights the sensor below it a little.
const STRAY_LUX: f64 = 18.0;
/// What the controller itself takes.
const STANDBY_W: f64 = 1.2;

const fn lamp(id: u16) -> Path {
    Path::resource(3311, 0, id)
}

pub(super) fn design(dice: &mut Dice, version: LwM2mVersion) -> Design {
    let identity = Identity {
        manufacturer: "Lumenhaus",
        model: dice.choose(&["StreetDim 60", "StreetDim 90"]),
        device_type: "Street light controller",
        serial: format!("SD{}", dice.digits(8)),
        firmware: "5.1.0",
        hardware: "2.0",
        time_zone: ("+01:00", "Europe/Vienna"),
    };
    let endpoint = format!("urn:uuid:{}", uuid(dice));
    let device = DeviceObject::new(identity, Power::Mains, dice);
    let light = StreetLight::new(dice);
    let location = FixedLocation::near(dice, (48.208, 16.372), 171.0);
    let network = ConnectivityMonitoring::new(dice, version, Bearer::NbIot, ("m2m.rheinnetz", 232));
    Design { endpoint, device, objects: vec![Box::new(light), Box::new(location), Box::new(network)] }
}

impl Schedule {
    fn at(local_s: f64) -> Self {
        let hour = (local_s / 3600.0).rem_euclid(24.0);
        match hour {
            hour if (6.5..17.5).contains(&hour) => Self::Day,
            hour if (0.5..5.0).contains(&hour) => Self::Night,
            _ => Self::Evening,
        }
    }
}

impl StreetLight {
    fn new(dice: &mut Dice) -> Self {
        Self {
            watts: dice.choose(&[60.0, 90.0]),
            on: false,
            dimmer_percent: 100,
            on_time_s: dice.between(0.0, 7_200.0),
            energy_wh: dice.between(9_000.0, 900_000.0),
            schedule: None,
            illuminance: Gauge::new((3301, 0), "lx", "Twilight", (0.0, 50_000.0), 1.0),
            power: Gauge::new((3328, 0), "W", "Lamp", (0.0, 150.0), 0.1),
            voltage: Gauge::new((3316, 0), "V", "Supply", (0.0, 300.0), 0.1),
            clouds: Wander::new(dice, 0.5, 900.0),
            mains: Wander::new(dice, 4.0, 700.0),
        }
    }

    fn follow(&mut self, schedule: Schedule) {
        if self.schedule != Some(schedule) {
            self.schedule = Some(schedule);
            self.on = schedule != Schedule::Day;
            self.dimmer_percent = if schedule == Schedule::Night { 40 } else { 100 };
        }
    }

    fn drawn_w(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        let share = if self.on { self.dimmer_percent as f64 / 100.0 } else { 0.0 };
        STANDBY_W + self.watts * share
    }

    fn lamp_values(&self) -> [(Path, Value); 4] {
        [
            (ON_OFF, Value::Boolean(self.on)),
            (DIMMER, Value::Integer(self.dimmer_percent)),
            (ON_TIME, Value::Integer(whole(self.on_time_s.floor()))),
            (ENERGY, Value::Float(signal::round(self.energy_wh, 0.01))),
        ]
    }
}

impl Behaviour for StreetLight {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        [&self.illuminance, &self.power, &self.voltage]
            .into_iter()
            .try_for_each(|gauge| gauge.insert_into(tree))?;
        insert_all(
            tree,
            [
                (COLOUR, text("#ffe2b8")),
                (APPLICATION_TYPE, text("Street light")),
                (POWER_FACTOR, Value::Float(0.95)),
            ],
        )?;
        insert_all(tree, self.lamp_values())
    }

    fn advance(&mut self, moment: Moment) -> Values {
        // What was drawn since, before anything is switched.
        self.energy_wh += self.drawn_w() * moment.elapsed_s / 3600.0;
        if self.on {
            self.on_time_s += moment.elapsed_s;
        }
        let local_s = moment.unix_s + LOCAL_OFFSET_S;
        self.follow(Schedule::at(local_s));
        let sky = 30_000.0 * signal::sun(local_s) * (1.0 + self.clouds.at(moment.unix_s));
        let stray = if self.on { STRAY_LUX } else { 0.0 };
        let mut values = self.illuminance.measure(sky + stray);
        values.extend(self.power.measure(self.drawn_w() + 0.2 * self.clouds.at(moment.unix_s)));
        values.extend(self.voltage.measure(230.0 + self.mains.at(moment.unix_s)));
        values.extend(self.lamp_values());
        values
    }

    fn written(&mut self, path: Path, value: &Value) {
        match (path, value) {
            (ON_OFF, Value::Boolean(on)) => self.on = *on,
            (DIMMER, Value::Integer(percent)) => self.dimmer_percent = *percent,
            // Any value written sets the counter back (definition of resource 5852).
            (ON_TIME, _) => self.on_time_s = 0.0,
            _ => {}
        }
    }

    fn executed(&mut self, path: Path) -> Values {
        [&mut self.illuminance, &mut self.power, &mut self.voltage]
            .into_iter()
            .flat_map(|gauge| gauge.executed(path))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(light: &mut StreetLight, hour: f64) -> (bool, i64) {
        light.advance(Moment { unix_s: hour * 3600.0 - LOCAL_OFFSET_S, elapsed_s: 60.0 });
        (light.on, light.dimmer_percent)
    }

    #[test]
    fn it_follows_dusk_and_dawn_unless_told_otherwise() {
        let mut light = StreetLight::new(&mut Dice::new(1, 1));
        assert!(!at(&mut light, 12.0).0);
        assert_eq!(at(&mut light, 18.0), (true, 100));
        assert_eq!(at(&mut light, 26.0), (true, 40));
        light.written(DIMMER, &Value::Integer(70));
        assert_eq!(at(&mut light, 27.0), (true, 70), "what was written holds");
        assert!(!at(&mut light, 31.0).0, "until dawn");
        light.written(ON_OFF, &Value::Boolean(true));
        assert!(at(&mut light, 32.0).0);
    }
}
