use console_api::BootstrapInstance;
use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_model::{ObjectDefinition, ResourceDefinition};

use super::fields::{Wrong, told, wrong};
use super::value_field::ValueField;
use crate::bootstrap::{at, is_of, of_resource, put, remove, resources, writable};
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;
use crate::pages::EditorState;

/// Instances of Objects other than those of servers and access control.
#[component]
pub(super) fn InstanceFields(state: EditorState) -> impl IntoView {
    let count = memo(move || state.draft.with(|draft| draft.instances.len()));
    view! {
        <fieldset class="bs-group" data-field="instances" tabindex="-1">
            <legend class="caption">"Other instances"</legend>
            {move || {
                state.drawn.track();
                view! {
                    <For each=move || 0..count.get() key=|index| *index let:index>
                        <InstanceCard state=state index=index />
                    </For>
                }
            }}
            <AddInstance state=state />
        </fieldset>
    }
}

fn object_of(live: Live, path: &Path) -> Option<ObjectDefinition> {
    let id = path.object_id()?;
    live.definitions.with(|definitions| definitions.registry()?.object(id).cloned())
}

#[component]
fn AddInstance(state: EditorState) -> impl IntoView {
    let live = expect_context::<Live>();
    let (object, instance) = (RwSignal::new(String::new()), RwSignal::new("0".to_owned()));
    let problem = RwSignal::new(None::<&'static str>);
    let options = move || {
        let all = live.definitions.with(|definitions| {
            let registry = definitions.registry()?;
            Some(
                registry
                    .objects()
                    .filter(|it| it.id > 2)
                    .map(|it| (it.id, it.name.clone()))
                    .collect::<Vec<_>>(),
            )
        });
        let option = |(id, name): (u16, String)| view! { <option value=id.to_string()>{format!("{id} {name}")}</option> };
        all.unwrap_or_default().into_iter().map(option).collect_view()
    };
    let add = move |_| {
        let ids: (Option<u16>, Option<u16>) =
            (object.get_untracked().trim().parse().ok(), instance.get_untracked().trim().parse().ok());
        let (Some(object_id), Some(instance_id)) = ids else {
            problem.set(Some("Expected the number of an Object and that of an instance"));
            return;
        };
        problem.set(None);
        object.set(String::new());
        let path = Path::instance(object_id, instance_id);
        // What every instance must have is asked for at once.
        let mandatory = object_of(live, &path).map(|it| {
            writable(&it)
                .filter(|resource| resource.mandatory)
                .map(|resource| resource.id)
                .collect::<Vec<_>>()
        });
        state.edit(|draft| {
            draft.instances.push(BootstrapInstance { path: path.to_string(), values: Vec::new() });
        });
        let place = format!("instances/{}", state.draft.with_untracked(|draft| draft.instances.len() - 1));
        state.asked.update(|asked| _ = asked.insert(place, mandatory.unwrap_or_default()));
    };
    view! {
        <div class="form-line">
            <input
                class="field mono bs-grow" list="bs-objects" inputmode="numeric" aria-label="Object" placeholder="Object, such as 3442"
                autocomplete="off" data-testid="instance-object" prop:value=object
                on:input=move |event| object.set(event_target_value(&event))
            />
            <datalist id="bs-objects">{options}</datalist>
            <input
                class="field mono bs-id" inputmode="numeric" aria-label="Object Instance" autocomplete="off"
                prop:value=instance on:input=move |event| instance.set(event_target_value(&event))
            />
            <button type="button" class="button" data-testid="instance-add" on:click=add>
                <Glyph icon=Icon::Add />"Instance"
            </button>
        </div>
        {move || problem.get().map(|why| view! { <p class="form-problem" role="alert">{why}</p> })}
    }
}

#[component]
fn InstanceCard(state: EditorState, index: usize) -> impl IntoView {
    let live = expect_context::<Live>();
    let place = format!("instances/{index}");
    let text = state.draft.with_untracked(|draft| draft.instances.get(index).map(|it| it.path.clone()));
    let text = text.unwrap_or_default();
    let path: Path = text.parse().unwrap_or(Path::ROOT);
    let object = memo(move || object_of(live, &path));
    let name = move || object.with(|object| object.as_ref().map(|object| object.name.clone()));
    let wrong = wrong(state, &format!("{place}/path"));
    let asked = place.clone();
    let shown = memo(move || {
        let mut ids = state
            .draft
            .with(|draft| draft.instances.get(index).map(|it| resources(&it.values)).unwrap_or_default());
        ids.extend(state.asked.with(|all| all.get(&asked).cloned().unwrap_or_default()));
        ids.sort_unstable();
        ids.dedup();
        ids
    });
    let (label, remove_label) = (text.clone(), format!("Remove {text}"));
    view! {
        <section class="bs-card" aria-label=label data-testid="instance" data-field=place tabindex="-1">
            <div class="bs-card-head">
                <h3 class="mono">{text}</h3>
                <span class="muted bs-uri">{name}</span>
                <button
                    type="button" class="button ghost square" aria-label=remove_label
                    on:click=move |_| state.redraw(|draft| {
                        if index < draft.instances.len() {
                            draft.instances.remove(index);
                        }
                    })
                >
                    <Glyph icon=Icon::Delete />
                </button>
            </div>
            <div class="bs-card-body">
                <Wrong wrong=wrong />
                <For each=move || shown.get() key=|id| *id let:id>
                    <InstanceValue
                        state=state index=index path=path id=id
                        definition=object.with_untracked(|object| object.as_ref()?.resource(id).cloned())
                    />
                </For>
                <OfferResource state=state index=index object=object shown=shown />
            </div>
        </section>
    }
}

#[component]
fn InstanceValue(
    state: EditorState,
    index: usize,
    path: Path,
    id: u16,
    definition: Option<ResourceDefinition>,
) -> impl IntoView {
    let value_type = definition.as_ref().and_then(|definition| definition.value_type);
    let current =
        state.draft.with_untracked(|draft| of_resource(&draft.instances.get(index)?.values, id, value_type));
    let at = path.child(id).unwrap_or(path);
    let place = format!("instances/{index}");
    let wrong = wrong_value(state, index, id);
    view! {
        <ValueField
            state=state field=format!("{place}/resources/{id}") path=at definition=definition current=current
            since=String::new() wrong=wrong
            on_records=move |records| state.edit(|draft| {
                if let Some(instance) = draft.instances.get_mut(index) {
                    put(&mut instance.values, id, &records);
                }
            })
            on_remove=move || {
                state.asked.update(|all| {
                    if let Some(ids) = all.get_mut(&place) {
                        ids.retain(|one| *one != id);
                    }
                });
                state.edit(|draft| {
                    if let Some(instance) = draft.instances.get_mut(index) {
                        remove(&mut instance.values, id);
                    }
                });
            }
        />
    }
}

/// Values are checked by their place in the list, and a Resource may have several.
fn wrong_value(state: EditorState, index: usize, id: u16) -> Memo<Option<String>> {
    memo(move || {
        let places = state.draft.with(|draft| {
            let values = draft.instances.get(index).map(|it| it.values.as_slice()).unwrap_or_default();
            let own = values.iter().enumerate().filter(|(_, named)| is_of(named, id));
            own.map(|(place, _)| format!("instances/{index}/values/{place}")).collect::<Vec<_>>()
        });
        state.problems.with(|problems| places.iter().find_map(|place| at(problems, place)).map(told))
    })
}

#[component]
fn OfferResource(
    state: EditorState,
    index: usize,
    object: Memo<Option<ObjectDefinition>>,
    shown: Memo<Vec<u16>>,
) -> impl IntoView {
    let options = move || {
        let shown = shown.get();
        let all = object.with(|object| {
            let all = object.iter().flat_map(writable).filter(|resource| !shown.contains(&resource.id));
            all.map(|resource| (resource.id, resource.name.clone())).collect::<Vec<_>>()
        });
        let option = |(id, name): (u16, String)| view! { <option value=id.to_string()>{format!("{id} {name}")}</option> };
        all.into_iter().map(option).collect_view()
    };
    let chosen = move |event| {
        if let Ok(id) = event_target_value(&event).parse::<u16>() {
            state.asked.update(|all| all.entry(format!("instances/{index}")).or_default().push(id));
        }
    };
    view! {
        <select class="field" aria-label="Add a resource" data-testid="resource-add" prop:value="" on:change=chosen>
            <option value="">"Add a resource…"</option>
            {options}
        </select>
    }
}
