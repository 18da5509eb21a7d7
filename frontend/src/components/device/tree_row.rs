use std::sync::Arc;

use console_api::AccessOperation;
use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;
use lwm2m_codec::{Operations, Path};

use super::node_card::reported_with;
use super::operations::OperationButtons;
use super::value_cell::ValueCell;
use crate::answers::operation_name;
use crate::components::Age;
use crate::components::Sparkline;
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;
use crate::sorted_map::PathMap;
use crate::tree::{Observed, Row, RowKind};
use crate::workbench::{Offered, Workbench};

/// Values in a sparkline.
const SPARK_VALUES: usize = 40;

/// The rows of the tree by path.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowIndex {
    nodes: PathMap<Row>,
    /// Lines about what is hidden in a node.
    hidden: PathMap<Row>,
}

impl RowIndex {
    pub(crate) fn new(rows: &[Row]) -> Arc<Self> {
        let mut index = Self::default();
        for row in rows {
            let map = if row.is_node() { &mut index.nodes } else { &mut index.hidden };
            map.insert(row.path, row.clone());
        }
        Arc::new(index)
    }

    fn row(&self, (path, node): (Path, bool)) -> Option<&Row> {
        if node { self.nodes.get(&path) } else { self.hidden.get(&path) }
    }

    pub(crate) fn has_node(&self, path: &Path) -> bool {
        self.nodes.contains(path)
    }
}

/// One line of the tree.
#[component]
pub(crate) fn TreeRow(
    row: Row,
    index: Memo<Arc<RowIndex>>,
    /// The row that the Tab key goes to.
    tab_stop: Memo<Option<Path>>,
) -> impl IntoView {
    let key = row.key();
    // The row outlives its node for a moment; it then shows what was.
    let row = memo(move || index.with(|index| index.row(key).cloned()).unwrap_or_else(|| row.clone()));
    let node = row.with_untracked(Row::is_node);
    if node {
        view! { <NodeRow path=key.0 row=row tab_stop=tab_stop /> }.into_any()
    } else {
        view! { <UnreportedRow instance=key.0 row=row /> }.into_any()
    }
}

#[component]
fn NodeRow(path: Path, row: Memo<Row>, tab_stop: Memo<Option<Path>>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let level = row.with_untracked(|row| match row.kind {
        RowKind::Object => "tree-row object",
        RowKind::ObjectInstance => "tree-row instance",
        RowKind::Resource { .. } | RowKind::Unreported { .. } => "tree-row resource",
        RowKind::ResourceInstance { .. } => "tree-row resource-instance",
    });
    let has_value = row.with_untracked(|row| {
        matches!(row.kind, RowKind::Resource { .. } | RowKind::ResourceInstance { .. })
    });
    let selected = memo(move || bench.selected.get() == Some(path));
    let dimmed = move || row.with(|row| matches!(row.kind, RowKind::Resource { unreported: true, .. }));
    let open = move || row.with(|row| row.open);
    let toggle = move |event: leptos::ev::MouseEvent| {
        if let Some(open) = row.with_untracked(|row| row.open) {
            event.stop_propagation();
            bench.tree.update(|tree| tree.set_open(path, !open));
        }
    };
    let id = path.ids().last().copied().unwrap_or_default();
    let name = move || row.with(|row| row.name.clone());
    view! {
        <div
            class=level
            class:selected=selected
            class:dimmed=dimmed
            role="treeitem"
            id=format!("node{}", path.to_string().replace('/', "-"))
            data-path=path.to_string()
            {..custom_attribute("aria-level", path.ids().len().to_string())}
            aria-expanded=move || open().map(|open| open.to_string())
            aria-selected=move || selected.get().to_string()
            tabindex=move || if tab_stop.get() == Some(path) { "0" } else { "-1" }
            on:click=move |_| bench.select(Some(path))
            on:contextmenu=move |event| {
                event.prevent_default();
                bench.select(Some(path));
                bench.open_menu(Some(path), (f64::from(event.client_x()), f64::from(event.client_y())));
            }
        >
            <span class="tree-name">
                <Tick path=path />
                <span class="twisty" class:open=move || open() == Some(true) class:leaf=move || open().is_none() on:click=toggle>
                    <Glyph icon=Icon::Chevron />
                </span>
                <span class="tree-id">{id}</span>
                <span class="tree-title" title=name>{move || title(&row.get())}</span>
            </span>
            <Marks path=path row=row />
            <ObservationDot row=row />
            {has_value.then(|| view! { <ValueColumns path=path row=row /> })}
            <RowOperations path=path row=row />
        </div>
    }
}

fn title(row: &Row) -> String {
    match (&row.name, &row.kind) {
        (Some(name), _) => name.clone(),
        (None, RowKind::ObjectInstance) => "instance".into(),
        (None, RowKind::ResourceInstance { .. }) => String::new(),
        (None, _) => "unknown".into(),
    }
}

/// The box that adds a node to what composite operations are about.
#[component]
fn Tick(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let shown = memo(move || bench.chosen.with(Option::is_some));
    move || {
        shown.get().then(|| {
            view! {
                <input
                    type="checkbox"
                    class="tree-tick"
                    tabindex="-1"
                    aria-label=format!("Select {path}")
                    prop:checked=move || bench.is_chosen(&path)
                    on:click=|event| event.stop_propagation()
                    on:change=move |_| bench.choose(path)
                />
            }
        })
    }
}

