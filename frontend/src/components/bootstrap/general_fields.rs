use console_api::{BootstrapConfiguration, OnRefusal};
use leptos::prelude::*;

use super::fields::{Binding, Choice, TextField, Toggle, Wrong, wrong};
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::pages::EditorState;

/// What is deleted most often, with what people call it.
const USUAL: [(&str, &str); 4] =
    [("/", "everything"), ("/0", "security"), ("/1", "servers"), ("/2", "access control")];

/// What can be read back as a whole.
const READABLE: [(&str, &str); 3] =
    [("/", "what there is"), ("/1", "servers (1.2)"), ("/2", "access control (1.1)")];

/// Content-Formats that a Bootstrap-Write may have, with their names.
const FORMATS: [(Option<u16>, &str); 5] = [
    (None, "what the device prefers"),
    (Some(11_542), "TLV"),
    (Some(110), "SenML JSON"),
    (Some(112), "SenML CBOR"),
    (Some(11_544), "LwM2M CBOR"),
];

/// Name and note.
#[component]
pub(super) fn NameFields(state: EditorState) -> impl IntoView {
    let name = Binding::new(|draft| draft.name.clone(), |draft, text| draft.name = text);
    let note = Binding::new(|draft| draft.note.clone(), |draft, text| draft.note = text);
    view! {
        <div class="bs-group">
            <TextField state=state field="name" label="Name" binding=name />
            <TextField state=state field="note" label="Note" binding=note />
        </div>
    }
}

/// How the server goes about it.
#[component]
pub(super) fn ConductFields(state: EditorState) -> impl IntoView {
    let discover = Binding::new(|draft| draft.discover, |draft, on| draft.discover = on);
    let pack = Binding::new(|draft| draft.pack, |draft, on| draft.pack = on);
    let on_refusal = Binding::new(|draft| draft.on_refusal, |draft, chosen| draft.on_refusal = chosen);
    let format = memo(move || state.draft.with(|draft| draft.content_format));
    view! {
        <fieldset class="bs-group">
            <legend class="caption">"How"</legend>
            <Toggle
                state=state field="discover" label="Discover first"
                hint="so that its own account stays, and instance ids are free" binding=discover
            />
            <Toggle
                state=state field="pack" label="Bootstrap-Pack" hint="a device of 1.2 may take it all at once" binding=pack
            />
            <Choice
                state=state field="on_refusal" label="When it refuses"
                options=vec![(OnRefusal::Stop, "stop", "stop"), (OnRefusal::Continue, "continue", "go on, see at Finish")]
                binding=on_refusal
            />
            <label class="bs-field">
                <span class="bs-label">"Content-Format"</span>
                <span class="bs-input">
                    <select
                        class="field" data-field="content_format"
                        on:change=move |event| {
                            let number = event_target_value(&event).parse().ok();
                            state.edit(|draft| draft.content_format = number);
                        }
                    >
                        {FORMATS.map(|(number, title)| view! {
                            <option
                                value=number.map(|number| number.to_string()).unwrap_or_default()
                                selected=move || format.get() == number
                            >
                                {title}
                            </option>
                        })}
                    </select>
                </span>
            </label>
            <DeleteFields state=state />
            <ReadFields state=state />
        </fieldset>
    }
}

/// What is deleted before anything is written.
#[component]
fn DeleteFields(state: EditorState) -> impl IntoView {
    let list = PathList { name: "delete", of: |draft| &draft.delete, of_mut: |draft| &mut draft.delete };
    view! {
        <PathFields state=state label="Delete first" list=list usual=&USUAL>
            <AddPath state=state />
        </PathFields>
    }
}

/// What is asked for before Finish, to compare it with what was written. An instance of them may come from a file.
#[component]
fn ReadFields(state: EditorState) -> impl IntoView {
    let list = PathList { name: "read", of: |draft| &draft.read, of_mut: |draft| &mut draft.read };
    view! {
        <PathFields state=state label="Read back" list=list usual=&READABLE>
            <span class="muted bs-hint">"before Finish, and compared with what was written"</span>
        </PathFields>
    }
}

/// A list of paths in a configuration.
#[derive(Clone, Copy)]
struct PathList {
    /// Of the field, and what is done with each path.
    name: &'static str,
    of: fn(&BootstrapConfiguration) -> &Vec<String>,
    of_mut: fn(&mut BootstrapConfiguration) -> &mut Vec<String>,
}

/// Paths that are chosen: the usual ones by a click, others as they were given.
#[component]
fn PathFields(
    state: EditorState,
    label: &'static str,
    list: PathList,
    usual: &'static [(&'static str, &'static str)],
    children: Children,
) -> impl IntoView {
    let chosen = memo(move || state.draft.with(|draft| (list.of)(draft).clone()));
    let wrong = wrong(state, list.name);
    let has = move |path: &str| chosen.with(|all| all.iter().any(|one| one == path));
    let toggle = move |path: &str| {
        state.edit(|draft| {
            let paths = (list.of_mut)(draft);
            let before = paths.len();
            paths.retain(|one| one != path);
            if paths.len() == before {
                paths.push(path.to_owned());
            }
        });
    };
    let chips = usual.iter().map(move |&(path, title)| {
        view! {
            <button
                type="button" class="chip bs-chip" class:on=move || has(path)
                aria-pressed=move || has(path).to_string() data-path=path on:click=move |_| toggle(path)
            >
                <span class="mono">{path}</span>
                {title}
            </button>
        }
    });
    let others = move || {
        let others = chosen.get().into_iter().filter(|path| !usual.iter().any(|(usual, _)| usual == path));
        let chip = |path: String| {
            let label = format!("Do not {} {path}", list.name);
            view! {
                <span class="chip on filter-chip">
                    <span class="mono">{path.clone()}</span>
                    <button type="button" aria-label=label on:click=move |_| toggle(&path)>
                        <Glyph icon=Icon::Close />
                    </button>
                </span>
            }
        };
        others.map(chip).collect_view()
    };
    view! {
        <div class="bs-field">
            <span class="bs-label">{label}</span>
            <span class="bs-input">
                <span class="bs-chips" role="group" aria-label=label data-field=list.name tabindex="-1">
                    {chips.collect_view()}
                    {others}
                    {children()}
                </span>
                <Wrong wrong=wrong />
            </span>
        </div>
    }
}

#[component]
fn AddPath(state: EditorState) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let add = move || {
        let path = text.get_untracked().trim().to_owned();
        if !path.is_empty() {
            text.set(String::new());
            state.edit(|draft| {
                if !draft.delete.contains(&path) {
                    draft.delete.push(path);
                }
            });
        }
    };
    view! {
        <input
            class="field mono bs-path"
            aria-label="Another Object or Object Instance to delete"
            placeholder="/3303/0"
            autocomplete="off"
            data-testid="delete-path"
            prop:value=text
            on:input=move |event| text.set(event_target_value(&event))
            on:keydown=move |event| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    add();
                }
            }
            on:blur=move |_| add()
        />
    }
}
