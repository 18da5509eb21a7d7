use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use coap::Instant;
use lwm2m_core::server::{
    ActiveObservation, Change, CommandId, CommandState, Delivery, Key, Outcome, Reported, Ticket,
};

use crate::{dice::Dice, stored::Stored};

/// How long a message of a client may come again (RFC 7252 §4.8.2).
const EXCHANGE_LIFETIME: Duration = Duration::from_secs(247);

/// What waits for the store. It does one after the other.
enum Job {
    Commit(Box<Change>),
    Lookup(Key),
}

pub(crate) enum Reply {
    Persisted(Outcome),
    Found(Option<Box<ActiveObservation>>),
}

/// A payload, and which life of the server stored it.
pub(crate) struct Kept {
    pub(crate) reported: Arc<Reported>,
    pub(crate) life: u32,
}

/// A slow disk that may be full. Only what is in here survives.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) stored: Stored,
    pub(crate) history: Vec<Kept>,
    pub(crate) full: bool,
    pub(crate) life: u32,
    pub(crate) known_again: u64,
    deliveries: BTreeMap<(String, Delivery), Instant>,
    queue: VecDeque<(Instant, Ticket, Job)>,
    /// The last command of each client that was sent.
    sent: BTreeMap<String, CommandId>,
}

impl Store {
    pub(crate) fn commit(&mut self, now: Instant, ticket: Ticket, change: Change, dice: &mut Dice) {
        self.enqueue(now, ticket, Job::Commit(Box::new(change)), dice);
    }

    pub(crate) fn look_up(&mut self, now: Instant, ticket: Ticket, key: Key, dice: &mut Dice) {
        self.enqueue(now, ticket, Job::Lookup(key), dice);
    }

    fn enqueue(&mut self, now: Instant, ticket: Ticket, job: Job, dice: &mut Dice) {
        let delay = if dice.one_in(20) { dice.draw(0..3_000) } else { dice.draw(0..20) };
        let due = now + Duration::from_millis(delay);
        let due = self.queue.back().map_or(due, |(before, ..)| due.max(*before));
        self.queue.push_back((due, ticket, job));
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.front().map(|(due, ..)| *due)
    }

    pub(crate) fn reply(&mut self, now: Instant) -> Option<(Ticket, Reply)> {
        self.queue.front().filter(|(due, ..)| *due <= now)?;
        let (_, ticket, job) = self.queue.pop_front()?;
        let reply = match job {
            Job::Commit(change) => Reply::Persisted(self.apply(now, &change)),
            Job::Lookup(Key::Observation(token)) => {
                Reply::Found(self.stored.active.get(&token).cloned().map(Box::new))
            }
        };
        Some((ticket, reply))
    }

    /// The power goes: some of what was under way is there, the rest is not.
    pub(crate) fn crash(&mut self, now: Instant, dice: &mut Dice) {
        let done = dice.index(self.queue.len() + 1);
        let under_way: Vec<_> = self.queue.drain(..).collect();
        for (_, _, job) in under_way.into_iter().take(done) {
            if let Job::Commit(change) = job {
                self.apply(now, &change);
            }
        }
        self.life += 1;
        self.sent.clear();
    }

    fn apply(&mut self, now: Instant, change: &Change) -> Outcome {
        if self.full {
            return Outcome::Failed("disk full".into());
        }
        match change {
            Change::Reported(reported) => return self.report(now, reported),
            Change::Command(command) => {
                if let Some(before) = self.stored.commands.get(&command.id) {
                    assert!(!before.state.is_over(), "{:?} after {:?}", command.state, before.state);
                }
                if command.state == CommandState::Sent {
                    let last = self.sent.insert(command.endpoint.clone(), command.id);
                    assert!(last <= Some(command.id), "command {} after {last:?}", command.id.0);
                }
            }
            _ => {}
        }
        self.stored.apply(change);
        Outcome::Stored
    }

    fn report(&mut self, now: Instant, reported: &Arc<Reported>) -> Outcome {
        if let Some(delivery) = reported.delivery {
            let key = (reported.endpoint.clone(), delivery);
            let before = self.deliveries.insert(key, now);
            if before.is_some_and(|before| now < before + EXCHANGE_LIFETIME) {
                self.known_again += 1;
                return Outcome::Known;
            }
        }
        self.history.push(Kept { reported: Arc::clone(reported), life: self.life });
        Outcome::Stored
    }
}
