use console_api::Board;
use leptos::prelude::*;

use crate::boards::BoardDraft;
use crate::browser;
use crate::components::chart::Times;
use crate::components::{CopyButton, Glyph, Icon};
use crate::memo::memo;
use crate::pages::{BoardState, Choosing};
use crate::routing::Route;

/// What the board is called, which time it shows, and what can be done with it.
#[component]
pub(crate) fn BoardHead(state: BoardState) -> impl IntoView {
    let edited = memo(move || state.is_edited());
    let name = memo(move || {
        state.draft.with(|draft| draft.as_ref().map(|draft| draft.name.clone())).unwrap_or_default()
    });
    let title = move || {
        if edited.get() {
            view! { <NameField state=state /> }.into_any()
        } else {
            view! { <h1 data-testid="board-name">{name}</h1> }.into_any()
        }
    };
    view! {
        <div class="board-head">
            <a class="button ghost square" href=Route::Boards.address() aria-label="All boards" title="All boards">
                <Glyph icon=Icon::Back />
            </a>
            {title}
            <span class="spacer"></span>
            <Times view=state.view />
            {move || if edited.get() {
                view! { <Arranging state=state /> }.into_any()
            } else {
                view! { <Looking state=state /> }.into_any()
            }}
        </div>
        <Problems state=state />
    }
}

#[component]
fn NameField(state: BoardState) -> impl IntoView {
    let name =
        move || state.draft.with(|draft| draft.as_ref().map(|draft| draft.name.clone())).unwrap_or_default();
    view! {
        <label class="board-name">
            <span class="visually-hidden">"Name of the board"</span>
            <input
                class="field"
                data-testid="board-name-field"
                autocomplete="off"
                maxlength=Board::NAME
                prop:value=name
                on:input=move |event| state.change(|draft| draft.name = event_target_value(&event))
            />
        </label>
    }
}

/// For who looks at it.
#[component]
fn Looking(state: BoardState) -> impl IntoView {
    let link = Signal::derive(move || state.link());
    view! {
        <span class="board-link" title="A link to exactly this view"><CopyButton text=link label="Copy the link to this view" /></span>
        <button
            class="button small"
            data-testid="board-wall"
            title="Nothing but the board, for a screen on the wall"
            on:click=move |_| {
                state.show_on_the_wall(true);
                browser::fill_screen();
            }
        >
            "Full screen"
        </button>
        <button class="button small" data-testid="board-edit" on:click=move |_| state.edit()>
            <Glyph icon=Icon::Write />"Arrange"
        </button>
    }
}

/// For who arranges it.
#[component]
fn Arranging(state: BoardState) -> impl IntoView {
    let full = memo(move || state.keys().len() >= Board::TILES);
    let nameless = memo(move || {
        state.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.name.trim().is_empty()))
    });
    view! {
        <button
            class="button small"
            data-testid="tile-add"
            disabled=full
            title=move || full.get().then(|| format!("A board has at most {} tiles", Board::TILES))
            on:click=move |_| state.choosing.set(Some(Choosing::New))
        >
            <Glyph icon=Icon::Add />"Add a tile"
        </button>
        <button
            class="button small ghost square"
            aria-label="Delete this board"
            title="Delete this board"
            data-testid="board-delete"
            on:click=move |_| state.deleting.set(true)
        >
            <Glyph icon=Icon::Delete />
        </button>
        <button class="button small" data-testid="board-discard" on:click=move |_| state.discard()>"Discard"</button>
        <button
            class="button small primary"
            data-testid="board-save"
            disabled=move || state.saving.get() || nameless.get()
            on:click=move |_| state.save(false)
        >
            "Save"
        </button>
    }
}

/// What stands in the way of showing or saving it.
#[component]
fn Problems(state: BoardState) -> impl IntoView {
    let loaded = memo(move || state.draft.with(Option::is_some));
    let changed = move || {
        state.is_edited() && state.draft.with(|draft| draft.as_ref().is_some_and(BoardDraft::is_changed))
    };
    view! {
        {move || state.outdated.get().then(|| view! {
            <p class="board-note warn" role="alert" data-testid="board-outdated">
                "Somebody else has saved this board meanwhile. "
                <button class="button small" on:click=move |_| state.reload()>"Take theirs"</button>
                " "
                <button class="button small" data-testid="board-save-anyway" on:click=move |_| {
                    state.outdated.set(false);
                    state.save(true);
                }>
                    "Save mine over it"
                </button>
            </p>
        })}
        {move || loaded.get().then(|| state.problem.get()).flatten().map(|failure| {
            let what = if state.is_edited() { "Not saved" } else { "Not up to date" };
            view! { <p class="board-note warn wrap" role="alert" data-testid="board-problem">{format!("{what}: {}", failure.told())}</p> }
        })}
        {move || changed().then(|| view! {
            <p class="visually-hidden" role="status">"There are changes that are not saved"</p>
        })}
    }
}
