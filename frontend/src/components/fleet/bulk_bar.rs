use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::fleet::{BulkKind, BulkStep, FleetState, Selection};
use crate::format;
use crate::live::Live;
use crate::memo::memo;

/// What can be done with the selected devices, and how far what is being done has come.
#[component]
pub(super) fn BulkBar() -> impl IntoView {
    let live = expect_context::<Live>();
    let state = expect_context::<FleetState>();
    let many = memo(move || {
        live.fleet_window.track();
        let matching = live.with_store(|store| store.fleet.matching);
        state.selection.with(|selection| (!selection.is_empty()).then(|| selection.count(matching)))
    });
    let selected = memo(move || many.get().is_some());
    let count = move || format!("{} selected", format::count(many.get().unwrap_or_default() as u64));
    let action = move |what: BulkKind, title: &'static str, icon: Icon, name: &'static str| {
        view! {
            <button
                class="button"
                data-testid=name
                on:click=move |_| state.open_bulk(what, many.get_untracked().unwrap_or_default())
            >
                <Glyph icon=icon />{title}
            </button>
        }
    };
    let bar = move || {
        selected.get().then(|| {
            view! {
                <div class="bulk-bar" role="group" aria-label="Selected devices" data-testid="bulk-bar">
                    <span class="bulk-count" role="status" data-testid="selected-count">{count}</span>
                    <button
                        class="button ghost square"
                        aria-label="Clear the selection"
                        title="Clear the selection"
                        data-testid="clear-selection"
                        on:click=move |_| state.selection.set(Selection::default())
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                    {action(BulkKind::Read, "Read…", Icon::Read, "bulk-read")}
                    {action(BulkKind::Observe, "Observe…", Icon::Observe, "bulk-observe")}
                    {action(BulkKind::Tag, "Tag…", Icon::Tag, "bulk-tag")}
                    {action(BulkKind::Forget, "Forget…", Icon::Delete, "bulk-forget")}
                </div>
            }
        })
    };
    view! {
        {bar}
        <RunningJob />
    }
}

/// A job whose dialog was closed.
#[component]
fn RunningJob() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let text = memo(move || {
        let job = state.bulk.job.get()?;
        let hidden = state.bulk_step.with(Option::is_none);
        hidden.then(|| (job.operation.title(), job.progress(), job.finished))
    });
    move || {
        text.get().map(|(title, progress, finished)| {
            view! {
                <button
                    class="button"
                    class:busy=!finished
                    data-testid="show-job"
                    on:click=move |_| state.bulk_step.set(Some(BulkStep::Job))
                >
                    {format!("{title}: {progress}")}
                </button>
            }
        })
    }
}
