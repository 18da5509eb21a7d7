use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use coap::{Instant, Usage};
use console_api::{Departed, Departure, Label};
use lwm2m_codec::attributes::WriteAttributes;
use lwm2m_core::{
    Peer, SessionId,
    server::{self, CommandState, Operation, Refusals, Registration, WantedObservation},
};

use super::{
    journal::Journal,
    known::Known,
    limits,
    news::{News, What},
    row::Row,
};
use crate::commands::List;

/// What is known of all clients, and what has happened lately.
#[derive(Default)]
pub(super) struct State {
    pub(super) known: BTreeMap<String, Known>,
    pub(super) journal: Journal,
    /// Whether the journal keeps what happens.
    pub(super) kept: bool,
    pub(super) observations: usize,
    /// By the order in which they go when there are too many.
    departed: BTreeSet<(bool, u64, String)>,
    /// How many have gone so.
    departed_gone: u64,
    /// Also of clients that are not known at the moment.
    labels: BTreeMap<String, Arc<Label>>,
    /// Where the open security sessions are.
    sessions: BTreeMap<SessionId, SocketAddr>,
    /// What operators have decided about single clients, also about those that are not known at the moment.
    awake_s: BTreeMap<String, u32>,
    pub(super) commands: List,
    last_id: u32,
}

impl State {
    /// Takes an event in.
    pub(super) fn apply(&mut self, event: &server::Event, now: Instant) {
        match event {
            server::Event::Registered(registration) => {
                let known = self.register(registration);
                // The device may be another one by now, or have new firmware.
                known.refusals = Refusals::default();
                let row = Arc::clone(&known.row);
                self.tell(row, What::Registered);
            }
            server::Event::Updated(registration) => {
                let row = Arc::clone(&self.register(registration).row);
                self.tell(row, What::Updated);
            }
            server::Event::Departed { registration, why } => self.depart(registration, *why, now),
            server::Event::Forgotten { endpoint } => {
                self.labels.remove(endpoint);
                self.awake_s.remove(endpoint);
                self.commands.forget(endpoint);
                self.remove(endpoint);
            }
            server::Event::Reported(reported) => {
                let Some(known) = self.known.get_mut(&reported.endpoint) else { return };
                known.report(reported);
                let row = Arc::clone(&known.row);
                self.tell(row, What::Reported(Arc::clone(reported)));
            }
            server::Event::ObservationStarted { endpoint, observation } => {
                self.attributes_written(endpoint, &observation.asked);
                let Some(known) = self.known.get_mut(endpoint) else { return };
                let (target, since_ms) = (observation.asked.target.clone(), observation.since.as_millis());
                if known.observed.insert(target.clone(), since_ms).is_none() {
                    self.observations += 1;
                }
                known.count_observations();
                let row = Arc::clone(&known.row);
                self.tell(row, What::ObservationStarted { target, since_ms });
            }
            server::Event::ObservationEnded { endpoint, target, why } => {
                let Some(known) = self.known.get_mut(endpoint) else { return };
                if known.observed.remove(target).is_some() {
                    self.observations -= 1;
                }
                known.count_observations();
                let row = Arc::clone(&known.row);
                self.tell(row, What::ObservationEnded { target: target.clone(), why: why.clone() });
            }
            server::Event::Refuses { endpoint, refusals } => {
                if let Some(known) = self.known.get_mut(endpoint) {
                    known.refusals = refusals.clone();
                }
            }
            server::Event::Command(command) => self.command(command),
            server::Event::Awake { endpoint, until } => self.wake(endpoint, until.as_millis()),
            server::Event::Asleep { endpoint } => self.sleep(endpoint, now),
            server::Event::Configured { endpoint, config } => self.configure(endpoint, config),
            // Nothing that the list of clients shows.
            server::Event::ObservationPending { .. } | server::Event::Refused { .. } => {}
        }
    }

    /// A command is listed also when its client is not known any more.
    fn command(&mut self, command: &Arc<server::Command>) {
        self.commands.put(command);
        let Some(known) = self.known.get_mut(&command.endpoint) else { return };
        if let (Operation::WriteAttributes { path, attributes }, CommandState::Answered(answer)) =
            (&command.operation, &command.state)
            && answer.code.is_success()
        {
            let version = known.registration().version;
            known.attributes.written(path, attributes, version);
        }
        let queued = self.commands.queued(&command.endpoint);
        if known.row.queue.queued != queued {
            known.row_mut().queue.queued = queued;
        }
        let row = Arc::clone(&known.row);
        self.tell(row, What::Command(Arc::clone(command)));
    }

