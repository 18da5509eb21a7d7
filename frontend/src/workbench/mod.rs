//! The state of an open device page: what is selected, what was asked, what is being typed.

mod chart_link;
mod compare;
mod composite;
mod history;
mod keys;
mod offered;
mod outcome;
mod queue;
mod request_line;
mod request_options;
mod rights;
mod sweep;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

use console_api::{BoardSeries, Client, Operation, OperationRequest, OperationResponse, Source, hex_decode};
use leptos::prelude::*;
use lwm2m_codec::{Level, Path, registration::RegisteredObject};
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

pub(crate) use history::Step;
pub(crate) use keys::LETTERS;
pub(crate) use offered::{Known, Offered, offered};
pub(crate) use outcome::{Ending, Outcome};
pub(crate) use request_line::request_line;
pub(crate) use request_options::RequestOptions;
pub(crate) use sweep::Sweep;

use crate::access_control::{Rights, registered};
use crate::api::{self, Operated};
use crate::boards::Wanted;
use crate::chart::{SERIES, TimeView};
use crate::live::{Answer, Live, Target};
use crate::memo::memo;
use crate::sorted_map::{PathMap, PathSet};
use crate::tree::TreeView;
use crate::write::{AttributeDraft, Draft, Form};

/// What the dialog of the page is open for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    Execute(Path),
    Delete(Path),
    /// The form in [`Workbench::form`].
    Form,
    RequestOptions,
    Forget,
}

/// An open menu and where it was asked for, in CSS pixels of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OpenMenu {
    /// None: the menu of the device.
    pub(crate) path: Option<Path>,
    pub(crate) left: f64,
    pub(crate) top: f64,
}

#[derive(Clone, Copy)]
pub(crate) struct Workbench {
    pub(crate) live: Live,
    endpoint: StoredValue<String>,
    pub(crate) selected: RwSignal<Option<Path>>,
    pub(crate) tree: RwSignal<TreeView>,
    /// The root has the outcome of composite operations.
    pub(crate) outcomes: RwSignal<PathMap<Arc<Outcome>>>,
    pub(crate) pending: RwSignal<PathMap<Operation>>,
    /// Commands of this page that wait for the device to wake, with what they are about.
    waiting: RwSignal<BTreeMap<u64, (OperationRequest, Path)>>,
    /// A Write form is open exactly for the paths that are here.
    pub(crate) drafts: RwSignal<PathMap<Draft>>,
    /// The attributes are being edited exactly for the paths that are here.
    pub(crate) attributes: RwSignal<PathMap<AttributeDraft>>,
    pub(crate) form: RwSignal<Option<Form>>,
    pub(crate) dialog: RwSignal<Option<Dialog>>,
    pub(crate) menu: RwSignal<Option<OpenMenu>>,
    /// The device whose name, tags and notes are edited: this one, or none.
    pub(crate) labelling: RwSignal<Option<String>>,
    pub(crate) arguments: RwSignal<PathMap<String>>,
    pub(crate) sweep: RwSignal<Option<Sweep>>,
    pub(crate) options: RwSignal<RequestOptions>,
    /// What this server may do, once that is known.
    pub(crate) rights: RwSignal<Option<Rights>>,
    pub(crate) reading_rights: RwSignal<bool>,
    /// What the device has announced, for questions about rights.
    announced: Memo<BTreeMap<u16, RegisteredObject>>,
    /// What composite operations are about; none while nothing can be ticked.
    pub(crate) chosen: RwSignal<Option<PathSet>>,
    /// Resources whose course is shown beside that of the selected one.
    pub(crate) pinned: RwSignal<Vec<Path>>,
    /// Resources of other devices that are shown, too.
    pub(crate) compared: RwSignal<Vec<BoardSeries>>,
    /// The same, as they are looked at.
    pub(crate) beside: RwSignal<Vec<Target>>,
    pub(crate) comparing: RwSignal<bool>,
    /// What the operator would have on a board.
    pub(crate) boarding: RwSignal<Option<Wanted>>,
    /// Which time the chart shows.
    pub(crate) view: RwSignal<TimeView>,
    pub(crate) announcement: RwSignal<String>,
}

