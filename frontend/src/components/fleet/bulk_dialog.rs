use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::bulk_job::BulkJob;
use crate::components::{Glyph, Icon, Modal, tags_of};
use crate::fleet::{BulkKind, BulkOperation, BulkStep, FleetState, Selection};
use crate::format;

/// What operators most often want to know of many devices.
const USUAL_PATHS: [(&str, &str); 5] = [
    ("/3/0", "Device"),
    ("/3/0/3", "Firmware Version"),
    ("/3/0/9", "Battery Level"),
    ("/3303/0/5700", "Temperature"),
    ("/4/0/2", "Radio Signal Strength"),
];

/// Does something with many devices: asks what exactly, and shows how it goes.
#[component]
pub(crate) fn BulkDialog() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let title = move || match state.bulk_step.get() {
        Some(BulkStep::Ask { what, many, .. }) => {
            let devices = format::plural(many, "device");
            match what {
                BulkKind::Read => format!("Read from {devices}"),
                BulkKind::Observe => format!("Observe on {devices}"),
                BulkKind::Tag => format!("Tags of {devices}"),
                BulkKind::Forget => format!("Forget {devices}"),
            }
        }
        Some(BulkStep::Job) => {
            state.bulk.job.with(|job| job.as_ref().map(|job| job.operation.title())).unwrap_or_default()
        }
        None => String::new(),
    };
    let content = move || match state.bulk_step.get() {
        Some(BulkStep::Ask { what: BulkKind::Read, whom, .. }) => {
            view! { <PathForm whom=whom verb="Read" operation=BulkOperation::Read /> }.into_any()
        }
        Some(BulkStep::Ask { what: BulkKind::Observe, whom, .. }) => {
            view! { <PathForm whom=whom verb="Observe" operation=BulkOperation::Observe /> }.into_any()
        }
        Some(BulkStep::Ask { what: BulkKind::Tag, whom, .. }) => view! { <TagForm whom=whom /> }.into_any(),
        Some(BulkStep::Ask { what: BulkKind::Forget, whom, many }) => {
            view! { <ForgetForm whom=whom many=many /> }.into_any()
        }
        Some(BulkStep::Job) => view! { <BulkJob /> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <Modal
            open=Signal::derive(move || state.bulk_step.with(Option::is_some))
            on_close=move || state.bulk_step.set(None)
            title=Signal::derive(title)
            name="bulk-dialog"
        >
            {content}
        </Modal>
    }
}

fn begin(state: FleetState, operation: BulkOperation, whom: Selection) {
    state.bulk.start(operation, whom);
    state.bulk_step.set(Some(BulkStep::Job));
}

/// A job at a time: devices would be asked two things at once.
#[component]
fn Submit(
    title: String,
    #[prop(into)] disabled: Signal<bool>,
    #[prop(optional)] danger: bool,
) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let busy = move || state.bulk.is_running();
    view! {
        {move || busy().then(|| view! { <p class="muted">"Another job is still running; stop it or wait for it."</p> })}
        <div class="form-actions">
            <button
                type="submit"
                class="button primary"
                class:danger=danger
                data-testid="bulk-start"
                disabled=move || disabled.get() || busy()
            >
                {title}
            </button>
            <button type="button" class="button" on:click=move |_| state.bulk_step.set(None)>"Cancel"</button>
        </div>
    }
}

#[component]
fn PathForm(whom: Selection, verb: &'static str, operation: fn(Path) -> BulkOperation) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let text = RwSignal::new("/3/0".to_owned());
    let path = move || text.with(|text| text.trim().parse::<Path>()).ok().filter(|path| *path != Path::ROOT);
    let problem = move || {
        path()
            .is_none()
            .then_some("Expected a path like /3/0 or /3303/0/5700: Object, Object Instance, Resource.")
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(path) = untrack(path) {
            begin(state, operation(path), whom.clone());
        }
    };
    view! {
        <form class="bulk-form" on:submit=submit>
            <label class="form-field">
                <span>"Path"</span>
                <input
                    class="field mono"
                    data-testid="bulk-path"
                    list="bulk-paths"
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    aria-invalid=move || problem().map(|_| "true")
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                />
            </label>
            <datalist id="bulk-paths">
                {USUAL_PATHS.map(|(path, name)| view! { <option value=path>{name}</option> })}
            </datalist>
            {move || problem().map(|problem| view! { <p class="form-problem">{problem}</p> })}
            <p class="muted">"A few devices are asked at a time. One that is asleep is waited for until its time is up."</p>
            <Submit title=verb.to_owned() disabled=Signal::derive(move || path().is_none()) />
        </form>
    }
}

#[component]
fn TagForm(whom: Selection) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let (add, remove) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let nothing =
        move || add.with(|add| tags_of(add).is_empty()) && remove.with(|remove| tags_of(remove).is_empty());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !untrack(nothing) {
            let (add, remove) = (tags_of(&add.get_untracked()), tags_of(&remove.get_untracked()));
            begin(state, BulkOperation::Tag { add, remove }, whom.clone());
        }
    };
    view! {
        <form class="bulk-form" on:submit=submit>
            <label class="form-field">
                <span>"Add " <span class="muted">"(separated by commas)"</span></span>
                <input
                    class="field"
                    data-testid="bulk-add-tags"
                    autocomplete="off"
                    list="filter-tags"
                    autofocus
                    prop:value=add
                    on:input=move |event| add.set(event_target_value(&event))
                />
            </label>
            <label class="form-field">
                <span>"Remove"</span>
                <input
                    class="field"
                    data-testid="bulk-remove-tags"
                    autocomplete="off"
                    list="filter-tags"
                    prop:value=remove
                    on:input=move |event| remove.set(event_target_value(&event))
                />
            </label>
            <Submit title="Change tags".to_owned() disabled=Signal::derive(nothing) />
        </form>
    }
}

#[component]
fn ForgetForm(whom: Selection, many: usize) -> impl IntoView {
    let state = expect_context::<FleetState>();
    let names = match &whom {
        Selection::Named(named) => named.iter().take(3).cloned().collect::<Vec<_>>(),
        Selection::All { .. } => Vec::new(),
    };
    let more = many.saturating_sub(names.len());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        begin(state, BulkOperation::Forget, whom.clone());
        state.selection.set(Selection::default());
    };
    view! {
        <form class="bulk-form" on:submit=submit>
            <ul class="bulk-names mono">
                {names.into_iter().map(|name| view! { <li class="wrap">{name}</li> }).collect_view()}
                {(more > 0).then(|| view! { <li>{format!("and {}", format::plural(more, "more device"))}</li> })}
            </ul>
            <p class="dialog-danger">
                <Glyph icon=Icon::Warning />
                <span>
                    "The server removes the registration, wanted observations, values, name, tags and notes. This cannot be undone. "
                    "A device that is still switched on gets 4.04 to its next Update and registers again, as a new one."
                </span>
            </p>
            <Submit title=format!("Forget {}", format::plural(many, "device")) disabled=false danger=true />
        </form>
    }
}
