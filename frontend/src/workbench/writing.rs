use console_api::{Attributes, Operation, OperationRequest, Source, WriteMode, hex_decode, hex_encode};
use leptos::prelude::*;
use lwm2m_codec::attributes::AttributeTarget;
use lwm2m_codec::{Level, Path};

use super::{Dialog, Workbench, row_selector};
use crate::browser;
use crate::live::Answer;
use crate::write::{AttributeDraft, Draft, Form, FormKind, Formats, Payload};

impl Workbench {
    pub(crate) fn formats(self) -> Option<Formats> {
        self.with_client(Formats::of)
    }

    /// Something is typed that would be lost with the page.
    pub(crate) fn has_unsaved(self) -> bool {
        self.drafts.with(|drafts| !drafts.is_empty()) || self.attributes.with(|drafts| !drafts.is_empty())
    }

    /// Opens the form that writes a node, with the current values or what was being typed.
    pub(crate) fn open_write(self, path: Path) {
        self.select(Some(path));
        if path.level() == Level::ObjectInstance {
            self.open_write_instance(path);
            return;
        }
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

    fn open_write_instance(self, path: Path) {
        let object = untrack(|| self.object(&path));
        let form = object.and_then(|object| {
            self.live.with_device(|device| {
                let content = |path: &Path| device.cell(path).map(|cell| &cell.content);
                Form::write(path, &object, content, browser::east_min)
            })
        });
        self.form.set(form);
        self.dialog.set(Some(Dialog::Form));
    }

    /// Asks for what a new instance of an Object needs.
    pub(crate) fn open_create(self, object: Path) {
        self.select(Some(object));
        let definition = untrack(|| self.object(&object));
        let form = match definition {
            Some(definition) => Form::create(&definition, browser::east_min),
            None => Form::create_unknown(object.object_id().unwrap_or_default()),
        };
        self.form.set(Some(form));
        self.dialog.set(Some(Dialog::Form));
    }

    /// Drops the draft; the keys go back to the row of the tree.
    pub(crate) fn close_write(self, path: Path) {
        self.drafts.try_update(|drafts| drafts.remove(&path));
        browser::focus(&row_selector(&path));
    }

    /// Sends the draft. It is dropped when the client took it, and kept otherwise.
    pub(crate) fn write(self, path: Path, payload: &Payload) {
        let sent = self.drafts.with_untracked(|drafts| drafts.get(&path).cloned());
        let mut request = with_payload(Operation::Write, path, payload);
        let partial = sent.as_ref().is_some_and(|draft| draft.multiple && draft.partial);
        request.mode = partial.then_some(WriteMode::PartialUpdate);
        leptos::task::spawn_local(async move {
            let done = self.run(request, path).await;
            if done
                && self.drafts.try_with_untracked(|drafts| drafts.get(&path) == sent.as_ref()) == Some(true)
            {
                self.close_write(path);
            }
        });
    }

    /// Sends the form. The dialog closes when the client took it.
    pub(crate) fn send_form(self, form: &Form, payload: &Payload) {
        let (operation, path, mode) = match &form.kind {
            FormKind::Write { replace: true } => (Operation::Write, form.base, None),
            FormKind::Write { replace: false } => {
                (Operation::Write, form.base, Some(WriteMode::PartialUpdate))
            }
            FormKind::Create { .. } => (Operation::Create, form.base, None),
            FormKind::Composite => (Operation::WriteComposite, Path::ROOT, None),
        };
        let mut request = with_payload(operation, path, payload);
        request.mode = mode;
        if operation == Operation::Create && payload.bytes.is_empty() {
            // Everything is left to the client (LwM2M 1.2 Core §6.3.6).
            (request.payload_hex, request.content_format, request.values) = (None, None, Some(Vec::new()));
        }
        leptos::task::spawn_local(async move {
            let done = self.run(request, path).await;
            if done && self.dialog.try_get_untracked().flatten() == Some(Dialog::Form) {
                self.dialog.set(None);
            }
        });
    }

    /// What the client took counts as its value, also while the WebSocket is away.
    pub(super) fn after(self, request: &OperationRequest, path: Path) {
        let source = match request.op {
            Operation::Write => Source::Write,
            Operation::WriteComposite => Source::WriteComposite,
            Operation::WriteAttributes => {
                self.took_attributes(request, path);
                return;
            }
            _ => return,
        };
        let payload = request.payload_hex.as_deref().and_then(hex_decode);
        if let (Some(payload), Some(endpoint)) = (payload, self.endpoint.try_get_value()) {
            let content_format = request.content_format;
            self.live.take_answer(&endpoint, Answer { path, source, content_format, payload });
        }
    }

    pub(crate) fn open_execute(self, path: Path) {
        self.select(Some(path));
        self.outcomes.update(|outcomes| {
            outcomes.remove(&path);
        });
        self.dialog.set(Some(Dialog::Execute(path)));
    }

    /// Executes; the dialog closes when the client did it.
    pub(crate) fn execute(self, path: Path, arguments: String) {
        let mut request = OperationRequest::new(Operation::Execute, path.to_string());
        request.arguments = (!arguments.is_empty()).then_some(arguments);
        self.run_in_dialog(request, path, Dialog::Execute(path));
    }

    pub(crate) fn open_delete(self, path: Path) {
        self.select(Some(path));
        self.outcomes.update(|outcomes| {
            outcomes.remove(&path);
        });
        self.dialog.set(Some(Dialog::Delete(path)));
    }

    pub(crate) fn delete(self, path: Path) {
        self.run_in_dialog(
            OperationRequest::new(Operation::Delete, path.to_string()),
            path,
            Dialog::Delete(path),
        );
    }

    fn run_in_dialog(self, request: OperationRequest, path: Path, dialog: Dialog) {
        leptos::task::spawn_local(async move {
            if self.run(request, path).await && self.dialog.try_get_untracked().flatten() == Some(dialog) {
                self.dialog.set(None);
            }
        });
    }

    /// Opens the form of the attributes. What the client has attached is asked for, unless it is known.
    pub(crate) fn open_attributes(self, path: Path) {
        self.select(Some(path));
        if self.attributes.with_untracked(|drafts| drafts.contains(&path)) {
            return;
        }
        let version = untrack(|| self.version()).parse().unwrap_or_default();
        let target = untrack(|| self.live.with_model(|model| AttributeTarget::new(&path, model, version)));
        let (known, attached) = self
            .live
            .with_device(|device| (device.is_discovered(&path), device.attributes(&path).to_vec()))
            .unwrap_or_default();
        self.attributes.update(|drafts| {
            drafts.insert(path, AttributeDraft::new(target, &attached));
        });
        if !known {
            // A Resource Instance is listed with its Resource.
            let listed = path.truncate(Level::Resource);
            self.ask(Operation::Discover, listed);
        }
    }

    pub(crate) fn close_attributes(self, path: Path) {
        self.attributes.try_update(|drafts| drafts.remove(&path));
        browser::focus(&row_selector(&path));
    }

    /// `query`: what changes, `pmin=10&gt`.
    pub(crate) fn write_attributes(self, path: Path, query: String) {
        let mut request = OperationRequest::new(Operation::WriteAttributes, path.to_string());
        request.attributes = Some(Attributes::Query(query));
        leptos::task::spawn_local(async move {
            let done = self.run(request, path).await;
            if done && self.attributes.try_with_untracked(|drafts| drafts.contains(&path)) == Some(true) {
                self.close_attributes(path);
            }
        });
    }

    /// Observes by attributes that hold for this observation alone.
    pub(crate) fn observe_with(self, path: Path, query: String) {
        let mut request = OperationRequest::new(Operation::Observe, path.to_string());
        request.attributes = Some(Attributes::Query(query));
        self.ask_for(request, path);
    }

    fn took_attributes(self, request: &OperationRequest, path: Path) {
        if let (Some(Attributes::Query(query)), Some(endpoint)) =
            (&request.attributes, self.endpoint.try_get_value())
        {
            self.live.take_attributes(&endpoint, path, query);
        }
    }
}

fn with_payload(operation: Operation, path: Path, payload: &Payload) -> OperationRequest {
    let mut request = OperationRequest::new(operation, path.to_string());
    request.payload_hex = Some(hex_encode(&payload.bytes));
    request.content_format = Some(payload.format.0);
    request
}
