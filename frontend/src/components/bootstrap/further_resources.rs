use console_api::{BootstrapConfiguration, ValueContent};
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::fields::{Wrong, wrong};
use super::value_field::ValueField;
use crate::bootstrap::{Further, content, further, value};
use crate::components::{Glyph, Icon};
use crate::live::{Content, Live};
use crate::memo::memo;
use crate::pages::EditorState;

/// Resources of an account that have no field of their own. `object`: 0 or 1.
#[component]
pub(super) fn FurtherResources(state: EditorState, index: usize, object: u16) -> impl IntoView {
    let live = expect_context::<Live>();
    let offered = memo(move || {
        live.definitions.with(|definitions| {
            definitions.registry().map(|registry| further(registry, object)).unwrap_or_default()
        })
    });
    let given = memo(move || {
        state
            .draft
            .with(|draft| given(draft, index, object).map(|all| all.keys().copied().collect::<Vec<u16>>()))
    });
    let chosen = move || {
        let ids = given.get().unwrap_or_default();
        let offered = offered.get();
        let row = |id: u16| {
            let known = offered.iter().find(|one| one.definition.id == id).cloned();
            view! { <FurtherResource state=state index=index object=object id=id known=known /> }
        };
        ids.into_iter().map(row).collect_view()
    };
    let open = given.get_untracked().is_some_and(|ids| !ids.is_empty());
    let title = if object == 0 { "More resources of Security /0/x" } else { "More resources of Server /1/x" };
    view! {
        <details class="bs-more" open=open>
            <summary>{title}</summary>
            {chosen}
            <Offer state=state index=index object=object offered=offered given=given />
        </details>
    }
}

fn given(
    draft: &BootstrapConfiguration,
    index: usize,
    object: u16,
) -> Option<&std::collections::BTreeMap<u16, ValueContent>> {
    let account = draft.servers.get(index)?;
    Some(if object == 0 { &account.security_resources } else { &account.server_resources })
}

fn set(draft: &mut BootstrapConfiguration, index: usize, object: u16, id: u16, value: Option<ValueContent>) {
    let Some(account) = draft.servers.get_mut(index) else { return };
    let all = if object == 0 { &mut account.security_resources } else { &mut account.server_resources };
    match value {
        Some(value) => _ = all.insert(id, value),
        None => _ = all.remove(&id),
    }
}

fn place(index: usize, object: u16, id: u16) -> String {
    let group = if object == 0 { "security_resources" } else { "server_resources" };
    format!("servers/{index}/{group}/{id}")
}

#[component]
fn FurtherResource(
    state: EditorState,
    index: usize,
    object: u16,
    id: u16,
    known: Option<Further>,
) -> impl IntoView {
    if let Some(several) = known.as_ref().filter(|known| known.definition.multiple).cloned() {
        return view! { <SeveralValues state=state index=index object=object known=several /> }.into_any();
    }
    let since = known.as_ref().map(|known| known.since.clone()).unwrap_or_default();
    let definition = known.map(|known| known.definition);
    let value_type = definition.as_ref().and_then(|definition| definition.value_type);
    let current = state.draft.with_untracked(|draft| {
        let given = given(draft, index, object)?.get(&id)?;
        value(value_type, given).map(Content::Single)
    });
    let typed = move |records: Vec<lwm2m_codec::Record>| {
        state.edit(|draft| {
            if let Some(record) = records.first() {
                set(draft, index, object, id, Some(content(&record.value)));
            }
        });
    };
    view! {
        <ValueField
            state=state field=place(index, object, id) path=Path::resource(object, 0, id) definition=definition
            current=current since=since wrong=wrong(state, &place(index, object, id))
            on_records=typed
            on_remove=move || state.edit(|draft| set(draft, index, object, id, None))
        />
    }
    .into_any()
}

