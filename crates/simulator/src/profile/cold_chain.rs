use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{
    Design,
    route::ROUTES,
    tracker::{Vehicle, imei},
};
use crate::{
    dice::Dice,
    objects::{
        Battery, Behaviour, DeviceObject, Gauge, Identity, Moment, Power, Values, insert_all, text, whole,
    },
    signal::Wander,
};

/// A refrigerated box on a van: cargo and outside temperature, humidity, and the door.
struct ColdBox {
    cargo: Gauge,
    outside: Gauge,
    humidity: Gauge,
    wanted: f64,
    temperature: f64,
    weather: Wander,
    /// The air between the boxes.
    draught: Wander,
    compressor: Wander,
    door: Door,
    openings: i64,
    unix_s: f64,
}

/// It is opened once in each stretch of time.
struct Door {
    stretch_s: f64,
    open_s: f64,
    offset_s: f64,
}

const OPEN: Path = door(5500);
const OPENINGS: Path = door(5501);
const RESET_OPENINGS: Path = door(5505);
const APPLICATION_TYPE: Path = door(5750);

/// How fast the cargo takes on the temperature around it: slowly while the door is shut.
const SHUT_TAKES_S: f64 = 1200.0;
const OPEN_TAKES_S: f64 = 180.0;

const fn door(id: u16) -> Path {
    Path::resource(3200, 0, id)
}

pub(super) fn design(dice: &mut Dice, version: LwM2mVersion) -> Design {
    let route = dice.choose(&ROUTES);
    let identity = Identity {
        manufacturer: "Fjordsense",
        model: dice.choose(&["ColdBox 40", "ColdBox 90"]),
        device_type: "Cold chain monitor",
        serial: format!("CB{}", dice.digits(9)),
        firmware: "1.6.3",
        hardware: "F",
        time_zone: route.time_zone,
    };
    let battery = Battery::new(dice, 180.0);
    let endpoint = format!("urn:imei:{}", imei(dice));
    let device = DeviceObject::new(identity, Power::Battery(battery), dice);
    let cold_box = ColdBox::new(dice);
    let vehicle = Vehicle::new(dice, version, route);
    Design { endpoint, device, objects: vec![Box::new(cold_box), Box::new(vehicle)] }
}

impl ColdBox {
    fn new(dice: &mut Dice) -> Self {
        let wanted = dice.choose(&[-20.0, 4.0]);
        Self {
            cargo: Gauge::new((3303, 0), "Cel", "Cargo", (-40.0, 50.0), 0.01),
            outside: Gauge::new((3303, 1), "Cel", "Outside", (-40.0, 50.0), 0.01),
            humidity: Gauge::new((3304, 0), "%RH", "Cargo", (0.0, 100.0), 0.1),
            wanted,
            temperature: wanted,
            weather: Wander::new(dice, 6.0, 7_200.0),
            draught: Wander::new(dice, 0.3, 120.0),
            compressor: Wander::new(dice, 0.8, 400.0),
            door: Door {
                stretch_s: dice.between(600.0, 1_500.0),
                open_s: dice.between(40.0, 110.0),
                offset_s: dice.between(0.0, 1_500.0),
            },
            openings: 0,
            unix_s: 0.0,
        }
    }

    fn door_values(&self) -> [(Path, Value); 2] {
        [(OPEN, Value::Boolean(self.door.is_open(self.unix_s))), (OPENINGS, Value::Integer(self.openings))]
    }
}

impl Door {
    fn is_open(&self, unix_s: f64) -> bool {
        (unix_s + self.offset_s).rem_euclid(self.stretch_s) < self.open_s
    }

    /// How often it was opened between two moments.
    fn openings(&self, from_s: f64, to_s: f64) -> i64 {
        let stretch = |unix_s: f64| whole(((unix_s + self.offset_s) / self.stretch_s).floor());
        (stretch(to_s) - stretch(from_s)).max(0)
    }
}

impl Behaviour for ColdBox {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        [&self.cargo, &self.outside, &self.humidity]
            .into_iter()
            .try_for_each(|gauge| gauge.insert_into(tree))?;
        insert_all(tree, self.door_values())?;
        tree.insert(APPLICATION_TYPE, text("Door"))?;
        tree.insert_executable(RESET_OPENINGS)
    }

    fn advance(&mut self, moment: Moment) -> Values {
        let before_s = moment.unix_s - moment.elapsed_s;
        self.openings += self.door.openings(before_s, moment.unix_s);
        self.unix_s = moment.unix_s;
        let outside = 14.0 + self.weather.at(moment.unix_s);
        let (around, takes_s) = if self.door.is_open(moment.unix_s) {
            (outside, OPEN_TAKES_S)
        } else {
            (self.wanted + self.compressor.at(moment.unix_s), SHUT_TAKES_S)
        };
        // When nobody looked for long, the door was open for no longer than it ever is.
        let elapsed_s =
            if takes_s < SHUT_TAKES_S { moment.elapsed_s.min(self.door.open_s) } else { moment.elapsed_s };
        self.temperature += (around - self.temperature) * (1.0 - (-elapsed_s / takes_s).exp());
        let mut values = self.cargo.measure(self.temperature + self.draught.at(moment.unix_s));
        values.extend(self.outside.measure(outside));
        values.extend(self.humidity.measure(62.0 + 1.5 * (self.temperature - self.wanted)));
        values.extend(self.door_values());
        values
    }

    fn executed(&mut self, path: Path) -> Values {
        if path == RESET_OPENINGS {
            self.openings = 0;
            return self.door_values().into();
        }
        [&mut self.cargo, &mut self.outside, &mut self.humidity]
            .into_iter()
            .flat_map(|gauge| gauge.executed(path))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cargo_warms_while_the_door_is_open_and_cools_again() {
        let mut cold_box =
            ColdBox { wanted: -20.0, temperature: -20.0, ..ColdBox::new(&mut Dice::new(1, 1)) };
        let (mut shut, mut open) = (Vec::new(), Vec::new());
        for second in 0..6_000 {
            let before = cold_box.temperature;
            cold_box.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
            let change = cold_box.temperature - before;
            if cold_box.door.is_open(cold_box.unix_s) {
                open.push(change);
            } else {
                shut.push(change);
            }
            assert!((-23.0..8.0).contains(&cold_box.temperature), "{}", cold_box.temperature);
        }
        assert!(open.iter().all(|change| *change > 0.0), "it only warms");
        assert!(shut.iter().sum::<f64>() < -5.0, "it cools down again");
        assert!((3..=11).contains(&cold_box.openings), "{}", cold_box.openings);
        assert_eq!(cold_box.executed(RESET_OPENINGS)[1], (OPENINGS, Value::Integer(0)));
    }

    #[test]
    fn openings_count_even_when_nobody_looks() {
        let [mut watched, mut unwatched] = [(); 2].map(|()| ColdBox::new(&mut Dice::new(1, 1)));
        for second in 1..=20_000 {
            watched.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
        }
        unwatched.advance(Moment { unix_s: 20_000.0, elapsed_s: 20_000.0 });
        assert_eq!(watched.openings, unwatched.openings);
    }
}
