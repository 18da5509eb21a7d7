use super::trigger::Trigger;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict<T = Trigger> {
    /// A notification is due. It stays due until the state is told that it was sent or withheld.
    Send(T),
    /// A notification will be due when the minimum period is over, whatever the value does until then.
    Pending {
        at_ms: u64,
        trigger: T,
    },
    Nothing,
}

impl<T> Verdict<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Verdict<U> {
        match self {
            Self::Send(trigger) => Verdict::Send(change(trigger)),
            Self::Pending { at_ms, trigger } => Verdict::Pending { at_ms, trigger: change(trigger) },
            Self::Nothing => Verdict::Nothing,
        }
    }
}

/// When to come back, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    pub at_ms: u64,
    pub reason: DeadlineReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineReason {
    /// `pmin`: a notification that was held back is due.
    MinimumPeriod,
    /// `pmax`: a notification is due without a change.
    MaximumPeriod,
    /// `epmin`: a value that came too early is to be evaluated.
    MinimumEvaluationPeriod,
    /// `epmax`: the value is to be evaluated.
    MaximumEvaluationPeriod,
}
