use std::sync::{Arc, RwLockReadGuard};

use coap::Usage;
use console_api::{Client, ClientDetails, DeviceSnapshot, Observation, Reported};
use lwm2m_core::server::{Command, Refusals, Registration};
use lwm2m_model::Registry;

use super::{
    attributes::ClientAttributes,
    convert::{in_words, to_client, to_observation, to_reported},
    journal::Missed,
    known::Known,
    news::News,
    row::Row,
    state::State,
};
use crate::commands::{List, to_command};

/// Whether a client sleeps at times, and now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sleeper {
    pub(crate) in_queue_mode: bool,
    pub(crate) asleep: bool,
}

/// The clients at one moment.
pub(crate) struct View<'a> {
    pub(super) state: RwLockReadGuard<'a, State>,
}

impl View<'_> {
    /// The number of the last event: everything up to it is in this view.
    pub(crate) fn seq(&self) -> u64 {
        self.state.journal.seq()
    }

    /// The number before that of the oldest event that is still there.
    pub(crate) fn before_oldest(&self) -> u64 {
        self.state.journal.before_oldest()
    }

    /// At most `count` events after the one with the number `cursor`.
    pub(crate) fn news(&self, cursor: u64, count: usize) -> Result<Vec<Arc<News>>, Missed> {
        self.state.journal.after(cursor, count)
    }

    /// Clients that are known, registered or not.
    pub(crate) fn known(&self) -> usize {
        self.state.known.len()
    }

    pub(crate) fn registered(&self) -> usize {
        self.state.known.len() - self.state.departed_count()
    }

    /// How much of the bound is in use: clients that are known although they left, and events for consoles.
    pub(crate) fn departed_usage(&self) -> Usage {
        self.state.departed_usage()
    }

    pub(crate) fn journal_usage(&self) -> Usage {
        self.state.journal.usage()
    }

    pub(crate) fn observation_count(&self) -> usize {
        self.state.observations
    }

    /// What is known of a client, registered or not.
    pub(crate) fn client(&self, endpoint: &str) -> Option<Client> {
        self.of(endpoint).map(|known| to_client(&known.row))
    }

    /// Given by operators.
    pub(crate) fn name(&self, endpoint: &str) -> Option<String> {
        self.of(endpoint).and_then(|known| known.row.label().name)
    }

    pub(crate) fn details(&self, endpoint: &str) -> Option<ClientDetails> {
        let known = self.of(endpoint)?;
        Some(ClientDetails {
            client: to_client(&known.row),
            notes: known.row.label().notes,
            observations: self.observations(endpoint),
            refused: in_words(&known.refusals),
        })
    }

    pub(crate) fn device(&self, endpoint: &str) -> DeviceSnapshot {
        DeviceSnapshot {
            endpoint: endpoint.to_owned(),
            seq: self.seq(),
            client: self.client(endpoint),
            notes: self.of(endpoint).map(|known| known.row.label().notes).unwrap_or_default(),
            reported: self.reported(endpoint),
            observations: self.observations(endpoint),
            commands: self.state.commands.of_client(endpoint).map(|command| self.command(command)).collect(),
        }
    }

    /// What is known of the notification attributes of a client, registered or not.
    pub(crate) fn attributes(&self, endpoint: &str, registry: &Registry) -> Option<ClientAttributes<'_>> {
        self.of(endpoint).map(|known| ClientAttributes::of(known, registry))
    }

    /// Commands of all clients.
    pub(crate) fn commands(&self) -> &List {
        &self.state.commands
    }

    /// A command as a console is told.
    pub(crate) fn command(&self, command: &Command) -> console_api::Command {
        to_command(command, self.root(&command.endpoint))
    }

    /// How a client takes requests.
    pub(crate) fn sleeper(&self, endpoint: &str) -> Sleeper {
        let row = self.of(endpoint).map(|known| &known.row).filter(|row| row.departed.is_none());
        Sleeper {
            in_queue_mode: row.is_some_and(|row| row.registration.queue_mode),
            asleep: row.is_some_and(|row| !row.queue.awake),
        }
    }

    fn root(&self, endpoint: &str) -> &str {
        self.of(endpoint).map_or("/", |known| known.registration().links.root.as_str())
    }

    /// These clients as they are now, without those that have been forgotten.
    pub(crate) fn clients(&self, rows: &[Arc<Row>]) -> Vec<Client> {
        rows.iter().filter_map(|row| self.client(row.endpoint())).collect()
    }

    pub(crate) fn refusals(&self, endpoint: &str) -> Refusals {
        self.of(endpoint).map(|known| known.refusals.clone()).unwrap_or_default()
    }

    /// The registration of a client that has one.
    pub(crate) fn registration(&self, endpoint: &str) -> Option<Arc<Registration>> {
        let known = self.of(endpoint).filter(|known| known.row.departed.is_none())?;
        Some(Arc::clone(known.registration()))
    }

    /// The newest payloads of a client, oldest first, so that a later one overlays an earlier one.
    fn reported(&self, endpoint: &str) -> Vec<Reported> {
        let Some(known) = self.of(endpoint) else { return Vec::new() };
        let mut reported: Vec<_> = known.reported.values().collect();
        reported.sort_by_key(|reported| reported.at);
        reported.into_iter().map(|reported| to_reported(known.row.id, reported)).collect()
    }

    fn observations(&self, endpoint: &str) -> Vec<Observation> {
        let Some(known) = self.of(endpoint) else { return Vec::new() };
        let observed = known.observed.iter();
        observed.map(|(target, since_ms)| to_observation(known.row.id, target, *since_ms)).collect()
    }

    fn of(&self, endpoint: &str) -> Option<&Known> {
        self.state.known.get(endpoint)
    }
}
