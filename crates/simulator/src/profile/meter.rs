use std::f64::consts::TAU;

use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{ObjectTree, TreeError};

use super::Design;
use crate::{
    dice::Dice,
    objects::{
        Bearer, Behaviour, ConnectivityMonitoring, DeviceObject, Identity, Moment, Power, Values, insert_all,
        text,
    },
    signal::{self, Wander},
};

const NOMINAL_VOLTS: f64 = 230.0;
/// Central European Time.
const LOCAL_OFFSET_S: f64 = 3600.0;

/// One line of a supply: its voltage and what hangs on it.
struct Phase {
    voltage: Wander,
    base_w: f64,
    flicker: Wander,
    appliances: Vec<Appliance>,
    power_factor: f64,
}

/// Draws its power for a part of a period, with a soft edge.
struct Appliance {
    watts: f64,
    period_s: f64,
    share: f64,
    offset_s: f64,
}

/// What a meter reads from one line.
#[derive(Clone, Copy)]
struct Reading {
    volts: f64,
    watts: f64,
    power_factor: f64,
}

pub(super) fn design(dice: &mut Dice, version: LwM2mVersion) -> Design {
    let three_phase = dice.below(2) == 0;
    let serial = dice.digits(11);
    let (model, class) =
        if three_phase { ("Wattline 3P-65", "Wattline3P") } else { ("Wattline Mono 40", "WattlineMono") };
    let identity = Identity {
        manufacturer: "Nordstrom Metering",
        model,
        device_type: "Electricity meter",
        serial: serial.clone(),
        firmware: "4.1.7",
        hardware: "R3",
        time_zone: ("+01:00", "Europe/Berlin"),
    };
    let device = DeviceObject::new(identity, Power::Mains, dice);
    let meter: Box<dyn Behaviour> = if three_phase {
        Box::new(ThreePhaseMeter::new(dice, model, &serial))
    } else {
        Box::new(PowerMeter::new(dice))
    };
    let network = ConnectivityMonitoring::new(dice, version, Bearer::NbIot, ("m2m.rheinnetz", 262));
    let objects = vec![meter, Box::new(network)];
    Design { endpoint: format!("urn:dev:ops:32473-{class}-{serial}"), device, objects }
}

impl Phase {
    fn new(dice: &mut Dice) -> Self {
        let appliances = (0..3)
            .map(|_| Appliance {
                watts: dice.choose(&[95.0, 420.0, 800.0, 1_150.0, 2_050.0]),
                period_s: dice.between(90.0, 900.0),
                share: dice.between(0.15, 0.5),
                offset_s: dice.between(0.0, 900.0),
            })
            .collect();
        Self {
            voltage: Wander::new(dice, 4.0, 700.0),
            base_w: dice.between(60.0, 260.0),
            flicker: Wander::new(dice, 18.0, 240.0),
            appliances,
            power_factor: dice.between(0.91, 0.98),
        }
    }

    fn read(&self, time_s: f64) -> Reading {
        let appliances: f64 = self.appliances.iter().map(|appliance| appliance.watts_at(time_s)).sum();
        // People switch little on at night, and most in the evening.
        let demand = signal::household(time_s + LOCAL_OFFSET_S);
        let watts = (self.base_w + self.flicker.at(time_s) + demand * appliances).max(5.0);
        let watts = signal::round(watts, 0.1);
        // A loaded line sags a little.
        let volts = signal::round(NOMINAL_VOLTS + self.voltage.at(time_s) - watts / 1500.0, 0.1);
        Reading { volts, watts, power_factor: signal::round(self.power_factor - watts / 200_000.0, 0.001) }
    }
}

impl Appliance {
    fn watts_at(&self, time_s: f64) -> f64 {
        const EDGE_S: f64 = 4.0;
        let on_s = self.share * self.period_s;
        let since_on = (time_s + self.offset_s).rem_euclid(self.period_s);
        let rising = (since_on / EDGE_S).min(1.0);
        let falling = ((on_s - since_on) / EDGE_S).clamp(0.0, 1.0);
        self.watts * rising.min(falling)
    }
}

impl Reading {
    fn amperes(self) -> f64 {
        signal::round(self.watts / self.power_factor / self.volts, 0.001)
    }

    fn kilowatts(self) -> f64 {
        signal::round(self.watts / 1000.0, 0.0001)
    }

    fn reactive_var(self) -> f64 {
        signal::round(self.watts * self.power_factor.acos().tan(), 0.1)
    }
}

/// A 3-phase power meter, object 10242.
struct ThreePhaseMeter {
    phases: [Phase; 3],
    frequency: Wander,
    energy_kwh: f64,
    model: &'static str,
    serial: String,
}

impl ThreePhaseMeter {
    fn new(dice: &mut Dice, model: &'static str, serial: &str) -> Self {
        Self {
            phases: [Phase::new(dice), Phase::new(dice), Phase::new(dice)],
            frequency: Wander::new(dice, 0.04, 300.0),
            energy_kwh: dice.between(1_500.0, 42_000.0),
            model,
            serial: serial.to_owned(),
        }
    }

