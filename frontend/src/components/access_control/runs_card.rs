use console_api::AccessControlRun;
use leptos::prelude::*;

use crate::access_control::run_state_word;
use crate::components::date_time;
use crate::format;
use crate::memo::memo;
use crate::pages::AccessControlPageState;

/// Changes that go on, and those before.
#[component]
pub(crate) fn RunsCard(state: AccessControlPageState) -> impl IntoView {
    let runs = memo(move || state.runs.get());
    view! {
        <section class="card ac-list-card" aria-labelledby="runs-title" data-testid="runs">
            <div class="card-head"><h2 id="runs-title">"Changes"</h2><span class="muted">"running and past"</span></div>
            {move || runs.with(Vec::is_empty).then(|| view! { <p class="card-note muted">"None yet."</p> })}
            <ul class="ac-templates">
                <For each=move || runs.get() key=|run| (run.id, run_state_word(run.state).0, run.counts.stopped, run.counts.impossible) let:run>
                    <RunLine state=state run=run />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn RunLine(state: AccessControlPageState, run: AccessControlRun) -> impl IntoView {
    let (word, title, class) = run_state_word(run.state);
    let by = if run.author.is_empty() { String::new() } else { format!(" by {}", run.author) };
    let failed = run.counts.stopped + run.counts.impossible;
    let id = run.id;
    view! {
        <li class="ac-template" data-testid="run" data-state=word>
            <span class="wrap">
                <b>{run.about}</b>
                <span class="muted">{format!(" {}, {}{by}", format::plural(run.total as usize, "device"), date_time(run.begun_at_ms))}</span>
            </span>
            <span>
                <span class=format!("chip {class}")>{title}</span>
                {(failed > 0).then(|| view! { <span class="chip warn">{format!("{failed} not done")}</span> })}
            </span>
            <button type="button" class="button" data-testid="run-open" on:click=move |_| state.shown.set(Some(id))>"Show"</button>
        </li>
    }
}
