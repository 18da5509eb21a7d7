use leptos::prelude::*;

use super::sequence_card::SequenceCard;
use crate::bootstrap::{state_chip, state_word};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::{EditorState, SessionsState, follow_session};

/// Sessions offered beside a configuration.
const OFFERED: usize = 6;

/// The newest session with this configuration, or of the device that it is tried on; others a click away.
#[component]
pub(crate) fn LatestSession(state: EditorState, sessions: SessionsState) -> impl IntoView {
    let live = expect_context::<Live>();
    let chosen = RwSignal::new(None::<u64>);
    Effect::new(move |_| {
        let tried = state.tried.get();
        let name = state.saved.with(|saved| saved.as_ref().map(|it| it.configuration.name.clone()));
        sessions.text.set(if tried.is_some() { String::new() } else { name.unwrap_or_default() });
        sessions.endpoint.set(tried);
        chosen.set(None);
    });
    let offered = memo(move || {
        let (tried, own) = (state.tried.get().is_some(), state.id());
        sessions.sessions.with(|all| {
            let fits = |session: &&console_api::BootstrapSession| {
                tried || session.configuration.as_ref().is_some_and(|it| Some(it.id) == own)
            };
            all.iter().filter(fits).take(OFFERED).cloned().collect::<Vec<_>>()
        })
    });
    let shown =
        memo(move || chosen.get().or_else(|| offered.with(|all| all.first().map(|session| session.id))));
    let conversation = follow_session(live, Signal::derive(move || shown.get()));
    let any = memo(move || shown.get().is_some());
    let chips = move || {
        let chip = |session: console_api::BootstrapSession| {
            let (title, class) = state_chip(session.state);
            let age = format::age(session.started_at_ms, live.now_ms.get_untracked());
            let id = session.id;
            let label = format!("{title} session of {}, {age}", session.endpoint);
            view! {
                <button
                    type="button" class=format!("chip bs-chip {class}") data-state=state_word(session.state)
                    aria-pressed=move || (shown.get() == Some(id)).to_string()
                    aria-label=label
                    on:click=move |_| chosen.set(Some(id))
                >
                    <bdi>{session.endpoint}</bdi>
                </button>
            }
        };
        offered.get().into_iter().map(chip).collect_view()
    };
    view! {
        <div class="bs-latest" data-testid="latest-session">
            {move || state.tried.get().map(|endpoint| view! {
                <p class="bs-tried">
                    "Sessions of " <bdi class="mono">{endpoint}</bdi>
                    <button type="button" class="button small ghost" on:click=move |_| state.tried.set(None)>
                        <Glyph icon=Icon::Close />"all of this configuration"
                    </button>
                </p>
            })}
            {move || (offered.with(Vec::len) > 1).then(|| view! {
                <div class="bs-chips" role="group" aria-label="Newest sessions">{chips}</div>
            })}
            {move || {
                if any.get() {
                    view! { <SequenceCard conversation=conversation linked=true /> }.into_any()
                } else {
                    view! {
                        <section class="card card-note" aria-label="Session">
                            <p class="muted">"No device has received this yet. Its session appears here, message by message, as it happens."</p>
                        </section>
                    }
                    .into_any()
                }
            }}
        </div>
    }
}
