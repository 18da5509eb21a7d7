use std::sync::Arc;

use console_api::{Command, CommandState};
use leptos::prelude::*;

use super::{CancelButton, RetryButton};
use crate::answers::operation_name;
use crate::commands::{chip, expiry, given, paths, standing, target, word};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::CommandsState;
use crate::routing::Route;

/// One command; what changes in it changes in place.
#[component]
pub(super) fn CommandRow(id: u64, state: CommandsState) -> impl IntoView {
    let live = expect_context::<Live>();
    let command = memo(move || state.command(id));
    let fixed = command.get_untracked();
    let first = fixed.map(|command| view! { <About command=command /> });
    let standing = move || command.get().map(|command| standing(&command, None, live.now_ms.get()));
    let asked = move || {
        command.get().map(|command| {
            format!("{} ago", format::span(live.now_ms.get().saturating_sub(command.created_at_ms)))
        })
    };
    let left = move || {
        let command = command.get().filter(|command| command.state == CommandState::Queued)?;
        Some(expiry(&command, live.now_ms.get()))
    };
    let by = move || command.get().map(|command| command.author.clone());
    let attempts = move || command.get().map(|command| command.attempts).filter(|attempts| *attempts > 0);
    view! {
        <tr class="command-row" data-testid="command-row" data-id=id.to_string() data-state=move || command.get().map(|command| word(command.state))>
            <td class="command-state"><StateChip command=command /></td>
            {first}
            <td class="command-standing">
                <span data-testid="command-standing">{standing}</span>
                {move || command.get().and_then(|command| command.advice.clone()).map(|advice| view! {
                    <p class="command-advice" data-testid="command-advice">{advice}</p>
                })}
            </td>
            <td class="number muted command-asked">{asked}</td>
            <td class="number muted command-left">{left}</td>
            <td class="number muted command-attempts">{attempts}</td>
            <td class="muted command-author">{by}</td>
            <td class="command-action"><Action id=id command=command /></td>
        </tr>
    }
}

/// What does not change: the operation and whom it is for.
#[component]
fn About(command: Arc<Command>) -> impl IntoView {
    let endpoint = command.endpoint.clone();
    let device = Route::Device { endpoint: endpoint.clone() }.address();
    let node = format!("{device}#{}", target(&command));
    let (shown, all_paths) = (endpoint.clone(), command.paths.join("\n"));
    view! {
        <td class="command-what">
            <b>{operation_name(command.op)}</b>
            <a class="mono" href=node title=all_paths>{paths(&command)}</a>
            <span class="muted command-given">{given(&command)}</span>
        </td>
        <td class="command-device">
            <a class="mono" href=device title=endpoint><bdi>{shown}</bdi></a>
        </td>
    }
}

/// The state of a command, as a chip.
#[component]
pub(crate) fn StateChip(#[prop(into)] command: Signal<Option<Arc<Command>>>) -> impl IntoView {
    let told = memo(move || command.with(|command| command.as_ref().map(|command| chip(command))));
    move || {
        told.get().map(|(title, class)| {
            view! { <span class=format!("chip {class}")><span class="dot" aria-hidden="true"></span>{title}</span> }
        })
    }
}

/// The one thing that can be done with it.
#[component]
fn Action(id: u64, command: Memo<Option<Arc<Command>>>) -> impl IntoView {
    let state = memo(move || command.with(|command| command.as_ref().map(|command| command.state)));
    move || match state.get() {
        Some(CommandState::Queued) => view! { <CancelButton id=id /> }.into_any(),
        Some(CommandState::Sent) | None => ().into_any(),
        Some(_) => view! { <RetryButton id=id /> }.into_any(),
    }
}
