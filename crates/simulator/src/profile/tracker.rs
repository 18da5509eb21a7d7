use lwm2m_codec::registration::LwM2mVersion;
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{
    Design,
    route::{ROUTES, Route},
};
use crate::{
    dice::Dice,
    objects::{
        Battery, Bearer, Behaviour, ConnectivityMonitoring, DeviceObject, Identity, Moment, Position, Power,
        Values, insert_all, whole,
    },
    signal::Wander,
};

/// A vehicle on its route: location and connectivity. It stops at each corner, drives on and goes round.
pub(super) struct Vehicle {
    route: Route,
    travelled_m: f64,
    speed: f64,
    cruise: Wander,
    altitude: Wander,
    accuracy: Wander,
    network: ConnectivityMonitoring,
    time_s: f64,
}

/// Metres per second, in town.
const CRUISE: f64 = 11.0;
const CORNER: f64 = 2.5;
const ACCELERATION: f64 = 1.2;
/// Length of the way that one radio cell covers.
const CELL_M: f64 = 900.0;
/// Nobody can tell how a vehicle drove while nobody looked; on average like this.
const UNSEEN_S: f64 = 30.0;

pub(super) fn design(dice: &mut Dice, version: LwM2mVersion) -> Design {
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
    Design { endpoint, device, objects: vec![Box::new(Vehicle::new(dice, version, route))] }
}

/// Fifteen digits, the last being the check digit of Luhn's formula.
pub(super) fn imei(dice: &mut Dice) -> String {
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

impl Vehicle {
    pub(super) fn new(dice: &mut Dice, version: LwM2mVersion, route: Route) -> Self {
        let operator = (route.carrier, route.country_code);
        Self {
            route,
            travelled_m: dice.between(0.0, route.length_m()),
            speed: CORNER,
            cruise: Wander::new(dice, 4.0, 300.0),
            altitude: Wander::new(dice, 9.0, 700.0),
            accuracy: Wander::new(dice, 3.0, 120.0),
            network: ConnectivityMonitoring::new(dice, version, Bearer::LteFdd, operator),
            time_s: 0.0,
        }
    }

    fn drive(&mut self, elapsed_s: f64) {
        let unseen_s = (elapsed_s - UNSEEN_S).max(0.0);
        self.travelled_m += CRUISE / 2.0 * unseen_s;
        // Slower towards a corner and away from it.
        let corner = CORNER + self.route.corner_distance_m(self.travelled_m) / 12.0;
        let wanted = (CRUISE + self.cruise.at(self.time_s)).min(corner);
        let seen_s = elapsed_s - unseen_s;
        let change = ACCELERATION * seen_s;
        self.speed += (wanted - self.speed).clamp(-change, change);
        self.travelled_m += self.speed * seen_s;
    }

    fn position(&self) -> Position {
        let (latitude, longitude) = self.route.position(self.travelled_m);
        Position {
            latitude,
            longitude,
            altitude_m: 24.0 + self.altitude.at(self.time_s),
            radius_m: 5.0 + self.accuracy.at(self.time_s),
            speed: self.speed,
            unix_s: self.time_s,
        }
    }
}

impl Behaviour for Vehicle {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        self.network.insert_into(tree)?;
        insert_all(tree, self.position().values())
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.time_s = moment.unix_s;
        self.drive(moment.elapsed_s);
        let along_route_m = self.travelled_m.rem_euclid(self.route.length_m());
        self.network.roam(whole((along_route_m / CELL_M).floor()));
        let mut values = self.position().values();
        values.extend(self.network.advance(moment));
        values
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
        let mut vehicle = Vehicle::new(&mut Dice::new(1, 1), LwM2mVersion::V1_1, ROUTES[1]);
        let start = vehicle.travelled_m;
        for second in 0..600 {
            vehicle.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
            assert!((1.0..=16.0).contains(&vehicle.speed), "{}", vehicle.speed);
        }
        assert!(vehicle.travelled_m - start > 2_000.0);
    }

    #[test]
    fn c_052_a_vehicle_that_nobody_looked_at_was_on_its_way_all_the_same() {
        let mut vehicle = Vehicle::new(&mut Dice::new(1, 1), LwM2mVersion::V1_1, ROUTES[1]);
        let start = vehicle.travelled_m;
        vehicle.advance(Moment { unix_s: 600.0, elapsed_s: 600.0 });
        assert!((2_000.0..8_000.0).contains(&(vehicle.travelled_m - start)));
        assert!((1.0..=16.0).contains(&vehicle.speed));
    }
}
