use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use lwm2m_codec::{Path, ValueType};

use super::value_input::ValueInput;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;
use crate::workbench::Workbench;
use crate::write::{Draft, Notation, Payload, Problem};

/// The form of a Write. What is typed lives in the workbench, so it survives a failure and a look elsewhere.
#[component]
pub(crate) fn WriteForm(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let draft = memo(move || bench.drafts.with(|drafts| drafts.get(&path).cloned()));
    let edit = move |change: &dyn Fn(&mut Draft)| {
        bench.drafts.update(|drafts| {
            if let Some(draft) = drafts.get_mut(&path) {
                change(draft);
            }
        });
    };
    let payload =
        memo(move || draft.with(|draft| draft.as_ref().map(|draft| draft.encode(&path, browser::east_min))));
    let problem = memo(move || payload.with(|payload| payload.clone().and_then(Result::err)));
    let count = memo(move || draft.with(|draft| draft.as_ref().map_or(0, |draft| draft.entries.len())));
    let value_type = memo(move || draft.with(|draft| draft.as_ref().map(|draft| draft.value_type)));
    let multiple = move || draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.multiple));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(Ok(payload)) = payload.get_untracked() {
            bench.write(path, payload);
        }
    };
    request_animation_frame(|| browser::focus_and_select("[data-testid=write-input]"));
    view! {
        <form class="write-form" on:submit=submit aria-label=format!("Write {path}") novalidate>
            <TypeChoice path=path />
            <NotationChoice path=path />
            {move || value_type.get().map(|value_type| view! {
                <For each=move || 0..count.get() key=|entry| *entry let:entry>
                    <EntryRow path=path entry=entry value_type=value_type draft=draft problem=problem />
                </For>
            })}
            {move || multiple().then(|| view! {
                <button type="button" class="button small" on:click=move |_| edit(&Draft::add_entry)>
                    <Glyph icon=Icon::Add />
                    "Add an instance"
                </button>
            })}
            <Remark path=path draft=draft payload=payload />
            <div class="form-actions">
                <button
                    type="submit"
                    class="button primary"
                    data-testid="write-submit"
                    disabled=move || problem.with(Option::is_some) || bench.is_pending(&path).is_some()
                >
                    "Write"
                </button>
                <button type="button" class="button" on:click=move |_| bench.close_write(path)>"Close"</button>
            </div>
        </form>
    }
}

/// One value; with its Resource Instance ID when there may be several.
#[component]
fn EntryRow(
    path: Path,
    entry: usize,
    value_type: ValueType,
    draft: Memo<Option<Draft>>,
    problem: Memo<Option<Problem>>,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let of_entry = move |part: fn(&crate::write::Entry) -> String| {
        Signal::derive(move || {
            draft
                .with(|draft| draft.as_ref().and_then(|draft| draft.entries.get(entry)).map(part))
                .unwrap_or_default()
        })
    };
    let edit = move |change: &dyn Fn(&mut crate::write::Entry)| {
        bench.drafts.update(|drafts| {
            if let Some(entry) = drafts.get_mut(&path).and_then(|draft| draft.entries.get_mut(entry)) {
                change(entry);
            }
        });
    };
    let own = memo(move || problem.get().filter(|problem| problem.entry == entry));
    let multiple = draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.multiple));
    let label = if multiple { "Value".to_owned() } else { format!("Value of {path}") };
    view! {
        <div class="entry">
            {multiple.then(|| view! {
                <input
                    class="field mono entry-id"
                    inputmode="numeric"
                    aria-label="Resource Instance ID"
                    prop:value=of_entry(|entry| entry.id.clone())
                    on:input=move |event| {
                        let id = event_target_value(&event);
                        edit(&|entry| entry.id.clone_from(&id));
                    }
                />
            })}
            <ValueInput
                value_type=value_type
                text=of_entry(|entry| entry.text.clone())
                on_text=move |text: String| edit(&|entry| entry.text.clone_from(&text))
                label=label
                invalid=Signal::derive(move || own.with(Option::is_some))
            />
            {multiple.then(|| view! {
                <button
                    type="button"
                    class="button ghost square"
                    aria-label="Remove this instance"
                    on:click=move |_| bench.drafts.update(|drafts| {
                        if let Some(draft) = drafts.get_mut(&path)
                            && entry < draft.entries.len()
                        {
                            draft.entries.remove(entry);
                        }
                    })
                >
                    <Glyph icon=Icon::Close />
                </button>
            })}
        </div>
        {move || own.get().map(|problem| view! { <p class="form-problem" role="alert">{problem.message}</p> })}
    }
}

/// Without a definition the operator says what the value is.
#[component]
fn TypeChoice(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let choice = memo(move || {
        bench
            .drafts
            .with(|drafts| drafts.get(&path).filter(|draft| !draft.defined).map(|draft| draft.value_type))
    });
    move || {
        choice.get().map(|chosen| {
            view! {
                <label class="form-line">
                    <span class="muted">"The registry has no definition. Write as"</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            if let Ok(value_type) = event_target_value(&event).parse() {
                                bench.drafts.update(|drafts| {
                                    if let Some(draft) = drafts.get_mut(&path) {
                                        draft.value_type = value_type;
                                    }
                                });
                            }
                        }
                    >
                        {ValueType::ALL.into_iter().map(|one| view! {
                            <option value=one.name() selected=one == chosen>{one.name()}</option>
                        }).collect_view()}
                    </select>
                </label>
            }
        })
    }
}

/// Bytes are typed in hexadecimal or Base64.
#[component]
fn NotationChoice(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let notation = memo(move || {
        bench.drafts.with(|drafts| {
            drafts
                .get(&path)
                .filter(|draft| draft.value_type == ValueType::Opaque)
                .map(|draft| draft.notation)
        })
    });
    let choose = move |notation: Notation| {
        bench.drafts.update(|drafts| {
            if let Some(draft) = drafts.get_mut(&path) {
                draft.renotate(notation, browser::east_min);
            }
        });
    };
    let option = move |one: Notation, label: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (notation.get() == Some(one)).to_string()
                on:click=move |_| choose(one)
            >
                {label}
            </button>
        }
    };
    let shown = memo(move || notation.get().is_some());
    move || {
        shown.get().then(|| {
            view! {
                <div class="segments" role="group" aria-label="Notation">
                    {option(Notation::Hex, "hex")}
                    {option(Notation::Base64, "base64")}
                </div>
            }
        })
    }
}

/// What will be sent, and what the device may think of it.
#[component]
fn Remark(
    path: Path,
    draft: Memo<Option<Draft>>,
    payload: Memo<Option<Result<Payload, Problem>>>,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let range = memo(move || {
        let range = bench.definition(&path)?.value_range()?;
        draft.with(|draft| draft.as_ref()?.remark(range, browser::east_min))
    });
    let sends = move || {
        payload.with(|payload| match payload {
            Some(Ok(Payload { format, bytes })) => {
                let name = format.name().unwrap_or("payload");
                Some(format!("Sends {} as {name} ({}).", format::plural(bytes.len(), "byte"), format.0))
            }
            _ => None,
        })
    };
    view! {
        {move || range.get().map(|remark| view! { <p class="form-remark">{remark}</p> })}
        <p class="muted form-sends">{sends}</p>
    }
}
