use leptos::prelude::*;

use crate::bootstrap::assignment_told;
use crate::components::{Glyph, Icon};
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::EditorState;
use crate::routing::Router;

/// Assignments that are shown beside the name.
const ASSIGNED_SHOWN: usize = 2;

/// The name, whom it is for, and what can be done with the whole.
#[component]
pub(crate) fn EditorHead(state: EditorState) -> impl IntoView {
    let router = expect_context::<Router>();
    let notices = expect_context::<Notices>();
    let name = memo(move || {
        let name = state.draft.with(|draft| draft.name.trim().to_owned());
        if name.is_empty() { "New configuration".to_owned() } else { name }
    });
    let assigned = memo(move || state.draft.with(|draft| draft.assigned.clone()));
    let chips = move || {
        let all = assigned.get();
        let more = all.len().saturating_sub(ASSIGNED_SHOWN);
        let shown = all.iter().take(ASSIGNED_SHOWN);
        let chips = shown
            .map(|one| view! { <span class="chip bs-for"><bdi>{assignment_told(one)}</bdi></span> })
            .collect_view();
        view! { {chips} {(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })} }
    };
    let saved = memo(move || state.saved.with(|saved| saved.as_ref().map(|saved| saved.version)));
    let version = move || {
        saved.get().map(|version| {
            view! {
                <button type="button" class="button" data-testid="versions" on:click=move |_| state.versions_open.set(true)>
                    {format!("Version {version}")}
                </button>
            }
        })
    };
    let save = move |_| state.save(router, notices, || {});
    view! {
        <div class="bs-head">
            <h1>{name}</h1>
            {chips}
            {move || state.changed.get().then(|| view! { <span class="chip warn" role="status" data-testid="unsaved">"not saved"</span> })}
            <span class="spacer"></span>
            <span class="bs-head-actions">
                {version}
                {move || saved.get().map(|_| view! {
                    <button type="button" class="button" data-testid="try" on:click=move |_| state.trying.set(true)>
                        <Glyph icon=Icon::Execute />"Try on one device…"
                    </button>
                })}
                <button
                    type="button" class="button primary" data-testid="configuration-save"
                    disabled=move || state.busy.get() || !state.changed.get() on:click=save
                >
                    "Save"
                </button>
            </span>
        </div>
        {move || state.failure.get().map(|why| view! { <p class="form-problem wrap" role="alert" data-testid="save-failure">{format!("Not saved: {why}")}</p> })}
        <Conflict state=state />
    }
}

/// Somebody has saved meanwhile: theirs or ours.
#[component]
fn Conflict(state: EditorState) -> impl IntoView {
    let theirs = move |_| {
        if let Some(newest) = state.conflict.get_untracked() {
            state.conflict.set(None);
            state.show(newest);
        }
    };
    let ours = move |_| {
        // What is saved next follows the newest version, and says what is typed here.
        if let Some(newest) = state.conflict.get_untracked() {
            state.conflict.set(None);
            state.saved.set(Some(newest));
        }
    };
    move || {
        state.conflict.get().map(|newest| {
            view! {
                <div class="bs-conflict" role="alert" data-testid="conflict">
                    <Glyph icon=Icon::Warning />
                    <p class="wrap">
                        {format!("Not saved: {} has saved version {} meanwhile.", newest.author, newest.version)}
                    </p>
                    <button type="button" class="button" data-testid="conflict-theirs" on:click=theirs>"Show theirs, drop mine"</button>
                    <button type="button" class="button" data-testid="conflict-ours" on:click=ours>"Keep mine, save over it"</button>
                </div>
            }
        })
    }
}
