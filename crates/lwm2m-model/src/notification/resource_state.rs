use lwm2m_codec::Value;

use super::conditions::{Conditions, Scalar};
use super::trigger::Trigger;
use super::verdict::{Deadline, DeadlineReason, Verdict};

/// The observation of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceState {
    conditions: Conditions,
    sent_at_ms: u64,
    /// None: not even the first value has been sent.
    sent: Option<Value>,
    evaluated_at_ms: u64,
    evaluated: Option<Scalar>,
    /// A value came before it could be evaluated.
    unevaluated: bool,
    /// A condition was satisfied since the last notification.
    pending: Option<Trigger>,
}

impl ResourceState {
    /// An observation whose answer carried `value`.
    #[must_use]
    pub fn start(now_ms: u64, conditions: Conditions, value: &Value) -> Self {
        Self {
            conditions,
            sent_at_ms: now_ms,
            sent: Some(value.clone()),
            evaluated_at_ms: now_ms,
            evaluated: Scalar::of(value),
            unevaluated: false,
            pending: None,
        }
    }

    /// A resource that came to an observed node, of which the last notification was sent at `sent_at_ms`.
    pub(super) const fn appeared(now_ms: u64, conditions: Conditions, sent_at_ms: u64) -> Self {
        Self {
            conditions,
            sent_at_ms,
            sent: None,
            evaluated_at_ms: now_ms,
            evaluated: None,
            unevaluated: false,
            pending: Some(Trigger::Appeared),
        }
    }

    /// Other conditions from now on, after a Write-Attributes. What is pending stays so, and the periods go on.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    #[must_use]
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// The value that was sent last, and when; none as long as none was.
    #[must_use]
    pub fn last_sent(&self) -> Option<(u64, &Value)> {
        self.sent.as_ref().map(|value| (self.sent_at_ms, value))
    }

    /// Takes a new value of the resource.
    pub fn sample(&mut self, now_ms: u64, value: &Value) -> Verdict {
        // LwM2M Core 1.1 §5.1.2: no evaluation earlier than epmin after the last one.
        if self.may_evaluate(now_ms) {
            self.evaluate(now_ms, value);
        } else {
            self.unevaluated = true;
        }
        self.verdict(now_ms)
    }

    /// To be called when [`ResourceState::next_deadline`] has come, with the value the resource has then.
    pub fn handle_timeout(&mut self, now_ms: u64, current: &Value) -> Verdict {
        let allowed = self.unevaluated && self.may_evaluate(now_ms);
        let forced = self.evaluation_due_at_ms().is_some_and(|due_ms| now_ms >= due_ms);
        if allowed || forced {
            self.evaluate(now_ms, current);
        }
        self.verdict(now_ms)
    }

    /// A notification with `value` was sent. Both periods begin again.
    pub fn sent(&mut self, now_ms: u64, value: &Value) {
        self.sent = Some(value.clone());
        self.evaluated = Scalar::of(value);
        self.unevaluated = false;
        self.withheld(now_ms);
    }

    /// A notification was due and did not go out, since the server may not read the resource (LwM2M Core §8.2).
    /// Both periods begin again; the server still has the value before.
    pub const fn withheld(&mut self, now_ms: u64) {
        self.sent_at_ms = now_ms;
        self.pending = None;
    }

    /// There is no value to evaluate or to report. Whatever was due begins again, or it would be due at once.
    pub(super) fn skipped(&mut self, now_ms: u64) {
        self.evaluated_at_ms = self.evaluated_at_ms.max(now_ms);
        self.unevaluated = false;
        self.withheld(now_ms);
    }

    /// When to call [`ResourceState::handle_timeout`]; never, when only a new value can make a difference.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Deadline> {
        let deadline = |at_ms, reason| Deadline { at_ms, reason };
        let pmin = self.pending.map(|_| deadline(self.pmin_at_ms(), DeadlineReason::MinimumPeriod));
        let pmax = self.pmax_at_ms().map(|at_ms| deadline(at_ms, DeadlineReason::MaximumPeriod));
        let epmin = self
            .unevaluated
            .then(|| deadline(self.evaluation_allowed_at_ms(), DeadlineReason::MinimumEvaluationPeriod));
        let epmax =
            self.evaluation_due_at_ms().map(|at_ms| deadline(at_ms, DeadlineReason::MaximumEvaluationPeriod));
        [pmin, pmax, epmin, epmax].into_iter().flatten().min()
    }

    fn evaluate(&mut self, now_ms: u64, value: &Value) {
        let trigger = match &self.sent {
            Some(sent) => self.conditions.evaluate(sent, self.evaluated, value),
            None => Some(Trigger::Appeared),
        };
        self.evaluated_at_ms = self.evaluated_at_ms.max(now_ms);
        self.evaluated = Scalar::of(value);
        self.unevaluated = false;
        // The first condition that was satisfied is the reason, also when the value has gone back since.
        self.pending = self.pending.or(trigger);
    }

    fn verdict(&self, now_ms: u64) -> Verdict {
        match self.pending {
            Some(trigger) if now_ms >= self.pmin_at_ms() => Verdict::Send(trigger),
            Some(trigger) => Verdict::Pending { at_ms: self.pmin_at_ms(), trigger },
            None => match (self.conditions.pmax_s, self.pmax_at_ms()) {
                (Some(pmax_s), Some(at_ms)) if now_ms >= at_ms => {
                    Verdict::Send(Trigger::MaximumPeriod { pmax_s })
                }
                _ => Verdict::Nothing,
            },
        }
    }

    const fn pmin_at_ms(&self) -> u64 {
        after(self.sent_at_ms, self.conditions.pmin_s)
    }

    fn pmax_at_ms(&self) -> Option<u64> {
        self.conditions.pmax_s.map(|pmax_s| after(self.sent_at_ms, pmax_s))
    }

    const fn may_evaluate(&self, now_ms: u64) -> bool {
        self.conditions.epmin_s == 0 || now_ms >= self.evaluation_allowed_at_ms()
    }

    const fn evaluation_allowed_at_ms(&self) -> u64 {
        after(self.evaluated_at_ms, self.conditions.epmin_s)
    }

    fn evaluation_due_at_ms(&self) -> Option<u64> {
        self.conditions.epmax_s.map(|epmax_s| after(self.evaluated_at_ms, epmax_s))
    }
}

const fn after(start_ms: u64, period_s: u32) -> u64 {
    start_ms.saturating_add(period_s as u64 * 1_000)
}
