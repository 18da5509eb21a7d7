use std::f64::consts::TAU;

use crate::dice::Dice;

const DAY_S: f64 = 86_400.0;

/// A value that wanders smoothly around zero: a sum of waves without a common period.
///
/// It is a function of time alone, so it looks the same whatever the rate at which it is sampled.
#[derive(Debug)]
pub(crate) struct Wander {
    waves: Vec<Wave>,
}

#[derive(Debug)]
struct Wave {
    amplitude: f64,
    period_s: f64,
    phase: f64,
}

impl Wander {
    /// Stays within `spread` of zero. The slowest wave takes about `slowest_s`, the fastest a fraction of it.
    pub(crate) fn new(dice: &mut Dice, spread: f64, slowest_s: f64) -> Self {
        const OCTAVES: i32 = 6;
        let share = |octave: i32| 0.6_f64.powi(octave);
        let total: f64 = (0..OCTAVES).map(share).sum();
        let waves = (0..OCTAVES)
            .map(|octave| Wave {
                amplitude: spread * share(octave) / total,
                period_s: slowest_s / 2.3_f64.powi(octave) * dice.between(0.8, 1.25),
                phase: dice.between(0.0, TAU),
            })
            .collect();
        Self { waves }
    }

    pub(crate) fn at(&self, time_s: f64) -> f64 {
        self.waves.iter().map(|wave| wave.amplitude * (TAU * time_s / wave.period_s + wave.phase).sin()).sum()
    }
}

/// A wave of one day: 1 at three in the afternoon, -1 at three in the night.
pub(crate) fn day(local_s: f64) -> f64 {
    (TAU * (local_s - 9.0 * 3600.0) / DAY_S).sin()
}

/// How high the sun stands: 0 from six in the evening to six in the morning, 1 at noon.
pub(crate) fn sun(local_s: f64) -> f64 {
    (TAU * (local_s - 6.0 * 3600.0) / DAY_S).sin().max(0.0)
}

/// How much of what it could a household uses: little at night, more in the morning, most in the evening.
pub(crate) fn household(local_s: f64) -> f64 {
    let hour = (local_s / 3600.0).rem_euclid(24.0);
    let peak = |at: f64, width: f64| (-((hour - at) / width).powi(2)).exp();
    0.3 + 0.4 * peak(7.5, 1.5) + 0.7 * peak(19.0, 2.5)
}

/// Rounds to a multiple of `resolution`, as an instrument does, and without the dust of binary fractions.
pub(crate) fn round(value: f64, resolution: f64) -> f64 {
    let steps_per_unit = (1.0 / resolution).round();
    if steps_per_unit >= 1.0 {
        (value * steps_per_unit).round() / steps_per_unit
    } else {
        (value / resolution).round() * resolution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wandering_is_bounded_and_smooth() {
        let wander = Wander::new(&mut Dice::new(1, 1), 2.0, 1800.0);
        let samples: Vec<f64> = (0..20_000).map(|second| wander.at(f64::from(second))).collect();
        let (low, high) =
            samples.iter().fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(*value), high.max(*value)));
        assert!(low >= -2.0 && high <= 2.0 && high - low > 1.0, "{low} to {high}");
        let largest_step = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
        assert!(largest_step < 0.1, "{largest_step}");
        assert!(largest_step > 0.001, "it should be seen to move within a second: {largest_step}");
    }

    #[test]
    fn the_day_has_its_hours() {
        assert!((day(15.0 * 3600.0) - 1.0).abs() < 1e-9);
        assert!((day(3.0 * 3600.0) + 1.0).abs() < 1e-9);
        assert!((sun(12.0 * 3600.0) - 1.0).abs() < 1e-9);
        assert!(sun(0.0).abs() < 1e-9);
        let [night, morning, evening] = [3.0, 7.5, 19.0].map(|hour| household(hour * 3600.0));
        assert!(night < 0.4 && night < morning && morning < evening && evening <= 1.0);
    }

    #[test]
    fn instruments_have_a_resolution() {
        assert_eq!(round(21.23456, 0.01), 21.23);
        assert_eq!(round(229.96, 0.1), 230.0);
        assert_eq!(round(347.0, 5.0), 345.0);
    }
}
