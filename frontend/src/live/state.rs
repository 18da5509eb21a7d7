use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use console_api::{BootstrapWindow, Client, CommandWindow, ServerFrame, ServerStatus, Source, Topic, Trace};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_model::{ClientModel, Registry};

use super::connection::Connection;
use super::device::Device;
use super::devices::{DeviceKey, Target};
use super::exchange::Exchange;
use super::limits::{HIDDEN_FLUSH_MS, QUEUED_FRAMES};
use super::model::model;
use super::position::same_place;
use super::socket::Link;
use super::store::{Effects, Store};
use super::watch::Watched;
use super::windows::{Conversation, RunTold, Windows};
use crate::{api, browser};

/// Rows of the fleet are told to look again at most this often, however many Updates come.
const FLEET_PACE_MS: u64 = 200;

/// The object registry on its way.
#[derive(Clone, Debug, Default)]
pub(crate) enum Definitions {
    #[default]
    Absent,
    Loading,
    Ready(Arc<Registry>),
    Failed(String),
}

impl Definitions {
    pub(crate) fn registry(&self) -> Option<&Arc<Registry>> {
        match self {
            Self::Ready(registry) => Some(registry),
            _ => None,
        }
    }

    pub(super) fn settled(&self) -> bool {
        matches!(self, Self::Ready(_) | Self::Failed(_))
    }
}

/// What a client answered to a request of this page.
pub(crate) struct Answer {
    pub(crate) path: Path,
    pub(crate) source: Source,
    pub(crate) content_format: Option<u16>,
    pub(crate) payload: Vec<u8>,
}

