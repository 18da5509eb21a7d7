use std::collections::BTreeSet;

use crate::{ExchangeId, Instant, MessageId, RequestId, TimeoutReason};

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Timer<P> {
    Retransmission(P, MessageId),
    Exchange(ExchangeId),
    EmptyAcknowledgement(RequestId),
    /// A message of the exchange may get a message id.
    MessageId(ExchangeId),
}

impl<P> Timer<P> {
    const fn reason(&self) -> TimeoutReason {
        match self {
            Self::Retransmission(..) => TimeoutReason::Retransmission,
            Self::Exchange(_) => TimeoutReason::ExchangeTimeout,
            Self::EmptyAcknowledgement(_) => TimeoutReason::EmptyAcknowledgement,
            Self::MessageId(_) => TimeoutReason::MessageId,
        }
    }
}

/// Timers by due time; those due together go off in a fixed order.
pub(super) struct Timers<P> {
    due: BTreeSet<(Instant, Timer<P>)>,
}

impl<P: Copy + Ord> Timers<P> {
    pub(super) const fn new() -> Self {
        Self { due: BTreeSet::new() }
    }

    pub(super) fn start(&mut self, due: Instant, timer: Timer<P>) {
        self.due.insert((due, timer));
    }

    pub(super) fn stop(&mut self, due: Instant, timer: Timer<P>) {
        self.due.remove(&(due, timer));
    }

    pub(super) fn next(&self) -> Option<(Instant, TimeoutReason)> {
        self.due.first().map(|(due, timer)| (*due, timer.reason()))
    }

    pub(super) fn take_due(&mut self, now: Instant) -> Option<Timer<P>> {
        let (due, _) = self.due.first()?;
        if *due > now {
            return None;
        }
        self.due.pop_first().map(|(_, timer)| timer)
    }
}
