//! What everyone may know of the clients, kept for REST and the WebSocket: a projection of the server role's
//! events. Snapshot and subscription are taken under one lock, so that a console neither misses an event nor
//! sees it twice.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use console_api::{Client, Event, ObjectEntry, Observation, Reported, SecurityMode, Source};
use lwm2m_codec::Path;
use lwm2m_core::{
    PeerIdentity,
    server::{self, Departure, ObservationTarget, Registration},
};
use tokio::sync::broadcast;

/// Events that a slow console may be behind. Beyond, it is told so and gets fresh snapshots.
const EVENTS_BEHIND: usize = 4_096;

/// Paths of one client whose newest payload is shown. Beyond, the oldest goes.
const REPORTED_PER_CLIENT: usize = 512;

/// An event and whom it is about.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) endpoint: String,
    pub(crate) event: Event,
}

pub(crate) struct Fleet {
    state: RwLock<State>,
    news: broadcast::Sender<Arc<News>>,
    observations: AtomicUsize,
    received: AtomicU64,
    sent: AtomicU64,
    refused: AtomicU64,
}

#[derive(Default)]
struct State {
    known: BTreeMap<String, Known>,
    last_id: u32,
}

struct Known {
    id: u32,
    registration: Arc<Registration>,
    reported: BTreeMap<Path, Arc<server::Reported>>,
    observed: BTreeMap<ObservationTarget, u64>,
}

/// The clients at one moment.
pub(crate) struct View<'a>(RwLockReadGuard<'a, State>);

impl Fleet {
    pub(crate) fn new() -> Self {
        Self {
            state: RwLock::default(),
            news: broadcast::Sender::new(EVENTS_BEHIND),
            observations: AtomicUsize::new(0),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        View(self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything that happens from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<News>> {
        self.news.subscribe()
    }

    pub(crate) fn apply(&self, event: &server::Event) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let Some(news) = self.note(&mut state, event) else { return };
        // Sent under the lock, so that no snapshot can fall between. Nobody listening is fine.
        let _ = self.news.send(Arc::new(news));
    }

    fn note(&self, state: &mut State, event: &server::Event) -> Option<News> {
        let (endpoint, event) = match event {
            server::Event::Registered(registration) => {
                (&registration.endpoint, Event::Registered(state.register(registration)))
            }
            server::Event::Updated(registration) => {
                (&registration.endpoint, Event::Updated(state.register(registration)))
            }
            server::Event::Departed { registration, why } => {
                let why = match why {
                    Departure::Deregistered => console_api::Departure::Deregistered,
                    Departure::Expired => console_api::Departure::Expired,
                    // The Register that replaced it follows, and the values seen so far stay.
                    Departure::Replaced => {
                        let known = state.known.get_mut(&registration.endpoint)?;
                        self.observations.fetch_sub(known.observed.len(), Ordering::Relaxed);
                        known.observed.clear();
                        return None;
                    }
                };
                let known = state.known.remove(&registration.endpoint)?;
                self.observations.fetch_sub(known.observed.len(), Ordering::Relaxed);
                let endpoint = &registration.endpoint;
                (endpoint, Event::Departed { id: known.id, endpoint: endpoint.clone(), why })
            }
            server::Event::Reported(reported) => {
                let known = state.known.get_mut(&reported.endpoint)?;
                let event = Event::Reported(to_reported(known.id, reported));
                known.report(reported);
                (&reported.endpoint, event)
            }
            server::Event::ObservationStarted { endpoint, observation } => {
                let known = state.known.get_mut(endpoint)?;
                let since_ms = observation.since.as_millis();
                let target = &observation.asked.target;
                if known.observed.insert(target.clone(), since_ms).is_none() {
                    self.observations.fetch_add(1, Ordering::Relaxed);
                }
                (endpoint, Event::ObservationStarted(to_observation(known.id, target, since_ms)))
            }
            server::Event::ObservationEnded { endpoint, target, why } => {
                let known = state.known.get_mut(endpoint)?;
                if known.observed.remove(target).is_some() {
                    self.observations.fetch_sub(1, Ordering::Relaxed);
                }
                let (client, path, why) = (known.id, target.to_string(), why.clone());
                (endpoint, Event::ObservationEnded { client, path, why })
            }
            server::Event::Refuses { .. } | server::Event::Refused { .. } => return None,
        };
        Some(News { endpoint: endpoint.clone(), event })
    }

    pub(crate) fn count_received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn observation_count(&self) -> usize {
        self.observations.load(Ordering::Relaxed)
    }

    /// Datagrams received, sent, and messages refused since the start.
    pub(crate) fn counters(&self) -> (u64, u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.received), read(&self.sent), read(&self.refused))
    }
}