/// The live store as components see it. The counters tell that something changed; the data is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    pub(super) inner: StoredValue<Inner, LocalStorage>,
    pub(crate) connection: RwSignal<Connection>,
    /// Whether somebody looks at this tab; otherwise there is no connection and nothing is asked for.
    pub(crate) visible: RwSignal<bool>,
    /// The server's clock, once a second.
    pub(crate) now_ms: RwSignal<u64>,
    /// Another window of the fleet has come.
    pub(crate) fleet_window: RwSignal<u64>,
    pub(crate) fleet_rows: RwSignal<u64>,
    pub(crate) structure: RwSignal<u64>,
    pub(crate) exchanges: RwSignal<u64>,
    /// Commands of the open device.
    pub(crate) commands: RwSignal<u64>,
    /// What [`Topic::Commands`] brought last.
    pub(crate) command_window: RwSignal<Option<CommandWindow>>,
    /// What [`Topic::BootstrapSessions`] brought last.
    pub(crate) bootstrap_window: RwSignal<Option<BootstrapWindow>>,
    /// What [`Topic::BootstrapSession`] brought last.
    pub(crate) conversation: RwSignal<Option<Conversation>>,
    /// What [`Topic::AccessControlRun`] brought last.
    pub(crate) access_control_run: RwSignal<Option<RunTold>>,
    /// Object definitions were added or removed at the server, or may have been while it was away.
    pub(crate) objects_changed: RwSignal<u64>,
    /// Another number after every start of the server; counters of the server start anew with it.
    pub(crate) server_run: RwSignal<u64>,
    /// How long the server took to answer the last Ping.
    pub(crate) round_trip_ms: RwSignal<Option<u32>>,
    pub(crate) definitions: RwSignal<Definitions>,
    pub(crate) server: RwSignal<Option<ServerStatus>>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) watched: Watched,
    queue: Vec<ServerFrame>,
    flush_pending: bool,
    fleet_due: bool,
    fleet_told_ms: u64,
    topics: Vec<Topic>,
    on_trace: Option<Rc<dyn Fn(Trace)>>,
    link: Link,
    /// The server's clock minus ours.
    clock_ms: f64,
    heard_ms: Option<u64>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            inner: StoredValue::new_local(Inner::default()),
            connection: RwSignal::default(),
            visible: RwSignal::new(true),
            now_ms: RwSignal::new(browser::now_ms() as u64),
            fleet_window: RwSignal::default(),
            fleet_rows: RwSignal::default(),
            structure: RwSignal::default(),
            exchanges: RwSignal::default(),
            commands: RwSignal::default(),
            command_window: RwSignal::default(),
            bootstrap_window: RwSignal::default(),
            conversation: RwSignal::default(),
            access_control_run: RwSignal::default(),
            objects_changed: RwSignal::default(),
            server_run: RwSignal::default(),
            round_trip_ms: RwSignal::default(),
            definitions: RwSignal::default(),
            server: RwSignal::default(),
        }
    }

    /// The server's clock now.
    pub(crate) fn clock(self) -> u64 {
        (browser::now_ms() + self.inner.with_value(|inner| inner.clock_ms)) as u64
    }

    pub(super) fn set_clock(self, server_ms: u64) {
        self.inner.update_value(|inner| inner.clock_ms = server_ms as f64 - browser::now_ms());
        self.now_ms.set(server_ms);
    }

    pub(super) fn with_link<R>(self, f: impl FnOnce(&mut Link, &[Topic]) -> R) -> Option<R> {
        self.inner.try_update_value(|inner| f(&mut inner.link, &inner.topics))
    }

    pub(super) fn heard_ms(self) -> Option<u64> {
        self.inner.with_value(|inner| inner.heard_ms)
    }

    /// Takes a frame; it is shown with the next animation frame.
    pub(super) fn push(self, frame: ServerFrame) {
        let now_ms = self.clock();
        let (queued, schedule) = self
            .inner
            .try_update_value(|inner| {
                inner.heard_ms = Some(now_ms);
                inner.queue.push(frame);
                (inner.queue.len(), !std::mem::replace(&mut inner.flush_pending, true))
            })
            .unwrap_or_default();
        if queued >= QUEUED_FRAMES {
            self.flush();
        } else if schedule {
            // A hidden tab draws no animation frames.
            if browser::hidden() {
                set_timeout(move || self.flush(), Duration::from_millis(HIDDEN_FLUSH_MS.into()));
            } else {
                request_animation_frame(move || self.flush());
            }
        }
    }

    /// Applies what is queued. Also called when the tab is hidden with a frame still pending.
    pub(crate) fn flush(self) {
        let now_ms = self.clock();
        let flushed = self.inner.try_update_value(|inner| {
            inner.flush_pending = false;
            let (mut effects, mut windows) = (Effects::default(), Windows::default());
            for frame in std::mem::take(&mut inner.queue) {
                if let Some(frame) = windows.take(frame) {
                    inner.store.apply(frame, &mut effects);
                }
            }
            (effects, windows, inner.on_trace.clone())
        });
        let Some((effects, windows, on_trace)) = flushed else {
            return;
        };
        self.tell(effects, now_ms);
        if windows.commands.is_some() {
            self.command_window.set(windows.commands);
        }
        if windows.bootstrap.is_some() {
            self.bootstrap_window.set(windows.bootstrap);
        }
        if windows.conversation.is_some() {
            self.conversation.set(windows.conversation);
        }
        if windows.access_control_run.is_some() {
            self.access_control_run.set(windows.access_control_run);
        }
        if let Some(on_trace) = on_trace {
            windows.traces.into_iter().for_each(|trace| on_trace(trace));
        }
    }

    fn tell(self, effects: Effects, now_ms: u64) {
        if effects.missed > 0 {
            self.connection.update(|connection| {
                let before = connection.lagged.map_or(0, |(missed, _)| missed);
                connection.lagged = Some((before + effects.missed, now_ms));
            });
        }
        self.show(effects.targets());
        if effects.has(|change| change.structure) {
            self.structure.update(|count| *count += 1);
        }
        if effects.has(|change| change.exchanges) {
            self.exchanges.update(|count| *count += 1);
        }
        if effects.has(|change| change.commands) {
            self.commands.update(|count| *count += 1);
        }
        if effects.objects {
            self.objects_changed.update(|count| *count += 1);
        }
        if effects.window {
            self.fleet_window.update(|count| *count += 1);
            self.tell_fleet_now();
        } else if effects.fleet {
            self.tell_fleet(now_ms);
        }
    }

    fn show(self, targets: impl Iterator<Item = Target>) {
        let cells: Vec<_> = self.inner.with_value(|inner| {
            let cell = |target: &Target| inner.store.devices.get(target.device)?.cell(&target.path).cloned();
            targets.filter_map(|target| Some((inner.watched.signal(&target)?, cell(&target)))).collect()
        });
        // Signals run effects, which ask the store: it must not be borrowed here.
        for (signal, cell) in cells {
            signal.set(cell);
        }
    }

    fn tell_fleet(self, now_ms: u64) {
        let wait = self.inner.try_update_value(|inner| {
            if std::mem::replace(&mut inner.fleet_due, true) {
                return None;
            }
            Some((inner.fleet_told_ms + FLEET_PACE_MS).saturating_sub(now_ms).min(FLEET_PACE_MS))
        });
        match wait.flatten() {
            Some(0) => self.tell_fleet_now(),
            Some(wait_ms) => set_timeout(move || self.tell_fleet_now(), Duration::from_millis(wait_ms)),
            None => {}
        }
    }

    fn tell_fleet_now(self) {
        let now_ms = self.clock();
        self.inner.try_update_value(|inner| {
            inner.fleet_told_ms = now_ms;
            inner.fleet_due = false;
        });
        self.fleet_rows.try_update(|count| *count += 1);
    }

    pub(crate) fn with_store<R>(self, f: impl FnOnce(&Store) -> R) -> R {
        self.inner.with_value(|inner| f(&inner.store))
    }

    pub(crate) fn with_device<R>(self, f: impl FnOnce(&Device) -> R) -> Option<R> {
        self.with_store(|store| store.devices.opened().map(f))
    }

    pub(crate) fn with_device_of<R>(self, key: DeviceKey, f: impl FnOnce(&Device) -> R) -> Option<R> {
        self.with_store(|store| store.devices.get(key).map(f))
    }

    /// The definitions of the open device's object versions. What uses them looks again when they have come, and
    /// when the device registers or updates.
    pub(crate) fn with_model<R>(self, f: impl FnOnce(&ClientModel) -> R) -> R {
        self.definitions.track();
        self.structure.track();
        self.with_store(|store| f(&store.model()))
    }

    /// Those of another one that is looked at.
    pub(crate) fn with_model_of<R>(self, key: DeviceKey, f: impl FnOnce(&ClientModel) -> R) -> R {
        self.definitions.track();
        self.structure.track();
        self.with_store(|store| f(&store.model_of(Some(key))))
    }

    pub(crate) fn exchange(self, path: &Path) -> Option<Arc<Exchange>> {
        self.with_device(|device| device.exchange(path)).flatten()
    }

    /// Does something now and every `period` while somebody looks at the tab and the calling component lives.
    pub(crate) fn every(self, period: Duration, act: impl Fn() + 'static) {
        let act = Rc::new(act);
        let interval = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(running) = interval.try_update_value(Option::take).flatten() {
                running.clear();
            }
        };
        Effect::new(move |_| {
            stop();
            if self.visible.get() {
                untrack(|| act());
                let act = Rc::clone(&act);
                // A browser without timers shows what is there.
                interval.set_value(set_interval_with_handle(move || act(), period).ok());
            }
        });
        on_cleanup(stop);
    }

    /// Takes what [`Topic::Trace`] brings, for as long as the calling component lives. After a reconnect some records
    /// come a second time: their `seq` tells which, as long as [`Live::server_run`] is the same.
    pub(crate) fn on_trace(self, take: impl Fn(Trace) + 'static) {
        self.inner.update_value(|inner| inner.on_trace = Some(Rc::new(take)));
        on_cleanup(move || {
            self.inner.try_update_value(|inner| inner.on_trace = None);
        });
    }

    /// Of [`Topic::Fleet`] and [`Topic::Trace`] there is one: the new view or filter takes the place of the old.
    pub(crate) fn subscribe(self, topic: Topic) {
        self.inner.update_value(|inner| {
            if !inner.topics.contains(&topic) {
                inner.topics.retain(|known| !same_place(known, &topic));
                inner.topics.push(topic.clone());
                inner.link.subscribe(topic);
            }
        });
    }

    /// View and filter do not matter.
    pub(crate) fn unsubscribe(self, topic: &Topic) {
        self.inner.try_update_value(|inner| {
            if let Some(index) = inner.topics.iter().position(|known| same_place(known, topic)) {
                inner.topics.remove(index);
                inner.link.unsubscribe(topic.clone());
            }
        });
    }

    /// Fetches the registry unless it is here or on its way.
    pub(crate) fn load_definitions(self) {
        if self.definitions.with_untracked(|now| matches!(now, Definitions::Loading | Definitions::Ready(_)))
        {
            return;
        }
        let again = self.definitions.with_untracked(Definitions::settled);
        self.definitions.set(Definitions::Loading);
        leptos::task::spawn_local(self.fetch_definitions(again));
    }

    /// Fetches the registry anew whenever definitions were added or removed. What is on the screen stays until then.
    pub(crate) fn follow_definitions(self) {
        Effect::new(move |before: Option<()>| {
            self.objects_changed.track();
            if before.is_some() && self.definitions.with_untracked(Definitions::settled) {
                leptos::task::spawn_local(self.fetch_definitions(true));
            }
        });
    }

    async fn fetch_definitions(self, again: bool) {
        let changed = || self.objects_changed.try_get_untracked();
        let mut before = changed();
        let mut fetched = api::registry().await;
        // Definitions that changed meanwhile may be there in part.
        while changed() != before {
            before = changed();
            fetched = api::registry().await;
        }
        let definitions = match fetched {
            Ok(registry) => Definitions::Ready(Arc::new(registry)),
            Err(message) => Definitions::Failed(message),
        };
        let held = self.inner.try_update_value(|inner| {
            inner.store.registry = definitions.registry().cloned().unwrap_or_default();
            inner.store.devices.endpoints()
        });
        self.definitions.set(definitions);
        for topic in held.into_iter().flatten().map(Topic::Device) {
            if again {
                // Values were decoded without these definitions: the snapshot comes once more.
                self.unsubscribe(&topic);
            }
            self.subscribe(topic);
        }
        self.structure.update(|count| *count += 1);
    }

    /// The definitions of the object versions that a client has. What uses them looks again when others have come.
    pub(crate) fn with_definitions<R>(self, client: Option<&Client>, f: impl FnOnce(&ClientModel) -> R) -> R {
        self.definitions.track();
        self.with_store(|store| f(&model(&store.registry, client)))
    }
}
