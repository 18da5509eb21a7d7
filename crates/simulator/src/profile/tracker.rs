use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{
    Design, DeviceObject, Moment, Profile, Values,
    battery::Battery,
    device_object::{Identity, Power},
    insert_all,
    route::{ROUTES, Route},
    text, whole,
};
use crate::{
    dice::Dice,
    signal::{self, Wander},
};

/// A tracker in a vehicle: location and connectivity along a route.
struct Tracker {
    route: Route,
    travelled_m: f64,
    speed: f64,
    cruise: Wander,
    altitude: Wander,
    accuracy: Wander,
    signal_strength: Wander,
    address: [String; 2],
    cell: u64,
    time_s: f64,
}

/// Metres per second, in town.
const CRUISE: f64 = 11.0;
const CORNER: f64 = 2.5;
const ACCELERATION: f64 = 1.2;
/// Length of the way that one radio cell covers.
const CELL_M: f64 = 900.0;

pub(super) fn design(dice: &mut Dice) -> Design {
    let route = dice.choose(&ROUTES);
    let identity = Identity {
        manufacturer: "Kompass Telematik",
        model: dice.choose(&["Trackpoint 7", "Trackpoint 7 LTE-M"]),
        device_type: "Asset tracker",
        serial: format!("TP7{}", dice.digits(8)),
        firmware: "7.2.0",
        hardware: "B2",
        time_zone: route.time_zone,
    };
    let battery = Battery::new(dice, 45.0);
    let endpoint = format!("urn:imei:{}", imei(dice));
    let device = DeviceObject::new(identity, Power::Battery(battery), dice);
    Design { endpoint, device, profile: Box::new(Tracker::new(dice, route)) }
}

/// Fifteen digits, the last being the check digit of Luhn's formula.
fn imei(dice: &mut Dice) -> String {
    let digits = format!("35{}", dice.digits(12));
    let sum: u32 = digits
        .chars()
        .enumerate()
        .filter_map(|(position, digit)| {
            let digit = digit.to_digit(10)?;
            Some(if position % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

impl Tracker {
    fn new(dice: &mut Dice, route: Route) -> Self {
        Self {
            route,
            travelled_m: dice.between(0.0, route.length_m()),
            speed: CORNER,
            cruise: Wander::new(dice, 4.0, 300.0),
            altitude: Wander::new(dice, 9.0, 700.0),
            accuracy: Wander::new(dice, 3.0, 120.0),
            signal_strength: Wander::new(dice, 16.0, 240.0),
            address: [
                format!("10.{}.{}.{}", dice.below(256), dice.below(256), 1 + dice.below(254)),
                format!("fd00::{:x}:{:x}", dice.below(65_536), dice.below(65_536)),
            ],
            cell: 20_000 + dice.below(40_000),
            time_s: 0.0,
        }
    }

    fn drive(&mut self, elapsed_s: f64) {
        // Slower towards a corner and away from it.
        let corner = CORNER + self.route.corner_distance_m(self.travelled_m) / 12.0;
        let wanted = (CRUISE + self.cruise.at(self.time_s)).min(corner);
        let change = ACCELERATION * elapsed_s;
        self.speed += (wanted - self.speed).clamp(-change, change);
        self.travelled_m += self.speed * elapsed_s;
    }

    fn location(&self) -> Values {
        let (latitude, longitude) = self.route.position(self.travelled_m);
        let resource = |id| Path::resource(6, 0, id);
        vec![
            (resource(0), Value::Float(signal::round(latitude, 0.000_001))),
            (resource(1), Value::Float(signal::round(longitude, 0.000_001))),
            (resource(2), Value::Float(signal::round(24.0 + self.altitude.at(self.time_s), 0.1))),
            (resource(3), Value::Float(signal::round(5.0 + self.accuracy.at(self.time_s), 0.1))),
            (resource(5), Value::Time(whole(self.time_s.floor()))),
            (resource(6), Value::Float(signal::round(self.speed, 0.1))),
        ]
    }

    fn connectivity(&self) -> Values {
        let resource = |id| Path::resource(4, 0, id);
        let strength = -83.0 + self.signal_strength.at(self.time_s);
        let along_route_m = self.travelled_m.rem_euclid(self.route.length_m());
        let passed_cells = whole((along_route_m / CELL_M).floor());
        vec![
            (resource(2), Value::Integer(whole(strength))),
            (resource(3), Value::Integer(whole((strength + 120.0) * 1.5))),
            (resource(8), Value::Integer(i64::try_from(self.cell).unwrap_or(0) + passed_cells)),
        ]
    }

    /// What does not move: LTE as the bearer, addresses and the operator.
    fn network(&self) -> Values {
        const LTE_FDD: i64 = 6;
        const NB_IOT: i64 = 7;
        let resource = |id| Path::resource(4, 0, id);
        let instance = |id, index| Path::resource_instance(4, 0, id, index);
        vec![
            (resource(0), Value::Integer(LTE_FDD)),
            (instance(1, 0), Value::Integer(LTE_FDD)),
            (instance(1, 1), Value::Integer(NB_IOT)),
            (instance(4, 0), text(&self.address[0])),
            (instance(4, 1), text(&self.address[1])),
            (instance(5, 0), text("10.0.0.1")),
            (instance(7, 0), text(self.route.carrier)),
            (resource(9), Value::Integer(1)),
            (resource(10), Value::Integer(self.route.country_code)),
        ]
    }
}

impl Profile for Tracker {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.network())?;
        insert_all(tree, self.connectivity())?;
        insert_all(tree, self.location())
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.time_s = moment.unix_s;
        self.drive(moment.elapsed_s);
        let mut values = self.location();
        values.extend(self.connectivity());
        values
    }

    fn written(&mut self, _path: Path, _value: &Value) {}

    fn executed(&mut self, _path: Path) -> Values {
        Values::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imeis_have_a_valid_check_digit() {
        for stream in 0..50 {
            let imei = imei(&mut Dice::new(1, stream));
            assert_eq!(imei.len(), 15);
            let luhn: u32 = imei
                .chars()
                .rev()
                .map(|digit| digit.to_digit(10).unwrap())
                .enumerate()
                .map(
                    |(position, digit)| {
                        if position % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
                    },
                )
                .sum();
            assert_eq!(luhn % 10, 0, "{imei}");
        }
    }

    #[test]
    fn drives_on_at_the_speed_of_a_town() {
        let mut tracker = Tracker::new(&mut Dice::new(1, 1), ROUTES[1]);
        let start = tracker.travelled_m;
        for second in 0..600 {
            tracker.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
            assert!((1.0..=16.0).contains(&tracker.speed), "{}", tracker.speed);
        }
        assert!(tracker.travelled_m - start > 2_000.0);
    }
}
