use console_api::{Cancellation, Operation, OperationRequest};
use leptos::html;
use leptos::prelude::*;
use lwm2m_codec::{Level, Path};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::api;
use crate::bootstrap;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::frame::Notices;
use crate::routing::{Route, Router};
use crate::workbench::{Dialog, OpenMenu, Workbench, row_selector};

use super::operations::permission;

/// Room that a menu needs, in CSS pixels, so that it opens inside the window.
const WIDTH: f64 = 250.0;
const ROW: f64 = 30.0;

/// What an entry of a menu does.
type Action = Box<dyn Fn(Workbench) + Send + Sync>;

/// An entry of a menu.
struct Entry {
    operation: &'static str,
    icon: Icon,
    label: String,
    dangerous: bool,
    action: Action,
}

/// The menu of a node or of the device: everything that can be done with it.
#[component]
pub(crate) fn NodeMenu() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let router = expect_context::<Router>();
    let notices = expect_context::<Notices>();
    let menu = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if bench.menu.get().is_some()
            && let Some(menu) = menu.get()
        {
            // In the top layer, and closed by Escape and by a click elsewhere.
            let _ = menu.show_popover();
            browser::focus(".node-menu [role=menuitem]");
        }
    });
    let close = move |path: Option<Path>| {
        bench.menu.set(None);
        if let Some(path) = path {
            browser::focus(&row_selector(&path));
        }
    };
    move || {
        bench.menu.get().map(|open| {
            let entries = untrack(|| match open.path {
                Some(path) => of_node(bench, path),
                None => of_device(bench, router, notices),
            });
            let (left, top) = place(open, entries.len());
            let label = open.path.map_or_else(|| "Device".to_owned(), |path| format!("Operations of {path}"));
            let items = entries.into_iter().map(|entry| {
                let Entry { operation, icon, label, dangerous, action } = entry;
                let refusal = untrack(|| bench.refusal(permission(operation)?, open.path?));
                view! {
                    <button
                        class="menu-item"
                        class:danger=dangerous
                        role="menuitem"
                        tabindex="-1"
                        data-op=operation
                        on:click=move |_| {
                            close(open.path);
                            action(bench);
                        }
                    >
                        <Glyph icon=icon />
                        {label}
                        {refusal.map(|refusal| view! {
                            <span class="menu-note" title=refusal.reason>{refusal.short}</span>
                        })}
                    </button>
                }
            });
            view! {
                <div
                    class="menu node-menu"
                    popover="auto"
                    role="menu"
                    tabindex="-1"
                    aria-label=label
                    data-testid="node-menu"
                    node_ref=menu
                    style:left=format!("{left}px")
                    style:top=format!("{top}px")
                    on:keydown=move |event| step(&event)
                    on:toggle=move |event| {
                        if event_target::<HtmlElement>(&event).matches(":popover-open") != Ok(true) {
                            close(open.path);
                        }
                    }
                >
                    {items.collect_view()}
                </div>
            }
        })
    }
}

/// Inside the window.
fn place(open: OpenMenu, entries: usize) -> (f64, f64) {
    let (width, height) = browser::window_size();
    let room = entries as f64 * ROW + 16.0;
    (open.left.min(width - WIDTH).max(4.0), open.top.min(height - room).max(4.0))
}

