//! Running a state through samples and its own deadlines, as a client would.

use lwm2m_codec::Value;
use lwm2m_codec::attributes::{EffectiveAttributes, ServerDefaults, parse_observe_parameters};
use lwm2m_model::notification::{Conditions, Direction, ResourceState, Trigger, Verdict};

/// The conditions of an observation with these attributes, `pmin=10&gt=45`.
pub(crate) fn conditions(query: &str) -> Conditions {
    directed(query, Direction::Both)
}

pub(crate) fn directed(query: &str, direction: Direction) -> Conditions {
    let queries = query.split('&').filter(|query| !query.is_empty());
    let attributes = parse_observe_parameters(queries).unwrap().unwrap_or_default();
    let effective = EffectiveAttributes::of_parameters(&attributes, &ServerDefaults::default());
    Conditions::new(&effective, direction)
}

/// A notification: when, with which value, and why.
pub(crate) type Sent = (u64, Value, Trigger);

/// Sends whatever is due between the first sample, which begins the observation, and `until_ms`.
pub(crate) fn drive(conditions: Conditions, samples: &[(u64, Value)], until_ms: u64) -> Vec<Sent> {
    let mut samples = samples.iter();
    let (mut now_ms, mut value) = samples.next().unwrap().clone();
    let mut state = ResourceState::start(now_ms, conditions, &value);
    let mut sent = Vec::new();
    let mut next = samples.next();
    loop {
        let deadline_ms = state.next_deadline().map_or(u64::MAX, |deadline| deadline.at_ms.max(now_ms));
        let sample_ms = next.map_or(u64::MAX, |(at_ms, _)| *at_ms);
        now_ms = deadline_ms.min(sample_ms);
        if now_ms > until_ms {
            return sent;
        }
        let verdict = match next {
            Some((_, new)) if sample_ms <= deadline_ms => {
                value = new.clone();
                next = samples.next();
                state.sample(now_ms, &value)
            }
            _ => state.handle_timeout(now_ms, &value),
        };
        match verdict {
            Verdict::Send(trigger) => {
                state.sent(now_ms, &value);
                sent.push((now_ms, value.clone(), trigger));
            }
            Verdict::Pending { at_ms, .. } => assert!(at_ms > now_ms, "what is pending is not due yet"),
            Verdict::Nothing => {}
        }
    }
}

/// Seconds and numbers, as milliseconds and values.
pub(crate) fn numbers(samples: &[(u64, f64)]) -> Vec<(u64, Value)> {
    samples.iter().map(|(at_s, number)| (at_s * 1_000, Value::Float(*number))).collect()
}

/// When and why something is sent, in seconds and words.
pub(crate) fn told(sent: &[Sent]) -> Vec<(u64, String)> {
    sent.iter().map(|(at_ms, _, trigger)| (at_ms / 1_000, trigger.to_string())).collect()
}
