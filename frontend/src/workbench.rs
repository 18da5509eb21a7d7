//! The state of an open device page: what is selected, what was asked, what is being typed.

use std::sync::Arc;

use console_api::{Operation, OperationRequest, OperationResponse, Source, hex_decode, hex_encode};
use leptos::prelude::*;
use lwm2m_codec::{Level, Path};
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

use crate::answers::{code_name, is_success, meaning, operation_name};
use crate::api::{self, Failure};
use crate::live::{Answer, Live};
use crate::path_map::PathMap;
use crate::tree::TreeView;
use crate::write::{Draft, Payload};
use crate::{browser, format};

/// What came of the last operation on a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) operation: Operation,
    pub(crate) path: Path,
    pub(crate) at_ms: u64,
    pub(crate) answer: Result<OperationResponse, Failure>,
}

impl Outcome {
    /// CoAP response code, or the word of the server for what happened instead.
    pub(crate) fn code(&self) -> &str {
        match &self.answer {
            Ok(response) => &response.code,
            Err(failure) => &failure.code,
        }
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.answer.is_ok() && is_success(self.code())
    }

    /// `Read: 4.05 Method Not Allowed`
    pub(crate) fn headline(&self) -> String {
        let (operation, code) = (operation_name(self.operation), self.code());
        match (code_name(code), self.answer.is_ok()) {
            ("", _) => format!("{operation}: {code}"),
            (name, true) => format!("{operation}: {code} {name}"),
            (name, false) => format!("{operation}: {name}"),
        }
    }

    /// What it means here, in one or two sentences.
    pub(crate) fn explanation(&self) -> String {
        match &self.answer {
            Ok(_) if self.succeeded() => String::new(),
            Ok(response) => {
                let said = hex_decode(&response.payload_hex).and_then(|payload| {
                    format::guess(&payload).map(|text| format!(" The client says: “{text}”"))
                });
                format!("{}{}", meaning(self.operation, &self.path, self.code()), said.unwrap_or_default())
            }
            Err(failure) => {
                let details = failure
                    .details
                    .as_ref()
                    .map(|details| format!(" (expected {}, got {})", details.expected, details.got));
                let mut message = failure.message.clone();
                if !message.ends_with('.') {
                    message.push('.');
                }
                let meaning = meaning(self.operation, &self.path, self.code());
                format!("{message}{} {meaning}", details.unwrap_or_default())
            }
        }
    }
}

