use std::time::Duration;

use console_api::BootstrapAssigned;
use leptos::prelude::*;

use crate::bootstrap::{self, assignment_told, because};
use crate::pause::Pause;
use crate::routing::Route;

/// The server is asked when the typing pauses.
const TYPING_PAUSE: Duration = Duration::from_millis(200);

/// What a device of a name would receive, and why.
#[component]
pub(crate) fn Probe() -> impl IntoView {
    let name = RwSignal::new(String::new());
    let answer = RwSignal::new(None::<Result<BootstrapAssigned, String>>);
    let pause = Pause::new();
    let ask = move || {
        let asked = name.get_untracked();
        if asked.trim().is_empty() {
            answer.set(None);
            return;
        }
        leptos::task::spawn_local(async move {
            let told = bootstrap::assignment(asked.trim()).await.map_err(|failure| failure.told());
            // An answer to an earlier name is none to this one.
            if name.try_get_untracked() == Some(asked) {
                answer.try_set(Some(told));
            }
        });
    };
    let typed = move |event| {
        name.set(event_target_value(&event));
        pause.then(TYPING_PAUSE, ask);
    };
    view! {
        <div class="bs-probe">
            <label class="form-line">
                <span class="muted">"Try a name"</span>
                <input
                    class="field mono bs-grow" autocomplete="off" spellcheck="false" data-testid="probe"
                    placeholder="Endpoint Client Name" prop:value=name on:input=typed
                />
            </label>
            <div role="status" data-testid="probe-answer">
                {move || answer.get().map(|answer| match answer {
                    Ok(assigned) => view! { <Winner assigned=assigned /> }.into_any(),
                    Err(why) => view! { <p class="form-problem">{why}</p> }.into_any(),
                })}
            </div>
        </div>
    }
}

#[component]
fn Winner(assigned: BootstrapAssigned) -> impl IntoView {
    let BootstrapAssigned { endpoint, configuration, because: why, others } = assigned;
    let Some(configuration) = configuration else {
        return view! {
            <p class="wrap"><bdi class="mono">{endpoint}</bdi>" is turned away: no saved configuration is for it."</p>
        }
        .into_any();
    };
    let address = Route::BootstrapConfiguration { id: configuration.id }.address();
    let others: Vec<String> =
        others.iter().map(|(name, assigned)| format!("{name} ({})", assignment_told(assigned))).collect();
    view! {
        <p class="wrap">
            <bdi class="mono">{endpoint}</bdi>" receives "
            <a href=address><b>{configuration.configuration.name}</b></a>
            {why.map(|why| format!(": {}.", because(&why)))}
        </p>
        {(!others.is_empty()).then(|| view! {
            <p class="muted wrap">{format!("Less specific: {}", others.join(", "))}</p>
        })}
    }
    .into_any()
}
