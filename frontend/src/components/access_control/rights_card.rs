use console_api::AccessOperation;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::Path;

use crate::access_control::{OFFERED_QUESTIONS, Question, answer, server_told, typical};
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::pages::AccessControlState;

/// What a server could then do, and by which rule.
#[component]
pub(crate) fn RightsCard(state: AccessControlState) -> impl IntoView {
    let chosen = RwSignal::new(None::<u16>);
    let asked = RwSignal::new(Vec::<Question>::new());
    let servers = memo(move || {
        let mut servers = state.columns.get();
        servers.retain(|server| *server != 0);
        servers
    });
    // The rights of others are the ones that are edited most.
    let server = memo(move || {
        let ours = state.ours.get();
        let other = || servers.with(|servers| servers.iter().find(|server| Some(**server) != ours).copied());
        chosen.get().filter(|chosen| servers.with(|servers| servers.contains(chosen))).or_else(other).or(ours)
    });
    let offered = memo(move || {
        let guards = state.draft.with(|draft| draft.base().to_vec());
        state.live.with_model(|model| typical(&guards, model, OFFERED_QUESTIONS))
    });
    let questions = memo(move || {
        let asked = asked.get();
        let offered =
            offered.get().into_iter().filter(|question| !asked.contains(question)).collect::<Vec<_>>();
        asked.iter().copied().chain(offered).collect::<Vec<_>>()
    });
    let option = move |id: u16| {
        let title = state.names.with(|names| server_told(id, state.ours.get(), names));
        view! { <option value=id.to_string() selected=server.get_untracked() == Some(id)>{title}</option> }
    };
    view! {
        <section class="card" aria-labelledby="rights-title" data-testid="rights-card">
            <div class="card-head">
                <h2 id="rights-title">"Effective rights"</h2>
                <span class="spacer"></span>
                <select
                    class="field ac-as" aria-label="As server" data-testid="rights-server"
                    on:change=move |event| chosen.set(event_target_value(&event).parse().ok())
                >
                    {move || servers.get().into_iter().map(option).collect_view()}
                </select>
            </div>
            <div class="ac-questions">
                <For each=move || questions.get() key=|question| (question.operation as u8, question.path) let:question>
                    <QuestionLine state=state server=server question=question />
                </For>
            </div>
            <AskForm asked=asked />
        </section>
    }
}

#[component]
fn QuestionLine(state: AccessControlState, server: Memo<Option<u16>>, question: Question) -> impl IntoView {
    let answer = memo(move || {
        let server = server.get()?;
        let context = state.context();
        Some(state.with_presence(|presence| answer(&context, server, question, presence)))
    });
    let chip = move || {
        answer.get().map(|answer| {
            let class = if answer.allowed { "chip ok" } else { "chip bad" };
            view! { <span class=class title=answer.reason>{answer.short}</span> }
        })
    };
    let why = move || {
        answer.get().map(|answer| {
            view! {
                <p class="wrap">{answer.reason}</p>
                {answer.notes.into_iter().map(|note| view! { <p class="muted wrap">{note}</p> }).collect_view()}
            }
        })
    };
    view! {
        <details class="ac-question" data-testid="question" data-question=format!("{} {}", question.name(), question.path)>
            <summary><code>{format!("{} {}", question.name(), question.path)}</code>{chip}</summary>
            {why}
        </details>
    }
}

/// Any other operation.
#[component]
fn AskForm(asked: RwSignal<Vec<Question>>) -> impl IntoView {
    let operation = RwSignal::new(AccessOperation::Read);
    let text = RwSignal::new(String::new());
    let path = move || text.with(|text| text.trim().parse::<Path>()).ok().filter(|path| *path != Path::ROOT);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(path) = untrack(path) else { return };
        let question = Question { operation: operation.get_untracked(), path };
        asked.update(|asked| {
            asked.retain(|other| *other != question);
            asked.insert(0, question);
            asked.truncate(OFFERED_QUESTIONS);
        });
        text.set(String::new());
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some((chosen, _)) = Question::OPERATIONS.iter().find(|(_, known)| *known == name) {
            operation.set(*chosen);
        }
    };
    view! {
        <form class="ac-ask" on:submit=submit>
            <select class="field" aria-label="Operation" on:change=choose>
                {Question::OPERATIONS.map(|(_, name)| view! { <option>{name}</option> })}
            </select>
            <input
                class="field mono" placeholder="/3303/0/5700" autocomplete="off" spellcheck="false" aria-label="Path"
                data-testid="ask-path" prop:value=text
                aria-invalid=move || (text.with(|text| !text.trim().is_empty()) && path().is_none()).then_some("true")
                on:input=move |event| text.set(event_target_value(&event))
            />
            <button type="submit" class="button square" aria-label="Ask" title="Ask" disabled=move || path().is_none()>
                <Glyph icon=Icon::Help />
            </button>
        </form>
    }
}
