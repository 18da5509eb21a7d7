use console_api::AccessControlState as Told;
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::access_control_state::{AccessControlState, Reading};
use crate::browser;
use crate::components::Loading;
use crate::components::access_control::{
    ChecksCard, EarlierBanner, EditorHead, MatrixCard, NotEnabled, NotRead, ReviewDialog, RightsCard,
    RunWatch, ServerChoice, TemplateDialogs, WritesCard,
};
use crate::frame::{Announcement, PageAction, PageActions, Recent, Unsaved};
use crate::live::Live;
use crate::memo::memo;
use crate::routing::{Route, Router};

/// Who may do what on a device, and changing it.
#[component]
pub(crate) fn AccessControlOfPage(endpoint: String) -> impl IntoView {
    let live = expect_context::<Live>();
    browser::set_title(&format!("{endpoint} · Access control · LwM2M Console"));
    expect_context::<Recent>().add(&endpoint);
    live.open_device(&endpoint);
    let state = AccessControlState::new(live, endpoint.clone());
    state.open();
    read_when_awake(state);
    listen_to_undo(state);
    offer_actions(state, endpoint);
    expect_context::<Unsaved>().hold(move || state.kept.with(|kept| matches!(kept, super::Kept::Failed(_))));
    let shown = memo(move || {
        let read = state.access.with(|access| (access.read_at_ms > 0).then_some(access.state));
        match (read, state.reading.get()) {
            (Some(told), _) => Ok(told),
            (None, Reading::Failed(failure)) => Err(Some(failure)),
            (None, _) => Err(None),
        }
    });
    view! {
        <div class="ac-page" data-testid="access-control-editor">
            <EditorHead state=state />
            <EarlierBanner state=state />
            {move || match shown.get() {
                Err(None) => view! { <Loading label="Asking the device who may do what" /> }.into_any(),
                Err(Some(failure)) => view! { <NotRead state=state failure=failure /> }.into_any(),
                Ok(Told::Enabled) => view! {
                    <ServerChoice state=state />
                    <div class="ac-columns">
                        <MatrixCard state=state />
                        <div class="ac-side">
                            <RightsCard state=state />
                            <WritesCard state=state />
                            <ChecksCard state=state />
                        </div>
                    </div>
                }
                .into_any(),
                Ok(told) => view! { <NotEnabled state=state told=told /> }.into_any(),
            }}
        </div>
        <RunWatch state=state />
        <ReviewDialog state=state />
        <TemplateDialogs state=state />
    }
}

/// A device that slept is asked as soon as it can be.
fn read_when_awake(state: AccessControlState) {
    let live = state.live;
    let reachable = memo(move || {
        live.structure.track();
        live.commands.track();
        let awake = |client: &console_api::Client| client.departed.is_none() && client.queue.awake;
        live.with_device(|device| device.client.as_ref().is_some_and(awake)).unwrap_or(false)
    });
    Effect::new(move |before: Option<bool>| {
        let now = reachable.get();
        let failed = matches!(state.reading.get_untracked(), Reading::Failed(_));
        if now && before == Some(false) && failed {
            state.read(state.ours.get_untracked());
        }
        now
    });
}

fn listen_to_undo(state: AccessControlState) {
    let Announcement(announcement) = expect_context();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let typing = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|element| browser::takes_text(&element) && element.tag_name() != "SELECT");
        let held = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if typing || !held || browser::find("dialog[open]").is_some() {
            return;
        }
        let done = match event.key().as_str() {
            "z" if state.undo() => "Undone",
            "Z" | "y" if state.redo() => "Done again",
            "z" | "Z" | "y" => "Nothing to undo",
            _ => return,
        };
        announcement.set(done.to_owned());
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

fn offer_actions(state: AccessControlState, endpoint: String) {
    let router = expect_context::<Router>();
    let action = |title: &str, run: Callback<()>| PageAction { title: title.into(), run };
    expect_context::<PageActions>().offer(move || {
        let device = Route::Device { endpoint: endpoint.clone() };
        vec![
            action("Review and apply", Callback::new(move |()| state.reviewing.set(true))),
            action(
                "Read the access control again",
                Callback::new(move |()| state.read(state.ours.get_untracked())),
            ),
            action("Save as a template", Callback::new(move |()| state.saving_template.set(true))),
            action("Apply a template", Callback::new(move |()| state.applying_template.set(true))),
            action("Open this device", Callback::new(move |()| router.open(device.clone()))),
        ]
    });
}
