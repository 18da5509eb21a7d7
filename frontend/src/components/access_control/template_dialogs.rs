use console_api::AccessControlTemplate;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::access_control::{self, instances_told, ruled_by, rules};
use crate::api::Failure;
use crate::components::{Loading, Modal};
use crate::format;
use crate::frame::Notices;
use crate::pages::AccessControlState;

/// To keep the rights of this device for others, and to take those of a template.
#[component]
pub(crate) fn TemplateDialogs(state: AccessControlState) -> impl IntoView {
    view! {
        <Modal
            open=state.saving_template
            on_close=move || state.saving_template.set(false)
            title=Signal::derive(|| "Save as a template".to_owned())
            name="template-save-dialog"
        >
            <SaveForm state=state />
        </Modal>
        <Modal
            open=state.applying_template
            on_close=move || state.applying_template.set(false)
            title=Signal::derive(|| "Apply a template".to_owned())
            name="template-apply-dialog"
        >
            <ApplyForm state=state />
        </Modal>
    }
}

#[component]
fn SaveForm(state: AccessControlState) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let (name, description) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let failure = RwSignal::new(None::<String>);
    let kept = rules(&state.draft.with_untracked(|draft| instances_told(draft.now())));
    let many = kept.len();
    let kept = StoredValue::new(kept);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let template = AccessControlTemplate {
            name: name.get_untracked().trim().to_owned(),
            description: description.get_untracked().trim().to_owned(),
            rules: kept.get_value(),
            ..AccessControlTemplate::default()
        };
        leptos::task::spawn_local(async move {
            match access_control::save_template(&template).await {
                Ok(saved) => {
                    notices.say(format!("Saved as {}", saved.name));
                    state.saving_template.try_set(false);
                }
                Err(why) => _ = failure.try_set(Some(why.told())),
            }
        });
    };
    view! {
        <form class="credential-form" on:submit=submit>
            <p class="muted">
                {format!("{} of this device, as the matrix shows them now. Owners stay with each device, and what only bootstrap can change is left out.", format::plural(many, "rule"))}
            </p>
            <label class="form-field">
                <span>"Name"</span>
                <input class="field" autocomplete="off" autofocus data-testid="template-name" prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
            </label>
            <label class="form-field">
                <span>"What it is for"</span>
                <input class="field" autocomplete="off" data-testid="template-description" prop:value=description on:input=move |event| description.set(event_target_value(&event)) />
            </label>
            {move || failure.get().map(|why| view! { <p class="form-problem wrap" role="alert">{why}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="template-submit" disabled=move || name.with(|name| name.trim().is_empty())>"Save"</button>
                <button type="button" class="button" on:click=move |_| state.saving_template.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

#[component]
fn ApplyForm(state: AccessControlState) -> impl IntoView {
    let templates = RwSignal::new(None::<Result<Vec<AccessControlTemplate>, Failure>>);
    leptos::task::spawn_local(async move {
        templates.try_set(Some(access_control::templates().await));
    });
    move || {
        match templates.get() {
        None => view! { <Loading label="Loading the templates" rows=3 /> }.into_any(),
        Some(Err(failure)) => view! { <p class="form-problem wrap" role="alert">{failure.told()}</p> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! { <p>"No template yet: save the rights of a device as one."</p> }.into_any(),
        Some(Ok(all)) => view! {
            <p class="muted">"It goes into the matrix, to be looked at and applied."</p>
            <ul class="ac-templates">
                {all.into_iter().map(|template| view! { <TemplateChoice state=state template=template /> }).collect_view()}
            </ul>
        }
        .into_any(),
    }
    }
}

#[component]
fn TemplateChoice(state: AccessControlState, template: AccessControlTemplate) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let (name, description) = (template.name.clone(), template.description.clone());
    let ours = state.ours.get_untracked();
    let ruled = state.draft.with_untracked(|draft| ruled_by(&template.rules, draft.now()));
    // Of the rows that this server can change.
    let wanted: Vec<_> = ruled
        .wanted
        .into_iter()
        .filter(|guard| state.draft.with_untracked(|draft| draft.before(guard.id).map(|it| it.owner)) == ours)
        .collect();
    let fits = wanted.len();
    let wanted = StoredValue::new(wanted);
    let told = StoredValue::new(name.clone());
    let choose = move |_| {
        state.applying_template.set(false);
        if state.change(|draft| draft.replace(&wanted.get_value())) {
            notices.say(format!("{} is in the matrix; nothing is written yet", told.get_value()));
        } else {
            notices.say(format!("The device is already as {} has it", told.get_value()));
        }
    };
    view! {
        <li class="ac-template" data-testid="template-choice">
            <span class="wrap"><b>{name}</b><span class="muted">{format!(" {description}")}</span></span>
            <span class="muted">{format!("fits {}", format::plural(fits, "row"))}</span>
            <button type="button" class="button" disabled=fits == 0 data-testid="template-take" on:click=choose>"Take"</button>
        </li>
    }
}
