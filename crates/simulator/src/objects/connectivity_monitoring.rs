use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Behaviour, Moment, Values, insert_all, text, whole};
use crate::{dice::Dice, signal::Wander};

/// The Connectivity Monitoring object, `/4/0`, of a device on a cellular network.
#[derive(Debug)]
pub(crate) struct ConnectivityMonitoring {
    bearer: Bearer,
    carrier: &'static str,
    country_code: i64,
    /// With the resources that came with LwM2M 1.1.
    since_1_1: bool,
    strength_dbm: f64,
    fading: Wander,
    traffic: Wander,
    addresses: [String; 2],
    cell: i64,
    /// Cells that a moving device has gone on.
    passed_cells: i64,
}

/// Network Bearer, `/4/0/0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer {
    LteFdd = 6,
    NbIot = 7,
}

const fn resource(id: u16) -> Path {
    Path::resource(4, 0, id)
}

const fn instance(id: u16, index: u16) -> Path {
    Path::resource_instance(4, 0, id, index)
}

impl ConnectivityMonitoring {
    pub(crate) fn new(
        dice: &mut Dice,
        version: LwM2mVersion,
        bearer: Bearer,
        (carrier, country_code): (&'static str, i64),
    ) -> Self {
        Self {
            bearer,
            carrier,
            country_code,
            since_1_1: version >= LwM2mVersion::V1_1,
            strength_dbm: dice.between(-96.0, -74.0),
            fading: Wander::new(dice, 12.0, 240.0),
            traffic: Wander::new(dice, 9.0, 900.0),
            addresses: [
                format!("10.{}.{}.{}", dice.below(256), dice.below(256), 1 + dice.below(254)),
                format!("fd00::{:x}:{:x}", dice.below(65_536), dice.below(65_536)),
            ],
            cell: 20_000 + i64::try_from(dice.below(40_000)).unwrap_or(0),
            passed_cells: 0,
        }
    }

    /// The device is so many cells from where it began.
    pub(crate) fn roam(&mut self, passed_cells: i64) {
        self.passed_cells = passed_cells;
    }

    fn measured(&self, unix_s: f64) -> Values {
        let strength = self.strength_dbm + self.fading.at(unix_s);
        let mut values = vec![
            (resource(2), Value::Integer(whole(strength))),
            (resource(3), Value::Integer(whole((strength + 120.0) * 1.5))),
            (resource(6), Value::Integer(whole(10.0 + self.traffic.at(unix_s)))),
            (resource(8), Value::Integer(self.cell + self.passed_cells)),
        ];
        if self.since_1_1 {
            values.push((resource(11), Value::Integer(whole((strength + 105.0) / 2.0))));
        }
        values
    }
}

impl Behaviour for ConnectivityMonitoring {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(
            tree,
            [
                (resource(0), Value::Integer(self.bearer as i64)),
                (instance(1, 0), Value::Integer(Bearer::LteFdd as i64)),
                (instance(1, 1), Value::Integer(Bearer::NbIot as i64)),
                (instance(4, 0), text(&self.addresses[0])),
                (instance(4, 1), text(&self.addresses[1])),
                (instance(5, 0), text("10.0.0.1")),
                (instance(7, 0), text(self.carrier)),
                (resource(9), Value::Integer(1)),
                (resource(10), Value::Integer(self.country_code)),
            ],
        )?;
        if self.since_1_1 {
            tree.insert(resource(12), Value::Integer(self.cell / 100))?;
        }
        insert_all(tree, self.measured(0.0))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.measured(moment.unix_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_052_signal_and_quality_move_together() {
        let network = ("iot.example", 242);
        let mut dice = Dice::new(1, 1);
        let mut object = ConnectivityMonitoring::new(&mut dice, LwM2mVersion::V1_1, Bearer::NbIot, network);
        let number = |values: &Values, id| {
            let found = values.iter().find(|(path, _)| *path == resource(id));
            match found {
                Some((_, Value::Integer(number))) => *number,
                other => panic!("{other:?}"),
            }
        };
        let samples: Vec<(i64, i64)> = (0..600)
            .map(|second| {
                let values = object.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
                (number(&values, 2), number(&values, 11))
            })
            .collect();
        let (weakest, strongest) = (samples.iter().min().unwrap(), samples.iter().max().unwrap());
        assert!(weakest.0 >= -115 && strongest.0 <= -55 && strongest.0 - weakest.0 > 5);
        assert!(weakest.1 < strongest.1, "the stronger signal stands out more");
    }
}
