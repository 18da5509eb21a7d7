use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Behaviour, Moment, Values, insert_all, whole};
use crate::{
    dice::Dice,
    signal::{self, Wander},
};

/// What the Location object says, `/6/0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Position {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) altitude_m: f64,
    pub(crate) radius_m: f64,
    pub(crate) speed: f64,
    pub(crate) unix_s: f64,
}

impl Position {
    pub(crate) fn values(&self) -> Values {
        let resource = |id| Path::resource(6, 0, id);
        vec![
            (resource(0), Value::Float(signal::round(self.latitude, 0.000_001))),
            (resource(1), Value::Float(signal::round(self.longitude, 0.000_001))),
            (resource(2), Value::Float(signal::round(self.altitude_m, 0.1))),
            (resource(3), Value::Float(signal::round(self.radius_m, 0.1))),
            (resource(5), Value::Time(whole(self.unix_s.floor()))),
            (resource(6), Value::Float(signal::round(self.speed, 0.1))),
        ]
    }
}

/// The Location object of a device that stays where it is and takes a fix now and then.
#[derive(Debug)]
pub(crate) struct FixedLocation {
    latitude: f64,
    longitude: f64,
    altitude_m: f64,
    accuracy: Wander,
    fix_at_s: f64,
}

const FIX_EVERY_S: f64 = 600.0;
/// A receiver is a few metres off, differently at each fix.
const DEGREES_PER_M: f64 = 1.0 / 111_320.0;

impl FixedLocation {
    /// Somewhere within a few kilometres of a place.
    pub(crate) fn near(dice: &mut Dice, (latitude, longitude): (f64, f64), altitude_m: f64) -> Self {
        Self {
            latitude: latitude + dice.between(-0.03, 0.03),
            longitude: longitude + dice.between(-0.05, 0.05),
            altitude_m: altitude_m + dice.between(-8.0, 8.0),
            accuracy: Wander::new(dice, 3.0, 7_200.0),
            fix_at_s: 0.0,
        }
    }

    fn position(&self) -> Position {
        let error_m = self.accuracy.at(self.fix_at_s);
        Position {
            latitude: self.latitude + error_m * DEGREES_PER_M,
            longitude: self.longitude - error_m * DEGREES_PER_M,
            altitude_m: self.altitude_m + error_m,
            radius_m: 5.0 + error_m.abs(),
            speed: 0.0,
            unix_s: self.fix_at_s,
        }
    }
}

impl Behaviour for FixedLocation {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.position().values())
    }

    fn advance(&mut self, moment: Moment) -> Values {
        let fix_at_s = (moment.unix_s / FIX_EVERY_S).floor() * FIX_EVERY_S;
        if (fix_at_s - self.fix_at_s).abs() < 1.0 {
            return Values::new();
        }
        self.fix_at_s = fix_at_s;
        self.position().values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_052_a_fixed_device_takes_a_fix_every_ten_minutes() {
        let mut location = FixedLocation::near(&mut Dice::new(1, 1), (59.9, 10.7), 20.0);
        let first = location.advance(Moment { unix_s: 1_200_000.0, elapsed_s: 0.0 });
        assert!(first.contains(&(Path::resource(6, 0, 5), Value::Time(1_200_000))));
        assert_eq!(location.advance(Moment { unix_s: 1_200_599.0, elapsed_s: 599.0 }), []);
        let second = location.advance(Moment { unix_s: 1_200_600.0, elapsed_s: 1.0 });
        let metres = |values: &Values| match (&values[0].1, &values[1].1) {
            (Value::Float(latitude), Value::Float(longitude)) => (*latitude, *longitude),
            other => panic!("{other:?}"),
        };
        let (from, to) = (metres(&first), metres(&second));
        assert!((from.0 - to.0).abs() < 0.0001 && (from.1 - to.1).abs() < 0.0001, "{from:?} {to:?}");
    }
}