/// Progress of a Read or Discover of all Objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sweep {
    pub(crate) operation: Operation,
    pub(crate) done: usize,
    pub(crate) total: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Workbench {
    pub(crate) live: Live,
    endpoint: StoredValue<String>,
    pub(crate) selected: RwSignal<Option<Path>>,
    pub(crate) tree: RwSignal<TreeView>,
    pub(crate) outcomes: RwSignal<PathMap<Arc<Outcome>>>,
    pub(crate) pending: RwSignal<PathMap<Operation>>,
    /// A Write form is open exactly for the paths that are here.
    pub(crate) drafts: RwSignal<PathMap<Draft>>,
    /// The Resource whose Execute dialog is open.
    pub(crate) executing: RwSignal<Option<Path>>,
    pub(crate) arguments: RwSignal<PathMap<String>>,
    pub(crate) sweep: RwSignal<Option<Sweep>>,
    announcement: RwSignal<String>,
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
            drafts: RwSignal::default(),
            executing: RwSignal::default(),
            arguments: RwSignal::default(),
            sweep: RwSignal::default(),
            announcement,
        }
    }

    pub(crate) fn endpoint(self) -> String {
        self.endpoint.get_value()
    }

    /// Shows a node in the inspector and remembers it in the address.
    pub(crate) fn select(self, path: Option<Path>) {
        if let Some(path) = &path {
            self.tree.update(|tree| tree.reveal(path));
        }
        if self.selected.get_untracked() != path {
            self.selected.set(path);
            let fragment = path.map(|path| format!("#{path}")).unwrap_or_default();
            browser::replace_address(&format!("{}{fragment}", browser::pathname()));
        }
    }

    pub(crate) fn object(self, path: &Path) -> Option<ObjectDefinition> {
        let id = path.object_id()?;
        self.live.with_model(|model| model.object(id).cloned())
    }

    pub(crate) fn definition(self, path: &Path) -> Option<ResourceDefinition> {
        let (object, resource) = (path.object_id()?, path.resource_id()?);
        self.live.with_model(|model| model.resource(object, resource).cloned())
    }

    /// The unit of a Resource's value, as people write it.
    pub(crate) fn unit(self, path: &Path) -> String {
        self.live.structure.track();
        let defined = self.definition(path).map(|definition| definition.units).unwrap_or_default();
        self.live.with_device(|device| device.unit(path, &defined)).unwrap_or_default()
    }

    pub(crate) fn outcome(self, path: &Path) -> Option<Arc<Outcome>> {
        self.outcomes.with(|outcomes| outcomes.get(path).cloned())
    }

    pub(crate) fn is_pending(self, path: &Path) -> Option<Operation> {
        self.pending.with(|pending| pending.get(path).copied())
    }

    /// An operation without a payload.
    pub(crate) fn ask(self, operation: Operation, path: Path) {
        leptos::task::spawn_local(async move {
            self.run(OperationRequest::new(operation, path.to_string()), path).await;
        });
    }

    /// Starts to observe, or cancels.
    pub(crate) fn toggle_observation(self, path: Path) {
        let observed = self.live.with_device(|device| device.observed(&path)).unwrap_or(false);
        self.ask(if observed { Operation::CancelObservation } else { Operation::Observe }, path);
    }

    /// Opens the Write form with the current value, or the one that was being typed.
    pub(crate) fn open_write(self, path: Path) {
        self.select(Some(path));
        if self.drafts.with_untracked(|drafts| drafts.contains(&path)) {
            return;
        }
        let definition = untrack(|| self.definition(&path));
        let cell = self.live.with_device(|device| device.cell(&path).cloned()).flatten();
        let content = cell.as_ref().map(|cell| &cell.content);
        let draft = Draft::new(&path, definition.as_ref(), content, browser::east_min);
        self.drafts.update(|drafts| {
            drafts.insert(path, draft);
        });
    }

    /// Drops the draft; the keys go back to the row of the tree.
    pub(crate) fn close_write(self, path: Path) {
        self.drafts.try_update(|drafts| drafts.remove(&path));
        browser::focus(&row_selector(&path));
    }

    /// Sends the draft. It is dropped when the client took it, and kept otherwise.
    pub(crate) fn write(self, path: Path, payload: Payload) {
        let sent = self.drafts.with_untracked(|drafts| drafts.get(&path).cloned());
        let mut request = OperationRequest::new(Operation::Write, path.to_string());
        request.payload_hex = Some(hex_encode(&payload.bytes));
        request.content_format = Some(payload.format.0);
        let endpoint = self.endpoint();
        leptos::task::spawn_local(async move {
            let taken = self.run(request, path).await;
            if taken {
                let answer = Answer {
                    path,
                    source: Source::Write,
                    content_format: Some(payload.format.0),
                    payload: payload.bytes,
                };
                self.live.take_answer(&endpoint, answer);
                if self.drafts.try_with_untracked(|drafts| drafts.get(&path) == sent.as_ref()) == Some(true) {
                    self.close_write(path);
                }
            }
        });
    }

    pub(crate) fn open_execute(self, path: Path) {
        self.select(Some(path));
        self.outcomes.update(|outcomes| {
            outcomes.remove(&path);
        });
        self.executing.set(Some(path));
    }

    /// Executes; the dialog closes when the client did it.
    pub(crate) fn execute(self, path: Path, arguments: String) {
        let mut request = OperationRequest::new(Operation::Execute, path.to_string());
        request.arguments = (!arguments.is_empty()).then_some(arguments);
        leptos::task::spawn_local(async move {
            if self.run(request, path).await && self.executing.try_get_untracked().flatten() == Some(path) {
                self.executing.set(None);
            }
        });
    }

    /// Reads or discovers one Object after the other; a constrained device is asked one thing at a time.
    pub(crate) fn sweep_objects(self, operation: Operation) {
        let objects = self
            .live
            .with_device(|device| {
                let client = device.client.as_ref();
                client.map(|client| {
                    client.objects.iter().map(|object| Path::object(object.id)).collect::<Vec<_>>()
                })
            })
            .flatten()
            .unwrap_or_default();
        let total = objects.len();
        if total == 0 || self.sweep.get_untracked().is_some() {
            return;
        }
        self.sweep.set(Some(Sweep { operation, done: 0, total }));
        leptos::task::spawn_local(async move {
            let mut failed = 0;
            for (done, object) in objects.into_iter().enumerate() {
                // The operator stopped it, or left the page.
                if self.sweep.try_get_untracked().flatten().is_none() {
                    return;
                }
                self.sweep.set(Some(Sweep { operation, done, total }));
                let request = OperationRequest::new(operation, object.to_string());
                failed += usize::from(!self.run(request, object).await);
            }
            self.sweep.try_set(None);
            let done = format!("{} of {}: ", operation_name(operation), format::plural(total, "Object"));
            let result = if failed == 0 { "done".into() } else { format!("{failed} failed") };
            self.announcement.set(format!("{done}{result}"));
        });
    }

    /// Whether the client answered with success.
    async fn run(self, request: OperationRequest, path: Path) -> bool {
        let operation = request.op;
        let Some(endpoint) = self.endpoint.try_get_value() else {
            return false;
        };
        if self.pending.with_untracked(|pending| pending.contains(&path)) {
            return false;
        }
        self.pending.update(|pending| {
            pending.insert(path, operation);
        });
        let answer = api::operate(&endpoint, &request).await;
        // The page may have been left meanwhile; its signals are gone then.
        self.pending.try_update(|pending| pending.remove(&path));
        let outcome = Outcome { operation, path, at_ms: self.live.clock(), answer };
        let succeeded = outcome.succeeded();
        self.announcement.set(format!("{path} {} {}", outcome.headline(), outcome.explanation()));
        if let (true, Ok(response)) = (succeeded, &outcome.answer) {
            self.take_payload(&endpoint, operation, path, response);
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
}

/// The row of a node in the tree.
pub(crate) fn row_selector(path: &Path) -> String {
    format!("[data-testid=tree] [data-path=\"{path}\"]")
}

/// Which operations make sense on a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offered {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) observe: bool,
    pub(crate) discover: bool,
}

