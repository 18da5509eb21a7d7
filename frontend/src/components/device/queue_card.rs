use std::sync::Arc;

use console_api::{ClientConfig, Command, CommandState, Queue};
use leptos::prelude::*;

use crate::api;
use crate::commands::{given, standing, title, word};
use crate::components::commands::{CancelButton, RetryButton, StateChip};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::frame::Notices;
use crate::memo::memo;
use crate::routing::Route;
use crate::workbench::Workbench;

/// Commands that are over, shown below those that wait.
const OVER_SHOWN: usize = 4;

/// Whether the device takes requests, what waits for it, what happens next, and what happened last.
#[component]
pub(crate) fn QueueCard() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = bench.live;
    let queue = memo(move || bench.with_client(|client| (client.queue_mode, client.queue, client.departed)));
    let commands = memo(move || {
        live.commands.track();
        live.with_device(|device| device.commands().cloned().collect::<Vec<_>>()).unwrap_or_default()
    });
    let open = memo(move || of(&commands.get(), |command| !command.is_over()));
    let over = memo(move || {
        let mut over = of(&commands.get(), |command| command.is_over());
        over.reverse();
        over.truncate(OVER_SHOWN);
        over
    });
    let in_queue_mode = memo(move || queue.get().is_some_and(|(queue_mode, ..)| queue_mode));
    let shown = memo(move || in_queue_mode.get() || commands.with(|commands| !commands.is_empty()));
    let address = Route::Commands { endpoint: Some(bench.endpoint()) }.address();
    let next = memo(move || {
        let (queue_mode, queue, departed) = queue.get()?;
        Some(next(queue_mode, queue.awake, departed.is_some(), open.with(Vec::len)))
    });
    move || {
        shown.get().then(|| {
            view! {
                <section class="card queue-card" data-testid="queue" aria-label="Queue">
                    <div class="card-head">
                        <h2>{move || if in_queue_mode.get() { "Queue" } else { "Commands" }}</h2>
                        {move || in_queue_mode.get().then(|| view! { <AwakeChip /> })}
                        <span class="spacer"></span>
                        <a class="queue-all" href=address.clone()>"All commands"</a>
                    </div>
                    <p class="queue-next" data-testid="queue-next">{next}</p>
                    <ol class="queue-list" data-testid="queue-open">
                        <For each=move || open.get() key=key let:command><QueueRow command=command /></For>
                    </ol>
                    {move || over.with(|over| (!over.is_empty()).then(|| view! {
                        <h3 class="caption queue-caption">"Before"</h3>
                    }))}
                    <ul class="queue-list over" data-testid="queue-over">
                        <For each=move || over.get() key=key let:command><QueueRow command=command /></For>
                    </ul>
                    {move || in_queue_mode.get().then(|| view! { <AwakeTime /> })}
                </section>
            }
        })
    }
}

fn of(commands: &[Arc<Command>], which: impl Fn(&Command) -> bool) -> Vec<Arc<Command>> {
    commands.iter().filter(|command| which(command)).cloned().collect()
}

/// Another state is another row.
fn key(command: &Arc<Command>) -> (u64, CommandState, u64) {
    (command.id, command.state, command.changed_at_ms)
}

fn next(queue_mode: bool, awake: bool, departed: bool, open: usize) -> &'static str {
    match (departed, open, queue_mode && !awake) {
        (true, ..) => "The device is not registered: nothing can be asked until it is again.",
        (_, 0, true) => {
            "Nothing waits. What you ask now goes out when the device sends an Update or a notification."
        }
        (_, 0, false) => "Nothing waits: what you ask goes out at once.",
        (_, _, true) => "They go out one after the other when the device sends an Update or a notification.",
        (_, _, false) => "They go out one after the other.",
    }
}

/// How long the device still listens, or since when it does not.
#[component]
fn AwakeChip() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = bench.live;
    let queue = memo(move || bench.with_client(|client| client.queue));
    move || {
        queue.get().map(|queue: Queue| {
            let (class, until_ms) = (if queue.awake { "chip ok" } else { "chip sleep" }, queue.until_ms);
            let text = move || {
                let now_ms = live.now_ms.get();
                match (queue.awake, until_ms) {
                    (true, Some(until_ms)) => {
                        format!("Awake for {}", format::span_precise(until_ms.saturating_sub(now_ms)))
                    }
                    (false, Some(since_ms)) => {
                        format!("Asleep since {}", format::span(now_ms.saturating_sub(since_ms)))
                    }
                    (true, None) => "Awake".to_owned(),
                    (false, None) => "Asleep".to_owned(),
                }
            };
            view! { <span class=class data-testid="awake"><span class="dot" aria-hidden="true"></span>{text}</span> }
        })
    }
}

#[component]
fn QueueRow(command: Arc<Command>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let live = bench.live;
    let (id, state) = (command.id, command.state);
    let by = format!("{} · {}", command.author, attempts(command.attempts));
    let (name, given, advice) = (title(&command), given(&command), command.advice.clone());
    let told = Arc::clone(&command);
    let standing = move || standing(&told, Some(bench.is_asleep()), live.now_ms.get());
    let chip = Signal::stored(Some(command));
    view! {
        <li class="queue-row" data-testid="queue-row" data-id=id.to_string() data-state=word(state)>
            <StateChip command=chip />
            <span class="queue-what"><b>{name}</b>" "<span class="muted">{given}</span></span>
            <span class="queue-action">
                {match state {
                    CommandState::Queued => view! { <CancelButton id=id /> }.into_any(),
                    CommandState::Sent => ().into_any(),
                    _ => view! { <RetryButton id=id /> }.into_any(),
                }}
            </span>
            <span class="queue-standing">{standing}<span class="muted">{format!(" · {by}")}</span></span>
            {advice.map(|advice| view! { <p class="command-advice">{advice}</p> })}
        </li>
    }
}

fn attempts(attempts: u32) -> String {
    match attempts {
        0 => "not sent yet".to_owned(),
        1 => "sent once".to_owned(),
        more => format!("sent {more} times"),
    }
}

/// How long after each message the device is taken for awake.
#[component]
fn AwakeTime() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let notices = expect_context::<Notices>();
    let awake_s = memo(move || bench.with_client(|client| client.queue.awake_s).flatten());
    let send = move |text: String| {
        let awake_s = text.trim().parse().ok();
        if awake_s.is_none() && !text.trim().is_empty() {
            notices.fail("Expected a number of seconds, or nothing for the time that holds for all");
            return;
        }
        let endpoint = bench.endpoint();
        leptos::task::spawn_local(async move {
            match api::configure(&endpoint, &ClientConfig { awake_s }).await {
                Ok(()) => notices.say("From its next message on the device is taken for awake that long"),
                Err(failure) => notices.fail(format!("Not changed: {}", failure.told())),
            }
        });
    };
    view! {
        <label class="queue-awake">
            <Glyph icon=Icon::Dark />
            <span>"Taken for awake after each message for"</span>
            <input
                class="field"
                type="number"
                min="1"
                max="86400"
                placeholder="93"
                data-testid="awake-s"
                prop:value=move || awake_s.get().map(|s| s.to_string()).unwrap_or_default()
                on:change=move |event| send(event_target_value(&event))
            />
            <span>"s"</span>
        </label>
    }
}
