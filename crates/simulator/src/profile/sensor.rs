use lwm2m_codec::Path;
use lwm2m_core::client::{ObjectTree, TreeError};

use super::Design;
use crate::{
    dice::Dice,
    objects::{Battery, Behaviour, DeviceObject, Gauge, Identity, Moment, Power, Values},
    signal::{self, Wander},
};

/// A building sensor: two temperatures, humidity and illuminance.
struct BuildingSensor {
    warm: Room,
    cool: Room,
    humidity: Gauge,
    humidity_wander: Wander,
    illuminance: Gauge,
    clouds: Wander,
    lamp_lux: f64,
    /// The building's local time, relative to UTC.
    local_offset_s: f64,
}

struct Room {
    gauge: Gauge,
    mean: f64,
    swing: f64,
    wander: Wander,
}

const ROOMS: [(&str, &str); 6] = [
    ("Living room", "Cellar"),
    ("Office", "Server room"),
    ("Classroom", "Corridor"),
    ("Kitchen", "Pantry"),
    ("Lobby", "Garage"),
    ("Meeting room", "Archive"),
];

const MODELS: [(&str, &str, &str); 3] = [
    ("Fjordsense", "RoomSense 4", "2.4.1"),
    ("Fjordsense", "RoomSense 4 Pro", "2.5.0"),
    ("Alpenklima", "KlimaPunkt S", "1.9.3"),
];

pub(super) fn design(dice: &mut Dice) -> Design {
    let (manufacturer, model, firmware) = dice.choose(&MODELS);
    let serial = format!("RS{}", dice.digits(10));
    let identity = Identity {
        manufacturer,
        model,
        device_type: "Indoor climate sensor",
        serial: serial.clone(),
        firmware,
        hardware: "C",
        time_zone: ("+01:00", "Europe/Oslo"),
    };
    let battery = Battery::new(dice, 240.0);
    Design {
        endpoint: format!("urn:dev:ops:32473-RoomSense-{serial}"),
        device: DeviceObject::new(identity, Power::Battery(battery), dice),
        objects: vec![Box::new(BuildingSensor::new(dice))],
    }
}

impl BuildingSensor {
    fn new(dice: &mut Dice) -> Self {
        let (warm, cool) = dice.choose(&ROOMS);
        let temperature = |instance, room| Gauge::new((3303, instance), "Cel", room, (-20.0, 60.0), 0.01);
        Self {
            warm: Room {
                gauge: temperature(0, warm),
                mean: dice.between(20.5, 22.5),
                swing: dice.between(0.6, 1.4),
                wander: Wander::new(dice, 1.2, 900.0),
            },
            cool: Room {
                gauge: temperature(1, cool),
                mean: dice.between(12.0, 16.0),
                swing: 0.3,
                wander: Wander::new(dice, 0.5, 1800.0),
            },
            humidity: Gauge::new((3304, 0), "%RH", warm, (0.0, 100.0), 0.1),
            humidity_wander: Wander::new(dice, 9.0, 1200.0),
            illuminance: Gauge::new((3301, 0), "lx", warm, (0.0, 20_000.0), 1.0),
            clouds: Wander::new(dice, 0.6, 600.0),
            lamp_lux: dice.between(120.0, 320.0),
            local_offset_s: 3600.0,
        }
    }
}

impl Room {
    fn measure(&mut self, local_s: f64, unix_s: f64) -> Values {
        self.gauge.measure(self.mean + self.swing * signal::day(local_s) + self.wander.at(unix_s))
    }
}

impl Behaviour for BuildingSensor {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        [&self.warm.gauge, &self.cool.gauge, &self.humidity, &self.illuminance]
            .into_iter()
            .try_for_each(|gauge| gauge.insert_into(tree))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        let local_s = moment.unix_s + self.local_offset_s;
        let mut values = self.warm.measure(local_s, moment.unix_s);
        values.extend(self.cool.measure(local_s, moment.unix_s));
        // Warm air of the afternoon is drier.
        let humidity = 44.0 - 4.0 * signal::day(local_s) + self.humidity_wander.at(moment.unix_s);
        values.extend(self.humidity.measure(humidity));
        let sky = 1.0 + self.clouds.at(moment.unix_s);
        let daylight = 900.0 * signal::sun(local_s) * sky;
        values.extend(self.illuminance.measure(daylight + self.lamp_lux * (0.9 + 0.1 * sky)));
        values
    }

    fn executed(&mut self, path: Path) -> Values {
        [&mut self.warm.gauge, &mut self.cool.gauge, &mut self.humidity, &mut self.illuminance]
            .into_iter()
            .flat_map(|gauge| gauge.executed(path))
            .collect()
    }
}
