//! Devices that come again: what is refused again is counted in the session that has told of it, and a device that goes on
//! after a refusal does so in its session.

use std::collections::BTreeMap;

use coap::{Instant, Usage};

use super::{Beginning, BootstrapId, limits};
use crate::Peer;

/// Refusals of the last while, and sessions that can go on.
#[derive(Default)]
pub(super) struct Returning {
    past: BTreeMap<Refusal, Past>,
    untold: u64,
}

/// Whose request was refused. Before there was a session also why: nothing shows that it is the device of that name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Refusal {
    endpoint: String,
    before: Option<String>,
}

struct Past {
    opening: Opening,
    left: Left,
    until: Instant,
}

/// What a device is left with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It received nothing, and asks again.
    Refused,
    /// It was refused a pack, and goes on with a Bootstrap-Request (LwM2M 1.2 Core §6.1.7.7).
    WithoutPack(Peer),
    /// It has refused to finish, and takes a correction (LwM2M 1.2 Core §6.1.7.6).
    Inconsistent(Peer),
}

/// How a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) id: BootstrapId,
    pub(super) attempt: u32,
    /// Of a session that goes on the steps that it has.
    pub(super) steps: u32,
}

impl Returning {
    /// What a bootstrap session of a device follows on.
    pub(super) fn follows(
        &mut self,
        now: Instant,
        endpoint: &str,
        peer: Peer,
        begun_by: Beginning,
    ) -> Option<Opening> {
        let refusal = Refusal { endpoint: endpoint.to_owned(), before: None };
        let Past { opening, left, until } = self.past.remove(&refusal)?;
        if until <= now {
            return None;
        }
        match (left, begun_by) {
            (Left::Refused, Beginning::Client | Beginning::Pack) => {
                Some(Opening { attempt: opening.attempt.saturating_add(1), steps: 0, ..opening })
            }
            (Left::WithoutPack(before), Beginning::Client)
            | (Left::Inconsistent(before), Beginning::Server)
                if before == peer =>
            {
                Some(opening)
            }
            _ => None,
        }
    }

    /// A session is over. Beyond the bound the next one of its device is another.
    pub(super) fn ended(
        &mut self,
        now: Instant,
        endpoint: &str,
        opening: Opening,
        left: Left,
        until: Instant,
    ) {
        let refusal = Refusal { endpoint: endpoint.to_owned(), before: None };
        if self.has_room(now, &refusal) {
            self.past.insert(refusal, Past { opening, left, until });
        }
    }

    /// What was refused before there was a session. None when there is no room to tell of another one.
    pub(super) fn refused(
        &mut self,
        now: Instant,
        endpoint: &str,
        what: &str,
        next_id: impl FnOnce() -> BootstrapId,
    ) -> Option<Opening> {
        let refusal = Refusal { endpoint: endpoint.to_owned(), before: Some(what.to_owned()) };
        if !self.has_room(now, &refusal) {
            return None;
        }
        let before = self.past.get(&refusal).filter(|past| past.until > now);
        let opening = match before {
            Some(past) => Opening { attempt: past.opening.attempt.saturating_add(1), ..past.opening },
            None => Opening { id: next_id(), attempt: 1, steps: 0 },
        };
        let until = now + limits::REFUSALS_COUNTED;
        self.past.insert(refusal, Past { opening, left: Left::Refused, until });
        Some(opening)
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.past.len(), limit: limits::REFUSALS, reached: self.untold }
    }

    fn has_room(&mut self, now: Instant, refusal: &Refusal) -> bool {
        if self.past.len() >= limits::REFUSALS {
            self.past.retain(|_, past| past.until > now);
        }
        let has_room = self.past.len() < limits::REFUSALS || self.past.contains_key(refusal);
        self.untold += u64::from(!has_room);
        has_room
    }
}
