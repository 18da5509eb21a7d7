use console_api::{AccessControlPlan, AccessControlWanted, NewAccessControlRun};
use leptos::prelude::*;

use super::apply_progress::ApplyProgress;
use super::writes_card::WriteLine;
use crate::access_control::{self, instances_from, instances_told, writes};
use crate::components::{Glyph, Icon, Loading, Modal};
use crate::pages::AccessControlState;

/// All requests before they go, and what becomes of each.
#[component]
pub(crate) fn ReviewDialog(state: AccessControlState) -> impl IntoView {
    view! {
        <Modal
            open=state.reviewing
            on_close=move || close(state)
            title=Signal::derive(move || format!("Write to {}", state.endpoint()))
            name="review-dialog"
        >
            <Review state=state />
        </Modal>
    }
}

/// A change that goes on is gone on with; one that is over has been seen.
fn close(state: AccessControlState) {
    state.reviewing.set(false);
    let over =
        state.run.with_untracked(|run| run.as_ref().is_some_and(|run| access_control::has_ended(run.state)));
    if over {
        state.running.set(None);
    }
}

#[derive(Clone)]
enum Stage {
    /// The device is asked what it has now.
    Planning,
    Planned(Box<AccessControlPlan>),
    Failed(String),
}

fn wanted(state: AccessControlState) -> AccessControlWanted {
    state.draft.with_untracked(|draft| AccessControlWanted {
        server: state.ours.get_untracked(),
        base: Some(instances_told(draft.base())),
        instances: instances_told(&draft.wanted()),
    })
}

#[component]
fn Review(state: AccessControlState) -> impl IntoView {
    let stage = RwSignal::new(Stage::Planning);
    let plan = Callback::new(move |()| {
        stage.set(Stage::Planning);
        leptos::task::spawn_local(async move {
            let next = match access_control::plan(&state.endpoint(), &wanted(state)).await {
                Ok(plan) => Stage::Planned(Box::new(plan)),
                Err(failure) => Stage::Failed(failure.told()),
            };
            stage.try_set(next);
        });
    });
    if state.running.get_untracked().is_none() {
        plan.run(());
    }
    let apply = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            let run = NewAccessControlRun {
                endpoints: vec![state.endpoint()],
                wanted: Some(wanted(state)),
                server: state.ours.get_untracked(),
                ..NewAccessControlRun::default()
            };
            match access_control::start_run(&run).await {
                Ok(run) => _ = state.running.try_set(Some(run.id)),
                Err(failure) => _ = stage.try_set(Stage::Failed(failure.told())),
            }
        });
    });
    move || {
        match (state.running.get(), stage.get()) {
        (Some(id), _) => view! { <ApplyProgress state=state id=id /> }.into_any(),
        (None, Stage::Planning) => {
            view! { <Loading label="Asking the device what it has now" rows=4 /> }.into_any()
        }
        (None, Stage::Planned(now)) => {
            view! { <Planned state=state plan=*now again=plan apply=apply /> }.into_any()
        }
        (None, Stage::Failed(why)) => view! {
            <p class="form-problem wrap" role="alert" data-testid="review-failure">{why}</p>
            <div class="form-actions">
                <button type="button" class="button primary" on:click=move |_| plan.run(())>"Try again"</button>
                <button type="button" class="button" on:click=move |_| state.reviewing.set(false)>"Close"</button>
            </div>
        }
        .into_any(),
    }
    }
}

/// What would be written now; nothing was yet.
#[component]
fn Planned(
    state: AccessControlState,
    plan: AccessControlPlan,
    again: Callback<()>,
    apply: Callback<()>,
) -> impl IntoView {
    let told = state
        .plan
        .with_untracked(|own| state.draft.with_untracked(|draft| writes(own, draft.base(), state.format())));
    let AccessControlPlan { writes: planned, obstacles, conflicts, checks, current, .. } = plan;
    let conflict =
        (!conflicts.is_empty()).then(|| view! { <Conflict state=state current=current again=again /> });
    let blocked = conflict.is_some() || planned.is_empty();
    // The bytes are those of the server, which knows what the device refused before.
    let lines = planned
        .into_iter()
        .map(|write| {
            let own = told.iter().find(|own| own.path == write.path).cloned();
            let payload = console_api::hex_decode(&write.payload_hex).unwrap_or_default();
            let format = access_control::named(lwm2m_codec::ContentFormat(write.content_format));
            let line = access_control::Write {
                path: write.path,
                format,
                payload,
                entries: own.as_ref().map(|own| own.entries.clone()).unwrap_or_default(),
                owner: own.and_then(|own| own.owner),
            };
            view! { <li><WriteLine write=line /></li> }
        })
        .collect_view();
    view! {
        <p class="muted">"The device was asked what it has now. These requests go to it one after the other, each is read back, and the first that fails stops it."</p>
        {conflict}
        <ol class="ac-review" data-testid="review-writes">{lines}</ol>
        {(!obstacles.is_empty()).then(|| view! {
            <ul class="ac-checks">
                {obstacles.into_iter().map(|it| view! {
                    <li><span class="dot bad" aria-hidden="true"></span><span class="wrap">{format!("/2/{} stays: {}", it.id, it.why)}</span></li>
                }).collect_view()}
            </ul>
        })}
        {(!checks.is_empty()).then(|| view! {
            <ul class="ac-checks" data-testid="review-checks">
                {checks.into_iter().map(|it| view! { <li><span class="dot warn" aria-hidden="true"></span><span class="wrap">{it}</span></li> }).collect_view()}
            </ul>
        })}
        <div class="form-actions">
            <button type="button" class="button primary" data-testid="apply" disabled=blocked on:click=move |_| apply.run(())>"Apply"</button>
            <button type="button" class="button" on:click=move |_| state.reviewing.set(false)>"Cancel"</button>
        </div>
    }
}

/// Somebody has changed the same instances on the device.
#[component]
fn Conflict(
    state: AccessControlState,
    current: console_api::AccessControl,
    again: Callback<()>,
) -> impl IntoView {
    let current = StoredValue::new(current);
    let settle = move |kept: bool| {
        let now = current.get_value();
        let base = instances_from(&now.instances);
        state.access.set(now);
        state.change(|draft| {
            draft.rebase(base, kept);
            true
        });
        if state.changes.get_untracked() == 0 {
            state.reviewing.set(false);
        } else {
            again.run(());
        }
    };
    view! {
        <div class="ac-banner warn" role="alert" data-testid="conflict">
            <Glyph icon=Icon::Warning />
            <p class="wrap">"Somebody has changed the same on the device meanwhile. Nothing was written."</p>
            <button type="button" class="button" data-testid="conflict-theirs" on:click=move |_| settle(false)>"Take theirs"</button>
            <button type="button" class="button" data-testid="conflict-ours" on:click=move |_| settle(true)>"Keep mine"</button>
        </div>
    }
}
