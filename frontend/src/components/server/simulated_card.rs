use console_api::{SimulateDevices, SimulatedDevices};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api::{self, Failure};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// The first is all of them.
const PROFILES: [(&str, &str); 8] = [
    ("demo", "a bit of everything"),
    ("sensor", "sensor"),
    ("meter", "meter"),
    ("tracker", "tracker"),
    ("light", "light"),
    ("weather-station", "weather station"),
    ("cold-chain", "cold chain"),
    ("street-light", "street light"),
];

/// Links shown before the rest is only counted.
const SHOWN: usize = 24;

/// What runs, and how the last request went.
#[derive(Clone, Copy)]
struct Simulation {
    running: RwSignal<SimulatedDevices>,
    outcome: RwSignal<Option<Result<String, String>>>,
    busy: RwSignal<bool>,
}

/// Devices that run within the server and register like any other.
#[component]
pub(crate) fn SimulatedCard() -> impl IntoView {
    let live = expect_context::<Live>();
    let simulation =
        Simulation { running: RwSignal::default(), outcome: RwSignal::default(), busy: RwSignal::default() };
    let many = memo(move || live.server.with(|server| server.as_ref().map_or(0, |server| server.simulated)));
    Effect::new(move |_| {
        many.track();
        leptos::task::spawn_local(simulation.look());
    });
    let Simulation { running, busy, .. } = simulation;
    let none = move || running.with(|running| running.endpoints.is_empty());
    view! {
        <section class="card simulated-card" aria-labelledby="simulated-title">
            <div class="card-head">
                <h2 id="simulated-title">"Simulated devices"</h2>
                <span class="muted" data-testid="simulated-count">
                    {move || running.with(|running| match running.endpoints.len() {
                        0 => "none running".to_owned(),
                        many => format!("{} running", format::count(many as u64)),
                    })}
                </span>
                <span class="spacer"></span>
                <button
                    type="button"
                    class="button small"
                    data-testid="simulated-stop"
                    disabled=move || busy.get() || none()
                    on:click=move |_| simulation.stop()
                >
                    "Stop all"
                </button>
            </div>
            <StartForm simulation=simulation />
            <ul class="simulated-list">{move || running.with(links)}</ul>
        </section>
    }
}

#[component]
fn StartForm(simulation: Simulation) -> impl IntoView {
    let Simulation { outcome, busy, .. } = simulation;
    let count = RwSignal::new("1".to_owned());
    let profile = RwSignal::new("demo".to_owned());
    let start = move |event: SubmitEvent| {
        event.prevent_default();
        let profile = Some(profile.get_untracked());
        simulation.start(SimulateDevices { count: count.get_untracked().parse().ok(), profile });
    };
    view! {
        <form class="simulated-form" on:submit=start>
            <label class="simulated-field">
                <span class="caption">"How many"</span>
                <input
                    class="field"
                    type="number"
                    min="1"
                    required=true
                    data-testid="simulated-many"
                    prop:value=count
                    on:input=move |event| count.set(event_target_value(&event))
                />
            </label>
            <label class="simulated-field">
                <span class="caption">"Profile"</span>
                <select
                    class="field"
                    data-testid="simulated-profile"
                    prop:value=profile
                    on:change=move |event| profile.set(event_target_value(&event))
                >
                    {PROFILES.map(|(name, title)| view! { <option value=name>{title}</option> })}
                </select>
            </label>
            <button class="button primary" data-testid="simulated-start" disabled=busy>
                <Glyph icon=Icon::Execute />
                "Start"
            </button>
            <p class="simulated-outcome" role="status">
                {move || outcome.get().map(|outcome| {
                    let bad = outcome.is_err();
                    view! { <span class:failed=bad>{outcome.unwrap_or_else(|why| why)}</span> }
                })}
            </p>
        </form>
    }
}

impl Simulation {
    async fn look(self) {
        // What is shown stays when the answer does not come.
        if let Ok(devices) = api::simulated_devices().await {
            self.running.try_set(devices);
        }
    }

    fn start(self, wanted: SimulateDevices) {
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let started = api::simulate_devices(&wanted).await;
            self.look().await;
            self.settle(started.map(|started| {
                format!("Started; {} running now", format::plural(started.endpoints.len(), "device"))
            }));
        });
    }

    fn stop(self) {
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let stopped = api::stop_simulated_devices().await;
            self.look().await;
            self.settle(stopped.map(|()| "Stopped: they de-register".to_owned()));
        });
    }

    /// The page may have been left meanwhile.
    fn settle(self, outcome: Result<String, Failure>) {
        self.busy.try_set(false);
        self.outcome.try_set(Some(outcome.map_err(|failure| failure.told())));
    }
}

fn links(running: &SimulatedDevices) -> impl IntoView + use<> {
    let link = |endpoint: &String| {
        let address = Route::Device { endpoint: endpoint.clone() }.address();
        view! { <li><a class="mono" href=address><bdi>{endpoint.clone()}</bdi></a></li> }
    };
    let shown = running.endpoints.iter().take(SHOWN).map(link).collect_view();
    let more = running.endpoints.len().saturating_sub(SHOWN);
    let rest = (more > 0)
        .then(|| view! { <li class="muted">{format!("and {} more", format::count(more as u64))}</li> });
    (shown, rest)
}
