//! Fields of the editor: each knows its place in the configuration, and tells what is wrong there.

use std::ops::RangeInclusive;
use std::sync::Arc;

use console_api::{BootstrapConfiguration, BootstrapProblem};
use leptos::prelude::*;

use crate::bootstrap::{at, number};
use crate::memo::memo;
use crate::pages::EditorState;

type Read<T> = Arc<dyn Fn(&BootstrapConfiguration) -> T + Send + Sync>;
type Write<T> = Arc<dyn Fn(&mut BootstrapConfiguration, T) + Send + Sync>;

/// How a field is read from the configuration and put into it.
pub(super) struct Binding<T> {
    pub(super) read: Read<T>,
    pub(super) write: Write<T>,
}

impl<T> Binding<T> {
    pub(super) fn new(
        read: impl Fn(&BootstrapConfiguration) -> T + Send + Sync + 'static,
        write: impl Fn(&mut BootstrapConfiguration, T) + Send + Sync + 'static,
    ) -> Self {
        Self { read: Arc::new(read), write: Arc::new(write) }
    }
}

/// A line of text.
#[component]
pub(super) fn TextField(
    state: EditorState,
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    binding: Binding<String>,
    #[prop(optional, into)] placeholder: Option<Signal<String>>,
    /// What there is to say beside it.
    #[prop(optional)]
    hint: &'static str,
    /// It is not shown, and not remembered by the browser.
    #[prop(optional)]
    secret: bool,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    let Binding { read, write } = binding;
    let text = memo(move || state.draft.with(|draft| read(draft)));
    let wrong = wrong(state, &field);
    view! {
        <label class="bs-field">
            <span class="bs-label">{label}</span>
            <span class="bs-input">
                <input
                    class="field"
                    class:mono=mono
                    type=if secret { "password" } else { "text" }
                    data-field=field
                    placeholder=move || placeholder.map(|placeholder| placeholder.get())
                    autocomplete=if secret { "new-password" } else { "off" }
                    spellcheck="false"
                    aria-invalid=move || wrong.get().map(|_| "true")
                    prop:value=text
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        state.edit(|draft| write(draft, text));
                    }
                />
                {(!hint.is_empty()).then(|| view! { <span class="muted bs-hint">{hint}</span> })}
                <Wrong wrong=wrong />
            </span>
        </label>
    }
}

/// A whole number.
#[component]
pub(super) fn NumberField(
    state: EditorState,
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    binding: Binding<Option<u64>>,
    range: RangeInclusive<u64>,
    /// It may be left out; then this says what happens.
    #[prop(optional)]
    absent: &'static str,
    #[prop(optional)] unit: &'static str,
) -> impl IntoView {
    let wrong = wrong(state, &field);
    view! {
        <label class="bs-field">
            <span class="bs-label">{label}</span>
            <span class="bs-input">
                <NumberInput state=state field=field binding=binding range=range absent=absent unit=unit wrong=wrong />
                <Wrong wrong=wrong />
            </span>
        </label>
    }
}

/// The input of a number without its label.
#[component]
pub(super) fn NumberInput(
    state: EditorState,
    field: String,
    binding: Binding<Option<u64>>,
    range: RangeInclusive<u64>,
    absent: &'static str,
    unit: &'static str,
    wrong: Memo<Option<String>>,
    /// Where no label is seen.
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    let Binding { read, write } = binding;
    let known = field.clone();
    let text = memo(move || {
        let typed = state.unreadable.with(|all| all.get(&known).map(|it| it.text.clone()));
        let read = || state.draft.with(|draft| read(draft)).map(|number| number.to_string());
        typed.or_else(read).unwrap_or_default()
    });
    let place = field.clone();
    let typed = move |event| match number(&event_target_value(&event), &range, !absent.is_empty()) {
        Ok(number) => {
            state.unreadable.update(|all| _ = all.remove(&field));
            state.edit(|draft| write(draft, number));
        }
        Err(unreadable) => state.unreadable.update(|all| _ = all.insert(field.clone(), unreadable)),
    };
    view! {
        <span class="bs-number">
            <input
                class="field mono"
                inputmode="numeric"
                data-field=place
                aria-label=name
                autocomplete="off"
                placeholder=absent
                aria-invalid=move || wrong.get().map(|_| "true")
                prop:value=text
                on:input=typed
            />
            {(!unit.is_empty()).then(|| view! { <span class="muted">{unit}</span> })}
        </span>
    }
}

/// One of a few, as segments.
#[component]
pub(super) fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    state: EditorState,
    #[prop(into)] field: String,
    label: &'static str,
    /// Value, word in the markup, title.
    options: Vec<(T, &'static str, &'static str)>,
    binding: Binding<T>,
) -> impl IntoView {
    let Binding { read, write } = binding;
    let chosen = memo(move || state.draft.with(|draft| read(draft)));
    let wrong = wrong(state, &field);
    let one = move |(wanted, word, title): (T, &'static str, &'static str)| {
        let write = Arc::clone(&write);
        view! {
            <button
                type="button"
                class="segment"
                data-choice=word
                aria-pressed=move || (chosen.get() == wanted).to_string()
                on:click=move |_| state.edit(|draft| write(draft, wanted))
            >
                {title}
            </button>
        }
    };
    view! {
        <div class="bs-field">
            <span class="bs-label">{label}</span>
            <span class="bs-input">
                <span class="segments" role="group" aria-label=label data-field=field tabindex="-1">
                    {options.into_iter().map(one).collect_view()}
                </span>
                <Wrong wrong=wrong />
            </span>
        </div>
    }
}

/// On or off.
#[component]
pub(super) fn Toggle(
    state: EditorState,
    #[prop(into)] field: String,
    #[prop(into)] label: String,
    /// What it means.
    #[prop(optional)]
    hint: &'static str,
    binding: Binding<bool>,
) -> impl IntoView {
    let Binding { read, write } = binding;
    let on = memo(move || state.draft.with(|draft| read(draft)));
    view! {
        <label class="bs-field">
            <span class="bs-label">{label}</span>
            <span class="bs-input">
                <span class="switch">
                    <input
                        type="checkbox"
                        role="switch"
                        data-field=field
                        prop:checked=on
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            state.edit(|draft| write(draft, on));
                        }
                    />
                    <span class="switch-track" aria-hidden="true"></span>
                    {(!hint.is_empty()).then(|| view! { <span class="muted bs-hint">{hint}</span> })}
                </span>
            </span>
        </label>
    }
}

/// What is wrong at a field, in words.
pub(super) fn wrong(state: EditorState, field: &str) -> Memo<Option<String>> {
    let field = field.to_owned();
    memo(move || state.problems.with(|problems| at(problems, &field).map(told)))
}

pub(super) fn told(problem: &BootstrapProblem) -> String {
    let got = if problem.got.is_empty() { "nothing" } else { problem.got.as_str() };
    format!("Expected {}, got {got}", problem.expected)
}

#[component]
pub(super) fn Wrong(wrong: Memo<Option<String>>) -> impl IntoView {
    move || {
        wrong.get().map(|text| {
            view! { <span class="form-problem" role="alert" data-testid="field-problem">{text}</span> }
        })
    }
}