    /// What operators have written to an observed path is written again when the client has registered anew.
    pub(super) fn attributes_written(&mut self, endpoint: &str, wanted: &WantedObservation) {
        let Some(known) = self.known.get_mut(endpoint) else { return };
        if !wanted.attributes.is_empty() {
            let (write, version) =
                (WriteAttributes::setting(&wanted.attributes), known.registration().version);
            known.attributes.written(&wanted.target.path(), &write, version);
        }
    }

    fn wake(&mut self, endpoint: &str, until_ms: u64) {
        let Some(known) = self.known.get_mut(endpoint) else { return };
        let queue = &mut known.row_mut().queue;
        (queue.awake, queue.until_ms) = (true, Some(until_ms));
        let row = Arc::clone(&known.row);
        self.tell(row, What::Awake);
    }

    fn sleep(&mut self, endpoint: &str, now: Instant) {
        let Some(known) = self.known.get_mut(endpoint) else { return };
        let queue = &mut known.row_mut().queue;
        (queue.awake, queue.until_ms) = (false, Some(now.as_millis()));
        let row = Arc::clone(&known.row);
        self.tell(row, What::Asleep);
    }

    fn configure(&mut self, endpoint: &str, config: &server::ClientConfig) {
        match config.awake_s {
            Some(awake_s) => drop(self.awake_s.insert(endpoint.to_owned(), awake_s)),
            None => drop(self.awake_s.remove(endpoint)),
        }
        let Some(known) = self.known.get_mut(endpoint) else { return };
        known.row_mut().queue.awake_s = config.awake_s;
        let row = Arc::clone(&known.row);
        self.tell(row, What::Updated);
    }

    pub(super) fn session_at(&mut self, session: SessionId, address: SocketAddr, endpoint: Option<&str>) {
        self.sessions.insert(session, address);
        let Some(known) = endpoint.and_then(|endpoint| self.known.get_mut(endpoint)) else { return };
        if known.row.registration.peer != Peer::Session(session) || known.row.address == Some(address) {
            return;
        }
        known.row_mut().address = Some(address);
        let row = Arc::clone(&known.row);
        self.tell(row, What::Updated);
    }

    /// Where the client was is still told: it may be looked for there.
    pub(super) fn session_closed(&mut self, session: SessionId) {
        self.sessions.remove(&session);
    }

    /// Takes a label in that is stored.
    pub(super) fn label(&mut self, endpoint: &str, label: Label) {
        let label = (!label.is_empty()).then(|| Arc::new(label));
        match &label {
            Some(label) => drop(self.labels.insert(endpoint.to_owned(), Arc::clone(label))),
            None => drop(self.labels.remove(endpoint)),
        }
        let Some(known) = self.known.get_mut(endpoint) else { return };
        if let Some(place) = place_of_departed(&known.row) {
            self.departed.remove(&place);
        }
        known.row_mut().label = label;
        let row = Arc::clone(&known.row);
        self.departed.extend(place_of_departed(&row));
        self.tell(row, What::Labelled);
    }

    pub(super) fn objects_changed(&mut self) {
        self.journal.push(News { seq: 0, row: None, what: What::ObjectsChanged }, self.kept);
    }

    pub(super) fn departed_count(&self) -> usize {
        self.departed.len()
    }

    fn register(&mut self, registration: &Arc<Registration>) -> &mut Known {
        let Self { known, last_id, labels, sessions, departed, awake_s, commands, .. } = self;
        let endpoint = &registration.endpoint;
        let known = known.entry(endpoint.clone()).or_insert_with(|| {
            *last_id += 1;
            let mut row = Row::new(*last_id, registration, labels.get(endpoint).cloned());
            row.queue.queued = commands.queued(endpoint);
            row.queue.awake_s = awake_s.get(endpoint).copied();
            Known::new(row)
        });
        if let Some(place) = place_of_departed(&known.row) {
            departed.remove(&place);
        }
        let address = match registration.peer {
            Peer::Session(session) => sessions.get(&session).copied(),
            Peer::NoSec(_) => None,
        };
        known.register(registration, address);
        known
    }

