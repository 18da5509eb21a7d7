//! What nobody waits for is stored all the same, if not now, then when the store has room again.

use std::collections::VecDeque;

use coap::Instant;

use super::{Change, Flow, Outcome, Server, limits};

/// Changes that the store could not take, in their order.
#[derive(Default)]
pub(super) struct Unkept {
    changes: VecDeque<Change>,
    retry_at: Option<Instant>,
}

impl Unkept {
    fn push(&mut self, change: Change) {
        if self.changes.len() >= limits::UNKEPT_CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    pub(super) const fn next_timer(&self) -> Option<Instant> {
        self.retry_at
    }
}

impl Server {
    /// Stores something that nobody waits for.
    pub(super) fn persist_unwaited(&mut self, change: Change) {
        if self.unkept.changes.is_empty() {
            self.persist(Flow::Unwaited { change: change.clone() }, change);
        } else {
            self.unkept.push(change);
        }
    }

    pub(super) fn finish_unwaited(&mut self, now: Instant, change: Change, outcome: &Outcome) {
        if matches!(outcome, Outcome::Failed(_)) {
            self.unkept.push(change);
            self.unkept.retry_at = Some(now + limits::RETRY_AFTER);
        }
    }

    pub(super) fn persist_unkept(&mut self, now: Instant) {
        if self.unkept.retry_at.is_some_and(|at| at <= now) {
            self.unkept.retry_at = None;
            for change in core::mem::take(&mut self.unkept.changes) {
                self.persist_unwaited(change);
            }
        }
    }

    /// What is stored now makes an older change worthless that still waits.
    pub(super) fn overtake_unkept(&mut self, change: &Change) {
        self.unkept.changes.retain(|waiting| match (waiting, change) {
            (
                Change::ObservationWanted { endpoint, wanted },
                Change::ObservationUnwanted { endpoint: of, target },
            ) => endpoint != of || wanted.target != *target,
            _ => true,
        });
    }
}
