//! Queue Mode (LwM2M 1.0 TS §8.3; Core 1.1 Transport §6.5): who listens, and until when.
//!
//! A client in queue mode listens for a while after each message between it and the server. Of messages to it only
//! those count that it has answered: of the others nobody knows whether they came.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use coap::Instant;

use super::{Event, Registration, RegistrationId, Server};

/// The clients in queue mode that are awake. One that sleeps costs nothing.
#[derive(Default)]
pub(super) struct Awake {
    until: BTreeMap<RegistrationId, Until>,
    timers: BTreeSet<(Instant, RegistrationId)>,
}

#[derive(Clone, Copy)]
struct Until {
    at: Instant,
    /// What everyone who watches was told.
    told: Instant,
}

impl Awake {
    fn contains(&self, id: RegistrationId) -> bool {
        self.until.contains_key(&id)
    }

    /// Whether that has to be told: each time a quarter of the time awake has gone since it was, so that a countdown is
    /// right to a quarter and a client that says much does not flood everyone.
    fn extend(&mut self, id: RegistrationId, now: Instant, awake: Duration) -> bool {
        let at = now + awake;
        let before = self.until.get(&id).copied();
        let tell = before.is_none_or(|before| at >= before.told + awake / 4);
        let told = before.filter(|_| !tell).map_or(at, |before| before.told);
        if let Some(before) = before {
            self.timers.remove(&(before.at, id));
        }
        self.until.insert(id, Until { at, told });
        self.timers.insert((at, id));
        tell
    }

    pub(super) fn remove(&mut self, id: RegistrationId) -> bool {
        let until = self.until.remove(&id);
        until.is_some_and(|until| self.timers.remove(&(until.at, id)))
    }

    pub(super) fn next_timer(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    fn first_due(&self, now: Instant) -> Option<RegistrationId> {
        self.timers.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }
}

impl Server {
    /// Whether a request to a client would leave now. One in queue mode does not listen while it sleeps.
    pub fn is_awake(&self, endpoint: &str) -> bool {
        self.registrations.by_endpoint(endpoint).is_some_and(|registration| self.is_listening(registration))
    }

    /// Until when a client in queue mode is taken for awake, if it is.
    pub fn awake_until(&self, endpoint: &str) -> Option<Instant> {
        let registration = self.registrations.by_endpoint(endpoint)?;
        self.awake.until.get(&registration.id).map(|until| until.at)
    }

    pub(super) fn is_listening(&self, registration: &Registration) -> bool {
        !registration.queue_mode || self.awake.contains(registration.id)
    }

    /// A message of a client came, and was answered if it wanted an answer.
    pub(super) fn heard(&mut self, now: Instant, registration: &Registration) {
        if registration.queue_mode {
            let endpoint = &registration.endpoint;
            let configured = self.configs.get(endpoint).and_then(|config| config.awake_s);
            let awake = configured.map_or(self.config.awake_time, |s| Duration::from_secs(u64::from(s)));
            if self.awake.extend(registration.id, now, awake) {
                self.event(Event::Awake { endpoint: endpoint.clone(), until: now + awake });
            }
        } else {
            self.awake.remove(registration.id);
        }
        self.observe_unasked(now, registration.id);
        self.commands.touch(&registration.endpoint);
    }

    /// A client in queue mode did not answer, so it sleeps, whatever its time says.
    pub(super) fn fall_asleep(&mut self, now: Instant, registration: &Registration) {
        if self.awake.remove(registration.id) {
            self.event(Event::Asleep { endpoint: registration.endpoint.clone() });
        }
        if registration.queue_mode {
            self.stop_asking(now, registration.id);
        }
    }

    pub(super) fn fall_asleep_in_time(&mut self, now: Instant) {
        while let Some(id) = self.awake.first_due(now) {
            self.awake.remove(id);
            if let Some(registration) = self.registrations.by_id(id) {
                self.event(Event::Asleep { endpoint: registration.endpoint.clone() });
            }
        }
    }
}
