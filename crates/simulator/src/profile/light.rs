use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::Design;
use crate::{
    dice::Dice,
    objects::{Behaviour, DeviceObject, Identity, Moment, Power, Values, insert_all, text, whole},
    signal,
};

/// A lighting controller with two lamps, each an instance of Light Control.
struct LightController {
    lamps: [Lamp; 2],
}

struct Lamp {
    instance: u16,
    place: &'static str,
    watts: f64,
    on: bool,
    dimmer_percent: i64,
    colour: &'static str,
    on_time_s: f64,
    energy_wh: f64,
}

const COLOUR: u16 = 5706;
const APPLICATION_TYPE: u16 = 5750;
const ENERGY: u16 = 5805;
const POWER_FACTOR: u16 = 5820;
const ON_OFF: u16 = 5850;
const DIMMER: u16 = 5851;
const ON_TIME: u16 = 5852;

const PLACES: [(&str, &str); 4] = [
    ("Ceiling", "Desk lamp"),
    ("Stairwell", "Entrance"),
    ("Shop window", "Counter"),
    ("Path lights", "Terrace"),
];

pub(super) fn design(dice: &mut Dice) -> Design {
    let identity = Identity {
        manufacturer: "Lumenhaus",
        model: "DuoDim 2",
        device_type: "Lighting controller",
        serial: format!("DD{}", dice.digits(8)),
        firmware: "3.0.2",
        hardware: "1.1",
        time_zone: ("+01:00", "Europe/Vienna"),
    };
    let (first, second) = dice.choose(&PLACES);
    let endpoint = format!("urn:uuid:{}", uuid(dice));
    let device = DeviceObject::new(identity, Power::Mains, dice);
    let lamps = [Lamp::new(dice, 0, first), Lamp::new(dice, 1, second)];
    Design { endpoint, device, objects: vec![Box::new(LightController { lamps })] }
}

/// A version 4 UUID (RFC 9562 §5.4).
pub(super) fn uuid(dice: &mut Dice) -> String {
    let mut bytes = dice.bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

impl Lamp {
    fn new(dice: &mut Dice, instance: u16, place: &'static str) -> Self {
        Self {
            instance,
            place,
            watts: dice.choose(&[7.5, 12.0, 24.0]),
            on: dice.below(3) != 0,
            dimmer_percent: dice.choose(&[30, 60, 80, 100]),
            colour: dice.choose(&["#ffd9a0", "#fff1e0", "#e8f0ff"]),
            on_time_s: dice.between(0.0, 7_200.0),
            energy_wh: dice.between(200.0, 90_000.0),
        }
    }

    fn resource(&self, id: u16) -> Path {
        Path::resource(3311, self.instance, id)
    }

    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let values = [
            (COLOUR, text(self.colour)),
            (APPLICATION_TYPE, text(self.place)),
            (POWER_FACTOR, Value::Float(0.93)),
            (ON_OFF, Value::Boolean(self.on)),
            (DIMMER, Value::Integer(self.dimmer_percent)),
        ];
        insert_all(tree, values.map(|(id, value)| (self.resource(id), value)))?;
        insert_all(tree, self.counters())
    }

    fn counters(&self) -> [(Path, Value); 2] {
        [
            (self.resource(ON_TIME), Value::Integer(whole(self.on_time_s.floor()))),
            (self.resource(ENERGY), Value::Float(signal::round(self.energy_wh, 0.01))),
        ]
    }

    fn advance(&mut self, elapsed_s: f64) -> [(Path, Value); 2] {
        if self.on {
            self.on_time_s += elapsed_s;
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let share = self.dimmer_percent as f64 / 100.0;
            self.energy_wh += self.watts * share * elapsed_s / 3600.0;
        }
        self.counters()
    }

    fn written(&mut self, resource: u16, value: &Value) {
        match (resource, value) {
            (ON_OFF, Value::Boolean(on)) => self.on = *on,
            (DIMMER, Value::Integer(percent)) => self.dimmer_percent = *percent,
            // Any value written sets the counter back (definition of resource 5852).
            (ON_TIME, _) => self.on_time_s = 0.0,
            _ => {}
        }
    }
}

impl Behaviour for LightController {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        self.lamps.iter().try_for_each(|lamp| lamp.insert_into(tree))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.lamps.iter_mut().flat_map(|lamp| lamp.advance(moment.elapsed_s)).collect()
    }

    fn written(&mut self, path: Path, value: &Value) {
        if let [3311, instance, resource] = *path.ids()
            && let Some(lamp) = self.lamps.iter_mut().find(|lamp| lamp.instance == instance)
        {
            lamp.written(resource, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_counts_only_while_it_is_on() {
        let mut lamp = Lamp { on: true, dimmer_percent: 50, ..Lamp::new(&mut Dice::new(1, 1), 0, "x") };
        lamp.written(ON_TIME, &Value::Integer(0));
        (lamp.watts, lamp.energy_wh) = (36.0, 0.0);
        lamp.advance(100.0);
        lamp.written(ON_OFF, &Value::Boolean(false));
        let counters = lamp.advance(100.0).map(|(_, value)| value);
        assert_eq!(counters, [Value::Integer(100), Value::Float(0.5)]);
    }

    #[test]
    fn uuids_are_of_version_4() {
        let uuid = uuid(&mut Dice::new(1, 1));
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]));
    }
}
