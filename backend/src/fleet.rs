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

use console_api::{
    Client, ClientDetails, DeviceSnapshot, Event, FleetView, FleetWindow, ObjectEntry, Observation, Reported,
    SecurityMode, Source, Status,
};
use lwm2m_codec::{Level, Path};
use lwm2m_core::{
    PeerIdentity,
    server::{self, Departure, ObservationTarget, Refusals, Registration, Subject},
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
    reported: BTreeMap<Subject, Arc<server::Reported>>,
    observed: BTreeMap<ObservationTarget, u64>,
    refusals: Refusals,
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
        let Some(id) = self.note(&mut state, event) else { return };
        if self.news.receiver_count() > 0
            && let Some(news) = state.news(id, event)
        {
            // Sent under the lock, so that no snapshot can fall between. Nobody listening any more is fine.
            let _ = self.news.send(Arc::new(news));
        }
    }

    /// Takes an event in. Returns the client that there is something to tell of.
    fn note(&self, state: &mut State, event: &server::Event) -> Option<u32> {
        match event {
            server::Event::Registered(registration) => {
                let known = state.register(registration);
                // The device may be another one by now, or have new firmware.
                known.refusals = Refusals::default();
                Some(known.id)
            }
            server::Event::Updated(registration) => Some(state.register(registration).id),
            server::Event::Departed { registration, why } => {
                let known = state.known.get_mut(&registration.endpoint)?;
                self.observations.fetch_sub(known.observed.len(), Ordering::Relaxed);
                known.observed.clear();
                // Of one that is replaced the values seen so far stay, and its Register follows.
                if *why == Departure::Replaced {
                    return None;
                }
                state.known.remove(&registration.endpoint).map(|known| known.id)
            }
            server::Event::Reported(reported) => {
                let known = state.known.get_mut(&reported.endpoint)?;
                known.report(reported);
                Some(known.id)
            }
            server::Event::ObservationStarted { endpoint, observation } => {
                let known = state.known.get_mut(endpoint)?;
                let target = observation.asked.target.clone();
                if known.observed.insert(target, observation.since.as_millis()).is_none() {
                    self.observations.fetch_add(1, Ordering::Relaxed);
                }
                Some(known.id)
            }
            server::Event::ObservationEnded { endpoint, target, .. } => {
                let known = state.known.get_mut(endpoint)?;
                if known.observed.remove(target).is_some() {
                    self.observations.fetch_sub(1, Ordering::Relaxed);
                }
                Some(known.id)
            }
            server::Event::Refuses { endpoint, refusals } => {
                state.known.get_mut(endpoint)?.refusals = refusals.clone();
                None
            }
            server::Event::Refused { .. } => None,
        }
    }

    /// What a client is known to refuse is tried again. False when no such client is registered.
    pub(crate) fn forget_refusals(&self, endpoint: &str) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = state.known.get_mut(endpoint) else { return false };
        known.refusals = Refusals::default();
        true
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
    fn register(&mut self, registration: &Arc<Registration>) -> &mut Known {
        let Self { known, last_id } = self;
        let known = known.entry(registration.endpoint.clone()).or_insert_with(|| {
            *last_id += 1;
            Known {
                id: *last_id,
                registration: Arc::clone(registration),
                reported: BTreeMap::new(),
                observed: BTreeMap::new(),
                refusals: Refusals::default(),
            }
        });
        known.forget_instances_without(registration);
        known.registration = Arc::clone(registration);
        known
    }

    /// What consoles are told of an event about the client with this number, after it was taken in.
    fn news(&self, id: u32, event: &server::Event) -> Option<News> {
        let client = |registration: &Registration| self.known.get(&registration.endpoint).map(to_client);
        let (endpoint, event) = match event {
            server::Event::Registered(registration) => {
                (&registration.endpoint, Event::Registered(client(registration)?))
            }
            server::Event::Updated(registration) => {
                (&registration.endpoint, Event::Updated(client(registration)?))
            }
            server::Event::Departed { registration, why } => {
                let why = match why {
                    Departure::Deregistered => console_api::Departure::Deregistered,
                    Departure::Expired => console_api::Departure::Expired,
                    Departure::Replaced => return None,
                };
                let endpoint = registration.endpoint.clone();
                let at_ms = registration.expires_at().as_millis();
                (&registration.endpoint, Event::Departed { id, endpoint, why, at_ms })
            }
            server::Event::Reported(reported) => {
                (&reported.endpoint, Event::Reported(to_reported(id, reported)))
            }
            server::Event::ObservationStarted { endpoint, observation } => {
                let since_ms = observation.since.as_millis();
                let started = to_observation(id, &observation.asked.target, since_ms);
                (endpoint, Event::ObservationStarted(started))
            }
            server::Event::ObservationEnded { endpoint, target, why } => {
                let Observation { client, path, paths, .. } = to_observation(id, target, 0);
                (endpoint, Event::ObservationEnded { client, path, paths, why: why.clone() })
            }
            server::Event::Refuses { .. } | server::Event::Refused { .. } => return None,
        };
        Some(News { endpoint: endpoint.clone(), event })
    }
}

