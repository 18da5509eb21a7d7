use console_api::Operation;
use leptos::prelude::*;

use super::operations::place_of;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;
use crate::workbench::{Dialog, Workbench};

/// What operators call the device, when it was heard last, and what concerns it as a whole.
#[component]
pub(crate) fn DeviceHead() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = expect_context::<Live>();
    let label = memo(move || {
        let label = bench.with_client(|client| (client.name.clone(), client.tags.clone()));
        let notes = live.with_device(|device| device.notes.clone()).unwrap_or_default();
        (label.unwrap_or_default(), notes)
    });
    let heard_at_ms = memo(move || {
        live.exchanges.track();
        bench.with_client(|client| client.heard_at_ms)
    });
    let heard = memo(move || {
        let at_ms = heard_at_ms.get().filter(|at_ms| *at_ms > 0)?;
        let age = format::age(at_ms, live.now_ms.get());
        Some(if age == "now" { "heard now".to_owned() } else { format!("heard {age} ago") })
    });
    let known = memo(move || bench.with_client(|_| ()).is_some());
    let guarded = memo(move || bench.has_access_control());
    let trigger = memo(move || bench.update_trigger());
    let options = memo(move || bench.options.with(|options| options.summary()));
    view! {
        <div class="device-head" data-testid="device-head">
            <h1 class="visually-hidden">{bench.endpoint()}</h1>
            <div class="device-label">
                {move || {
                    let ((name, tags), notes) = label.get();
                    view! {
                        {name.map(|name| view! { <b class="device-name">{name}</b> })}
                        {tags.into_iter().map(|tag| view! { <span class="chip">{tag}</span> }).collect_view()}
                        {(!notes.is_empty()).then(|| view! { <span class="muted device-notes" title=notes.clone()>{notes.clone()}</span> })}
                    }
                }}
                {move || heard.get().map(|heard| view! { <span class="muted">{heard}</span> })}
            </div>
            <UpdateResult />
            {move || {
                let options = options.get();
                (!options.is_empty()).then(|| view! {
                    <button
                        class="chip warn options-chip"
                        title="Request options"
                        data-testid="options-chip"
                        on:click=move |_| bench.dialog.set(Some(Dialog::RequestOptions))
                    >
                        {options.join(" · ")}
                    </button>
                })
            }}
            <span class="device-actions">
                {move || trigger.get().map(|path| view! {
                    <button
                        class="button"
                        data-testid="registration-update"
                        title=format!("Execute {path}")
                        disabled=move || bench.is_pending(&path).is_some()
                        on:click=move |_| bench.ask(Operation::Execute, path)
                    >
                        "Registration update"
                    </button>
                })}
                {move || guarded.get().then(|| view! {
                    <a
                        class="button" data-testid="device-access-control"
                        href=Route::AccessControlOf { endpoint: bench.endpoint() }.address()
                    >
                        "Access control"
                    </a>
                })}
                {move || known.get().then(|| view! {
                    <button
                        class="button"
                        aria-haspopup="menu"
                        aria-expanded=move || bench.menu.get().is_some_and(|menu| menu.path.is_none()).to_string()
                        data-testid="device-menu"
                        on:click=move |event| bench.open_menu(None, place_of(&event))
                    >
                        "More…"
                    </button>
                })}
            </span>
        </div>
    }
}

/// What came of the last Registration Update Trigger.
#[component]
fn UpdateResult() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let outcome = memo(move || bench.update_trigger().and_then(|path| bench.outcome(&path)));
    move || {
        outcome.get().map(|outcome| {
            let class = if outcome.succeeded() { "chip ok" } else { "chip bad" };
            let icon = (!outcome.succeeded()).then(|| view! { <Glyph icon=Icon::Warning /> });
            let title = outcome.explanation();
            view! {
                <span class=class role="status" title=title data-testid="update-result">
                    {icon}
                    {format!("Update {} {}", outcome.code(), crate::answers::code_name(outcome.code()))}
                </span>
            }
        })
    }
}
