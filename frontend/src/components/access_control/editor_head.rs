use leptos::prelude::*;

use super::matrix_card::changes_told;
use crate::components::date_time;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;
use crate::pages::{AccessControlState, Kept, Reading};
use crate::routing::Route;

/// What was changed, and what can be done with it.
#[component]
pub(crate) fn EditorHead(state: AccessControlState) -> impl IntoView {
    let device = Route::Device { endpoint: state.endpoint() }.address();
    let none = memo(move || state.changes.get() == 0);
    let (can_undo, can_redo) = (
        memo(move || state.draft.with(|draft| draft.can_undo())),
        memo(move || state.draft.with(|draft| draft.can_redo())),
    );
    let chip = move || {
        let changes = state.changes.get();
        (changes > 0).then(|| view! { <span class="chip warn" role="status" data-testid="unsaved">{changes_told(changes)}</span> })
    };
    view! {
        <div class="ac-head">
            <div class="ac-head-title">
            <h1><span class="ac-of">"Access control of "</span><a class="mono wrap" href=device>{state.endpoint()}</a></h1>
            {chip}
            <KeptTold state=state />
            </div>
            <span class="ac-head-actions">
                <ReadAgain state=state />
                <span class="ac-pair">
                    <button
                        type="button" class="button square" aria-label="Undo" title="Undo (Ctrl Z)" data-testid="undo"
                        disabled=move || !can_undo.get() on:click=move |_| _ = state.undo()
                    >
                        <Glyph icon=Icon::Undo />
                    </button>
                    <button
                        type="button" class="button square" aria-label="Redo" title="Redo (Ctrl Shift Z)" data-testid="redo"
                        disabled=move || !can_redo.get() on:click=move |_| _ = state.redo()
                    >
                        <Glyph icon=Icon::Redo />
                    </button>
                </span>
                <button
                    type="button" class="button" data-testid="discard" disabled=none
                    on:click=move |_| _ = state.change(|draft| draft.discard())
                >
                    "Discard"
                </button>
                <button type="button" class="button" data-testid="template-apply" on:click=move |_| state.applying_template.set(true)>
                    "Apply template…"
                </button>
                <button type="button" class="button" data-testid="template-save" on:click=move |_| state.saving_template.set(true)>
                    "Save as template…"
                </button>
                <button
                    type="button" class="button primary" data-testid="review" disabled=none
                    on:click=move |_| state.reviewing.set(true)
                >
                    "Review and apply"
                </button>
            </span>
        </div>
        <KeptByOthers state=state />
    }
}

/// When the device was asked, and asking it again.
#[component]
fn ReadAgain(state: AccessControlState) -> impl IntoView {
    let busy = memo(move || state.reading.with(|reading| *reading == Reading::UnderWay));
    let read_at_ms = memo(move || state.access.with(|access| access.read_at_ms));
    let age = memo(move || {
        let at_ms = read_at_ms.get();
        (at_ms > 0).then(|| format::age(at_ms, state.live.now_ms.get()))
    });
    let told = move || match age.get() {
        _ if busy.get() => "Reading…".to_owned(),
        Some(age) if age == "now" => "Read now".to_owned(),
        Some(age) => format!("Read {age} ago"),
        None => "Read".to_owned(),
    };
    let failure = move || {
        let failed = state.reading.with(|reading| match reading {
            Reading::Failed(failure) => Some(failure.told()),
            _ => None,
        });
        failed.filter(|_| read_at_ms.get() > 0)
    };
    view! {
        {move || failure().map(|why| view! { <span class="chip bad" role="status" title=why>{format!("not read again: {why}")}</span> })}
        <button
            type="button" class="button" title="Ask the device again; edits stay" data-testid="read-again" disabled=busy
            on:click=move |_| state.read(state.ours.get_untracked())
        >
            <Glyph icon=Icon::Read />
            {told}
        </button>
    }
}

/// Whether the edits would survive a reload.
#[component]
fn KeptTold(state: AccessControlState) -> impl IntoView {
    move || {
        match state.kept.get() {
        Kept::Nothing | Kept::Others(_) => ().into_any(),
        Kept::UnderWay => view! { <span class="muted ac-kept" data-testid="kept" data-state="under-way">"keeping…"</span> }.into_any(),
        Kept::Done => {
            view! { <span class="muted ac-kept" title="The server keeps the draft: it is here after a reload" data-testid="kept" data-state="done">"draft kept"</span> }
                .into_any()
        }
        Kept::Failed(why) => {
            view! { <span class="chip bad" role="status" title=why data-testid="kept" data-state="failed">"the draft is only in this tab"</span> }.into_any()
        }
    }
    }
}

/// Somebody else edits the same device.
#[component]
fn KeptByOthers(state: AccessControlState) -> impl IntoView {
    move || {
        let Kept::Others(others) = state.kept.get() else { return ().into_any() };
        let (theirs, ours) = (others.clone(), others.clone());
        view! {
            <div class="ac-banner warn" role="alert" data-testid="draft-conflict">
                <Glyph icon=Icon::Warning />
                <p class="wrap">
                    {format!("{} edits this device too, and has saved a draft at {}.", others.author, date_time(others.saved_at_ms))}
                </p>
                <button type="button" class="button" data-testid="draft-theirs" on:click=move |_| state.resume(&theirs)>"Take theirs, drop mine"</button>
                <button type="button" class="button" data-testid="draft-ours" on:click=move |_| state.keep_over(&ours)>"Keep mine"</button>
            </div>
        }
        .into_any()
    }
}
