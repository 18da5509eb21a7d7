//! What must hold when the network is well again and some time has passed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coap::{Code, Token};
use lwm2m_codec::{Value, decode};
use lwm2m_core::server::{Command, CommandState, ObservationTarget, Operation, Reported, Source};

use crate::{
    device::{LONGEST_LIFETIME_S, TEMPERATURE},
    world::{REGISTRY, World},
};

/// Longer than any lifetime and any deadline, with all that may be tried in them.
const SETTLED: Duration = Duration::from_secs(2 * LONGEST_LIFETIME_S + 1_000);
/// Longer than any pmin, shorter than the next Update may be away.
const NOTIFIED: Duration = Duration::from_secs(10);

/// What came up in the histories.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    crashes: u64,
    accepted: u64,
    refused: u64,
    answered: u64,
    failed: u64,
    expired: u64,
    cancelled: u64,
    indeterminate: u64,
    executed: u64,
    acknowledged: u64,
    stored: u64,
    known_again: u64,
    /// Observations that a client had given up although the server had not.
    pub(crate) given_up: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.answered += other.answered;
        self.failed += other.failed;
        self.expired += other.expired;
        self.cancelled += other.cancelled;
        self.indeterminate += other.indeterminate;
        self.executed += other.executed;
        self.acknowledged += other.acknowledged;
        self.stored += other.stored;
        self.known_again += other.known_again;
        self.given_up += other.given_up;
    }

    pub(crate) const fn all_happened(&self) -> bool {
        self.crashes > 0
            && self.refused > 0
            && self.answered > 0
            && self.failed > 0
            && self.expired > 0
            && self.cancelled > 0
            && self.indeterminate > 0
            && self.executed > 0
            && self.acknowledged > 0
            && self.known_again > 0
    }
}

pub(crate) fn check(world: &mut World) -> Counts {
    world.note("the network heals");
    world.heal();
    world.pass(SETTLED);
    registrations_are_those_of_the_clients(world);
    let mut counts = every_accepted_command_has_ended_once(world);
    what_was_told_was_done(world);
    what_came_is_stored_once_and_in_order(world);
    counts.given_up = what_is_wanted_is_observed(world);
    counts.crashes = world.crashes;
    counts.refused = world.operators.refused;
    counts.accepted = world.operators.accepted.len() as u64;
    counts.acknowledged = world.acknowledged;
    counts.stored = world.store.history.len() as u64;
    counts.known_again = world.store.known_again;
    counts.executed = world.devices.iter().map(|device| device.executed.len() as u64).sum();
    counts
}

fn registrations_are_those_of_the_clients(world: &World) {
    for device in &world.devices {
        let registration = world.server.registration(&device.endpoint);
        assert_eq!(registration.is_some(), device.started, "{} at the server", device.endpoint);
        assert_eq!(device.client.is_registered(), device.started, "{} itself", device.endpoint);
        let stored = world.store.stored.registrations.get(&device.endpoint);
        assert_eq!(stored.map(|stored| stored.id), registration.map(|registration| registration.id));
    }
}

fn every_accepted_command_has_ended_once(world: &World) -> Counts {
    let mut counts = Counts::default();
    assert_eq!(world.server.usage().commands.used, 0);
    for id in &world.operators.accepted {
        assert!(world.store.stored.commands.contains_key(id), "{id:?} was accepted");
    }
    for (id, command) in &world.store.stored.commands {
        assert!(command.state.is_over(), "{id:?} is {}", command.state);
        if let Some(told) = world.operators.ended.get(id) {
            assert_eq!(*told, command.state, "{id:?}");
        }
        let count = match command.state {
            CommandState::Answered(_) => &mut counts.answered,
            CommandState::Failed(_) => &mut counts.failed,
            CommandState::Expired => &mut counts.expired,
            CommandState::Cancelled => &mut counts.cancelled,
            CommandState::Indeterminate => &mut counts.indeterminate,
            CommandState::Queued | CommandState::Sent => unreachable!("it is over"),
        };
        *count += 1;
    }
    counts
}

