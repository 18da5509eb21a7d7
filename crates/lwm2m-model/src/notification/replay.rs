use lwm2m_codec::Value;

use super::conditions::Conditions;
use super::resource_state::ResourceState;
use super::trigger::Trigger;
use super::verdict::Verdict;

/// Most timers that one replay lets run out. After that only the samples themselves are looked at, so that a short
/// period does not make a long gap expensive.
pub const REPLAY_STEPS_MAX: usize = 100_000;

/// A notification that would have been sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replayed {
    pub at_ms: u64,
    /// The position of the sample whose value it would have carried.
    pub sample: usize,
    pub trigger: Trigger,
}

/// Which of some recorded values, in the order of their times, would have been notified under these conditions. The
/// first one is what the observation would have begun with. Nothing is said of the time after the last one.
#[must_use]
pub fn would_have_notified(conditions: &Conditions, samples: &[(u64, Value)]) -> Vec<Replayed> {
    let mut samples = samples.iter().enumerate();
    let Some((mut current, (start_ms, mut value))) =
        samples.next().map(|(position, (at_ms, value))| (position, (*at_ms, value)))
    else {
        return Vec::new();
    };
    let mut state = ResourceState::start(start_ms, *conditions, value);
    let mut replayed = vec![Replayed { at_ms: start_ms, sample: current, trigger: Trigger::First }];
    let mut steps = 0;
    for (position, (at_ms, next)) in samples {
        // A sample that comes at the very time a timer runs out is the value that is current then.
        while let Some(deadline) = state.next_deadline().filter(|deadline| deadline.at_ms < *at_ms)
            && steps < REPLAY_STEPS_MAX
        {
            steps += 1;
            if let Verdict::Send(trigger) = state.handle_timeout(deadline.at_ms, value) {
                replayed.push(Replayed { at_ms: deadline.at_ms, sample: current, trigger });
                state.sent(deadline.at_ms, value);
            }
        }
        (current, value) = (position, next);
        if let Verdict::Send(trigger) = state.sample(*at_ms, value) {
            replayed.push(Replayed { at_ms: *at_ms, sample: current, trigger });
            state.sent(*at_ms, value);
        }
    }
    replayed
}
