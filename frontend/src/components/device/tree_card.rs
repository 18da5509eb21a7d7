use console_api::Operation;
use leptos::prelude::*;
use lwm2m_codec::Path;
use web_sys::KeyboardEvent;

use super::composite_bar::CompositeBar;
use super::tree_row::{RowIndex, TreeRow};
use crate::answers::operation_name;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::live::{Definitions, Live};
use crate::memo::memo;
use crate::routing::Route;
use crate::tree::{Move, Row, TreeView, rows, step};
use crate::workbench::{Step, Workbench, row_selector};

/// Objects, Object Instances and Resources of the client with their values.
#[component]
pub(crate) fn TreeCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let rows = memo(move || {
        live.structure.track();
        live.definitions.track();
        bench.tree.with(|view| {
            let east_min = browser::east_min((live.clock() / 1000) as i64);
            live.with_store(|store| {
                let device = store.devices.opened();
                device.map(|device| rows(device, &store.model(), view, east_min)).unwrap_or_default()
            })
        })
    });
    let index = memo(move || rows.with(|rows| RowIndex::new(rows)));
    let tab_stop = memo(move || {
        let selected = bench.selected.get().filter(|path| index.with(|index| index.has_node(path)));
        selected.or_else(|| rows.with(|rows| rows.first().map(|row| row.path)))
    });
    // Also when it comes from the address, before there is a row.
    let shown = memo(move || bench.selected.get().filter(|path| index.with(|index| index.has_node(path))));
    Effect::new(move |_| {
        if let Some(path) = shown.get() {
            browser::reveal(&row_selector(&path));
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Enter" {
            if let Some(path) = tab_stop.get_untracked() {
                bench.select(Some(path));
            }
            return;
        }
        let current = bench.selected.get_untracked();
        if let Some(path) = current.filter(|_| bench.act_on_key(&event)) {
            event.prevent_default();
            event.stop_propagation();
            focus_row(path);
            return;
        }
        let Some(done) = rows.with_untracked(|rows| step(rows, current, &key)) else {
            return;
        };
        event.prevent_default();
        match done {
            Move::Open(path) => bench.tree.update(|tree| tree.set_open(path, true)),
            Move::Close(path) => bench.tree.update(|tree| tree.set_open(path, false)),
            Move::To(path) => {
                bench.select_by(Some(path), Step::Same);
                focus_row(path);
            }
        }
    };
    view! {
        <section class="card tree-card" aria-label="Object tree">
            <TreeHead />
            <CompositeBar />
            <ReadHint />
            <div class="tree" role="tree" aria-label="Objects" data-testid="tree" on:keydown=on_key>
                <For each=move || rows.get() key=Row::key let:row>
                    <TreeRow row=row index=index tab_stop=tab_stop />
                </For>
            </div>
            <TreeEmpty rows=rows />
        </section>
    }
}

fn focus_row(path: Path) {
    let selector = row_selector(&path);
    if browser::focus(&selector)
        && let Some(row) = browser::find(&selector)
    {
        browser::scroll_into_view(&row);
    }
}