impl Workbench {
    pub(crate) fn new(live: Live, endpoint: String, announcement: RwSignal<String>) -> Self {
        Self {
            live,
            endpoint: StoredValue::new(endpoint),
            selected: RwSignal::default(),
            tree: RwSignal::default(),
            outcomes: RwSignal::default(),
            pending: RwSignal::default(),
            waiting: RwSignal::default(),
            drafts: RwSignal::default(),
            attributes: RwSignal::default(),
            form: RwSignal::default(),
            dialog: RwSignal::default(),
            menu: RwSignal::default(),
            labelling: RwSignal::default(),
            arguments: RwSignal::default(),
            sweep: RwSignal::default(),
            options: RwSignal::default(),
            rights: RwSignal::default(),
            reading_rights: RwSignal::default(),
            announced: memo(move || {
                live.structure.track();
                live.with_device(|device| device.client.as_ref().map(registered))
                    .flatten()
                    .unwrap_or_default()
            }),
            chosen: RwSignal::default(),
            pinned: RwSignal::default(),
            compared: RwSignal::default(),
            beside: RwSignal::default(),
            comparing: RwSignal::default(),
            boarding: RwSignal::default(),
            view: RwSignal::default(),
            announcement,
        }
    }

    pub(crate) fn endpoint(self) -> String {
        self.endpoint.get_value()
    }

    pub(crate) fn announce(self, text: String) {
        self.announcement.set(text);
    }

    /// Looks again when the device registers or updates.
    pub(crate) fn with_client<R>(self, f: impl FnOnce(&Client) -> R) -> Option<R> {
        self.live.structure.track();
        self.live.with_device(|device| device.client.as_ref().map(f)).flatten()
    }

    /// LwM2M version of the client.
    pub(crate) fn version(self) -> String {
        self.with_client(|client| client.lwm2m_version.clone()).unwrap_or_default()
    }

    pub(crate) fn object(self, path: &Path) -> Option<ObjectDefinition> {
        let id = path.object_id()?;
        self.live.with_model(|model| model.object(id).cloned())
    }

    pub(crate) fn definition(self, path: &Path) -> Option<ResourceDefinition> {
        self.live.definition_of(&self.target(path)?)
    }

    /// What can be done with a node.
    pub(crate) fn offered(self, path: &Path) -> Offered {
        let version = self.version();
        let object = path.object_id().unwrap_or_default();
        let instances = self.with_client(|client| {
            let entry = client.objects.iter().find(|entry| entry.id == object);
            entry.map_or(0, |entry| entry.instances.len())
        });
        self.live.with_model(|model| {
            let resource = path.resource_id().and_then(|resource| model.resource(object, resource));
            let known = Known {
                object: model.object(object),
                resource,
                version: &version,
                instances: instances.unwrap_or_default(),
            };
            offered(path, known)
        })
    }

    /// The unit of a Resource's value, as people write it.
    pub(crate) fn unit(self, path: &Path) -> String {
        self.target(path).map(|target| self.live.unit_of(&target)).unwrap_or_default()
    }

    fn target(self, path: &Path) -> Option<Target> {
        Some(Target { device: self.live.open_key()?, path: *path })
    }

    pub(crate) fn outcome(self, path: &Path) -> Option<Arc<Outcome>> {
        self.outcomes.with(|outcomes| outcomes.get(path).cloned())
    }

    pub(crate) fn is_pending(self, path: &Path) -> Option<Operation> {
        self.pending.with(|pending| pending.get(path).copied())
    }

    /// An operation without a payload.
    pub(crate) fn ask(self, operation: Operation, path: Path) {
        self.ask_for(OperationRequest::new(operation, path.to_string()), path);
    }

    pub(crate) fn ask_for(self, request: OperationRequest, path: Path) {
        leptos::task::spawn_local(async move {
            self.run(request, path).await;
        });
    }

    /// The same once more; `force` also if the server sees no sense in it.
    pub(crate) fn retry(self, outcome: &Outcome, force: bool) {
        let mut request = outcome.request.clone();
        request.force |= force;
        let path = outcome.path;
        self.ask_for(request, path);
    }

    /// Starts to observe, or cancels.
    pub(crate) fn toggle_observation(self, path: Path) {
        let observed = self.live.with_device(|device| device.observed(&path)).unwrap_or(false);
        self.ask(if observed { Operation::CancelObservation } else { Operation::Observe }, path);
    }

    /// Opens the menu of a node, or of the device, below where it was asked for.
    pub(crate) fn open_menu(self, path: Option<Path>, (left, top): (f64, f64)) {
        self.menu.set(Some(OpenMenu { path, left, top }));
    }