impl State {
    fn register(&mut self, registration: &Arc<Registration>) -> Client {
        if let Some(known) = self.known.get_mut(&registration.endpoint) {
            known.registration = Arc::clone(registration);
            return to_client(known);
        }
        self.last_id += 1;
        let known = Known {
            id: self.last_id,
            registration: Arc::clone(registration),
            reported: BTreeMap::new(),
            observed: BTreeMap::new(),
        };
        let client = to_client(&known);
        self.known.insert(registration.endpoint.clone(), known);
        client
    }
}

impl Known {
    fn report(&mut self, reported: &Arc<server::Reported>) {
        if !reported.current {
            return;
        }
        self.reported.insert(reported.path, Arc::clone(reported));
        if self.reported.len() > REPORTED_PER_CLIENT
            && let Some(oldest) = self.reported.iter().min_by_key(|(_, kept)| kept.at).map(|(path, _)| *path)
        {
            self.reported.remove(&oldest);
        }
    }
}

impl View<'_> {
    pub(crate) fn len(&self) -> usize {
        self.0.known.len()
    }

    pub(crate) fn clients(&self) -> Vec<Client> {
        self.0.known.values().map(to_client).collect()
    }

    pub(crate) fn client(&self, endpoint: &str) -> Option<Client> {
        self.0.known.get(endpoint).map(to_client)
    }

    pub(crate) fn registration(&self, endpoint: &str) -> Option<Arc<Registration>> {
        self.0.known.get(endpoint).map(|known| Arc::clone(&known.registration))
    }

    /// The newest payloads of a client, oldest first, so that a later one overlays an earlier one.
    pub(crate) fn reported(&self, endpoint: &str) -> Vec<Reported> {
        let Some(known) = self.0.known.get(endpoint) else { return Vec::new() };
        let mut reported: Vec<_> = known.reported.values().collect();
        reported.sort_by_key(|reported| reported.at);
        reported.into_iter().map(|reported| to_reported(known.id, reported)).collect()
    }

    pub(crate) fn observations(&self, endpoint: &str) -> Vec<Observation> {
        let Some(known) = self.0.known.get(endpoint) else { return Vec::new() };
        known.observed.iter().map(|(target, since_ms)| to_observation(known.id, target, *since_ms)).collect()
    }
}

fn to_client(known: &Known) -> Client {
    let registration = &known.registration;
    let objects = registration.links.objects.iter().map(|(id, object)| ObjectEntry {
        id: *id,
        version: object.version.clone(),
        instances: object.instances.iter().copied().collect(),
    });
    Client {
        id: known.id,
        endpoint: registration.endpoint.clone(),
        registration_id: registration.id.to_string(),
        address: registration.peer.to_string(),
        security: match registration.identity {
            PeerIdentity::NoSec => SecurityMode::NoSec,
            PeerIdentity::Psk(_) => SecurityMode::Psk,
            PeerIdentity::RawPublicKey(_) => SecurityMode::RawPublicKey,
            PeerIdentity::Certificate(_) => SecurityMode::Certificate,
        },
        lwm2m_version: registration.version.to_string(),
        lifetime_s: registration.lifetime_s,
        binding: registration.binding.to_string(),
        queue_mode: registration.queue_mode,
        sms_number: registration.sms_number.clone(),
        registered_at_ms: registration.registered_at.as_millis(),
        updated_at_ms: registration.updated_at.as_millis(),
        expires_at_ms: registration.expires_at().as_millis(),
        root: registration.links.root.clone(),
        content_formats: registration.links.content_formats.iter().map(|format| format.0).collect(),
        objects: objects.collect(),
        remarks: registration.links.remarks.clone(),
    }
}

fn to_reported(client: u32, reported: &server::Reported) -> Reported {
    Reported {
        client,
        path: reported.path.to_string(),
        source: match reported.source {
            server::Source::Read | server::Source::ReadComposite => Source::Read,
            server::Source::Discover => Source::Discover,
            server::Source::Notify | server::Source::Send => Source::Notify,
            server::Source::Write | server::Source::WriteComposite => Source::Write,
        },
        content_format: reported.content_format.map(|format| format.0),
        payload: reported.payload.clone(),
        at_ms: reported.at.as_millis(),
        sequence: reported.sequence,
        confirmable: reported.confirmable,
    }
}

fn to_observation(client: u32, target: &ObservationTarget, since_ms: u64) -> Observation {
    Observation { client, path: target.to_string(), since_ms }
}
