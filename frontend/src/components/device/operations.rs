use console_api::{AccessOperation, Operation};
use leptos::prelude::*;
use lwm2m_codec::Path;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, MouseEvent};

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::workbench::{Offered, Workbench};

/// Buttons for what can be done with a node. In a row they are small and without words.
#[component]
pub(crate) fn OperationButtons(
    path: Path,
    #[prop(into)] offered: Signal<Offered>,
    #[prop(into)] observed: Signal<bool>,
    #[prop(optional)] in_row: bool,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let button = move |operation: &'static str, label: &'static str, icon: Icon, act: fn(Workbench, Path)| {
        let asked = match operation {
            "read" => Some(Operation::Read),
            "discover" => Some(Operation::Discover),
            "observe" => Some(Operation::Observe),
            "cancel" => Some(Operation::CancelObservation),
            _ => None,
        };
        let refusal = memo(move || bench.refusal(permission(operation)?, path));
        let busy = move || asked.is_some() && bench.is_pending(&path) == asked;
        let name = in_row.then(|| format!("{} {path}", label.trim_end_matches('…')));
        let (said, shown) = (name.clone(), name);
        // A refusal is foretold, not imposed: some devices decide otherwise.
        let title = move || match refusal.get() {
            Some(refusal) => {
                Some(format!("{}: the device is expected to refuse. {}", refusal.short, refusal.reason))
            }
            None => shown.clone(),
        };
        view! {
            <button
                class=if in_row { "button ghost square" } else { "button" }
                class:busy=busy
                class:refused=move || refusal.with(Option::is_some)
                data-op=operation
                aria-label=said
                title=title
                // The rows have one stop for the Tab key; the keys r, w, e and o do the same.
                tabindex=in_row.then_some("-1")
                disabled=move || bench.is_pending(&path).is_some()
                on:click=move |event| {
                    event.stop_propagation();
                    bench.select(Some(path));
                    act(bench, path);
                }
            >
                <Glyph icon=icon />
                {(!in_row).then_some(label)}
            </button>
        }
    };
    let quiet = move || {
        let offered = offered.get();
        (!in_row).then(|| view! {
            {offered.discover.then(|| button("discover", "Discover", Icon::Discover, |bench, path| bench.ask(Operation::Discover, path)))}
            {offered.write_attributes.then(|| button("write-attributes", "Attributes…", Icon::Tag, Workbench::open_attributes))}
            {offered.create.then(|| button("create", "New instance…", Icon::Add, Workbench::open_create))}
        })
    };
    view! {
        <span class="operations" class:in-row=in_row>
            {move || {
                let offered = offered.get();
                view! {
                    {offered.read.then(|| button("read", "Read", Icon::Read, |bench, path| bench.ask(Operation::Read, path)))}
                    {offered.write.then(|| button("write", "Write…", Icon::Write, Workbench::open_write))}
                    {offered.execute.then(|| button("execute", "Execute…", Icon::Execute, Workbench::open_execute))}
                }
            }}
            {move || {
                let observe: fn(Workbench, Path) = |bench, path| bench.ask(Operation::Observe, path);
                let cancel: fn(Workbench, Path) = |bench, path| bench.ask(Operation::CancelObservation, path);
                if observed.get() {
                    Some(button("cancel", "Cancel observation", Icon::Cancel, cancel))
                } else {
                    offered.get().observe.then(|| button("observe", "Observe", Icon::Observe, observe))
                }
            }}
            {quiet}
            <MenuButton path=path in_row=in_row />
        </span>
    }
}

/// What a server needs to be allowed for a button.
pub(super) fn permission(operation: &str) -> Option<AccessOperation> {
    match operation {
        "read" => Some(AccessOperation::Read),
        "write" => Some(AccessOperation::Write),
        "execute" => Some(AccessOperation::Execute),
        "discover" => Some(AccessOperation::Discover),
        "observe" => Some(AccessOperation::Observe),
        "write-attributes" => Some(AccessOperation::WriteAttributes),
        "create" => Some(AccessOperation::Create),
        "delete" => Some(AccessOperation::Delete),
        _ => None,
    }
}

/// Opens the menu of a node with everything else.
#[component]
pub(crate) fn MenuButton(path: Path, #[prop(optional)] in_row: bool) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let open = memo(move || bench.menu.get().is_some_and(|menu| menu.path == Some(path)));
    view! {
        <button
            class=if in_row { "button ghost square" } else { "button square" }
            data-op="menu"
            aria-label=format!("More operations of {path}")
            title="More operations"
            aria-haspopup="menu"
            aria-expanded=move || open.get().to_string()
            tabindex=in_row.then_some("-1")
            on:click=move |event| {
                event.stop_propagation();
                bench.select(Some(path));
                bench.open_menu(Some(path), place_of(&event));
            }
        >
            <Glyph icon=Icon::More />
        </button>
    }
}

/// Below the button that was clicked.
pub(super) fn place_of(event: &MouseEvent) -> (f64, f64) {
    let button = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    button.map_or((0.0, 0.0), |button| browser::below(&button))
}
