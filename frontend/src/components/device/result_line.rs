use std::sync::Arc;

use console_api::{Command, CommandState};
use leptos::prelude::*;
use lwm2m_codec::Path;

use crate::answers::operation_name;
use crate::components::commands::CancelButton;
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::workbench::{Ending, Outcome, Workbench, request_line};
use crate::{commands, format};

/// What came of the last operation on a node, beside where it was asked.
#[component]
pub(crate) fn ResultLine(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let outcome = memo(move || bench.outcome(&path));
    let pending = memo(move || bench.is_pending(&path));
    let waiting = memo(move || bench.open_command(&path));
    move || {
        if let Some(operation) = pending.get() {
            let text = format!("{}: waiting for the device…", operation_name(operation));
            return view! { <p class="result muted pending">{text}</p> }.into_any();
        }
        if let Some(command) = waiting.get() {
            return view! { <Waiting command=command /> }.into_any();
        }
        let Some(outcome) = outcome.get() else {
            return ().into_any();
        };
        let succeeded = outcome.succeeded();
        let details = match &outcome.answer {
            Ok(response) => {
                let bytes = response.payload_hex.len() / 2;
                let size = if bytes > 0 { format!(" · {bytes} B") } else { String::new() };
                format!("{size} · {}", took(response.duration_ms))
            }
            Err(_) => String::new(),
        };
        let class = format!("result {}", outcome.ending().class());
        view! {
            <div class=class data-testid="result" data-code=outcome.code().to_owned() data-ending=outcome.ending().class()>
                {icon(outcome.ending()).map(|icon| view! { <Glyph icon=icon /> })}
                <b>{outcome.headline()}</b>
                <span class="muted">{details}</span>
                {outcome.remark().map(|remark| view! { <span class="result-meaning">{remark}</span> })}
                {(!succeeded).then(|| view! { <Failed outcome=(*outcome).clone() /> })}
            </div>
        }
        .into_any()
    }
}

/// How long the answer took: hours, if the device slept.
fn took(ms: u64) -> String {
    if ms < 10_000 { format!("{ms} ms") } else { format::span_precise(ms) }
}

/// In place of the answer, while the operation waits for the device to wake or to answer.
#[component]
fn Waiting(command: Arc<Command>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = bench.live;
    let queued = command.state == CommandState::Queued;
    let (id, title) = (command.id, commands::chip(&command).0);
    let headline = format!("{}: {}", operation_name(command.op), title.to_lowercase());
    let standing = move || commands::standing(&command, Some(bench.is_asleep()), live.now_ms.get());
    view! {
        <div class="result waiting" data-testid="result" data-ending="waiting">
            <Glyph icon=Icon::Queue />
            <b>{headline}</b>
            <span class="result-meaning">{standing}</span>
            {queued.then(|| view! {
                <span class="result-actions"><CancelButton id=id /></span>
            })}
        </div>
    }
}

fn icon(ending: Ending) -> Option<Icon> {
    match ending {
        Ending::Done => None,
        Ending::Refused => Some(Icon::Warning),
        Ending::Silent => Some(Icon::Pause),
        Ending::NotSent | Ending::Unreachable => Some(Icon::Cancel),
    }
}

/// Why it failed, what was on the wire, and how to go on.
#[component]
fn Failed(outcome: Outcome) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let line = request_line(&outcome.request);
    let sent = outcome.ending() != Ending::NotSent && outcome.ending() != Ending::Unreachable;
    let said = match outcome.ending() {
        Ending::Silent => "no answer".to_owned(),
        _ => outcome.code().to_owned(),
    };
    let (again, forced) = (outcome.clone(), outcome.clone());
    view! {
        <span class="result-meaning">{outcome.explanation()}</span>
        <span class="result-wire mono">
            {if sent { "→ " } else { "not sent: " }}{line}
            {sent.then(|| format!("  ← {said}"))}
        </span>
        <span class="result-actions">
            <button type="button" class="button small" data-testid="retry" on:click=move |_| bench.retry(&again, false)>
                <Glyph icon=Icon::Read />
                "Try again"
            </button>
            {forced.can_be_forced().then(|| view! {
                <button type="button" class="button small" data-testid="force" on:click=move |_| bench.retry(&forced, true)>
                    "Send it anyway"
                </button>
            })}
        </span>
    }
}