/// `version`: LwM2M version of the client. Without a definition everything may be tried.
pub(crate) fn offered(path: &Path, definition: Option<&ResourceDefinition>, version: &str) -> Offered {
    let allowed = definition.map(|definition| definition.operations);
    let may = |of: fn(lwm2m_codec::Operations) -> bool| allowed.is_none_or(of);
    match path.level() {
        Level::Root => Offered::default(),
        Level::Object | Level::ObjectInstance => {
            Offered { read: true, observe: true, discover: true, ..Offered::default() }
        }
        Level::Resource => Offered {
            read: may(|operations| operations.read),
            write: may(|operations| operations.write),
            execute: may(|operations| operations.execute),
            observe: may(|operations| operations.read),
            discover: true,
        },
        // LwM2M 1.0 addresses no Resource Instances.
        Level::ResourceInstance if version == "1.0" => Offered::default(),
        Level::ResourceInstance => Offered {
            read: may(|operations| operations.read),
            write: may(|operations| operations.write),
            observe: may(|operations| operations.read),
            ..Offered::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(code: &str, payload_hex: &str) -> OperationResponse {
        OperationResponse {
            code: code.into(),
            payload_hex: payload_hex.into(),
            duration_ms: 1,
            ..OperationResponse::default()
        }
    }

    fn outcome(answer: Result<OperationResponse, Failure>) -> Outcome {
        Outcome { operation: Operation::Read, path: Path::resource(3, 0, 4), at_ms: 0, answer }
    }

    #[test]
    fn a_refusal_says_code_name_and_meaning() {
        let refused = outcome(Ok(response("4.05", "6e6f")));
        assert!(!refused.succeeded());
        assert_eq!(refused.headline(), "Read: 4.05 Method Not Allowed");
        assert_eq!(refused.explanation(), "The Resource is not readable. The client says: “no”");
        let fine = outcome(Ok(response("2.05", "")));
        assert!(fine.succeeded() && fine.explanation().is_empty());
        let silent =
            Failure { code: "timeout".into(), message: "no answer within 5 s".into(), details: None };
        let silent = outcome(Err(silent));
        assert_eq!((silent.code(), silent.headline().as_str()), ("timeout", "Read: No answer"));
        assert!(silent.explanation().starts_with("no answer within 5 s. The client did not answer"));
    }

    #[test]
    fn operations_by_level_definition_and_version() {
        let object = offered(&Path::object(3), None, "1.0");
        assert!(object.read && object.discover && object.observe && !object.write && !object.execute);
        let unknown = offered(&Path::resource(3, 0, 4), None, "1.0");
        assert!(unknown.read && unknown.write && unknown.execute);
        let instance = Path::resource_instance(3, 0, 6, 0);
        assert_eq!(offered(&instance, None, "1.0"), Offered::default());
        assert!(offered(&instance, None, "1.1").read && !offered(&instance, None, "1.1").execute);
    }
}