    /// Whether nothing is left to do here: the client answered with success, or is asked when it wakes.
    pub(crate) async fn run(self, mut request: OperationRequest, path: Path) -> bool {
        let operation = request.op;
        let Some(endpoint) = self.endpoint.try_get_value() else {
            return false;
        };
        if self.pending.with_untracked(|pending| pending.contains(&path)) {
            return false;
        }
        self.options.with_untracked(|options| options.apply(&mut request));
        self.pending.update(|pending| {
            pending.insert(path, operation);
        });
        let operated = api::operate(&endpoint, &request).await;
        // The page may have been left meanwhile; its signals are gone then.
        self.pending.try_update(|pending| pending.remove(&path));
        let answer = match operated {
            Ok(Operated::Queued(command)) => {
                self.wait_for(command.id, request, path);
                return true;
            }
            Ok(Operated::Answered(response)) => Ok(*response),
            Err(failure) => Err(failure),
        };
        self.conclude(Outcome { request, path, at_ms: self.live.clock(), answer })
    }

    /// Shows what came of an operation. Whether that was a success.
    fn conclude(self, outcome: Outcome) -> bool {
        let (succeeded, path) = (outcome.succeeded(), outcome.path);
        let Some(endpoint) = self.endpoint.try_get_value() else {
            return succeeded;
        };
        self.announce(format!("{path} {} {}", outcome.headline(), outcome.explanation()));
        if let (true, Ok(response)) = (succeeded, &outcome.answer) {
            self.take_payload(&endpoint, outcome.operation(), path, response);
            self.after(&outcome.request, path);
        }
        self.outcomes.try_update(|outcomes| outcomes.insert(path, Arc::new(outcome)));
        succeeded
    }

    fn take_payload(self, endpoint: &str, operation: Operation, path: Path, response: &OperationResponse) {
        let source = match operation {
            Operation::Read | Operation::Observe => Source::Read,
            Operation::Discover => Source::Discover,
            Operation::ReadComposite | Operation::ObserveComposite => Source::ReadComposite,
            Operation::Write
            | Operation::WriteAttributes
            | Operation::WriteComposite
            | Operation::Execute
            | Operation::Create
            | Operation::Delete
            | Operation::CancelObservation
            | Operation::CancelObservationComposite => return,
        };
        if let Some(payload) = hex_decode(&response.payload_hex) {
            let content_format = response.content_format;
            self.live.take_answer(endpoint, Answer { path, source, content_format, payload });
        }
    }

    /// Asks on which board these Resources of the device shall be, with those of others beside them.
    pub(crate) fn put_on_board(self, paths: &[Path], beside: &[BoardSeries]) {
        let endpoint = self.endpoint();
        let series = |path: &Path| BoardSeries { endpoint: endpoint.clone(), path: path.to_string() };
        let names: Vec<String> = paths.iter().map(Path::to_string).collect();
        let name = format!("{} of {endpoint}", names.join(", "));
        let series = paths.iter().map(series).chain(beside.iter().cloned()).collect();
        self.boarding.set(Some(Wanted { series, name }));
    }

    /// Shows the course of a Resource beside others, or no longer.
    pub(crate) fn toggle_pin(self, path: Path) {
        self.pinned.update(|pinned| {
            if pinned.contains(&path) {
                pinned.retain(|other| *other != path);
            } else if pinned.len() < SERIES {
                pinned.push(path);
            }
        });
    }

    /// The Execute that makes the client send an Update (LwM2M Core §6.2.2): Registration Update Trigger.
    pub(crate) fn update_trigger(self) -> Option<Path> {
        const SERVER: u16 = 1;
        const REGISTRATION_UPDATE_TRIGGER: u16 = 8;
        let instance = self.with_client(|client| {
            let server = client.objects.iter().find(|object| object.id == SERVER)?;
            server.instances.first().copied()
        });
        Some(Path::resource(SERVER, instance??, REGISTRATION_UPDATE_TRIGGER))
    }
}

/// The row of a node in the tree.
pub(crate) fn row_selector(path: &Path) -> String {
    format!("[data-testid=tree] [data-path=\"{path}\"]")
}

/// `/3303/0/5700` as people say it: the Resource by its name.
pub(crate) fn node_name(bench: Workbench, path: &Path) -> String {
    let unknown = |what: &str| format!("Unknown {what}");
    let object = || bench.object(path).map_or_else(|| unknown("Object"), |object| object.name);
    let resource = || bench.definition(path).map_or_else(|| unknown("Resource"), |resource| resource.name);
    match path.level() {
        Level::Root => "Several".to_owned(),
        Level::Object => object(),
        Level::ObjectInstance => {
            format!("{} · instance {}", object(), path.instance_id().unwrap_or_default())
        }
        Level::Resource => resource(),
        Level::ResourceInstance => {
            format!("{} · {}", resource(), path.resource_instance_id().unwrap_or_default())
        }
    }
}
