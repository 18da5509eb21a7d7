use leptos::prelude::*;
use lwm2m_codec::{Path, ValueType};
use lwm2m_model::{Range, ResourceDefinition};

use super::value_input::ValueInput;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::enumeration;
use crate::memo::memo;
use crate::write::{Draft, Entry, Notation, Problem};

/// The inputs for the values of one Resource or Resource Instance.
#[component]
pub(crate) fn DraftFields(
    path: Path,
    #[prop(into)] draft: Signal<Option<Draft>>,
    on_draft: Callback<Draft>,
    #[prop(into)] problem: Signal<Option<Problem>>,
    /// What the registry says about the Resource.
    definition: Option<ResourceDefinition>,
    /// Name of the input for screen readers.
    label: String,
) -> impl IntoView {
    let count = memo(move || draft.with(|draft| draft.as_ref().map_or(0, |draft| draft.entries.len())));
    let value_type = memo(move || draft.with(|draft| draft.as_ref().map(|draft| draft.value_type)));
    let multiple = memo(move || draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.multiple)));
    let definition = StoredValue::new(definition);
    let label = StoredValue::new(label);
    view! {
        <TypeChoice draft=draft on_draft=on_draft />
        <NotationChoice draft=draft on_draft=on_draft />
        {move || value_type.get().map(|value_type| view! {
            <For each=move || 0..count.get() key=|entry| *entry let:entry>
                <EntryRow
                    path=path
                    entry=entry
                    value_type=value_type
                    draft=draft
                    on_draft=on_draft
                    problem=problem
                    definition=definition
                    label=label.get_value()
                />
            </For>
        })}
        {move || multiple.get().then(|| view! {
            <div class="form-line">
                <button
                    type="button"
                    class="button small"
                    on:click=move |_| change(draft, on_draft, |draft| draft.add_entry())
                >
                    <Glyph icon=Icon::Add />
                    "Add an instance"
                </button>
                {(count.get() == 0).then(|| view! {
                    <span class="muted">"No instance: a Replace leaves the Resource empty."</span>
                })}
            </div>
        })}
    }
}

/// Hands on a changed copy.
pub(super) fn change(draft: Signal<Option<Draft>>, on_draft: Callback<Draft>, how: impl FnOnce(&mut Draft)) {
    if let Some(mut changed) = draft.get_untracked() {
        how(&mut changed);
        on_draft.run(changed);
    }
}

/// One value; with its Resource Instance ID when there may be several.
#[component]
fn EntryRow(
    path: Path,
    entry: usize,
    value_type: ValueType,
    draft: Signal<Option<Draft>>,
    on_draft: Callback<Draft>,
    problem: Signal<Option<Problem>>,
    definition: StoredValue<Option<ResourceDefinition>>,
    label: String,
) -> impl IntoView {
    let of_entry = move |part: fn(&Entry) -> String| {
        Signal::derive(move || {
            draft
                .with(|draft| draft.as_ref().and_then(|draft| draft.entries.get(entry)).map(part))
                .unwrap_or_default()
        })
    };
    let edit = move |how: &dyn Fn(&mut Entry)| {
        change(draft, on_draft, |draft| {
            if let Some(entry) = draft.entries.get_mut(entry) {
                how(entry);
            }
        });
    };
    let own = memo(move || problem.get().filter(|problem| problem.entry == entry));
    let notation =
        memo(move || draft.with(|draft| draft.as_ref().map(|draft| draft.notation))).get_untracked();
    let multiple = draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.multiple));
    let (range, units) = definition.with_value(|definition| {
        let definition = definition.as_ref();
        let units = definition.map(|definition| definition.units.clone()).unwrap_or_default();
        (definition.and_then(ResourceDefinition::value_range), units)
    });
    let choices = definition
        .with_value(|definition| enumeration::of(&path, definition.as_ref().map_or("", |one| &one.range)));
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
                choices=choices
                range=range.filter(|range| !matches!(range, Range::Length { .. }))
                units=units
                notation=notation.unwrap_or_default()
            />
            {multiple.then(|| view! {
                <button
                    type="button"
                    class="button ghost square"
                    aria-label="Remove this instance"
                    on:click=move |_| change(draft, on_draft, |draft| {
                        if entry < draft.entries.len() {
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
fn TypeChoice(draft: Signal<Option<Draft>>, on_draft: Callback<Draft>) -> impl IntoView {
    let choice = memo(move || {
        draft.with(|draft| draft.as_ref().filter(|draft| !draft.defined).map(|draft| draft.value_type))
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
                                change(draft, on_draft, |draft| draft.value_type = value_type);
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

/// Bytes are typed in hexadecimal, Base64 or as text.
#[component]
fn NotationChoice(draft: Signal<Option<Draft>>, on_draft: Callback<Draft>) -> impl IntoView {
    let notation = memo(move || {
        draft.with(|draft| {
            draft.as_ref().filter(|draft| draft.value_type == ValueType::Opaque).map(|draft| draft.notation)
        })
    });
    let option = move |one: Notation, label: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=move || (notation.get() == Some(one)).to_string()
                on:click=move |_| change(draft, on_draft, |draft| draft.renotate(one, browser::east_min))
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
                    {option(Notation::Text, "text")}
                </div>
            }
        })
    }
}