/// A Resource with several instances: its values in their order, which number them.
#[component]
fn SeveralValues(state: EditorState, index: usize, object: u16, known: Further) -> impl IntoView {
    let Further { definition, since } = known;
    let id = definition.id;
    let text = memo(move || {
        state.draft.with(|draft| given(draft, index, object)?.get(&id).map(written)).unwrap_or_default()
    });
    let field = place(index, object, id);
    let wrong = wrong(state, &field);
    let label = format!("{id} {}", definition.name);
    let remove_label = format!("Remove {label}");
    view! {
        <div class="bs-field" tabindex="-1" data-testid="several-values" data-id=id.to_string()>
            <span class="bs-label">
                <span class="mono muted">{id}</span>" "{definition.name}
                {(!since.is_empty()).then(|| view! {
                    <span class="chip" title="A device of an earlier version is not sent it">{format!("{since}+")}</span>
                })}
            </span>
            <span class="bs-input bs-value">
                <input
                    class="field mono" aria-label=label data-field=field autocomplete="off" spellcheck="false"
                    placeholder="one, another" aria-invalid=move || wrong.get().map(|_| "true") prop:value=text
                    on:input=move |event| {
                        let text = ValueContent::Text(event_target_value(&event));
                        state.edit(|draft| set(draft, index, object, id, Some(text)));
                    }
                />
                <span class="muted bs-hint">"several, with commas between; they are numbered from 0"</span>
                <Wrong wrong=wrong />
            </span>
            <button
                type="button" class="button ghost square bs-remove" aria-label=remove_label
                on:click=move |_| state.edit(|draft| set(draft, index, object, id, None))
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}

/// As it is typed.
fn written(content: &ValueContent) -> String {
    match content {
        ValueContent::Boolean(value) => value.to_string(),
        ValueContent::Integer(value) => value.to_string(),
        ValueContent::Unsigned(value) => value.to_string(),
        ValueContent::Float(value) => value.to_string(),
        ValueContent::Text(text) => text.clone(),
    }
}

/// The resources that may be added. Those that came with a later version are marked: a device of an earlier one is not
/// sent them.
#[component]
fn Offer(
    state: EditorState,
    index: usize,
    object: u16,
    offered: Memo<Vec<Further>>,
    given: Memo<Option<Vec<u16>>>,
) -> impl IntoView {
    let options = move || {
        let given = given.get().unwrap_or_default();
        let free = offered.get().into_iter().filter(|one| !given.contains(&one.definition.id));
        let option = |one: Further| {
            let mark = if one.since.is_empty() { String::new() } else { format!(" ({}+)", one.since) };
            view! { <option value=one.definition.id.to_string()>{format!("{} {}{mark}", one.definition.id, one.definition.name)}</option> }
        };
        free.map(option).collect_view()
    };
    let chosen = move |event| {
        let id: Option<u16> = event_target_value(&event).parse().ok();
        let Some(id) = id else { return };
        let first = offered.with(|all| {
            let definition = &all.iter().find(|one| one.definition.id == id)?.definition;
            if definition.multiple { None } else { Some(empty(definition.value_type?)) }
        });
        state.edit(|draft| {
            set(draft, index, object, id, Some(first.unwrap_or(ValueContent::Text(String::new()))));
        });
    };
    view! {
        <select class="field" aria-label="Add a resource" data-testid="further-add" prop:value="" on:change=chosen>
            <option value="">"Add a resource…"</option>
            {options}
        </select>
    }
}

/// What a resource begins with.
fn empty(value_type: lwm2m_codec::ValueType) -> ValueContent {
    use lwm2m_codec::ValueType;
    match value_type {
        ValueType::Integer | ValueType::Unsigned | ValueType::Time => ValueContent::Integer(0),
        ValueType::Float => ValueContent::Float(0.0),
        ValueType::Boolean => ValueContent::Boolean(false),
        ValueType::ObjectLink => ValueContent::Text("65535:65535".to_owned()),
        ValueType::String | ValueType::Opaque | ValueType::CoreLink => ValueContent::Text(String::new()),
    }
}
