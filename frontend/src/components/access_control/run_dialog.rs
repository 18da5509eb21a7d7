use console_api::{AccessControlRun, AccessControlRunDevice, AccessControlRunState as State};
use leptos::prelude::*;

use crate::access_control::{self, follow_run, run_state_word, state_word};
use crate::components::{Loading, Modal, Pager};
use crate::format;
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::AccessControlPageState;
use crate::routing::Route;

/// Devices that are listed at once.
const PAGE: usize = 50;

/// What becomes of a change on each device.
#[component]
pub(crate) fn RunDialog(state: AccessControlPageState) -> impl IntoView {
    view! {
        <Modal
            open=Signal::derive(move || state.shown.get().is_some())
            on_close=move || state.shown.set(None)
            title=Signal::derive(|| "Change of access control".to_owned())
            name="run-dialog"
        >
            {move || state.shown.get().map(|id| view! { <RunShown state=state id=id /> })}
        </Modal>
    }
}

#[component]
fn RunShown(state: AccessControlPageState, id: u64) -> impl IntoView {
    let run = follow_run(state.live, id);
    let known = memo(move || run.with(Option::is_some));
    view! {
        {move || if known.get() {
            view! { <RunBody state=state run=run id=id /> }.into_any()
        } else {
            view! { <Loading label="Loading the change" rows=4 /> }.into_any()
        }}
    }
}

/// `12 to be written · 3 as they should be`
fn counts_told(run: &AccessControlRun) -> String {
    let counts = run.counts;
    let parts = [
        (counts.waiting, "waiting"),
        (counts.working, "under way"),
        (counts.planned, "to be written"),
        (counts.done, "done"),
        (counts.unchanged, "as they should be"),
        (counts.stopped, "stopped"),
        (counts.impossible, "cannot be done"),
    ];
    let some = parts.iter().filter(|(many, _)| *many > 0);
    some.map(|(many, what)| format!("{} {what}", format::count(u64::from(*many))))
        .collect::<Vec<_>>()
        .join(" · ")
}

#[component]
fn RunBody(state: AccessControlPageState, run: Memo<Option<AccessControlRun>>, id: u64) -> impl IntoView {
    let part = move |read: fn(&AccessControlRun) -> String| {
        memo(move || run.with(|run| run.as_ref().map(read).unwrap_or_default()))
    };
    let (about, counts) = (part(|run| run.about.clone()), part(counts_told));
    let now = memo(move || run.with(|run| run.as_ref().map(|run| run.state)).unwrap_or_default());
    let (written, writes) = (
        memo(move || run.with(|run| run.as_ref().map_or(0, |run| run.written))),
        memo(move || run.with(|run| run.as_ref().map_or(0, |run| run.writes))),
    );
    let chip = move || {
        let (word, title, class) = run_state_word(now.get());
        view! { <span class=format!("chip {class}") data-testid="run-state" data-state=word>{title}</span> }
    };
    view! {
        <p class="ac-run-head"><b class="wrap">{about}</b>" "{chip}</p>
        <p role="status" data-testid="run-counts">{counts}</p>
        <progress max=move || writes.get().max(1) value=written aria-label="Requests that devices have taken"></progress>
        <p class="muted">{move || format!("{} of {} written and read back", written.get(), format::plural(writes.get() as usize, "request"))}</p>
        <RunDevices run=run id=id />
        <RunActions state=state now=now id=id />
    }
}

#[component]
fn RunActions(state: AccessControlPageState, now: Memo<State>, id: u64) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let ask = move |apply: bool| {
        leptos::task::spawn_local(async move {
            let answer = if apply {
                access_control::start_run_now(id).await
            } else {
                access_control::cancel_run(id).await
            };
            if let Err(failure) = answer {
                notices.fail(failure.told());
            }
        });
    };
    let (planned, ends) = (
        memo(move || now.get() == State::Planned),
        memo(move || matches!(now.get(), State::Planning | State::Planned | State::Applying)),
    );
    view! {
        <div class="form-actions">
            {move || planned.get().then(|| view! {
                <button type="button" class="button primary" data-testid="run-apply" on:click=move |_| ask(true)>"Write to these devices"</button>
            })}
            {move || ends.get().then(|| view! {
                <button type="button" class="button" title="What was written stays" data-testid="run-cancel" on:click=move |_| ask(false)>"Stop"</button>
            })}
            <button type="button" class="button" data-testid="run-close" on:click=move |_| state.shown.set(None)>"Close"</button>
        </div>
    }
}

/// Each device with what is written to it, or why not: those that the server told last, or pages of all.
#[component]
fn RunDevices(run: Memo<Option<AccessControlRun>>, id: u64) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let paged = RwSignal::new(Vec::<AccessControlRunDevice>::new());
    let (total, told) = (
        memo(move || run.with(|run| run.as_ref().map_or(0, |run| run.total as usize))),
        memo(move || run.with(|run| run.as_ref().map(|run| run.latest.clone()).unwrap_or_default())),
    );
    let all_told = memo(move || told.with(Vec::len) >= total.get());
    Effect::new(move |_| {
        // Asked again when something has happened.
        told.track();
        if all_told.get() {
            return;
        }
        let query = format!("offset={}&limit={PAGE}", page.get() * PAGE);
        leptos::task::spawn_local(async move {
            if let Ok(list) = access_control::devices_of_run(id, &query).await {
                paged.try_set(list.devices);
            }
        });
    });
    // In this order: see [`memo`].
    let rows = move || {
        let told = told.get();
        if all_told.get() { told } else { paged.get() }
    };
    view! {
        <ul class="ac-run-devices" tabindex="0" aria-label="Devices">
            <For
                each=rows
                key=|device| (device.endpoint.clone(), state_word(device.state).0, device.written, device.writes.len())
                let:device
            >
                <RunDeviceLine device=device />
            </For>
        </ul>
        {move || (!all_told.get()).then(|| view! { <Pager page=page size=PAGE total=total on_turn=Callback::new(move |to| page.set(to)) /> })}
    }
}

#[component]
fn RunDeviceLine(device: AccessControlRunDevice) -> impl IntoView {
    let AccessControlRunDevice { endpoint, state, writes, written, why, .. } = device;
    let (word, title, class) = state_word(state);
    let address = Route::AccessControlOf { endpoint: endpoint.clone() }.address();
    let requests = (!writes.is_empty()).then(|| {
        let line = |(at, write): (usize, console_api::PlannedWrite)| {
            let done = if at < written as usize { "chip ok" } else { "chip" };
            view! { <code class=done>{format!("PUT {}", write.path)}</code> }
        };
        writes.into_iter().enumerate().map(line).collect_view()
    });
    view! {
        <li class="ac-run-device" data-testid="run-device" data-endpoint=endpoint data-state=word>
            <a class="mono wrap" href=address>{endpoint.clone()}</a>
            <span class=format!("chip {class}")>{title}</span>
            <span class="ac-run-writes">{requests}</span>
            {why.map(|why| view! { <span class="ac-obstacle wrap">{why}</span> })}
        </li>
    }
}
