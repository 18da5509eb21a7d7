use console_api::{BootstrapConversation, BootstrapSession, BootstrapState};
use leptos::prelude::*;

use super::step_detail::StepDetail;
use crate::bootstrap::{Line, beginning, lines, operation, state_chip, state_word, taken};
use crate::components::{EmptyState, Glyph, Icon, Loading};
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Route;

/// A session as it happens: messages between two life lines, or in a table.
#[component]
pub(crate) fn SequenceCard(
    /// None while it is on its way.
    conversation: Memo<Option<BootstrapConversation>>,
    /// Links to the page of the session.
    #[prop(optional)]
    linked: bool,
) -> impl IntoView {
    let session = memo(move || conversation.with(|it| it.as_ref().map(|it| it.session.clone())));
    let lines = memo(move || conversation.with(|it| it.as_ref().map(lines).unwrap_or_default()));
    let as_table = RwSignal::new(false);
    let loaded = memo(move || session.with(Option::is_some));
    let body = move || {
        if !loaded.get() {
            return view! { <div class="card-note"><Loading label="Loading the session" rows=4 /></div> }
                .into_any();
        }
        if as_table.get() {
            view! { <StepTable conversation=conversation lines=lines /> }.into_any()
        } else {
            view! { <Diagram conversation=conversation lines=lines /> }.into_any()
        }
    };
    view! {
        <section class="card bs-sequence" aria-label="Session" data-testid="sequence" data-state=move || session.with(|it| it.as_ref().map(|it| state_word(it.state)))>
            <div class="card-head">
                <Head session=session linked=linked />
                <span class="spacer"></span>
                <div class="segments" role="group" aria-label="Form">
                    <button type="button" class="segment" aria-pressed=move || (!as_table.get()).to_string() on:click=move |_| as_table.set(false)>"Diagram"</button>
                    <button type="button" class="segment" data-testid="as-table" aria-pressed=move || as_table.get().to_string() on:click=move |_| as_table.set(true)>"Table"</button>
                </div>
                <StateChip session=session />
            </div>
            <Failure session=session />
            {body}
        </section>
    }
}

#[component]
fn Head(session: Memo<Option<BootstrapSession>>, linked: bool) -> impl IntoView {
    let fixed = memo(move || {
        session.with(|session| {
            session.as_ref().map(|it| (it.id, it.endpoint.clone(), it.state == BootstrapState::Running))
        })
    });
    move || {
        fixed.get().map(|(id, endpoint, running)| {
            let title = if running { "Session, live" } else { "Session" };
            let address = Route::BootstrapSession { id }.address();
            let title = if linked {
                view! { <h2><a href=address>{title}</a></h2> }.into_any()
            } else {
                view! { <h2>{title}</h2> }.into_any()
            };
            let device = Route::Device { endpoint: endpoint.clone() }.address();
            let shown = endpoint.clone();
            view! {
                {title}
                <a class="mono bs-endpoint" href=device title=endpoint><bdi>{shown}</bdi></a>
            }
        })
    }
}

/// How it stands, and how long that took: `finished in 412 ms`.
#[component]
fn StateChip(session: Memo<Option<BootstrapSession>>) -> impl IntoView {
    let live = expect_context::<Live>();
    move || {
        session.get().map(|session| {
            let (title, class) = state_chip(session.state);
            let now_ms = if session.ended_at_ms.is_none() { live.now_ms.get() } else { 0 };
            let joint = if session.state == BootstrapState::Finished { "in" } else { "after" };
            let taken = taken(&session, now_ms);
            let told = match session.state {
                BootstrapState::Running => format!("{title}, {taken}"),
                _ => format!("{title} {joint} {taken}"),
            };
            view! { <span class=format!("chip {class}") data-testid="sequence-state">{told}</span> }
        })
    }
}

/// Why it failed, and what to do.
#[component]
fn Failure(session: Memo<Option<BootstrapSession>>) -> impl IntoView {
    let failure = memo(move || session.with(|it| it.as_ref().and_then(|it| it.failure.clone())));
    move || {
        failure.get().map(|failure| {
            view! {
                <div class="bs-failure" role="alert" data-testid="sequence-failure">
                    <Glyph icon=Icon::Warning />
                    <div>
                        <p><b>{failure.what}</b></p>
                        {(!failure.advice.is_empty()).then(|| view! { <p>{failure.advice}</p> })}
                    </div>
                </div>
            }
        })
    }
}

#[component]
fn Diagram(conversation: Memo<Option<BootstrapConversation>>, lines: Memo<Vec<Line>>) -> impl IntoView {
    let open = RwSignal::new(None::<usize>);
    let none = memo(move || lines.with(Vec::is_empty));
    view! {
        <div class="bs-lifelines" aria-hidden="true"><b>"Device"</b><b>"Bootstrap server"</b></div>
        {move || none.get().then(|| {
            let is_over = conversation.with(|it| it.as_ref().is_some_and(|it| it.session.ended_at_ms.is_some()));
            let told = if is_over { "It did not come as far as a message." } else { "No message yet." };
            view! { <p class="muted card-note">{told}</p> }
        })}
        <ol class="bs-lines" aria-label="Messages">
            <For each=move || 0..lines.with(Vec::len) key=|index| *index let:index>
                <DiagramLine index=index conversation=conversation lines=lines open=open />
            </For>
        </ol>
        <Ending conversation=conversation />
    }
}