fn what_was_told_was_done(world: &World) {
    for (id, asked) in &world.operators.asked {
        let device = world.devices.iter().find(|device| device.endpoint == asked.endpoint).unwrap();
        let stored = world.store.stored.commands.get(id).map(|stored| &**stored);
        let times = match asked.operation {
            Operation::Execute { .. } => {
                let lives: Vec<_> =
                    device.executed.iter().filter(|(of, _)| *of == id.0).map(|(_, life)| *life).collect();
                // A device that has lost its power cannot know what it did before.
                let once_each = lives.iter().collect::<BTreeSet<_>>().len() == lives.len();
                assert!(once_each, "{id:?}: executed in lives {lives:?}");
                assert!(stored.is_none_or(|stored| stored.attempts <= 1), "{id:?} was sent twice");
                lives.len()
            }
            Operation::Write { .. } => device.written.iter().filter(|of| **of == id.0).count(),
            _ => continue,
        };
        if never_left(stored) {
            assert_eq!(times, 0, "{id:?} never left: {stored:?}");
        }
        let succeeded = matches!(
            stored.map(|stored| &stored.state),
            Some(CommandState::Answered(answer)) if answer.code == Code::CHANGED
        );
        assert!(!succeeded || times >= 1, "{id:?} was answered and not performed");
    }
}

/// What was not stored was not sent, and what expired or was withdrawn before it was sent neither.
fn never_left(stored: Option<&Command>) -> bool {
    stored.is_none_or(|stored| {
        stored.attempts == 0 && matches!(stored.state, CommandState::Expired | CommandState::Cancelled)
    })
}

fn what_came_is_stored_once_and_in_order(world: &World) {
    let mut newest: BTreeMap<(u32, &str, Token), f64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for kept in &world.store.history {
        let reported = &*kept.reported;
        let Some(delivery) = reported.delivery else { continue };
        let once = seen.insert((&reported.endpoint, delivery, &reported.payload));
        assert!(once, "stored twice: {reported:?}");
        if reported.source == Source::Notify && reported.current {
            // After a crash the order of before is forgotten.
            let order = (kept.life, reported.endpoint.as_str(), delivery.token);
            let value = temperature(reported);
            let before = newest.insert(order, value);
            assert!(before.is_none_or(|before| before <= value), "{value} after {before:?}");
        }
    }
}

/// What is wanted of a client that is there, the client notifies.
///
/// One exception, and how often it came up: an Observe that is overtaken by the one after the next Register, or whose
/// acceptance was not stored before a crash, leaves the client with a token that the server does not know. Its
/// notification is answered with Reset, as it must be, and then the client observes nothing.
fn what_is_wanted_is_observed(world: &mut World) -> u64 {
    let mut given_up = 0;
    for device in 0..world.devices.len() {
        world.set_temperature(device);
    }
    world.pass(NOTIFIED);
    let target = ObservationTarget::Path(TEMPERATURE);
    for (index, device) in world.devices.iter().enumerate().filter(|(_, device)| device.started) {
        let wanted = world.store.stored.wanted.contains_key(&(device.endpoint.clone(), target.clone()));
        if wanted && device.client.observations() == 0 && world.strangers.contains(&index) {
            given_up += 1;
            continue;
        }
        assert_eq!(device.client.observations(), usize::from(wanted), "{}", device.endpoint);
        if wanted {
            let of = |reported: &&Reported| {
                reported.endpoint == device.endpoint && reported.source == Source::Notify
            };
            let last = world.store.history.iter().rev().map(|kept| &*kept.reported).find(of);
            assert_eq!(
                last.map(temperature),
                Some(device.temperature),
                "the newest value of {}",
                device.endpoint
            );
        }
    }
    given_up
}

fn temperature(reported: &Reported) -> f64 {
    let format = reported.content_format.unwrap();
    match decode(format, &reported.path, &reported.payload, REGISTRY.as_ref()).unwrap()[0].value {
        Value::Float(value) => value,
        ref other => panic!("a temperature expected, got {other:?}"),
    }
}
