use leptos::prelude::*;
use lwm2m_codec::{Path, Record};
use lwm2m_model::ResourceDefinition;

use super::fields::Wrong;
use crate::bootstrap::Unreadable;
use crate::browser;
use crate::components::device::DraftFields;
use crate::components::{Glyph, Icon};
use crate::live::Content;
use crate::pages::EditorState;
use crate::write::{Draft, Problem};

/// The value of a Resource, in inputs that fit its type. What is no value stays typed, and the configuration keeps what
/// it had.
#[component]
pub(super) fn ValueField(
    state: EditorState,
    field: String,
    path: Path,
    definition: Option<ResourceDefinition>,
    current: Option<Content>,
    /// The version that brought it.
    since: String,
    /// What is wrong with the value that the configuration has.
    wrong: Memo<Option<String>>,
    on_records: impl Fn(Vec<Record>) + Send + Sync + 'static,
    on_remove: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let first = Draft::new(&path, definition.as_ref(), current.as_ref(), browser::east_min);
    let draft = RwSignal::new(Some(first));
    let problem = RwSignal::new(None::<Problem>);
    let id = path.resource_id().unwrap_or_default();
    let name = definition.as_ref().map_or_else(|| "unknown".to_owned(), |definition| definition.name.clone());
    let label = format!("{id} {name}");
    let place = field.clone();
    let gone = field.clone();
    let typed = Callback::new(move |changed: Draft| {
        match changed.records(&path, browser::east_min) {
            Ok(records) => {
                problem.set(None);
                state.unreadable.update(|all| _ = all.remove(&field));
                on_records(records);
            }
            Err(found) => {
                let expected = found.message.trim_start_matches("expected ").to_owned();
                let text =
                    changed.entries.get(found.entry).map(|entry| entry.text.clone()).unwrap_or_default();
                state.unreadable.update(|all| _ = all.insert(field.clone(), Unreadable { text, expected }));
                problem.set(Some(found));
            }
        }
        draft.set(Some(changed));
    });
    let remove_label = format!("Remove {label}");
    view! {
        <div class="bs-field" data-field=place tabindex="-1" data-testid="value-field" data-id=id.to_string()>
            <span class="bs-label">
                <span class="mono muted">{id}</span>" "{name}
                {(!since.is_empty()).then(|| view! {
                    <span class="chip" title="A device of an earlier version is not sent it">{format!("{since}+")}</span>
                })}
            </span>
            <span class="bs-input bs-value">
                <DraftFields path=path draft=draft on_draft=typed problem=problem definition=definition label=label />
                <Wrong wrong=Memo::new(move |_| wrong.get().filter(|_| problem.with(Option::is_none))) />
            </span>
            <button
                type="button" class="button ghost square bs-remove" aria-label=remove_label
                on:click=move |_| {
                    state.unreadable.update(|all| _ = all.remove(&gone));
                    on_remove();
                }
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}
