//! What would have been notified with other attributes, of the values that are known.

use lwm2m_codec::Value;
use lwm2m_model::notification::{Conditions, would_have_notified};

use super::pyramid::Summary;
use crate::format;

/// Longer than this, nothing would come for long.
const LONG_MS: u64 = 3_600_000;

/// Values that are tried at most: the newest, so that a line can be dragged without a halt.
const VALUES: usize = 20_000;

/// Which of the values in view would have been notified.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forecast {
    /// Time and value.
    pub(crate) notified: Vec<(f64, f64)>,
    /// Values that were notified.
    known: u64,
    span_ms: u64,
    /// The longest time in which nothing would have come.
    silent_ms: u64,
}

impl Forecast {
    /// Of the values in `parts`, from the first of them to `until_ms`. None with fewer than two: nothing can be said then.
    pub(crate) fn new(
        conditions: &Conditions,
        parts: impl Iterator<Item = Summary>,
        truth: bool,
        until_ms: f64,
    ) -> Option<Self> {
        let (mut known, mut values) = (0, Vec::new());
        for part in parts {
            known += part.count;
            values.extend(part.points());
        }
        values.drain(..values.len().saturating_sub(VALUES));
        if values.len() < 2 {
            return None;
        }
        // Until then the last value is believed to hold.
        let last = values.last().copied();
        values.extend(last.filter(|last| last.0 < until_ms).map(|last| (until_ms, last.1)));
        let value = |number: f64| if truth { Value::Boolean(number != 0.0) } else { Value::Float(number) };
        let samples: Vec<(u64, Value)> =
            values.iter().map(|(at_ms, number)| (*at_ms as u64, value(*number))).collect();
        let (start_ms, end_ms) = (samples.first()?.0, samples.last()?.0);
        let replayed = would_have_notified(conditions, &samples);
        let times = replayed.iter().map(|one| one.at_ms).chain([end_ms]);
        let mut before_ms = start_ms;
        let silent_ms = times.map(|at_ms| at_ms - std::mem::replace(&mut before_ms, at_ms)).max()?;
        let notified = replayed.iter().filter_map(|one| {
            let (_, number) = values.get(one.sample)?;
            Some((one.at_ms as f64, *number))
        });
        Some(Self { notified: notified.collect(), known, span_ms: end_ms - start_ms, silent_ms })
    }

    /// `12 notifications instead of 340: 4 an hour instead of 113.3.`
    pub(crate) fn sentence(&self) -> String {
        let notified = self.notified.len() as u64;
        let count = format::plural(self.notified.len(), "notification");
        let hours = self.span_ms.max(1) as f64 / 3_600_000.0;
        // Both by the same measure, that of the larger one.
        let (per, measure) = match self.known.max(notified) as f64 / hours {
            600.0.. => (hours * 60.0, "a minute"),
            1.0.. => (hours, "an hour"),
            _ => (hours / 24.0, "a day"),
        };
        let [wanted, known] = [notified, self.known].map(|count| rate(count as f64 / per));
        format!("{count} instead of {}: {wanted} {measure} instead of {known}.", format::count(self.known))
    }

    /// That nothing would come for long.
    pub(crate) fn warning(&self) -> Option<String> {
        if self.notified.len() <= 1 {
            let span = format::span_precise(self.span_ms);
            return Some(format!("After the first one nothing would have come in {span}."));
        }
        (self.silent_ms >= LONG_MS)
            .then(|| format!("Nothing would have come for up to {}.", format::span_precise(self.silent_ms)))
    }
}

/// No rate is so exact that more digits say something.
fn rate(rate: f64) -> String {
    if rate < 0.01 { "under 0.01".into() } else { format::float((rate * 100.0).round() / 100.0) }
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::attributes::{EffectiveAttributes, ServerDefaults, parse_observe_parameters};
    use lwm2m_model::notification::Direction;

    use super::*;

    fn conditions(parameters: &[&str]) -> Conditions {
        let parameters = parse_observe_parameters(parameters.iter().copied()).unwrap().unwrap_or_default();
        let attributes = EffectiveAttributes::of_parameters(&parameters, &ServerDefaults::default());
        Conditions::new(&attributes, Direction::Both)
    }

    /// One value a minute.
    fn forecast(parameters: &[&str], values: &[f64]) -> Option<Forecast> {
        let points = values.iter().enumerate().map(|(at, value)| (at as f64 * 60_000.0, *value));
        let until_ms = values.len() as f64 * 60_000.0;
        Forecast::new(&conditions(parameters), points.map(Summary::of), false, until_ms)
    }

    #[test]
    fn what_would_have_come_and_how_often() {
        let values = [20.0, 21.0, 24.5, 25.0, 23.0, 22.0];
        let gt = forecast(&["gt=24"], &values).unwrap();
        assert_eq!(gt.notified, [(0.0, 20.0), (120_000.0, 24.5), (240_000.0, 23.0)]);
        assert_eq!(gt.sentence(), "3 notifications instead of 6: 30 an hour instead of 60.");
        assert_eq!(gt.warning(), None);
        let step = forecast(&["st=2"], &values).unwrap();
        assert_eq!(step.notified.len(), 3);
        let nothing = forecast(&["gt=99"], &values).unwrap();
        assert_eq!(nothing.warning().as_deref(), Some("After the first one nothing would have come in 6 m."),);
        // The maximum period brings what no level does, also between two values that are known.
        let period = forecast(&["gt=99", "pmax=30"], &values).unwrap();
        assert_eq!(period.notified.len(), 13);
        assert_eq!(period.warning(), None);
    }

    #[test]
    fn a_long_silence_is_told() {
        let mut values = vec![20.0, 30.0];
        values.extend([30.0; 90]);
        values.push(20.0);
        let forecast = forecast(&["gt=25"], &values).unwrap();
        assert_eq!(forecast.notified.len(), 3);
        assert_eq!(forecast.warning().as_deref(), Some("Nothing would have come for up to 1 h 31 m."));
    }

    #[test]
    fn rates_have_few_digits() {
        assert_eq!(
            (rate(0.002_083), rate(28.236_7), rate(4.0)),
            ("under 0.01".into(), "28.24".into(), "4".into())
        );
    }

    #[test]
    fn one_value_tells_nothing() {
        assert_eq!(forecast(&["gt=24"], &[20.0]), None);
        assert_eq!(forecast(&[], &[]), None);
    }

    #[test]
    fn edges_of_what_is_true_or_false() {
        let points = [(0.0, 0.0), (1000.0, 1.0), (2000.0, 0.0)].map(Summary::of);
        let edge = Forecast::new(&conditions(&["edge=1"]), points.into_iter(), true, 3000.0).unwrap();
        assert_eq!(edge.notified, [(0.0, 0.0), (1000.0, 1.0)]);
    }
}
