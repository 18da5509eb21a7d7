use lwm2m_codec::{Path, Value};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::{Values, insert_all, text};
use crate::signal;

/// An IPSO sensor object with the usual reusable resources: value, unit, extremes, range, application type.
#[derive(Debug)]
pub(crate) struct Gauge {
    instance: Path,
    unit: &'static str,
    application: &'static str,
    range: (f64, f64),
    resolution: f64,
    value: f64,
    extremes: Option<(f64, f64)>,
}

const MINIMUM_MEASURED: u16 = 5601;
const MAXIMUM_MEASURED: u16 = 5602;
const MINIMUM_RANGE: u16 = 5603;
const MAXIMUM_RANGE: u16 = 5604;
const RESET_EXTREMES: u16 = 5605;
const SENSOR_VALUE: u16 = 5700;
const SENSOR_UNITS: u16 = 5701;
const APPLICATION_TYPE: u16 = 5750;

impl Gauge {
    pub(crate) fn new(
        (object, instance): (u16, u16),
        unit: &'static str,
        application: &'static str,
        range: (f64, f64),
        resolution: f64,
    ) -> Self {
        let middle = signal::round((range.0 + range.1) / 2.0, resolution);
        let instance = Path::instance(object, instance);
        Self { instance, unit, application, range, resolution, value: middle, extremes: None }
    }

    pub(crate) fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let (low, high) = self.range;
        insert_all(tree, self.values())?;
        insert_all(
            tree,
            [
                (self.resource(MINIMUM_RANGE), Value::Float(low)),
                (self.resource(MAXIMUM_RANGE), Value::Float(high)),
                (self.resource(SENSOR_UNITS), text(self.unit)),
                (self.resource(APPLICATION_TYPE), text(self.application)),
            ],
        )?;
        tree.insert_executable(self.resource(RESET_EXTREMES))
    }

    /// Takes a new measurement.
    pub(crate) fn measure(&mut self, value: f64) -> Values {
        self.value = signal::round(value.clamp(self.range.0, self.range.1), self.resolution);
        let (low, high) = self.extremes.unwrap_or((self.value, self.value));
        self.extremes = Some((low.min(self.value), high.max(self.value)));
        self.values().into()
    }

    /// Resets the extremes if this was asked for.
    pub(crate) fn executed(&mut self, path: Path) -> Values {
        if path != self.resource(RESET_EXTREMES) {
            return Values::new();
        }
        self.extremes = Some((self.value, self.value));
        self.values().into()
    }

    fn values(&self) -> [(Path, Value); 3] {
        let (low, high) = self.extremes.unwrap_or((self.value, self.value));
        [
            (self.resource(SENSOR_VALUE), Value::Float(self.value)),
            (self.resource(MINIMUM_MEASURED), Value::Float(low)),
            (self.resource(MAXIMUM_MEASURED), Value::Float(high)),
        ]
    }

    fn resource(&self, id: u16) -> Path {
        self.instance.child(id).unwrap_or(self.instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_follow_the_value_until_they_are_reset() {
        let mut gauge = Gauge::new((3303, 1), "Cel", "Cellar", (-20.0, 60.0), 0.1);
        gauge.measure(10.0);
        gauge.measure(14.04);
        assert_eq!(
            gauge.measure(12.0)[1..],
            [
                (Path::resource(3303, 1, 5601), Value::Float(10.0)),
                (Path::resource(3303, 1, 5602), Value::Float(14.0)),
            ]
        );
        assert_eq!(gauge.executed(Path::resource(3303, 0, 5605)), []);
        assert_eq!(
            gauge.executed(Path::resource(3303, 1, 5605))[1],
            (Path::resource(3303, 1, 5601), Value::Float(12.0))
        );
    }
}
