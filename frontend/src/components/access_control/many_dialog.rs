use console_api::{ClientQuery, NewAccessControlRun};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::access_control::{self, ACCESS_CONTROL};
use crate::components::Modal;
use crate::fleet;
use crate::format;
use crate::memo::memo;
use crate::pages::AccessControlPageState;

/// Which devices take a template: they are asked first, and nothing is written.
#[component]
pub(crate) fn ManyDialog(state: AccessControlPageState) -> impl IntoView {
    let title = move || {
        let name = state.applying.with(|name| name.clone().unwrap_or_default());
        format!("Apply {name} to devices")
    };
    view! {
        <Modal
            open=Signal::derive(move || state.applying.with(Option::is_some))
            on_close=move || state.applying.set(None)
            title=Signal::derive(title)
            name="many-dialog"
        >
            <ManyForm state=state />
        </Modal>
    }
}

fn query(text: &str) -> ClientQuery {
    ClientQuery { text: text.trim().to_owned(), object: Some(ACCESS_CONTROL), ..ClientQuery::default() }
}

#[component]
fn ManyForm(state: AccessControlPageState) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let matching = RwSignal::new(None::<usize>);
    let failure = RwSignal::new(None::<String>);
    let count = move |wanted: String| {
        leptos::task::spawn_local(async move {
            let answer = fleet::list(&query(&wanted), 0, 1).await;
            if text.try_get_untracked().as_ref() == Some(&wanted) {
                matching.try_set(answer.ok().map(|list| list.total));
            }
        });
    };
    count(String::new());
    let none = memo(move || matching.get().is_none_or(|matching| matching == 0));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = NewAccessControlRun {
            clients: Some(query(&text.get_untracked())),
            template: state.applying.get_untracked(),
            dry_run: true,
            ..NewAccessControlRun::default()
        };
        leptos::task::spawn_local(async move {
            match access_control::start_run(&wanted).await {
                Ok(run) => {
                    state.applying.try_set(None);
                    state.shown.try_set(Some(run.id));
                    state.ask();
                }
                Err(why) => _ = failure.try_set(Some(why.told())),
            }
        });
    };
    view! {
        <form class="credential-form" on:submit=submit>
            <label class="form-field">
                <span>"Devices"</span>
                <input
                    class="field" autocomplete="off" spellcheck="false" autofocus placeholder="all with Object 2; or words as in the fleet: a name, a tag, /3303"
                    data-testid="many-text" prop:value=text
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        text.set(typed.clone());
                        count(typed);
                    }
                />
            </label>
            <p role="status" data-testid="many-count">{move || matching.get().map(|matching| format::plural(matching, "device"))}</p>
            <p class="muted">"Each is asked what it has, and you see what would be written. Nothing is written before you say so."</p>
            {move || failure.get().map(|why| view! { <p class="form-problem wrap" role="alert">{why}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary" data-testid="many-submit" disabled=none>"Dry run"</button>
                <button type="button" class="button" on:click=move |_| state.applying.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}
