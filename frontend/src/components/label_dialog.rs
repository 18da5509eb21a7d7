use console_api::{ClientDetails, Label};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::Modal;
use crate::browser;
use crate::fleet::{details, label};

/// What operators call a device: its name, tags and notes.
#[component]
pub(crate) fn LabelDialog(
    /// The client whose label is edited; none while the dialog is closed.
    endpoint: RwSignal<Option<String>>,
) -> impl IntoView {
    let known = RwSignal::new(None::<Result<ClientDetails, String>>);
    Effect::new(move |_| {
        known.set(None);
        let Some(endpoint) = endpoint.get() else {
            return;
        };
        leptos::task::spawn_local(async move {
            let answer = details(&endpoint).await.map_err(|failure| failure.message);
            known.try_set(Some(answer));
        });
    });
    let content = move || match known.get() {
        None => view! {
            <div aria-busy="true">
                <span class="visually-hidden">"Asking the server for the label"</span>
                <div class="skeleton"></div>
                <div class="skeleton"></div>
            </div>
        }
        .into_any(),
        Some(Err(message)) => view! { <p class="form-problem" role="alert">{message}</p> }.into_any(),
        Some(Ok(details)) => view! { <LabelForm details=details endpoint=endpoint /> }.into_any(),
    };
    view! {
        <Modal
            open=Signal::derive(move || endpoint.with(Option::is_some))
            on_close=move || endpoint.set(None)
            title=Signal::derive(|| "Name, tags and notes".to_owned())
            name="label-dialog"
        >
            <p class="label-endpoint mono wrap">{move || endpoint.get()}</p>
            {content}
        </Modal>
    }
}

#[component]
fn LabelForm(details: ClientDetails, endpoint: RwSignal<Option<String>>) -> impl IntoView {
    let name = RwSignal::new(details.client.name.clone().unwrap_or_default());
    let tags = RwSignal::new(details.client.tags.join(", "));
    let notes = RwSignal::new(details.notes.clone());
    let problem = RwSignal::new(None::<String>);
    let sending = RwSignal::new(false);
    let whom = details.client.endpoint;
    // The dialog was opened before there was anything to focus.
    request_animation_frame(|| browser::focus_and_select("[data-testid=label-name]"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let wanted = Label {
            name: Some(name).filter(|name| !name.is_empty()),
            tags: tags_of(&tags.get_untracked()),
            notes: notes.get_untracked().trim().to_owned(),
        };
        let whom = whom.clone();
        sending.set(true);
        leptos::task::spawn_local(async move {
            let answer = label(&whom, &wanted).await;
            sending.try_set(false);
            match answer {
                Ok(()) => _ = endpoint.try_set(None),
                Err(failure) => _ = problem.try_set(Some(failure.message)),
            }
        });
    };
    view! {
        <form class="label-form" on:submit=submit>
            <label class="form-field">
                <span>"Name"</span>
                <input
                    class="field"
                    data-testid="label-name"
                    autocomplete="off"
                    maxlength=Label::NAME_BYTES
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <label class="form-field">
                <span>"Tags " <span class="muted">"(separated by commas)"</span></span>
                <input
                    class="field"
                    data-testid="label-tags"
                    autocomplete="off"
                    placeholder="hall 3, spare"
                    prop:value=tags
                    on:input=move |event| tags.set(event_target_value(&event))
                />
            </label>
            <label class="form-field">
                <span>"Notes"</span>
                <textarea
                    class="field"
                    data-testid="label-notes"
                    rows="4"
                    maxlength=Label::NOTES_BYTES
                    prop:value=notes
                    on:input=move |event| notes.set(event_target_value(&event))
                ></textarea>
            </label>
            {move || problem.get().map(|problem| view! { <p class="form-problem" role="alert">{problem}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="label-save" disabled=sending>"Save"</button>
                <button type="button" class="button" on:click=move |_| endpoint.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}

/// `hall 3, spare` as a list without empty or double ones.
pub(crate) fn tags_of(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::tags_of;

    #[test]
    fn tags_are_a_list_of_words() {
        assert_eq!(tags_of(" hall 3, spare ,,hall 3"), ["hall 3", "spare"]);
        assert!(tags_of(" , ").is_empty());
    }
}