#[component]
fn DiagramLine(
    index: usize,
    conversation: Memo<Option<BootstrapConversation>>,
    lines: Memo<Vec<Line>>,
    open: RwSignal<Option<usize>>,
) -> impl IntoView {
    let line = memo(move || lines.with(|lines| lines.get(index).cloned()));
    let is_open = memo(move || open.get() == Some(index));
    let class = move || {
        line.with(|line| {
            let Some(line) = line else { return String::new() };
            let mut class =
                if line.from_device { "bs-line from-device" } else { "bs-line from-server" }.to_owned();
            if line.answer {
                class.push_str(" answer");
            }
            if line.failed {
                class.push_str(" failed");
            }
            class
        })
    };
    let part = move |part: fn(&Line) -> String| move || line.with(|line| line.as_ref().map(part));
    let remark = memo(move || {
        conversation
            .with(|it| it.as_ref()?.steps.get(index).map(|step| step.remark.clone()))
            .filter(|it| !it.is_empty())
    });
    view! {
        <li class=class data-testid="step" data-index=index.to_string()>
            <span class="bs-time mono">{part(|line| line.after.clone())}</span>
            <button
                type="button" class="bs-arrow" aria-expanded=move || is_open.get().to_string()
                aria-label=part(|line| line.told.clone())
                on:click=move |_| open.set(if is_open.get_untracked() { None } else { Some(index) })
            >
                <span class="bs-text mono">{part(|line| line.label.clone())}</span>
                <span class="bs-stroke" aria-hidden="true"></span>
            </button>
            {move || remark.get().map(|remark| view! { <p class="bs-remark">{remark}</p> })}
            {move || is_open.get().then(|| view! {
                <StepDetail step=conversation.with_untracked(|it| it.as_ref()?.steps.get(index).cloned()) />
            })}
        </li>
    }
}

/// The way to the device, once it has registered.
#[component]
fn Ending(conversation: Memo<Option<BootstrapConversation>>) -> impl IntoView {
    let registered = memo(move || {
        conversation.with(|it| {
            let session = &it.as_ref()?.session;
            session.registered_at_ms.map(|_| session.endpoint.clone())
        })
    });
    move || {
        registered.get().map(|endpoint| {
            let address = Route::Device { endpoint }.address();
            view! { <p class="card-note bs-ending" data-testid="then-registers">"It has registered. " <a href=address>"Open the device"</a></p> }
        })
    }
}

/// The same in words, for who reads tables rather than arrows.
#[component]
fn StepTable(conversation: Memo<Option<BootstrapConversation>>, lines: Memo<Vec<Line>>) -> impl IntoView {
    let rows = move || {
        conversation.with(|it| {
            let steps = it.as_ref().map(|it| it.steps.as_slice()).unwrap_or_default();
            lines.with(|lines| {
                let row = |(line, step): (&Line, &console_api::BootstrapStep)| {
                    view! {
                        <tr class:failed=line.failed>
                            <td class="number mono">{line.after.clone()}</td>
                            <td>{if line.from_device { "Device" } else { "Bootstrap server" }}</td>
                            <td>{operation(step.operation)}</td>
                            <td class="mono wrap">{line.label.clone()}</td>
                            <td class="wrap">{step.remark.clone()}</td>
                        </tr>
                    }
                };
                lines.iter().zip(steps).map(row).collect_view()
            })
        })
    };
    view! {
        <div class="bs-step-table" tabindex="0" role="region" aria-label="Messages">
            <table class="plain-table" aria-label="Messages of the session" data-testid="step-table">
                <thead>
                    <tr>
                        <th scope="col" class="number">"After"</th>
                        <th scope="col">"From"</th>
                        <th scope="col">"Operation"</th>
                        <th scope="col">"Message"</th>
                        <th scope="col">"Remark"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Ending conversation=conversation />
    }
}

/// Who began, over what, and with which configuration.
#[component]
pub(crate) fn SessionFacts(conversation: Memo<Option<BootstrapConversation>>) -> impl IntoView {
    let session = memo(move || conversation.with(|it| it.as_ref().map(|it| it.session.clone())));
    move || {
        session.get().map(|session| {
            let configuration = session.configuration.map(|it| {
                let address = Route::BootstrapConfiguration { id: it.id }.address();
                view! { <a href=address>{it.name}</a> {format!(", version {}", it.version)} }
            });
            view! {
                <dl class="bs-facts">
                    <dt>"Begun"</dt>
                    <dd>{crate::components::date_time(session.started_at_ms)}", "{beginning(session.begun_by)}</dd>
                    <dt>"From"</dt>
                    <dd class="mono wrap">{session.address}</dd>
                    <dt>"Security"</dt>
                    <dd>{session.security_mode.map_or("not known", crate::bootstrap::mode_title)}</dd>
                    {(session.attempts > 1).then(|| view! {
                        <dt>"Attempts"</dt>
                        <dd data-testid="session-attempts">
                            {session.attempts.to_string()}
                            {session.first_at_ms.map(|at_ms| view! { ", the first " {crate::components::date_time(at_ms)} })}
                        </dd>
                    })}
                    {configuration.map(|it| view! { <dt>"Receives"</dt><dd class="wrap">{it}</dd> })}
                </dl>
            }
        })
    }
}

/// There is no such session, or none any more.
#[component]
pub(crate) fn NoSession() -> impl IntoView {
    view! {
        <EmptyState title="There is no such session" testid="no-session">
            <p>"Only so many sessions are kept; the oldest make room for new ones."</p>
            <p><a class="button primary" href=Route::Bootstrap { endpoint: None }.address()>"All sessions"</a></p>
        </EmptyState>
    }
}