/// The arrow keys move through the entries (WAI-ARIA Authoring Practices, menu).
fn step(event: &KeyboardEvent) {
    let focused = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(focused) = focused else {
        return;
    };
    let parent = focused.parent_element();
    let to = match event.key().as_str() {
        "ArrowDown" => focused.next_element_sibling().or_else(|| parent?.first_element_child()),
        "ArrowUp" => focused.previous_element_sibling().or_else(|| parent?.last_element_child()),
        "Home" => parent.and_then(|parent| parent.first_element_child()),
        "End" => parent.and_then(|parent| parent.last_element_child()),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    if let Some(to) = to.and_then(|to| to.dyn_into::<HtmlElement>().ok()) {
        let _ = to.focus();
    }
}

fn entry(
    operation: &'static str,
    icon: Icon,
    label: impl Into<String>,
    action: impl Fn(Workbench) + Send + Sync + 'static,
) -> Entry {
    Entry { operation, icon, label: label.into(), dangerous: false, action: Box::new(action) }
}

fn of_node(bench: Workbench, path: Path) -> Vec<Entry> {
    let offered = bench.offered(&path);
    let observed = bench.live.with_device(|device| device.observed(&path)).unwrap_or(false);
    let chart = bench.live.with_device(|device| device.history(&path).is_some()).unwrap_or(false);
    let mut entries = Vec::new();
    let mut add = |offered: bool, entry: Entry| {
        if offered {
            entries.push(entry);
        }
    };
    let ask = move |operation: Operation| move |bench: Workbench| bench.ask(operation, path);
    add(offered.read, entry("read", Icon::Read, "Read", ask(Operation::Read)));
    add(offered.write, entry("write", Icon::Write, "Write…", move |bench| bench.open_write(path)));
    add(offered.execute, entry("execute", Icon::Execute, "Execute…", move |bench| bench.open_execute(path)));
    add(offered.discover, entry("discover", Icon::Discover, "Discover", ask(Operation::Discover)));
    add(
        offered.write_attributes,
        entry("write-attributes", Icon::Tag, "Attributes…", move |bench| bench.open_attributes(path)),
    );
    add(offered.observe && !observed, entry("observe", Icon::Observe, "Observe", ask(Operation::Observe)));
    let cancel = |how: Cancellation| {
        move |bench: Workbench| {
            let mut request = OperationRequest::new(Operation::CancelObservation, path.to_string());
            request.how = Some(how);
            bench.ask_for(request, path);
        }
    };
    add(observed, entry("cancel", Icon::Cancel, "Cancel observation", cancel(Cancellation::Active)));
    add(
        observed,
        entry("cancel-passive", Icon::Cancel, "Cancel passively (Reset)", cancel(Cancellation::Passive)),
    );
    add(offered.create, entry("create", Icon::Add, "New instance…", move |bench| bench.open_create(path)));
    add(chart, entry("pin", Icon::Trace, pin_label(bench, &path), move |bench| bench.toggle_pin(path)));
    add(
        path.level() >= Level::Resource && offered.read,
        entry("add-to-board", Icon::Boards, "Add to a board…", move |bench| {
            bench.put_on_board(&[path], &[]);
        }),
    );
    add(
        path.level() >= Level::Object,
        entry("choose", Icon::Columns, choose_label(bench, &path), move |bench| bench.choose(path)),
    );
    add(true, entry("copy-path", Icon::Copy, "Copy path", move |_| browser::copy(&path.to_string())));
    let curl = curl(&bench.endpoint(), &path);
    add(true, entry("copy-curl", Icon::Copy, "Copy Read as curl", move |_| browser::copy(&curl)));
    let delete = entry("delete", Icon::Delete, "Delete…", move |bench| bench.open_delete(path));
    add(offered.delete, Entry { dangerous: true, ..delete });
    entries
}

fn pin_label(bench: Workbench, path: &Path) -> &'static str {
    if bench.pinned.with(|pinned| pinned.contains(path)) { "Take off the chart" } else { "Keep on the chart" }
}

fn choose_label(bench: Workbench, path: &Path) -> &'static str {
    if bench.is_chosen(path) { "Take out of the selection" } else { "Add to the selection" }
}

fn of_device(bench: Workbench, router: Router, notices: Notices) -> Vec<Entry> {
    let endpoint = bench.endpoint();
    let trace = Route::Trace { endpoint: Some(endpoint.clone()) };
    let curl = curl(&endpoint, &Path::object(3));
    let forget = entry("forget", Icon::Delete, "Forget this device…", |bench| {
        bench.dialog.set(Some(Dialog::Forget));
    });
    vec![
        entry("read-all", Icon::Read, "Read all Objects", |bench| bench.sweep_objects(Operation::Read)),
        entry("discover-all", Icon::Discover, "Discover all Objects", |bench| {
            bench.sweep_objects(Operation::Discover);
        }),
        entry("choose-several", Icon::Columns, "Select several (composite)", Workbench::toggle_choosing),
        entry("options", Icon::Server, "Request options…", |bench| {
            bench.dialog.set(Some(Dialog::RequestOptions));
        }),
        entry("label", Icon::Tag, "Name, tags and notes…", |bench| {
            bench.labelling.set(Some(bench.endpoint()));
        }),
        entry("bootstrap", Icon::Bootstrap, "Bootstrap now", move |bench| {
            bootstrap_now(bench, router, notices);
        }),
        entry("read-rights", Icon::Lock, "Read access control", move |bench| read_rights(bench, notices)),
        entry("trace", Icon::Trace, "Trace of this device", move |_| router.open(trace.clone())),
        entry("copy-endpoint", Icon::Copy, "Copy endpoint name", move |_| browser::copy(&endpoint)),
        entry("copy-curl", Icon::Copy, "Copy a Read as curl", move |_| browser::copy(&curl)),
        Entry { dangerous: true, ..forget },
    ]
}

/// Asks the device who may do what, so that its tree shows it.
pub(super) fn read_rights(bench: Workbench, notices: Notices) {
    leptos::task::spawn_local(async move {
        if let Err(failure) = bench.read_rights().await {
            notices.fail(format!("Access control not read: {}", failure.told()));
        }
    });
}

/// Makes the device bootstrap, and goes to where its session appears.
fn bootstrap_now(bench: Workbench, router: Router, notices: Notices) {
    let endpoint = bench.endpoint();
    leptos::task::spawn_local(async move {
        match bootstrap::bootstrap_now(&endpoint).await {
            Ok(_) => router.open(Route::Bootstrap { endpoint: Some(endpoint) }),
            Err(failure) => notices.fail(format!("Not bootstrapped: {}", failure.told())),
        }
    });
}

/// A Read of a path for the command line.
fn curl(endpoint: &str, path: &Path) -> String {
    let address = format!("{}{}", browser::origin(), api::client_address(endpoint, "/operations", ""));
    // A percent-encoded address has no quotes.
    format!(
        "curl -s -H 'content-type: application/json' -d '{{\"op\":\"read\",\"path\":\"{path}\"}}' '{address}'"
    )
}
