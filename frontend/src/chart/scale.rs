//! Where the ticks of an axis are and how they are written.

use crate::time::Civil;

/// A vertical axis whose ends and steps are round numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueScale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
    decimals: usize,
}

impl ValueScale {
    /// An axis that holds `low` to `high` with about `ticks` steps.
    pub(crate) fn new(low: f64, high: f64, ticks: usize) -> Self {
        let (low, high) = spread(low, high);
        let step = round_step((high - low) / ticks.max(1) as f64);
        let low = (low / step).floor() * step;
        let high = (high / step).ceil() * step;
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        Self { low, high, step, decimals }
    }

    pub(crate) fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let steps = ((self.high - self.low) / self.step).round() as u32;
        (0..=steps).map(|i| self.low + f64::from(i) * self.step)
    }

    pub(crate) fn label(&self, value: f64) -> String {
        let magnitude = self.low.abs().max(self.high.abs());
        if magnitude >= 1e7 {
            return format!("{value:.3e}");
        }
        let text = format!("{value:.*}", self.decimals);
        if text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.')) { text.replace('-', "") } else { text }
    }

    /// 0 at the low end, 1 at the high end.
    pub(crate) fn position(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The value at a position, as round as the axis can show it.
    pub(crate) fn at(&self, position: f64) -> f64 {
        let step = self.fine_step();
        let raw = self.low + position.clamp(0.0, 1.0) * (self.high - self.low);
        tidy((raw / step).round() * step)
    }

    /// So many fine steps up, or down.
    pub(crate) fn moved(&self, value: f64, steps: f64) -> f64 {
        let step = self.fine_step();
        tidy(((value / step).round() + steps) * step)
    }

    /// How far it is from one value to another, as round as the axis can show it, and never nothing.
    pub(crate) fn step_to(&self, from: f64, to: f64) -> f64 {
        let step = self.fine_step();
        tidy((((to - from).abs() / step).round() * step).max(step))
    }

    /// A twentieth of what lies between two ticks.
    fn fine_step(&self) -> f64 {
        self.step / 20.0
    }
}

/// Without the dust of binary fractions.
fn tidy(value: f64) -> f64 {
    let text = format!("{value:.6e}");
    text.parse().unwrap_or(value)
}

/// A range that is not empty, so that a constant value is drawn in the middle.
fn spread(low: f64, high: f64) -> (f64, f64) {
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let width = high - low;
    // Beyond 15 digits neighbouring numbers are the same, and a step would not move.
    if width > low.abs().max(high.abs()) * 1e-12 {
        return (low, high);
    }
    let pad = (low.abs() * 0.05).max(1.0);
    (low - pad, high + pad)
}

/// The next of 1, 2, 5 × 10ⁿ.
fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let factor = raw / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| factor <= round + 1e-9).unwrap_or(10.0);
    round * power
}

/// Steps of a time axis, in seconds: those that a clock has.
const TIME_STEPS_S: [i64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];

/// A time axis in local time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeScale {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    step_s: i64,
}

impl TimeScale {
    pub(crate) fn new(from_ms: f64, to_ms: f64, ticks: usize) -> Self {
        let wanted_s = (to_ms - from_ms) / 1000.0 / ticks.max(1) as f64;
        let step_s = TIME_STEPS_S.into_iter().find(|step| *step as f64 >= wanted_s);
        let step_s = step_s.unwrap_or_else(|| (wanted_s / 86_400.0).ceil() as i64 * 86_400);
        Self { from_ms, to_ms, step_s }
    }

    /// Round times of the local clock, in milliseconds since the epoch.
    pub(crate) fn ticks(&self, east_min: i32) -> impl Iterator<Item = f64> + use<> {
        let shift_s = i64::from(east_min) * 60;
        let (from_s, to_ms, step_s) =
            ((self.from_ms / 1000.0).ceil() as i64 + shift_s, self.to_ms, self.step_s);
        let first_s =
            from_s.div_euclid(step_s) * step_s + if from_s.rem_euclid(step_s) == 0 { 0 } else { step_s };
        (0..)
            .map(move |i| ((first_s - shift_s + i * step_s) * 1000) as f64)
            .take_while(move |ms| *ms <= to_ms)
    }

    /// A tick as a clock shows it, or a calendar.
    pub(crate) fn label(&self, tick_ms: f64, east_min: i32) -> String {
        let civil = Civil::from_epoch((tick_ms / 1000.0) as i64, east_min);
        match self.step_s {
            ..60 => civil.clock(),
            60..86_400 => civil.hour_minute(),
            _ => civil.month_day(),
        }
    }

    /// 0 at the left end, 1 at the right end.
    pub(crate) fn position(&self, at_ms: f64) -> f64 {
        (at_ms - self.from_ms) / (self.to_ms - self.from_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, ticks: usize) -> Vec<String> {
        let scale = ValueScale::new(low, high, ticks);
        scale.ticks().map(|tick| scale.label(tick)).collect()
    }

    #[test]
    fn round_numbers() {
        assert_eq!(labels(17.3, 24.9, 4), ["16", "18", "20", "22", "24", "26"]);
        assert_eq!(labels(0.0, 1.0, 4), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(-0.3, 0.3, 4), ["-0.4", "-0.2", "0.0", "0.2", "0.4"]);
        assert_eq!(labels(20.01, 20.04, 4), ["20.01", "20.02", "20.03", "20.04"]);
    }

    #[test]
    fn ranges_without_width_or_sense() {
        assert_eq!(labels(5.0, 5.0, 4), ["4.0", "4.5", "5.0", "5.5", "6.0"]);
        for (low, high) in [(f64::NAN, 1.0), (f64::INFINITY, f64::NEG_INFINITY), (1e300, 1e300), (0.0, 0.0)] {
            let count = ValueScale::new(low, high, 5).ticks().count();
            assert!((2..20).contains(&count), "{low} {high} {count}");
        }
        let scale = ValueScale::new(10.0, 20.0, 5);
        assert_eq!(scale.position(15.0), 0.5);
        assert_eq!((scale.at(0.5), scale.at(0.504), scale.at(7.0)), (15.0, 15.0, 20.0));
        assert_eq!((scale.moved(15.1, 1.0), scale.moved(15.1, -10.0)), (15.2, 14.1));
        assert_eq!((scale.step_to(15.0, 13.52), scale.step_to(15.0, 15.0)), (1.5, 0.1));
    }

    #[test]
    fn time_ticks_are_round_local_times() {
        let scale = TimeScale::new(61_000.0, 361_000.0, 5);
        assert_eq!(
            scale.ticks(0).collect::<Vec<_>>(),
            [120_000.0, 180_000.0, 240_000.0, 300_000.0, 360_000.0]
        );
        assert_eq!(scale.label(120_000.0, 60), "01:02");
        assert_eq!(TimeScale::new(0.0, 30_000.0, 5).label(5_000.0, 0), "00:00:05");
        assert_eq!(TimeScale::new(0.0, 2_592_000_000.0, 5).label(86_400_000.0, 0), "01-02");
        // A zone 30 minutes off the hour: hours are round there, not in UTC.
        let scale = TimeScale::new(0.0, 3_600_000.0 * 4.0, 4);
        assert_eq!(scale.ticks(30).next(), Some(1_800_000.0));
        assert_eq!(scale.position(7_200_000.0), 0.5);
        assert!(TimeScale::new(0.0, 86_400_000.0 * 30.0, 5).ticks(0).count() <= 6);
    }
}
