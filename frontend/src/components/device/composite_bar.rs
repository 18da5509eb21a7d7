use console_api::Operation;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::result_line::ResultLine;
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::workbench::Workbench;

/// Composite operations on what is ticked in the tree.
#[component]
pub(crate) fn CompositeBar() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let shown = memo(move || bench.chosen.with(Option::is_some));
    move || shown.get().then(|| view! { <Bar /> })
}

#[component]
fn Bar() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = expect_context::<Live>();
    let paths = memo(move || bench.chosen_paths());
    let legacy = memo(move || bench.version() == "1.0");
    let composites = memo(move || {
        live.structure.track();
        live.with_device(|device| device.composites()).unwrap_or_default()
    });
    let idle = move || paths.with(Vec::is_empty) || bench.is_pending(&Path::ROOT).is_some();
    let ask = move |operation: Operation| move |_| bench.ask_composite(operation, &paths.get_untracked());
    view! {
        <div class="composite-bar" role="group" aria-label="Composite operations" data-testid="composite-bar">
            <div class="form-line">
                <b>{move || match paths.with(Vec::len) {
                    0 => "Tick what belongs together".to_owned(),
                    count => format!("{} selected", format::plural(count, "path")),
                }}</b>
                <span class="spacer"></span>
                <button class="button small" data-op="read-composite" disabled=idle on:click=ask(Operation::ReadComposite)>"Read"</button>
                <button class="button small" data-op="observe-composite" disabled=idle on:click=ask(Operation::ObserveComposite)>"Observe"</button>
                <button class="button small" data-op="write-composite" disabled=idle on:click=move |_| bench.open_write_composite()>"Write…"</button>
                <button class="button small ghost" data-op="end-composite" on:click=move |_| bench.chosen.set(None)>"Done"</button>
            </div>
            <p class="muted mono wrap">{move || list(&paths.get())}</p>
            {move || legacy.get().then(|| view! {
                <p class="form-remark">"Composite operations came with LwM2M 1.1; this client has 1.0. They are sent only with “force” in the request options."</p>
            })}
            {move || composites.get().into_iter().map(|observed| {
                let text = list(&observed);
                view! {
                    <div class="form-line">
                        <span class="dot observed" aria-hidden="true"></span>
                        <span class="wrap">"Observed together: " <code>{text}</code></span>
                        <button
                            class="button small"
                            data-op="cancel-composite"
                            on:click=move |_| bench.ask_composite(Operation::CancelObservationComposite, &observed)
                        >"Cancel"</button>
                    </div>
                }
            }).collect_view()}
            <ResultLine path=Path::ROOT />
        </div>
    }
}

fn list(paths: &[Path]) -> String {
    let texts: Vec<String> = paths.iter().map(Path::to_string).collect();
    texts.join(" ")
}
