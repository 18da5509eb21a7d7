use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use console_api::{AccessControl, AccessControlDraft, AccessControlRun, Client, ServerNames};
use leptos::prelude::*;
use lwm2m_codec::ContentFormat;
use lwm2m_codec::registration::LwM2mVersion;
use lwm2m_model::access_control::{AccessControlContext, AccessControlPlan, Registered, checks};

use crate::access_control::{
    self, Draft, Edit, Row, columns, context, instances_from, instances_told, registered, row, row_order,
};
use crate::api::Failure;
use crate::live::Live;
use crate::memo::memo;
use crate::pause::Pause;

/// Edits are kept when there was a pause between them.
const KEEP_AFTER: Duration = Duration::from_millis(600);

/// Whether the device has said who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    UnderWay,
    Done,
    Failed(Failure),
}

/// Whether the server has the edits, so that they survive a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kept {
    #[default]
    Nothing,
    UnderWay,
    Done,
    Failed(String),
    /// Somebody else keeps edits of this device: those.
    Others(AccessControlDraft),
}

/// The access control of a device that is being edited.
#[derive(Clone, Copy)]
pub(crate) struct AccessControlState {
    pub(crate) live: Live,
    endpoint: StoredValue<String>,
    pub(crate) reading: RwSignal<Reading>,
    /// As it was read last.
    pub(crate) access: RwSignal<AccessControl>,
    pub(crate) draft: RwSignal<Draft>,
    /// The Short Server ID of this server.
    pub(crate) ours: RwSignal<Option<u16>>,
    pub(crate) names: RwSignal<BTreeMap<u16, String>>,
    /// Servers that an operator has given a column.
    pub(crate) added: RwSignal<BTreeSet<u16>>,
    pub(crate) columns: Memo<Vec<u16>>,
    /// Rows by the ids of their instances.
    pub(crate) order: Memo<Vec<u16>>,
    pub(crate) changes: Memo<usize>,
    pub(crate) plan: Memo<AccessControlPlan>,
    pub(crate) checks: Memo<Vec<String>>,
    pub(crate) kept: RwSignal<Kept>,
    version: StoredValue<u64>,
    pause: Pause,
    /// Edits that were begun earlier and can be gone on with.
    pub(crate) earlier: RwSignal<Option<AccessControlDraft>>,
    pub(crate) reviewing: RwSignal<bool>,
    /// The change that was begun last, and what the server tells of it.
    pub(crate) running: RwSignal<Option<u64>>,
    pub(crate) run: RwSignal<Option<AccessControlRun>>,
    pub(crate) saving_template: RwSignal<bool>,
    pub(crate) applying_template: RwSignal<bool>,
}

impl AccessControlState {
    pub(crate) fn new(live: Live, endpoint: String) -> Self {
        let access = RwSignal::new(AccessControl::default());
        let draft = RwSignal::new(Draft::default());
        let ours = RwSignal::new(None);
        let added = RwSignal::new(BTreeSet::new());
        let shown = memo(move || {
            let named = access.with(|access| access.servers.keys().copied().collect::<Vec<_>>());
            draft.with(|draft| {
                let instances = draft.base().iter().chain(draft.now());
                added.with(|added| columns(ours.get(), named.iter().copied(), instances, added))
            })
        });
        let plan = memo(move || {
            let since_1_1 = version(live) >= LwM2mVersion::V1_1;
            let plan = |ours: u16| {
                draft.with(|draft| AccessControlPlan::new(ours, draft.base(), &draft.wanted(), since_1_1))
            };
            ours.get().map(plan).unwrap_or_default()
        });
        let checks = memo(move || {
            let Some(ours) = ours.get() else { return Vec::new() };
            draft.with(|draft| {
                let before = access.with(|access| context(access, draft.base()));
                checks(ours, &before, &draft.wanted()).iter().map(ToString::to_string).collect()
            })
        });
        Self {
            live,
            endpoint: StoredValue::new(endpoint),
            reading: RwSignal::new(Reading::UnderWay),
            access,
            draft,
            ours,
            names: RwSignal::default(),
            added,
            columns: memo(move || {
                let mut columns = shown.get();
                columns.truncate(access_control::COLUMNS);
                columns
            }),
            order: memo(move || draft.with(|draft| row_order(draft.base()))),
            changes: memo(move || draft.with(Draft::changes)),
            plan,
            checks,
            kept: RwSignal::default(),
            version: StoredValue::new(0),
            pause: Pause::new(),
            earlier: RwSignal::default(),
            reviewing: RwSignal::default(),
            running: RwSignal::default(),
            run: RwSignal::default(),
            saving_template: RwSignal::default(),
            applying_template: RwSignal::default(),
        }
    }

