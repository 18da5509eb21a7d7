use console_api::{AccessControlDeviceState as DeviceState, AccessControlRun, AccessControlRunDevice};
use leptos::prelude::*;

use crate::access_control::{self, follow_run, has_ended, instances_from};
use crate::components::{Glyph, Icon, Loading};
use crate::format;
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::AccessControlState;

/// Looks after a change that goes on, whether the dialog is open or not: in the end the device is asked what it has.
#[component]
pub(crate) fn RunWatch(state: AccessControlState) -> impl IntoView {
    move || state.running.get().map(|id| view! { <Watch state=state id=id /> })
}

#[component]
fn Watch(state: AccessControlState, id: u64) -> impl IntoView {
    let run = follow_run(state.live, id);
    let ended = memo(move || run.with(|run| run.as_ref().is_some_and(|run| has_ended(run.state))));
    Effect::new(move |before: Option<bool>| {
        let ended = ended.get();
        if ended && before != Some(true) {
            state.read(state.ours.get_untracked());
        }
        ended
    });
    Effect::new(move |_| state.run.set(run.get()));
}

/// Request by request, what the device made of it.
#[component]
pub(super) fn ApplyProgress(state: AccessControlState, id: u64) -> impl IntoView {
    let device = memo(move || {
        let own = |run: &AccessControlRun| run.latest.first().cloned().filter(|_| run.id == id);
        state.run.with(|run| run.as_ref().and_then(own))
    });
    let ended = memo(move || {
        state.run.with(|run| run.as_ref().is_some_and(|run| run.id == id && has_ended(run.state)))
    });
    move || match device.get() {
        None => view! { <Loading label="Asking the device what it has" rows=4 /> }.into_any(),
        Some(device) => view! { <Progress state=state id=id device=device ended=ended /> }.into_any(),
    }
}

#[component]
fn Progress(
    state: AccessControlState,
    id: u64,
    device: AccessControlRunDevice,
    ended: Memo<bool>,
) -> impl IntoView {
    let AccessControlRunDevice { state: now, writes, written, why, undo, .. } = device;
    let (written, total) = (written as usize, writes.len());
    let failed = matches!(now, DeviceState::Stopped | DeviceState::Impossible);
    let result = match (now, why) {
        (DeviceState::Done | DeviceState::Unchanged, _) => view! {
            <p class="ac-done" role="status" data-testid="applied">
                <span class="dot ok" aria-hidden="true"></span>{format!("{} written and read back", format::plural(written, "request"))}
            </p>
        }
        .into_any(),
        (_, Some(why)) if failed => view! { <p class="form-problem wrap" role="alert" data-testid="stopped">{format!("Stopped: {why}")}</p> }.into_any(),
        (_, Some(why)) => view! { <p class="muted wrap" role="status">{why}</p> }.into_any(),
        (..) => view! { <p class="muted" role="status">{format!("{written} of {} written and read back", format::plural(total, "request"))}</p> }.into_any(),
    };
    let line = |(at, write): (usize, console_api::PlannedWrite)| {
        let (class, told) = match at {
            at if at < written => ("chip ok", "written, read back"),
            at if at == written && failed => ("chip bad", "not taken"),
            at if at == written && now == DeviceState::Working => ("chip on", "under way"),
            _ => ("chip", "not written"),
        };
        view! { <li class="ac-written"><code>{format!("PUT {}", write.path)}</code><span class=class>{told}</span></li> }
    };
    view! {
        {result}
        <progress max=total.max(1) value=written aria-label="Requests that the device has taken"></progress>
        <ol class="ac-review">{writes.into_iter().enumerate().map(line).collect_view()}</ol>
        <ProgressActions state=state id=id ended=ended undo=instances_from(&undo) any={written > 0} />
    }
}

#[component]
fn ProgressActions(
    state: AccessControlState,
    id: u64,
    ended: Memo<bool>,
    undo: Vec<lwm2m_model::access_control::AccessControlInstance>,
    any: bool,
) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let undo = StoredValue::new(undo);
    let close = move || {
        state.running.set(None);
        state.reviewing.set(false);
    };
    let take_back = move |_| {
        close();
        state.change(|draft| draft.replace(&undo.get_value()));
    };
    let stop = move |_| {
        leptos::task::spawn_local(async move {
            if let Err(failure) = access_control::cancel_run(id).await {
                notices.fail(failure.told());
            }
        });
    };
    view! {
        <div class="form-actions">
            {move || if ended.get() {
                view! {
                    <button type="button" class="button primary" data-testid="review-close" on:click=move |_| close()>"Close"</button>
                    {any.then(|| view! {
                        <button
                            type="button" class="button" data-testid="take-back" on:click=take_back
                            title="Puts what was there before into the matrix, to be reviewed and applied"
                        >
                            <Glyph icon=Icon::Undo />"Undo…"
                        </button>
                    })}
                }
                .into_any()
            } else {
                view! { <button type="button" class="button" title="What was written stays" on:click=stop>"Stop"</button> }.into_any()
            }}
        </div>
    }
}
