use console_api::CertificateView;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::date_time;
use crate::components::{Glyph, Icon};
use crate::frame::Notices;
use crate::pages::SecurityState;
use crate::security::{self, fingerprint};

/// Whose certificates devices may have besides those of this server's authority.
#[component]
pub(crate) fn BelievedAuthorities(state: SecurityState) -> impl IntoView {
    view! {
        <div class="identity">
            <h3>"Other authorities"</h3>
            <p class="muted">"Devices may have their certificates from these too. Each still needs a credential here."</p>
            <ul class="authorities">
                <For each=move || state.authorities.get() key=|it| it.fingerprint.clone() let:it>
                    <Authority certificate=it state=state />
                </For>
            </ul>
            <Believe state=state />
        </div>
    }
}

#[component]
fn Authority(certificate: CertificateView, state: SecurityState) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let CertificateView { subject, not_after_ms, fingerprint: whole, .. } = certificate;
    let told = format!("until {} · {}", date_time(not_after_ms), fingerprint(&whole));
    let (title, name) = (whole.clone(), format!("Remove the authority {subject}"));
    let remove = move |_| {
        let whole = whole.clone();
        leptos::task::spawn_local(async move {
            match security::disbelieve(&whole).await {
                Ok(()) => notices.say("Removed: sessions that came by it have ended"),
                Err(failure) => notices.fail(failure.told()),
            }
            state.ask();
        });
    };
    view! {
        <li data-testid="authority">
            <span class="wrap">{subject}</span>
            <span class="muted wrap" title=title>{told}</span>
            <button type="button" class="button small" data-testid="authority-remove" aria-label=name on:click=remove>
                <Glyph icon=Icon::Delete />"Remove"
            </button>
        </li>
    }
}

#[component]
fn Believe(state: SecurityState) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            match security::believe(text.get_untracked()).await {
                Ok(all) => {
                    state.authorities.try_set(all.items);
                    text.try_set(String::new());
                }
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="identity-form" on:submit=add>
            <label class="form-field">
                <span>"Certificate of an authority: PEM, or DER in base64 or hexadecimal"</span>
                <textarea
                    class="field mono" rows="3" spellcheck="false" data-testid="authority-certificate"
                    prop:value=text on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
            </label>
            <button
                class="button" data-testid="authority-add"
                disabled=move || busy.get() || text.with(|text| text.trim().is_empty())
            >
                "Believe it"
            </button>
        </form>
        {move || problem.get().map(|why| view! {
            <p class="form-problem" role="alert" data-testid="authority-problem">{why}</p>
        })}
    }
}
