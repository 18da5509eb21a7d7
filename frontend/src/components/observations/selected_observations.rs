use leptos::prelude::*;

use crate::format;
use crate::memo::memo;
use crate::observations::{Action, Key};
use crate::pages::ObservationsState;

/// What can be done with those that are selected, and how far it is.
#[component]
pub(crate) fn SelectedObservations(state: ObservationsState, keys: Memo<Vec<Key>>) -> impl IntoView {
    // Those that are no longer listed are not acted on.
    let chosen = move |action: Action| -> Vec<Key> {
        state.list.with(|list| {
            let fits = |key: &Key| {
                let entry = list.as_ref().and_then(|list| list.entry(key));
                entry.is_some_and(|entry| action.fits(entry.state))
            };
            keys.with(|keys| {
                state.selected.with(|selected| {
                    keys.iter().filter(|key| selected.contains(key) && fits(key)).cloned().collect()
                })
            })
        })
    };
    let is_busy = memo(move || state.pending.with(|pending| !pending.is_empty()));
    let button = move |action: Action| {
        let count = memo(move || chosen(action).len());
        move || {
            (count.get() > 0).then(|| {
                view! {
                    <button
                        class="button small"
                        title=action.hint()
                        data-testid=format!("{}-selected", action.word())
                        disabled=move || is_busy.get()
                        on:click=move |_| state.act(untrack(|| chosen(action)), action)
                    >
                        {move || format!("{} {}", action.title(), format::count(count.get() as u64))}
                    </button>
                }
            })
        }
    };
    let progress = move || {
        let progress = state.progress.get().filter(|progress| progress.total > 1)?;
        let (done, total) = (format::count(progress.done as u64), format::count(progress.total as u64));
        let text = format!("{done} of {total} {}", progress.action.done());
        Some(view! {
            <span class="observations-progress muted" data-testid="observations-progress">
                <progress max=progress.total value=progress.done aria-label=progress.action.title()></progress>
                {text}
            </span>
        })
    };
    view! {
        <span class="spacer"></span>
        {progress}
        {Action::ALL.into_iter().map(button).collect_view()}
    }
}
