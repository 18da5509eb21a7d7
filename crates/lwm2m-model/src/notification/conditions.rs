use lwm2m_codec::Value;
use lwm2m_codec::attributes::{Edge, EffectiveAttributes};

use super::trigger::Trigger;

/// Which crossings of `gt` and `lt` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Up and down through either (LwM2M Core §5.1.2: "crosses").
    #[default]
    Both,
    /// Up through `gt` and down through `lt` only, as the examples that are printed in the standard have it.
    One,
}

/// The conditions of one resource: its attributes as far as they are in force.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    pub(super) pmin_s: u32,
    /// Neither 0 nor below `pmin_s`.
    pub(super) pmax_s: Option<u32>,
    pub(super) gt: Option<f64>,
    pub(super) lt: Option<f64>,
    pub(super) st: Option<f64>,
    pub(super) edge: Option<Edge>,
    pub(super) epmin_s: u32,
    /// Not 0, and above `epmin_s`.
    pub(super) epmax_s: Option<u32>,
    direction: Direction,
}

/// A value as thresholds and edges see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Number(f64),
    Boolean(bool),
}

impl Scalar {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(number) | Value::Time(number) => Some(Self::Number(*number as f64)),
            Value::Unsigned(number) => Some(Self::Number(*number as f64)),
            Value::Float(number) => Some(Self::Number(*number)),
            Value::Boolean(truth) => Some(Self::Boolean(*truth)),
            _ => None,
        }
    }
}

impl Conditions {
    #[must_use]
    pub fn new(attributes: &EffectiveAttributes, direction: Direction) -> Self {
        let (gt, lt, st) = attributes.thresholds_in_force();
        Self {
            pmin_s: attributes.pmin.map_or(0, |pmin| pmin.value),
            pmax_s: attributes.pmax_in_force(),
            gt,
            lt,
            st,
            edge: attributes.edge.map(|edge| edge.value),
            epmin_s: attributes.epmin.map_or(0, |epmin| epmin.value),
            // No evaluation can be due all the time.
            epmax_s: attributes.epmax_in_force().filter(|epmax| *epmax != 0),
            direction,
        }
    }

    /// Whether `value` satisfies a condition (LwM2M Core §5.1.2), after `sent` was sent last and `evaluated` was
    /// looked at last. One that is satisfied is enough.
    pub(super) fn evaluate(&self, sent: &Value, evaluated: Option<Scalar>, value: &Value) -> Option<Trigger> {
        match (Scalar::of(sent), Scalar::of(value)) {
            (Some(Scalar::Number(sent)), Some(Scalar::Number(number))) if self.has_thresholds() => {
                let previous = match (self.direction, evaluated) {
                    // What is not sent on its way back must not hide the next crossing.
                    (Direction::One, Some(Scalar::Number(evaluated))) => evaluated,
                    _ => sent,
                };
                self.thresholds(sent, previous, number)
            }
            // A falling edge is not sent when rising ones are wanted, so the value sent last cannot tell an edge.
            (_, Some(Scalar::Boolean(current))) if self.edge.is_some() => {
                self.edge_between(evaluated, current)
            }
            // Without a change-value attribute that fits the value, every change counts.
            _ => (!same(sent, value)).then_some(Trigger::Changed),
        }
    }

    const fn has_thresholds(&self) -> bool {
        self.gt.is_some() || self.lt.is_some() || self.st.is_some()
    }

    fn thresholds(&self, sent: f64, previous: f64, number: f64) -> Option<Trigger> {
        if sent.is_nan() != number.is_nan() {
            return Some(Trigger::NotANumber);
        }
        let both = self.direction == Direction::Both;
        let gt = self.gt.and_then(|gt| {
            let rising = previous <= gt && number > gt;
            let falling = previous > gt && number <= gt;
            (rising || (falling && both)).then_some(Trigger::GreaterThan { gt, rising })
        });
        let lt = self.lt.and_then(|lt| {
            let falling = previous >= lt && number < lt;
            let rising = previous < lt && number >= lt;
            (falling || (rising && both)).then_some(Trigger::LessThan { lt, rising })
        });
        // A step of 0 takes a change as well.
        let st = self.st.filter(|st| number != sent && (number - sent).abs() >= *st);
        let st = st.map(|st| Trigger::Step { st });
        gt.or(lt).or(st)
    }

    fn edge_between(&self, previous: Option<Scalar>, current: bool) -> Option<Trigger> {
        let edge = self.edge?;
        let Some(Scalar::Boolean(previous)) = previous else { return None };
        let passed = match edge {
            Edge::Rising => !previous && current,
            Edge::Falling => previous && !current,
        };
        passed.then_some(Trigger::Edge(edge))
    }
}

/// Equality for which not-a-number equals itself, so that it does not count as a change each time.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one == other || (one.is_nan() && other.is_nan()),
        _ => one == other,
    }
}
