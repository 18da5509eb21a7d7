use super::Moment;
use crate::dice::Dice;

/// A battery that runs down over some minutes and is then charged again, so that one can watch it.
#[derive(Debug)]
pub(crate) struct Battery {
    percent: f64,
    charging: bool,
    drain_per_s: f64,
}

const EMPTY_PERCENT: f64 = 9.0;
const LOW_PERCENT: f64 = 20.0;
const CHARGE_PER_S: f64 = 0.8;

impl Battery {
    /// `minutes` is how long a full charge lasts.
    pub(crate) fn new(dice: &mut Dice, minutes: f64) -> Self {
        Self { percent: dice.between(30.0, 100.0), charging: false, drain_per_s: 100.0 / (minutes * 60.0) }
    }

    pub(crate) fn advance(&mut self, moment: Moment) {
        let change = if self.charging { CHARGE_PER_S } else { -self.drain_per_s };
        self.percent = (self.percent + change * moment.elapsed_s).clamp(0.0, 100.0);
        if self.percent <= EMPTY_PERCENT {
            self.charging = true;
        } else if self.percent >= 100.0 {
            self.charging = false;
        }
    }

    pub(crate) fn percent(&self) -> f64 {
        self.percent
    }

    pub(crate) fn is_charging(&self) -> bool {
        self.charging
    }

    pub(crate) fn is_low(&self) -> bool {
        self.percent < LOW_PERCENT && !self.charging
    }

    /// Battery Status, `/3/0/20`: 0 normal, 1 charging, 4 low.
    pub(crate) fn status(&self) -> i64 {
        match (self.charging, self.is_low()) {
            (true, _) => 1,
            (false, true) => 4,
            (false, false) => 0,
        }
    }

    pub(crate) fn millivolts(&self) -> f64 {
        3_300.0 + 9.0 * self.percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_down_and_is_charged_again() {
        let mut battery = Battery::new(&mut Dice::new(1, 0), 10.0);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            battery.advance(Moment { unix_s: 0.0, elapsed_s: 1.0 });
            assert!((EMPTY_PERCENT - 1.0..=100.0).contains(&battery.percent()));
            seen.insert(battery.status());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 4]);
    }
}