#[component]
fn TreeHead() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let button = move |operation: Operation, label: &'static str| {
        view! {
            <button
                class="button small"
                data-op-all=operation_name(operation).to_lowercase()
                disabled=move || bench.sweep.get().is_some()
                on:click=move |_| bench.sweep_objects(operation)
            >
                {label}
            </button>
        }
    };
    let progress = move || {
        bench.sweep.get().map(|sweep| {
            let text = format!("{} {} of {}", operation_name(sweep.operation), sweep.done + 1, sweep.total);
            view! {
                <span class="muted sweep" role="status">{text}</span>
                <button class="button small" on:click=move |_| bench.sweep.set(None)>"Stop"</button>
            }
        })
    };
    view! {
        <div class="card-head">
            <h2>"Object tree"</h2>
            <label class="search tree-filter">
                <Glyph icon=Icon::Search />
                <span class="visually-hidden">"Filter the tree"</span>
                <input
                    type="search"
                    data-search=""
                    data-testid="tree-filter"
                    placeholder="Name, id or value"
                    prop:value=move || bench.tree.with(|tree| tree.filter.clone())
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        bench.tree.update(|tree| tree.filter = text);
                    }
                />
            </label>
            <span class="spacer"></span>
            {move || if bench.sweep.get().is_some() {
                progress().into_any()
            } else {
                view! {
                    <button
                        class="button small ghost square"
                        aria-label="Collapse all"
                        title="Collapse all, or expand"
                        data-testid="collapse-all"
                        on:click=move |_| bench.tree.update(TreeView::toggle_all)
                    >
                        <Glyph icon=Icon::Discover />
                    </button>
                    <button
                        class="button small ghost square"
                        aria-label="Select several"
                        title="Select several nodes for composite operations"
                        aria-pressed=move || bench.chosen.with(Option::is_some).to_string()
                        data-testid="choose-several"
                        on:click=move |_| bench.toggle_choosing()
                    >
                        <Glyph icon=Icon::Columns />
                    </button>
                    {button(Operation::Discover, "Discover")}
                    {button(Operation::Read, "Read all")}
                }
                .into_any()
            }}
        </div>
    }
}

/// Shown until a first value is known.
#[component]
fn ReadHint() -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let shown = memo(move || {
        live.structure.track();
        let idle = bench.sweep.get().is_none();
        let known = live.with_device(|device| {
            let here = device.client.is_some() && device.departed.is_none();
            device.loaded && here && !device.has_values()
        });
        idle && known.unwrap_or(false)
    });
    move || {
        shown.get().then(|| {
            view! {
                <p class="tree-hint">
                    <span>"The device has not told any value since this server started."</span>
                    <button class="button small primary" on:click=move |_| bench.sweep_objects(Operation::Read)>
                        "Read all Objects"
                    </button>
                </p>
            }
        })
    }
}

/// Why there are no rows.
#[component]
fn TreeEmpty(rows: Memo<Vec<Row>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let state = memo(move || {
        live.structure.track();
        let filtered = bench.tree.with(|tree| !tree.filter.trim().is_empty());
        let fetching = live.definitions.with(|definitions| matches!(definitions, Definitions::Loading));
        live.with_device(|device| State {
            none: rows.with(Vec::is_empty),
            filtered,
            loading: !device.loaded || fetching,
            registered: device.client.is_some(),
        })
    });
    let endpoint = bench.endpoint();
    let trace = Route::Trace { endpoint: Some(endpoint.clone()) }.address();
    move || {
        match state.get() {
        Some(State { none: true, filtered: true, .. }) => view! {
            <p class="tree-note">"Nothing matches. Names, ids like " <code>"5700"</code> ", paths like " <code>"/3303/0"</code> " and values are searched."</p>
        }
        .into_any(),
        Some(State { none: true, loading: true, .. }) | None => view! {
            <div class="tree-note" aria-busy="true">
                <span class="visually-hidden">"Loading"</span>
                {(0..10).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
            </div>
        }
        .into_any(),
        Some(State { none: true, registered: false, .. }) => view! {
            <div class="tree-note" data-testid="not-registered">
                <p><b>"Not registered"</b></p>
                <p>"Nothing is known of a device called " <code>{endpoint.clone()}</code> ". The page fills by itself as soon as one registers under this name."</p>
                <p class="form-line">
                    <a class="button" href="/">"Open the fleet"</a>
                    <a class="button" href=trace.clone()>"See what it sends"</a>
                </p>
            </div>
        }
        .into_any(),
        Some(State { none: true, .. }) => {
            view! { <p class="tree-note">"The registration announces no Objects."</p> }.into_any()
        }
        Some(_) => ().into_any(),
    }
    }
}

#[derive(Clone, Copy, PartialEq)]
struct State {
    none: bool,
    filtered: bool,
    loading: bool,
    registered: bool,
}
