//! What is no quantity: true or false, and states that have names. Shown as bands, each as long as the state held.

use super::pyramid::Summary;
use crate::format;

/// How the course of a Resource is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// By a line, with an axis.
    Quantity,
    Truth,
    /// Numbers that have these names.
    States(Vec<(i64, String)>),
}

impl Kind {
    pub(crate) const fn is_lane(&self) -> bool {
        !matches!(self, Self::Quantity)
    }

    /// A value in words.
    pub(crate) fn name(&self, value: f64) -> String {
        match self {
            Self::Quantity => format::float(value),
            Self::Truth => (value != 0.0).to_string(),
            Self::States(names) => {
                let named = names.iter().find(|(number, _)| *number as f64 == value);
                named.map_or_else(|| format::float(value), |(_, name)| name.clone())
            }
        }
    }

    /// How strongly a state is filled, from 0 to 1: neighbouring states differ.
    fn strength(&self, value: f64) -> f64 {
        match self {
            Self::Truth if value == 0.0 => 0.1,
            Self::Truth => 0.7,
            _ => [0.15, 0.45, 0.3, 0.6][value.rem_euclid(4.0) as usize % 4],
        }
    }
}

/// A state for as long as it held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    pub(crate) text: String,
    pub(crate) strength: f64,
}

/// The states of runs without a gap. The last one holds until `held_ms`, if it is believed to.
pub(crate) fn spans(runs: &[Vec<Summary>], kind: &Kind, held_ms: Option<f64>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let is_last = number + 1 == runs.len();
        for (at, part) in run.iter().enumerate() {
            let until_ms = match run.get(at + 1) {
                Some(next) => next.first.0,
                None => held_ms.filter(|_| is_last).unwrap_or(part.last.0).max(part.last.0),
            };
            let several = part.low != part.high;
            let text = if several { "several".to_owned() } else { kind.name(part.last.1) };
            match spans.last_mut().filter(|last| at > 0 && last.text == text) {
                Some(last) => last.to_ms = until_ms,
                None => spans.push(Span {
                    from_ms: part.first.0,
                    to_ms: until_ms,
                    text,
                    strength: if several { 0.8 } else { kind.strength(part.last.1) },
                }),
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(spans: &[Span]) -> Vec<(f64, f64, &str)> {
        spans.iter().map(|span| (span.from_ms, span.to_ms, span.text.as_str())).collect()
    }

    #[test]
    fn a_state_lasts_until_the_next_one_or_a_gap() {
        let run = |points: &[(f64, f64)]| points.iter().copied().map(Summary::of).collect::<Vec<_>>();
        let runs = [run(&[(0.0, 0.0), (10.0, 0.0), (20.0, 1.0), (30.0, 1.0)]), run(&[(90.0, 1.0)])];
        assert_eq!(
            told(&spans(&runs, &Kind::Truth, Some(100.0))),
            [(0.0, 20.0, "false"), (20.0, 30.0, "true"), (90.0, 100.0, "true")]
        );
        let states = Kind::States(vec![(0, "Idle".into())]);
        assert_eq!(
            told(&spans(&runs, &states, None)),
            [(0.0, 20.0, "Idle"), (20.0, 30.0, "1"), (90.0, 90.0, "1")]
        );
        assert_eq!(spans(&[], &Kind::Truth, None), []);
    }

    #[test]
    fn what_changed_within_a_column_is_not_one_state() {
        let mut part = Summary::of((0.0, 0.0));
        part.add(&Summary::of((5.0, 1.0)));
        assert_eq!(told(&spans(&[vec![part]], &Kind::Truth, None)), [(0.0, 5.0, "several")]);
    }
}