    fn depart(&mut self, registration: &Registration, why: server::Departure, now: Instant) {
        let Some(known) = self.known.get_mut(&registration.endpoint) else { return };
        self.observations -= known.end_observations();
        let departed = match why {
            server::Departure::Deregistered => {
                Departed { why: Departure::Deregistered, at_ms: now.as_millis() }
            }
            server::Departure::Expired => {
                Departed { why: Departure::Expired, at_ms: registration.expires_at().as_millis() }
            }
            server::Departure::Revoked => Departed { why: Departure::Revoked, at_ms: now.as_millis() },
            // The values seen so far stay and its Register follows, or everything goes and that is told.
            server::Departure::Replaced | server::Departure::Forgotten => return,
        };
        let row = known.row_mut();
        row.departed = Some(departed);
        if departed.why == Departure::Deregistered {
            row.heard(departed.at_ms);
        }
        let row = Arc::clone(&known.row);
        self.departed.extend(place_of_departed(&row));
        self.tell(row, What::Departed(departed));
        while self.departed.len() > limits::DEPARTED {
            let Some((_, _, endpoint)) = self.departed.pop_first() else { break };
            self.departed_gone += 1;
            self.remove(&endpoint);
        }
    }

    pub(super) fn departed_usage(&self) -> Usage {
        Usage { used: self.departed.len(), limit: limits::DEPARTED, reached: self.departed_gone }
    }

    fn remove(&mut self, endpoint: &str) {
        let Some(mut known) = self.known.remove(endpoint) else { return };
        self.observations -= known.end_observations();
        if let Some(place) = place_of_departed(&known.row) {
            self.departed.remove(&place);
        }
        self.tell(known.row, What::Forgotten);
    }

    fn tell(&mut self, row: Arc<Row>, what: What) {
        self.journal.push(News { seq: 0, row: Some(row), what }, self.kept);
    }
}

fn place_of_departed(row: &Row) -> Option<(bool, u64, String)> {
    Some((row.label.is_some(), row.departed?.at_ms, row.endpoint().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::samples::registration;

    fn at(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    fn register(state: &mut State, endpoint: &str) {
        state.apply(&server::Event::Registered(registration(1, endpoint, "</3/0>")), at(1));
    }

    fn depart(state: &mut State, endpoint: &str, ms: u64) {
        let registration = registration(1, endpoint, "</3/0>");
        let why = server::Departure::Deregistered;
        state.apply(&server::Event::Departed { registration, why }, at(ms));
    }

    #[test]
    fn a_client_that_left_stays_known_and_keeps_its_number() {
        let mut state = State { kept: true, ..State::default() };
        register(&mut state, "a");
        depart(&mut state, "a", 7);
        let departed = Departed { why: Departure::Deregistered, at_ms: 7 };
        assert_eq!((state.known["a"].row.departed, state.departed_count()), (Some(departed), 1));
        register(&mut state, "a");
        let row = &state.known["a"].row;
        assert_eq!((row.id, row.departed, state.departed_count()), (1, None, 0));
        assert_eq!(state.journal.after(0, 9).unwrap().len(), 3);
    }

    #[test]
    fn of_too_many_that_left_the_first_to_leave_go_and_labelled_ones_last() {
        let mut state = State::default();
        let label = Label { name: Some("n".into()), ..Label::default() };
        state.label("0", label);
        for i in 0..=limits::DEPARTED + 1 {
            let endpoint = i.to_string();
            register(&mut state, &endpoint);
            depart(&mut state, &endpoint, i as u64);
        }
        assert_eq!(state.departed_count(), limits::DEPARTED);
        assert_eq!(state.known.len(), limits::DEPARTED);
        assert!(state.known.contains_key("0"), "it has a label");
        assert!(!state.known.contains_key("1") && !state.known.contains_key("2"));
        assert!(state.known.contains_key("3"));
    }

    #[test]
    fn a_label_stays_until_the_client_is_forgotten() {
        let mut state = State { kept: true, ..State::default() };
        register(&mut state, "a");
        let label = Label { name: Some("Hall".into()), ..Label::default() };
        state.label("a", label.clone());
        depart(&mut state, "a", 5);
        assert_eq!(state.known["a"].row.label(), label);
        state.label("a", Label::default());
        assert_eq!((state.departed_count(), state.labels.len()), (1, 0));
        state.label("a", label);
        state.apply(&server::Event::Forgotten { endpoint: "a".into() }, at(9));
        assert!(state.known.is_empty() && state.labels.is_empty() && state.departed.is_empty());
        register(&mut state, "a");
        let row = &state.known["a"].row;
        assert_eq!((row.id, row.label()), (2, Label::default()), "another client");
    }
}