    pub(crate) fn endpoint(self) -> String {
        self.endpoint.get_value()
    }

    /// Asks the device, and the server for what operators have said.
    pub(crate) fn open(self) {
        self.read(None);
        leptos::task::spawn_local(async move {
            if let Ok(ServerNames { names }) = access_control::server_names().await {
                self.names.try_set(names);
            }
        });
    }

    /// Asks the device who may do what; edits stay. `server`: which of the servers this one is.
    pub(crate) fn read(self, server: Option<u16>) {
        self.reading.set(Reading::UnderWay);
        let first = self.access.with_untracked(|access| access.read_at_ms == 0);
        leptos::task::spawn_local(async move {
            match access_control::read(&self.endpoint(), server).await {
                Ok(access) => {
                    self.take(access);
                    if first {
                        self.find_earlier().await;
                    }
                    self.reading.try_set(Reading::Done);
                }
                Err(failure) => _ = self.reading.try_set(Reading::Failed(failure)),
            }
        });
    }

    /// What the device has now; edits stay on top of it.
    pub(crate) fn take(self, access: AccessControl) {
        let base = instances_from(&access.instances);
        self.ours.try_set(access.server);
        self.access.try_set(access);
        let before = self.draft.try_with_untracked(Draft::changes).unwrap_or_default();
        self.draft.try_update(|draft| draft.rebase(base, true));
        // What was edited may have been written.
        if before > 0 {
            self.keep();
        }
    }

    async fn find_earlier(self) {
        let Ok(Some(earlier)) = access_control::draft(&self.endpoint()).await else { return };
        self.version.try_set_value(earlier.version);
        let differs = self.access.try_with_untracked(|access| access.instances != earlier.instances);
        if differs == Some(true) {
            self.earlier.try_set(Some(earlier));
        }
    }

    /// Goes on with edits that were begun earlier, or by somebody else.
    pub(crate) fn resume(self, earlier: &AccessControlDraft) {
        self.earlier.set(None);
        self.version.set_value(earlier.version);
        let base = self.access.with_untracked(|access| instances_from(&access.instances));
        let (begun_on, edited) = (instances_from(&earlier.base), instances_from(&earlier.instances));
        let changed: Vec<_> = edited
            .into_iter()
            .filter(|guard| begun_on.iter().find(|before| before.id == guard.id) != Some(guard))
            .collect();
        self.draft.set(Draft::resumed(base, &changed));
        self.kept.set(Kept::Done);
    }

    pub(crate) fn drop_earlier(self) {
        self.earlier.set(None);
        self.forget_kept();
    }

    /// Whether anything has changed.
    pub(crate) fn edit(self, edits: &[Edit]) -> bool {
        let Some(ours) = self.ours.get_untracked() else { return false };
        let servers = self.servers();
        self.change(|draft| draft.edit(ours, &servers, edits))
    }

    /// Changes the draft, which is then kept.
    pub(crate) fn change(self, how: impl FnOnce(&mut Draft) -> bool) -> bool {
        let changed = self.draft.try_maybe_update(|draft| {
            let changed = how(draft);
            (changed, changed)
        });
        if changed == Some(true) {
            self.keep();
        }
        changed == Some(true)
    }

    pub(crate) fn undo(self) -> bool {
        self.change(Draft::undo)
    }

    pub(crate) fn redo(self) -> bool {
        self.change(Draft::redo)
    }

