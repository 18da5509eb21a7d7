use console_api::Operation;
use leptos::prelude::*;
use lwm2m_codec::Path;

use crate::components::{Glyph, Icon};
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
        let busy = move || asked.is_some() && bench.is_pending(&path) == asked;
        let name = if in_row { Some(format!("{} {path}", label.trim_end_matches('…'))) } else { None };
        view! {
            <button
                class=if in_row { "button ghost square" } else { "button" }
                class:busy=busy
                data-op=operation
                aria-label=name.clone()
                title=name
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
    view! {
        <span class="operations" class:in-row=in_row>
            {move || {
                let offered = offered.get();
                view! {
                    {offered.read.then(|| button("read", "Read", Icon::Read, |bench, path| bench.ask(Operation::Read, path)))}
                    {(offered.discover && !(in_row && offered.write))
                        .then(|| button("discover", "Discover", Icon::Discover, |bench, path| bench.ask(Operation::Discover, path)))}
                    {offered.write.then(|| button("write", "Write…", Icon::Write, |bench, path| bench.open_write(path)))}
                    {offered.execute.then(|| button("execute", "Execute…", Icon::Execute, |bench, path| bench.open_execute(path)))}
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
        </span>
    }
}