/// R, W and E as the definition allows them, struck out where the device does not let this server.
#[component]
fn Marks(path: Path, row: Memo<Row>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let operations = memo(move || {
        row.with(|row| match &row.kind {
            RowKind::Resource { operations, .. } => Some(*operations),
            _ => None,
        })
    });
    let mark = move |letter: &'static str, allowed: bool, meaning: &'static str, asked: AccessOperation| {
        let refusal = memo(move || allowed.then(|| bench.refusal(asked, path)).flatten());
        let title = move || {
            allowed.then(|| match refusal.get() {
                Some(refusal) => format!("{meaning}, but not for this server: {}", refusal.reason),
                None => meaning.to_owned(),
            })
        };
        let refused = move || refusal.with(Option::is_some);
        view! { <span class="mark" class:yes=allowed class:refused=refused title=title>{letter}</span> }
    };
    let marks = move || match operations.get() {
        None => ().into_any(),
        Some(None) => {
            view! { <span class="mark-unknown" title="The registry has no definition">"?"</span> }.into_any()
        }
        Some(Some(Operations { read, write, execute })) => view! {
            {mark("R", read, "readable", AccessOperation::Read)}
            {mark("W", write, "writable", AccessOperation::Write)}
            {mark("E", execute, "executable", AccessOperation::Execute)}
        }
        .into_any(),
    };
    view! { <span class="marks">{marks}</span> }
}

#[component]
fn ObservationDot(row: Memo<Row>) -> impl IntoView {
    let observed = memo(move || row.with(|row| row.observed));
    move || {
        match observed.get() {
        Observed::No => view! { <span class="dot-place"></span> }.into_any(),
        Observed::Itself => view! {
            <span class="dot-place"><span class="dot observed" role="img" aria-label="observed" title="observed"></span></span>
        }
        .into_any(),
        Observed::By(parent) => {
            let label = reported_with(&parent);
            view! {
                <span class="dot-place"><span class="dot covered" role="img" aria-label=label.clone() title=label></span></span>
            }
            .into_any()
        }
    }
    }
}

/// Value, its course and its age.
#[component]
fn ValueColumns(path: Path, row: Memo<Row>) -> impl IntoView {
    let live = expect_context::<Live>();
    let bench = expect_context::<Workbench>();
    let cell = live.watch(path);
    let units = memo(move || {
        row.with(|row| match &row.kind {
            RowKind::Resource { units, .. } | RowKind::ResourceInstance { units } => units.clone(),
            _ => String::new(),
        })
    });
    let (seen, dated) = (cell.clone(), cell.clone());
    let course = memo(move || {
        seen.track();
        let values =
            live.with_device(|device| device.history(&path).map(|history| history.newest(SPARK_VALUES)));
        values.flatten().unwrap_or_default()
    });
    let at_ms = Signal::derive(move || dated.with(|cell| cell.as_ref().map(|cell| cell.at_ms)));
    let failed = move || bench.outcome(&path).filter(|outcome| !outcome.succeeded());
    let only_executable = move || {
        row.with(|row| match &row.kind {
            RowKind::Resource { operations: Some(allowed), .. } => allowed.execute && !allowed.read,
            _ => false,
        })
    };
    let pending = move || bench.is_pending(&path).map(|operation| format!("{}…", operation_name(operation)));
    view! {
        <span class="tree-value">
            {move || failed().map(|outcome| view! {
                <span class="chip bad failed" title=format!("{}. {}", outcome.headline(), outcome.explanation())>
                    {outcome.code().to_owned()}
                </span>
            })}
            {move || pending().map(|pending| view! { <span class="muted pending">{pending}</span> })}
            {move || if only_executable() {
                view! {
                    <button
                        class="button small"
                        tabindex="-1"
                        data-op="execute"
                        on:click=move |event| {
                            event.stop_propagation();
                            bench.open_execute(path);
                        }
                    >"Execute…"</button>
                }
                .into_any()
            } else {
                view! { <ValueCell cell=cell.clone() units=units path=path /> }.into_any()
            }}
        </span>
        <span class="tree-spark"><Sparkline values=course width=60.0 height=16.0 /></span>
        <span class="tree-age"><Age at_ms=at_ms /></span>
    }
}

/// What can be done, shown while the row is pointed at or selected.
#[component]
fn RowOperations(path: Path, row: Memo<Row>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let offers = memo(move || {
        // An executable Resource has its button where the value would be.
        let shown = row.with(|row| match &row.kind {
            RowKind::Resource { operations: Some(allowed), .. } => !allowed.execute || allowed.read,
            _ => true,
        });
        if shown { bench.offered(&path) } else { Offered::default() }
    });
    let observed = memo(move || row.with(|row| row.observed == Observed::Itself));
    view! { <OperationButtons path=path offered=offers observed=observed in_row=true /> }
}

/// How many Resources of an instance are not shown.
#[component]
fn UnreportedRow(instance: Path, row: Memo<Row>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let text = move || {
        row.with(|row| match row.kind {
            RowKind::Unreported { count, shown: false } => format!("Show {count} not reported"),
            RowKind::Unreported { count, .. } => format!("Hide {count} not reported"),
            _ => String::new(),
        })
    };
    view! {
        <div class="tree-row unreported" role="treeitem">
            <button
                class="link-button"
                title="Defined for this Object, and missing in what the device lists"
                on:click=move |_| bench.tree.update(|tree| tree.toggle_unreported(instance))
            >
                {text}
            </button>
        </div>
    }
}
