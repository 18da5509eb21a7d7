use core::time::Duration;

/// How a client goes on after a Register that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// As the Server object says: resources 16 to 20, with the defaults of the standard (LwM2M 1.1 Core §6.2.1.1). The
    /// Server object of LwM2M 1.0 has none of them, so such a client doubles its delay from a minute up to a day.
    ServerObject,
    /// The first delay, doubled with every further attempt up to the longest, without end.
    Doubling { first: Duration, longest: Duration },
}

/// What the retry resources of one account come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryPolicy {
    Doubling { first: Duration, longest: Duration },
    Sequences(Sequences),
}

/// LwM2M 1.1 Core, Server object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequences {
    /// Communication Retry Count, resource 17.
    pub(super) retry_count: u32,
    /// Communication Retry Timer, resource 18.
    pub(super) retry_timer: Duration,
    /// Communication Sequence Delay Timer, resource 19; None when there shall be no further sequence.
    pub(super) sequence_delay: Option<Duration>,
    /// Communication Sequence Retry Count, resource 20.
    pub(super) sequence_count: u32,
    /// Bootstrap on Registration Failure, resource 16.
    pub(super) bootstrap_on_failure: bool,
}

/// Attempts to register that failed since the last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attempts {
    in_sequence: u32,
    sequences: u32,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Attempt {
        after: Duration,
    },
    /// The registration as a whole has failed. `again` is when to begin anew, if at all.
    Failed {
        again: Option<Duration>,
    },
}

impl RetryPolicy {
    /// Without end, so the first failure already counts as one of the registration.
    pub(super) const fn is_endless(&self) -> bool {
        matches!(self, Self::Doubling { .. })
    }
}

impl Attempts {
    /// Counts one more failure.
    pub(super) fn failed(&mut self, policy: &RetryPolicy) -> Next {
        self.in_sequence = self.in_sequence.saturating_add(1);
        let doublings = self.in_sequence.saturating_sub(1).min(31);
        let sequences = match policy {
            RetryPolicy::Doubling { first, longest } => {
                return Next::Attempt { after: first.saturating_mul(1 << doublings).min(*longest) };
            }
            RetryPolicy::Sequences(sequences) => sequences,
        };
        if self.in_sequence < sequences.retry_count {
            return Next::Attempt { after: sequences.retry_timer.saturating_mul(1 << doublings) };
        }
        self.in_sequence = 0;
        self.sequences += 1;
        match sequences.sequence_delay {
            Some(after) if self.sequences < sequences.sequence_count => Next::Attempt { after },
            delay => {
                self.sequences = 0;
                Next::Failed { again: delay.filter(|_| !sequences.bootstrap_on_failure) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_delay_doubles_up_to_the_longest() {
        let policy = RetryPolicy::Doubling { first: s(60), longest: s(400) };
        let mut attempts = Attempts::default();
        let next: Vec<Next> = (0..6).map(|_| attempts.failed(&policy)).collect();
        assert_eq!(next, [60, 120, 240, 400, 400, 400].map(|after| Next::Attempt { after: s(after) }));
    }

    #[test]
    fn sequences_are_separated_by_their_delay_and_end() {
        let sequences = Sequences {
            retry_count: 3,
            retry_timer: s(10),
            sequence_delay: Some(s(1_000)),
            sequence_count: 2,
            bootstrap_on_failure: true,
        };
        let mut attempts = Attempts::default();
        let mut next = || attempts.failed(&RetryPolicy::Sequences(sequences));
        let waits: Vec<Next> = (0..5).map(|_| next()).collect();
        assert_eq!(waits, [10, 20, 1_000, 10, 20].map(|after| Next::Attempt { after: s(after) }));
        assert_eq!(next(), Next::Failed { again: None });
    }

    #[test]
    fn without_bootstrap_the_attempts_begin_anew_unless_that_is_forbidden() {
        let mut sequences = Sequences {
            retry_count: 1,
            retry_timer: s(10),
            sequence_delay: Some(s(500)),
            sequence_count: 1,
            bootstrap_on_failure: false,
        };
        let mut attempts = Attempts::default();
        let again = Next::Failed { again: Some(s(500)) };
        assert_eq!(attempts.failed(&RetryPolicy::Sequences(sequences)), again);
        assert_eq!(attempts.failed(&RetryPolicy::Sequences(sequences)), again);
        sequences.sequence_delay = None;
        assert_eq!(attempts.failed(&RetryPolicy::Sequences(sequences)), Next::Failed { again: None });
    }
}
