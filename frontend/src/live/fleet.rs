use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use console_api::{Client, Departed, Departure, FleetView, FleetWindow, Label, Reported, Source, Status};
use lwm2m_codec::{Level, Path};

use super::limits::LATEST_BYTES;

/// The part of the fleet that is on the screen, as the server last told it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fleet {
    view: FleetView,
    clients: Vec<Arc<Client>>,
    /// Where in `clients`, by [`Client::id`].
    places: HashMap<u32, usize>,
    /// Clients that match the query.
    pub(crate) matching: usize,
    /// Clients that are known, registered or not.
    pub(crate) known: usize,
    /// A window has come: what is absent is known to be absent.
    pub(crate) loaded: bool,
}

impl Fleet {
    pub(crate) fn restore(&mut self, window: FleetWindow) {
        let FleetWindow { view, matching, known, clients, .. } = window;
        self.places = clients.iter().enumerate().map(|(place, client)| (client.id, place)).collect();
        self.clients = clients.into_iter().map(Arc::new).collect();
        self.matching = matching as usize;
        self.known = known as usize;
        self.view = view;
        self.loaded = true;
    }

    /// The client in a row of the whole table, if that row is here.
    pub(crate) fn row(&self, index: usize) -> Option<&Arc<Client>> {
        self.clients.get(index.checked_sub(self.view.offset as usize)?)
    }

    /// Tags of the clients that are here.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tags: BTreeSet<&String> = self.clients.iter().flat_map(|client| &client.tags).collect();
        tags.into_iter().cloned().collect()
    }

    /// Register or Update. Whether a row shows it.
    pub(crate) fn put(&mut self, client: Client) -> bool {
        self.change(client.id, |row| *row = client)
    }

    /// The row says so until the server tells who takes its place.
    pub(crate) fn depart(&mut self, id: u32, why: Departure, at_ms: u64) -> bool {
        self.change(id, |row| {
            row.departed = Some(Departed { why, at_ms });
            row.status = match why {
                Departure::Expired => Status::Expired,
                Departure::Deregistered | Departure::Revoked => Status::Deregistered,
            };
            row.observation_count = 0;
        })
    }

    /// Whether the client takes requests, and until when.
    pub(crate) fn wake(&mut self, id: u32, awake: bool, until_ms: u64) -> bool {
        self.change(id, |row| wake(row, awake, until_ms))
    }

    /// So many commands wait for the client.
    pub(crate) fn queue(&mut self, id: u32, queued: u32) -> bool {
        self.change(id, |row| row.queue.queued = queued)
    }

    /// What an operator calls the client from now on.
    pub(crate) fn label(&mut self, id: u32, label: &Label) -> bool {
        self.change(id, |row| {
            row.name.clone_from(&label.name);
            row.tags.clone_from(&label.tags);
        })
    }

    pub(crate) fn report(&mut self, reported: &Reported) -> bool {
        self.change(reported.client, |row| {
            row.heard_at_ms = row.heard_at_ms.max(reported.at_ms);
            if fits_a_row(reported) {
                row.latest = Some(reported.clone());
            }
        })
    }

    pub(crate) fn start_observation(&mut self, id: u32) -> bool {
        self.change(id, |row| row.observation_count += 1)
    }

    pub(crate) fn end_observation(&mut self, id: u32) -> bool {
        self.change(id, |row| row.observation_count = row.observation_count.saturating_sub(1))
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut Client)) -> bool {
        let row = self.places.get(&id).and_then(|place| self.clients.get_mut(*place));
        row.is_some_and(|row| {
            change(Arc::make_mut(row));
            true
        })
    }
}

pub(super) fn wake(client: &mut Client, awake: bool, until_ms: u64) {
    client.queue.awake = awake;
    client.queue.until_ms = Some(until_ms);
    client.status = Status::of(client.departed, awake);
}

/// The same that the server takes for [`Client::latest`].
fn fits_a_row(reported: &Reported) -> bool {
    let one_value = reported.path.parse::<Path>().is_ok_and(|path| path.level() >= Level::Resource);
    one_value
        && matches!(reported.source, Source::Read | Source::Notify)
        && reported.payload.len() <= LATEST_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::client;

    fn fleet() -> Fleet {
        let clients = vec![client("a", &[]), Client { id: 2, ..client("b", &[]) }];
        let view = FleetView { offset: 64, limit: 2, ..FleetView::default() };
        let mut fleet = Fleet::default();
        fleet.restore(FleetWindow { view, seq: 0, matching: 100, known: 120, clients });
        fleet
    }

    fn reported(id: u32, path: &str, payload: &[u8]) -> Reported {
        Reported {
            client: id,
            path: path.into(),
            source: Source::Notify,
            content_format: Some(0),
            payload: payload.to_vec(),
            at_ms: 50,
            sequence: None,
            confirmable: false,
        }
    }

    #[test]
    fn rows_are_those_of_the_whole_table() {
        let fleet = fleet();
        assert_eq!(fleet.row(65).map(|client| client.endpoint.as_str()), Some("b"));
        assert!(fleet.row(63).is_none() && fleet.row(66).is_none() && fleet.row(0).is_none());
        assert_eq!((fleet.matching, fleet.known, fleet.loaded), (100, 120, true));
    }

    #[test]
    fn events_change_the_rows_that_are_here() {
        let mut fleet = fleet();
        assert!(fleet.put(Client { id: 2, binding: "UQ".into(), ..client("b", &[]) }));
        assert!(!fleet.put(Client { id: 9, ..client("z", &[]) }));
        let label = Label { name: Some("Pump".into()), tags: vec!["hall 3".into()], notes: String::new() };
        assert!(fleet.label(2, &label) && !fleet.label(9, &label));
        assert!(fleet.start_observation(2) && fleet.start_observation(2) && fleet.end_observation(2));
        assert!(fleet.report(&reported(2, "/3303/0/5700", b"21.4")));
        assert!(fleet.report(&reported(2, "/3303/0", b"whole")));
        let row = fleet.row(65).unwrap();
        assert_eq!(
            (row.binding.as_str(), row.name.as_deref(), row.observation_count),
            ("UQ", Some("Pump"), 1)
        );
        assert_eq!(row.latest.as_ref().map(|latest| latest.path.as_str()), Some("/3303/0/5700"));
        assert_eq!(row.heard_at_ms, 50);
        assert!(fleet.wake(2, false, 60) && fleet.queue(2, 3));
        let row = fleet.row(65).unwrap();
        assert_eq!((row.status, row.queue.until_ms, row.queue.queued), (Status::Asleep, Some(60), 3));
        assert!(fleet.depart(2, Departure::Expired, 70));
        let row = fleet.row(65).unwrap();
        assert_eq!((row.status, row.observation_count), (Status::Expired, 0));
    }
}