    /// The row of an instance, as it is now.
    pub(crate) fn row(self, id: u16) -> Option<Row> {
        let servers = self.access.with(|access| context(access, &[]).servers);
        self.columns
            .with(|columns| self.draft.with(|draft| row(draft, id, self.ours.get(), columns, &servers)))
    }

    pub(crate) fn rows(self) -> Vec<Row> {
        untrack(|| self.order.get().into_iter().filter_map(|id| self.row(id)).collect())
    }

    /// What the operator would have: for questions about it.
    pub(crate) fn context(self) -> AccessControlContext {
        self.access.with(|access| self.draft.with(|draft| context(access, draft.now())))
    }

    /// What the device has, and the definitions of its Objects.
    pub(crate) fn with_presence<R>(self, ask: impl FnOnce(&Registered<'_>) -> R) -> R {
        self.live.definitions.track();
        self.live.structure.track();
        self.live.with_store(|store| {
            let client = store.devices.opened().and_then(|device| device.client.as_ref());
            let objects = client.map(registered).unwrap_or_default();
            ask(&Registered { objects: &objects, model: &store.model() })
        })
    }

    /// What a list is written in.
    pub(crate) fn format(self) -> ContentFormat {
        let formats = ContentFormat::of_several(version(self.live));
        let listed = with_client(self.live, |client| client.content_formats.clone()).unwrap_or_default();
        let is_listed =
            |format: &&ContentFormat| listed.iter().any(|it| ContentFormat(*it).canonical() == **format);
        formats.iter().find(is_listed).or_else(|| formats.first()).copied().unwrap_or(ContentFormat::TLV)
    }

    /// Names a server for all devices; an empty name takes it away.
    pub(crate) async fn name(self, server: u16, name: &str) -> Result<(), Failure> {
        let mut names = access_control::server_names().await?.names;
        if name.is_empty() {
            names.remove(&server);
        } else {
            names.insert(server, name.to_owned());
        }
        let saved = access_control::name_servers(&ServerNames { names }).await?;
        self.names.try_set(saved.names);
        Ok(())
    }

    fn servers(self) -> BTreeSet<u16> {
        self.access.with_untracked(|access| context(access, &[]).servers)
    }

    /// Keeps the edits at the server once there is a pause.
    fn keep(self) {
        self.kept.try_set(Kept::UnderWay);
        self.pause.then(KEEP_AFTER, move || leptos::task::spawn_local(self.keep_now()));
    }

    async fn keep_now(self) {
        let Some((base, instances, changes)) = self.draft.try_with_untracked(|draft| {
            (instances_told(draft.base()), instances_told(draft.now()), draft.changes())
        }) else {
            return;
        };
        if changes == 0 {
            self.forget_kept();
            return;
        }
        let version = self.version.try_get_value().unwrap_or_default();
        let draft = AccessControlDraft { base, instances, version, ..AccessControlDraft::default() };
        let kept = match access_control::save_draft(&self.endpoint(), &draft).await {
            Ok(saved) => {
                self.version.try_set_value(saved.version);
                Kept::Done
            }
            Err(failure) => match access_control::draft(&self.endpoint()).await {
                Ok(Some(others)) if others.version > version => Kept::Others(others),
                _ => Kept::Failed(failure.told()),
            },
        };
        self.kept.try_set(kept);
    }

    /// Saves over what somebody else keeps.
    pub(crate) fn keep_over(self, others: &AccessControlDraft) {
        self.version.set_value(others.version);
        self.keep();
    }

    fn forget_kept(self) {
        let kept = self.version.try_update_value(std::mem::take).is_some_and(|version| version > 0);
        self.kept.try_set(Kept::Nothing);
        if kept {
            leptos::task::spawn_local(async move {
                // One that stays is offered the next time.
                let _ = access_control::delete_draft(&self.endpoint()).await;
            });
        }
    }
}

fn with_client<R>(live: Live, ask: impl FnOnce(&Client) -> R) -> Option<R> {
    live.structure.track();
    live.with_device(|device| device.client.as_ref().map(ask)).flatten()
}

fn version(live: Live) -> LwM2mVersion {
    with_client(live, |client| client.lwm2m_version.parse().ok()).flatten().unwrap_or_default()
}
