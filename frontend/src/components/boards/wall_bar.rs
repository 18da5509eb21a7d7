use leptos::prelude::*;

use crate::browser;
use crate::components::shell::ConnectionBadge;
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::pages::BoardState;

/// The way back from a board that has the whole screen; quiet until somebody comes near.
#[component]
pub(crate) fn WallBar(state: BoardState) -> impl IntoView {
    let name = memo(move || {
        state.draft.with(|draft| draft.as_ref().map(|draft| draft.name.clone())).unwrap_or_default()
    });
    let following = memo(move || state.view.get().is_following());
    let listener = window_event_listener(leptos::ev::fullscreenchange, move |_| {
        // Escape leaves the full screen by itself.
        if !browser::fills_screen() {
            state.show_on_the_wall(false);
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <div class="wall-bar">
            <h1 data-testid="board-name">{name}</h1>
            {move || (!following.get()).then(|| view! { <span class="chip warn">"The past"</span> })}
            <span class="spacer"></span>
            <ConnectionBadge />
            <button
                class="button small ghost"
                data-testid="wall-leave"
                on:click=move |_| {
                    state.show_on_the_wall(false);
                    browser::leave_screen();
                }
            >
                <Glyph icon=Icon::Close />"Leave"
            </button>
        </div>
    }
}
