//! The observation of one resource.

use lwm2m_codec::Value;
use lwm2m_model::notification::{Replayed, ResourceState, Trigger, Verdict, would_have_notified};

use super::{
    STEPS_MAX,
    conditions::{Known, value},
    pause_ms,
};
use crate::script::Script;

/// A step: time passes, and then there is a sample, or other conditions, or a timer that is looked at for nothing, or a
/// notification that must not go out. Timers run out in time, or too late.
pub(super) fn live(script: &mut Script) {
    let known = Known::choose(script);
    let first = value(script);
    let mut life = Life::start(known, first.clone());
    let mut samples = vec![(0, first)];
    // Whether nothing has happened but samples, which is what a replay knows.
    let mut plain = true;
    for _ in 0..STEPS_MAX {
        if script.is_over() {
            break;
        }
        let step = script.byte();
        let then_ms = life.now_ms + pause_ms(script);
        if step & 1 == 0 {
            life.wait_until(then_ms);
        } else {
            plain = false;
        }
        life.now_ms = then_ms;
        life.may_send = step & 0x10 == 0;
        plain &= life.may_send;
        match step >> 1 & 7 {
            6 => {
                plain = false;
                life.known = Known::choose(script);
                life.state.set_conditions(life.known.conditions);
            }
            7 => plain &= life.deadline_ms().is_none_or(|deadline_ms| deadline_ms > then_ms),
            _ => {
                let value = value(script);
                samples.push((then_ms, value.clone()));
                life.sample(value);
            }
        }
        if life.deadline_ms().is_some_and(|deadline_ms| deadline_ms <= then_ms) {
            plain = false;
            life.timeout();
        }
    }
    if plain {
        life.check_replay(&samples);
    }
}

/// An observation, and what is known of it without looking inside.
struct Life {
    state: ResourceState,
    known: Known,
    now_ms: u64,
    value: Value,
    sent_at_ms: u64,
    sent: Value,
    /// Whether a notification that is due goes out.
    may_send: bool,
    notifications: Vec<(u64, Trigger)>,
}

impl Life {
    fn start(known: Known, value: Value) -> Self {
        Self {
            state: ResourceState::start(0, known.conditions, &value),
            known,
            now_ms: 0,
            sent: value.clone(),
            value,
            sent_at_ms: 0,
            may_send: true,
            notifications: vec![(0, Trigger::First)],
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        self.state.next_deadline().map(|deadline| deadline.at_ms)
    }

    fn wait_until(&mut self, then_ms: u64) {
        while let Some(deadline_ms) = self.deadline_ms().filter(|deadline_ms| *deadline_ms < then_ms) {
            self.now_ms = deadline_ms;
            self.timeout();
        }
    }

    fn sample(&mut self, value: Value) {
        self.value = value;
        let verdict = self.state.sample(self.now_ms, &self.value);
        let changed = format!("{:?}", self.value) != format!("{:?}", self.sent) && self.value != self.sent;
        if self.known.every_change_counts && changed {
            assert_ne!(verdict, Verdict::Nothing, "a change to {:?} is lost: {:?}", self.value, self.state);
        }
        self.follow(verdict);
    }

    fn timeout(&mut self) {
        let verdict = self.state.handle_timeout(self.now_ms, &self.value);
        self.follow(verdict);
        let past = self.deadline_ms().is_some_and(|deadline_ms| deadline_ms <= self.now_ms);
        assert!(!past, "due again at once, at {}: {:?}", self.now_ms, self.state);
        let since_ms = self.now_ms - self.sent_at_ms;
        assert!(self.known.pmax_ms.is_none_or(|pmax_ms| since_ms < pmax_ms), "silent: {:?}", self.state);
    }

    fn follow(&mut self, verdict: Verdict) {
        let allowed_at_ms = self.sent_at_ms + self.known.pmin_ms;
        match verdict {
            Verdict::Nothing => {}
            Verdict::Pending { at_ms, .. } => {
                assert!(
                    at_ms == allowed_at_ms && at_ms > self.now_ms,
                    "pending till {at_ms}: {:?}",
                    self.state
                );
            }
            Verdict::Send(trigger) => {
                assert!(self.now_ms >= allowed_at_ms, "too early, at {}: {:?}", self.now_ms, self.state);
                if let Trigger::MaximumPeriod { pmax_s } = trigger {
                    let pmax_ms = u64::from(pmax_s) * 1_000;
                    assert_eq!(Some(pmax_ms), self.known.pmax_ms);
                    assert!(self.now_ms >= self.sent_at_ms + pmax_ms, "too early: {:?}", self.state);
                }
                self.sent_at_ms = self.now_ms;
                if self.may_send {
                    self.sent = self.value.clone();
                    self.notifications.push((self.now_ms, trigger));
                    self.state.sent(self.now_ms, &self.value);
                } else {
                    self.state.withheld(self.now_ms);
                }
            }
        }
    }

    /// A replay of the samples finds the same notifications up to the last one.
    fn check_replay(&self, samples: &[(u64, Value)]) {
        let replayed = would_have_notified(&self.known.conditions, samples);
        let replayed: Vec<_> =
            replayed.iter().map(|Replayed { at_ms, trigger, .. }| (*at_ms, *trigger)).collect();
        let end_ms = samples.last().map_or(0, |(at_ms, _)| *at_ms);
        let lived = self.notifications.iter().filter(|(at_ms, _)| *at_ms <= end_ms);
        assert!(lived.eq(&replayed), "{:?}, and replayed {replayed:?} of {samples:?}", self.notifications);
    }
}