    fn readings(&self, time_s: f64) -> Values {
        let resource = |id| Path::resource(10242, 0, id);
        let readings = [0, 1, 2].map(|phase: usize| self.phases[phase].read(time_s));
        let mut values = Values::new();
        let mut put = |id, value| values.push((resource(id), Value::Float(value)));
        // The resources of phase R begin at 4, those of S at 14 and of T at 24.
        for (first, reading) in [4, 14, 24].into_iter().zip(readings) {
            put(first, reading.volts);
            put(first + 1, reading.amperes());
            put(first + 2, reading.kilowatts());
            put(first + 7, reading.power_factor);
        }
        let kilowatts: f64 = readings.iter().map(|reading| reading.kilowatts()).sum();
        let power_factor: f64 = readings.iter().map(|reading| reading.power_factor).sum::<f64>() / 3.0;
        put(34, signal::round(kilowatts, 0.0001));
        put(39, signal::round(power_factor, 0.001));
        put(41, signal::round(self.energy_kwh, 0.001));
        put(49, signal::round(50.0 + self.frequency.at(time_s), 0.001));
        put(50, signal::round(neutral_current(readings.map(Reading::amperes)), 0.001));
        values
    }
}

/// What flows back through the neutral conductor when three lines, 120 degrees apart, are loaded unequally.
fn neutral_current(amperes: [f64; 3]) -> f64 {
    let (x, y) =
        amperes.iter().zip([0.0, TAU / 3.0, 2.0 * TAU / 3.0]).fold((0.0, 0.0), |(x, y), (current, angle)| {
            (x + current * f64::cos(angle), y + current * f64::sin(angle))
        });
    f64::hypot(x, y)
}

impl Behaviour for ThreePhaseMeter {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        let names =
            [(0, "Nordstrom Metering"), (1, self.model), (2, &self.serial), (3, "Main distribution board")];
        insert_all(tree, names.map(|(id, name)| (Path::resource(10242, 0, id), text(name))))?;
        insert_all(tree, self.readings(0.0))
    }

    fn advance(&mut self, moment: Moment) -> Values {
        let watts: f64 = self.phases.iter().map(|phase| phase.read(moment.unix_s).watts).sum();
        self.energy_kwh += watts * moment.elapsed_s / 3.6e6;
        self.readings(moment.unix_s)
    }
}

/// A single-phase meter, object 3305.
struct PowerMeter {
    phase: Phase,
    reading: Reading,
    extremes: Option<(f64, f64)>,
    energy_wh: f64,
}

const RESET_EXTREMES: Path = power(5605);
const RESET_ENERGY: Path = power(5822);

const fn power(id: u16) -> Path {
    Path::resource(3305, 0, id)
}

impl PowerMeter {
    fn new(dice: &mut Dice) -> Self {
        let phase = Phase::new(dice);
        let reading = phase.read(0.0);
        Self { phase, reading, extremes: None, energy_wh: dice.between(100_000.0, 9_000_000.0) }
    }

    fn values(&self) -> Values {
        let watts = self.reading.watts;
        let (low, high) = self.extremes.unwrap_or((watts, watts));
        [
            (5800, watts),
            (5801, low),
            (5802, high),
            (5805, signal::round(self.energy_wh, 0.1)),
            (5810, self.reading.reactive_var()),
            (5820, self.reading.power_factor),
        ]
        .into_iter()
        .map(|(id, value)| (power(id), Value::Float(value)))
        .collect()
    }
}

impl Behaviour for PowerMeter {
    fn insert_into(&self, tree: &mut ObjectTree) -> Result<(), TreeError> {
        insert_all(tree, self.values())?;
        insert_all(
            tree,
            [
                (power(5803), Value::Float(0.0)),
                (power(5804), Value::Float(9_200.0)),
                (power(5750), text("Household supply")),
            ],
        )?;
        tree.insert_executable(RESET_EXTREMES)?;
        tree.insert_executable(RESET_ENERGY)
    }

    fn advance(&mut self, moment: Moment) -> Values {
        self.reading = self.phase.read(moment.unix_s);
        let watts = self.reading.watts;
        self.energy_wh += watts * moment.elapsed_s / 3600.0;
        let (low, high) = self.extremes.unwrap_or((watts, watts));
        self.extremes = Some((low.min(watts), high.max(watts)));
        self.values()
    }

    fn executed(&mut self, path: Path) -> Values {
        match path {
            RESET_EXTREMES => self.extremes = Some((self.reading.watts, self.reading.watts)),
            RESET_ENERGY => self.energy_wh = 0.0,
            _ => return Values::new(),
        }
        self.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_loads_leave_the_neutral_without_current() {
        assert!(neutral_current([5.0; 3]) < 1e-9);
        assert!((neutral_current([5.0, 0.0, 0.0]) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn appliances_switch_softly() {
        let kettle = Appliance { watts: 2000.0, period_s: 100.0, share: 0.3, offset_s: 0.0 };
        let watts = [0.0, 2.0, 10.0, 28.0, 31.0, 99.0].map(|time| kettle.watts_at(time));
        assert_eq!(watts, [0.0, 1000.0, 2000.0, 1000.0, 0.0, 0.0]);
    }

    #[test]
    fn resets_take_effect_at_once() {
        let mut meter = PowerMeter::new(&mut Dice::new(1, 1));
        for second in 0..500 {
            meter.advance(Moment { unix_s: f64::from(second), elapsed_s: 1.0 });
        }
        let value =
            |values: &Values, id| values.iter().find(|(path, _)| *path == power(id)).map(|(_, v)| v.clone());
        let values = meter.executed(RESET_EXTREMES);
        assert_eq!(value(&values, 5801), value(&values, 5800));
        assert_eq!(value(&meter.executed(RESET_ENERGY), 5805), Some(Value::Float(0.0)));
    }
}