impl Known {
    /// Object Instances that a client no longer lists are gone, and what they were with them.
    fn forget_instances_without(&mut self, registration: &Registration) {
        let lists = |registration: &Registration, path: Path| {
            let (object, instance) = path.object_id().zip(path.instance_id())?;
            Some(registration.links.objects.get(&object)?.instances.contains(&instance))
        };
        let before = Arc::clone(&self.registration);
        self.reported.retain(|subject, _| {
            let instance = subject.path.truncate(Level::ObjectInstance);
            lists(&before, instance) != Some(true) || lists(registration, instance) == Some(true)
        });
    }

    fn report(&mut self, reported: &Arc<server::Reported>) {
        if !reported.current {
            return;
        }
        self.reported.insert(reported.subject(), Arc::clone(reported));
        if self.reported.len() > REPORTED_PER_CLIENT
            && let Some((oldest, _)) = self.reported.iter().min_by_key(|(_, kept)| kept.at)
        {
            let oldest = oldest.clone();
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

    pub(crate) fn details(&self, endpoint: &str) -> Option<ClientDetails> {
        let known = self.0.known.get(endpoint)?;
        let (client, observations) = (to_client(known), self.observations(endpoint));
        let refused = in_words(&known.refusals);
        Some(ClientDetails { client, notes: String::new(), observations, refused })
    }

    pub(crate) fn window(&self, view: &FleetView) -> FleetWindow {
        let known = self.len() as u32;
        let rows =
            self.0.known.values().skip(view.offset as usize).take(view.limit.min(FleetView::ROWS) as usize);
        let clients = rows.map(to_client).collect();
        FleetWindow { view: view.clone(), seq: 0, matching: known, known, clients }
    }

    pub(crate) fn device(&self, endpoint: &str) -> DeviceSnapshot {
        DeviceSnapshot {
            endpoint: endpoint.to_owned(),
            seq: 0,
            client: self.client(endpoint),
            notes: String::new(),
            reported: self.reported(endpoint),
            observations: self.observations(endpoint),
        }
    }

    pub(crate) fn refusals(&self, endpoint: &str) -> Refusals {
        self.0.known.get(endpoint).map(|known| known.refusals.clone()).unwrap_or_default()
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
        name: None,
        tags: Vec::new(),
        status: Status::Awake,
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
        heard_at_ms: registration.updated_at.as_millis(),
        expires_at_ms: registration.expires_at().as_millis(),
        departed: None,
        root: registration.links.root.clone(),
        content_formats: registration.links.content_formats.iter().map(|format| format.0).collect(),
        objects: objects.collect(),
        observation_count: u32::try_from(known.observed.len()).unwrap_or(u32::MAX),
        latest: None,
        remarks: registration.links.remarks.clone(),
    }
}

fn to_reported(client: u32, reported: &server::Reported) -> Reported {
    Reported {
        client,
        path: reported.path.to_string(),
        source: match reported.source {
            server::Source::Read => Source::Read,
            server::Source::Discover => Source::Discover,
            server::Source::Notify => Source::Notify,
            server::Source::Write => Source::Write,
            server::Source::ReadComposite => Source::ReadComposite,
            server::Source::WriteComposite => Source::WriteComposite,
            server::Source::Send => Source::Send,
        },
        content_format: reported.content_format.map(|format| format.0),
        payload: reported.payload.clone(),
        at_ms: reported.at.as_millis(),
        sequence: reported.sequence,
        confirmable: reported.confirmable,
    }
}

fn to_observation(client: u32, target: &ObservationTarget, since_ms: u64) -> Observation {
    let paths = match target {
        ObservationTarget::Path(_) => Vec::new(),
        ObservationTarget::Paths(paths) => paths.iter().map(ToString::to_string).collect(),
    };
    Observation { client, path: target.path().to_string(), paths, since_ms }
}

fn in_words(refusals: &Refusals) -> Vec<String> {
    let formats = refusals.formats.iter().map(|format| format!("Content-Format {format}"));
    let read = refusals.composite_read.then(|| "Read-Composite and Observe-Composite".to_owned());
    let written = refusals.composite_write.then(|| "Write-Composite".to_owned());
    formats.chain(read).chain(written).collect()
}
