use std::time::Duration;

use console_api::{AccessControlRun, AccessControlTemplate};
use leptos::prelude::*;

use crate::api::Failure;
use crate::components::access_control::{DevicesCard, ManyDialog, RunDialog, RunsCard, TemplatesCard};
use crate::live::Live;
use crate::{access_control, browser};

/// How often templates and changes are asked for while somebody looks.
const ASK_EVERY: Duration = Duration::from_secs(3);

/// Templates, and changes of many devices.
#[derive(Clone, Copy)]
pub(crate) struct AccessControlPageState {
    pub(crate) live: Live,
    pub(crate) templates: RwSignal<Vec<AccessControlTemplate>>,
    pub(crate) runs: RwSignal<Vec<AccessControlRun>>,
    /// The template that is to be applied to many devices.
    pub(crate) applying: RwSignal<Option<String>>,
    /// The change that is looked at.
    pub(crate) shown: RwSignal<Option<u64>>,
    /// Why what is shown is not up to date.
    stale: RwSignal<Option<String>>,
}

impl AccessControlPageState {
    fn new(live: Live) -> Self {
        Self {
            live,
            templates: RwSignal::default(),
            runs: RwSignal::default(),
            applying: RwSignal::default(),
            shown: RwSignal::default(),
            stale: RwSignal::default(),
        }
    }

    pub(crate) fn ask(self) {
        leptos::task::spawn_local(async move {
            let (templates, runs) = (access_control::templates().await, access_control::runs().await);
            let failure = templates.as_ref().err().or(runs.as_ref().err());
            self.stale.try_set(failure.map(Failure::told));
            put(self.templates, templates.ok());
            put(self.runs, runs.ok());
        });
    }
}

/// Only what is new makes the page look again.
fn put<T: PartialEq + Send + Sync + 'static>(shown: RwSignal<Vec<T>>, told: Option<Vec<T>>) {
    let Some(told) = told else { return };
    if shown.try_with_untracked(|shown| *shown != told) == Some(true) {
        shown.set(told);
    }
}

/// Devices whose access control can be edited, templates, and changes that go on or are over.
#[component]
pub(crate) fn AccessControlPage() -> impl IntoView {
    browser::set_title("Access control · LwM2M Console");
    let live = expect_context::<Live>();
    let state = AccessControlPageState::new(live);
    live.every(ASK_EVERY, move || state.ask());
    view! {
        <div class="ac-page" data-testid="access-control-page">
            <h1 class="visually-hidden">"Access control"</h1>
            {move || state.stale.get().map(|why| view! {
                <p class="observations-stale wrap" role="status">{format!("Templates and changes are not up to date: {why}")}</p>
            })}
            <DevicesCard />
            <div class="ac-lists">
                <TemplatesCard state=state />
                <RunsCard state=state />
            </div>
        </div>
        <ManyDialog state=state />
        <RunDialog state=state />
    }
}
