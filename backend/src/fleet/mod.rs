//! What everyone may know of the clients, kept for REST and the WebSocket: a projection of the server role's
//! events. Snapshots and the [`journal`] are read under one lock, so that a console neither misses an event nor
//! sees it twice.

mod attributes;
mod convert;
mod filter;
mod journal;
mod known;
mod limits;
#[cfg(test)]
mod measure;
mod news;
mod query;
mod reader;
mod row;
#[cfg(test)]
mod samples;
mod state;
mod view;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    ops::Bound,
    sync::{
        Arc, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

pub(crate) use attributes::InForce;
use coap::Usage;
use console_api::{ClientQuery, CommandQuery, Counts, Label, Status};
pub(crate) use convert::to_source;
pub(crate) use journal::Missed;
use lwm2m_core::{
    SessionId,
    server::{self, Command, Refusals, WantedObservation},
};
pub(crate) use news::{News, What};
pub(crate) use query::Depends;
use query::Query;
pub(crate) use reader::Reader;
pub(crate) use row::Row;
use state::State;
use tokio::sync::watch;
pub(crate) use view::View;

use crate::{clock::Clock, commands::Filter};

pub(crate) struct Fleet {
    state: RwLock<State>,
    clock: Clock,
    /// Another one after every start of the server.
    pub(crate) run: u64,
    /// The number of the last event.
    told: watch::Sender<u64>,
    readers: AtomicUsize,
    readers_turned_away: AtomicU64,
    kept_until_ms: AtomicU64,
    refused: AtomicU64,
}

impl Fleet {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            state: RwLock::default(),
            clock,
            run: clock.now().as_millis(),
            told: watch::Sender::new(0),
            readers: AtomicUsize::new(0),
            readers_turned_away: AtomicU64::new(0),
            kept_until_ms: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        View { state }
    }

    /// Whether one more may follow what happens. Who may not is counted.
    pub(crate) fn has_room_for_reader(&self) -> bool {
        let has_room = self.readers() < limits::READERS;
        self.readers_turned_away.fetch_add(u64::from(!has_room), Ordering::Relaxed);
        has_room
    }

    pub(crate) fn reader_usage(&self) -> Usage {
        let reached = self.readers_turned_away.load(Ordering::Relaxed);
        Usage { used: self.readers(), limit: limits::READERS, reached }
    }

    /// Everything that happens from now on is kept for this reader.
    pub(crate) fn reader(self: &Arc<Self>) -> Reader {
        Reader::new(self)
    }

    /// What happens is kept for a while, in case that someone asks.
    pub(crate) fn keep_events(&self) {
        let until = self.clock.now() + limits::KEPT_WITHOUT_READER;
        self.kept_until_ms.fetch_max(until.as_millis(), Ordering::Relaxed);
    }

    pub(crate) fn apply(&self, event: &server::Event) {
        self.change(|state| state.apply(event, self.clock.now()));
    }

    /// A security session is at an address, now or from now on; `endpoint` is registered over it.
    pub(crate) fn session_at(&self, session: SessionId, address: SocketAddr, endpoint: Option<&str>) {
        self.change(|state| state.session_at(session, address, endpoint));
    }

    pub(crate) fn session_closed(&self, session: SessionId) {
        self.change(|state| state.session_closed(session));
    }

    /// What operators had written to an observed path before the server started.
    pub(crate) fn wanted(&self, endpoint: &str, wanted: &WantedObservation) {
        self.write().attributes_written(endpoint, wanted);
    }

    /// A label is stored.
    pub(crate) fn label(&self, endpoint: &str, label: Label) {
        self.change(|state| state.label(endpoint, label));
    }

    /// Object definitions were added or removed.
    pub(crate) fn objects_changed(&self) {
        self.change(State::objects_changed);
    }

    /// What a client is known to refuse is tried again. False when no such client is registered.
    pub(crate) fn forget_refusals(&self, endpoint: &str) -> bool {
        let mut state = self.write();
        let Some(known) = state.known.get_mut(endpoint).filter(|known| known.row.departed.is_none()) else {
            return false;
        };
        known.refusals = Refusals::default();
        true
    }

    /// The clients that a query asks for, in its order. Many are looked at on a thread of their own.
    pub(crate) async fn find(self: &Arc<Self>, query: ClientQuery) -> Vec<Arc<Row>> {
        if self.view().known() <= limits::ROWS_AT_ONCE {
            return self.find_now(&query);
        }
        let fleet = Arc::clone(self);
        // It is not cancelled, and has no reason to panic.
        tokio::task::spawn_blocking(move || fleet.find_now(&query)).await.unwrap_or_default()
    }

    fn find_now(&self, query: &ClientQuery) -> Vec<Arc<Row>> {
        Query::new(query).select(self.rows())
    }

    /// The commands that a query asks for, newest first. Many are looked at on a thread of their own.
    pub(crate) async fn find_commands(self: &Arc<Self>, query: CommandQuery) -> Vec<Arc<Command>> {
        let commands: Vec<Arc<Command>> = self.view().commands().newest_first().cloned().collect();
        let find = move || {
            let filter = Filter::new(&query);
            commands.into_iter().filter(|command| filter.matches(command)).collect()
        };
        // It is not cancelled, and has no reason to panic.
        tokio::task::spawn_blocking(find).await.unwrap_or_default()
    }

    /// All clients, by endpoint name. They are not all of the same moment: nobody waits for them.
    fn rows(&self) -> Vec<Arc<Row>> {
        let mut rows: Vec<Arc<Row>> = Vec::new();
        loop {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            rows.reserve(state.known.len().saturating_sub(rows.len()));
            let after = rows.last().map_or(Bound::Unbounded, |row| Bound::Excluded(row.endpoint()));
            let more = state.known.range::<str, _>((after, Bound::Unbounded)).take(limits::ROWS_AT_ONCE);
            let more: Vec<Arc<Row>> = more.map(|(_, known)| Arc::clone(&known.row)).collect();
            if more.is_empty() {
                return rows;
            }
            rows.extend(more);
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.rows() {
            *match row.status() {
                Status::Awake => &mut counts.awake,
                Status::Asleep => &mut counts.asleep,
                Status::Expired => &mut counts.expired,
                Status::Deregistered => &mut counts.deregistered,
            } += 1;
        }
        counts
    }

    /// How many registered clients have each Object.
    pub(crate) fn objects_in_use(&self) -> BTreeMap<u16, usize> {
        let mut clients = BTreeMap::new();
        for row in self.rows().iter().filter(|row| row.departed.is_none()) {
            for object in row.registration.links.objects.keys() {
                *clients.entry(*object).or_default() += 1;
            }
        }
        clients
    }

    /// Browser tabs and scripts that follow what happens.
    pub(crate) fn readers(&self) -> usize {
        self.readers.load(Ordering::Relaxed)
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages refused since the start.
    pub(crate) fn refused_count(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Changes what is known, and wakes who follows.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let kept =
            self.readers() > 0 || self.clock.now().as_millis() < self.kept_until_ms.load(Ordering::Relaxed);
        let mut state = self.write();
        state.kept = kept;
        change(&mut state);
        let seq = state.journal.seq();
        drop(state);
        self.told.send_if_modified(|told| std::mem::replace(told, seq.max(*told)) < seq);
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}
