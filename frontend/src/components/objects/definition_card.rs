use std::sync::Arc;

use leptos::prelude::*;
use lwm2m_model::{ObjectDefinition, ObjectVersion, Registry};

use super::owners::Owners;
use super::resource_table::ResourceTable;
use crate::components::{CopyButton, Glyph, Icon};
use crate::pages::ObjectsState;
use crate::routing::Route;

/// The definition of one object, in one of its versions.
#[component]
pub(crate) fn DefinitionCard(registry: Arc<Registry>, id: u16, state: ObjectsState) -> impl IntoView {
    let versions: Vec<_> = registry.versions(id).map(|object| object.version).collect();
    let name = registry.object(id).map(|object| object.name.clone());
    let chosen = RwSignal::new(versions.last().copied());
    let version = move |version: ObjectVersion| {
        view! {
            <button
                class="segment"
                data-testid="definition-version"
                aria-pressed=move || (chosen.get() == Some(version)).to_string()
                on:click=move |_| chosen.set(Some(version))
            >
                {version.to_string()}
            </button>
        }
    };
    let switch = (versions.len() > 1).then(|| {
        view! {
            <div class="segments" role="group" aria-label="Version">
                {versions.into_iter().rev().map(version).collect_view()}
            </div>
        }
    });
    let definition = move || {
        let object = registry.definition(id, chosen.get()?)?.clone();
        Some(view! { <Definition object=object state=state /> })
    };
    view! {
        <section class="card definition-card" data-testid="definition" aria-label="Definition">
            <div class="card-head">
                <a class="button ghost square definition-back" href=Route::Objects { id: None }.address() aria-label="All objects" title="All objects (Esc)">
                    <Glyph icon=Icon::Back />
                </a>
                <h2 tabindex="-1">{name}</h2>
                <code class="muted">{format!("/{id}")}</code>
                <span class="spacer"></span>
                {switch}
            </div>
            <div class="definition-body">
                {definition}
            </div>
        </section>
    }
}

#[component]
fn Definition(object: ObjectDefinition, state: ObjectsState) -> impl IntoView {
    let (id, version) = (object.id, object.version.to_string());
    let instances = if object.multiple { "Multiple" } else { "Single" };
    let mandatory = if object.mandatory { "Mandatory" } else { "Optional" };
    let urn = object.urn.clone();
    let described = [object.description.clone(), object.description2.clone()];
    let described = described.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>();
    let licence = [object.licence.clone(), object.copyright.clone()];
    let licence = licence.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    let undescribed = described
        .is_empty()
        .then_some("Names, types, ranges and units come with the server; descriptions do not.");
    view! {
        <dl class="record-facts">
            <dt>"URN"</dt>
            <dd class="definition-urn">
                <code class="wrap">{object.urn.clone()}</code>
                <CopyButton text=urn label="Copy the URN" />
            </dd>
            <dt>"Version"</dt>
            <dd>{format!("{version}, for LwM2M {} and later", object.lwm2m_version)}</dd>
            <dt>"Instances"</dt>
            <dd>
                <span class="chip" data-testid="definition-instances">{instances}</span>
                " "
                <span class="chip">{mandatory}</span>
            </dd>
            <dt>"In use"</dt>
            <dd><Owners id=id state=state /></dd>
            {(!licence.is_empty()).then(|| view! { <dt>"Licence"</dt><dd class="wrap">{licence}</dd> })}
        </dl>
        <Uploaded id=id version=version state=state />
        {described.into_iter().map(|text| view! { <p class="definition-text">{text}</p> }).collect_view()}
        <ResourceTable resources=object.resources />
        {undescribed.map(|text| view! { <p class="card-note muted">{text}</p> })}
    }
}

/// That an operator has added this definition, and how it is taken away.
#[component]
fn Uploaded(id: u16, version: String, state: ObjectsState) -> impl IntoView {
    let asking = RwSignal::new(false);
    let version = StoredValue::new(version);
    let upload = move || {
        state.uploaded.with(|uploaded| {
            let mut uploaded = uploaded.iter().flatten();
            version
                .with_value(|version| uploaded.find(|one| one.id == id && one.version == *version).cloned())
        })
    };
    let remove = move |_| {
        asking.set(false);
        state.remove(id, version.get_value());
    };
    move || {
        upload().map(|upload| {
            let replaces = if upload.replaces {
                "It takes the place of the definition that the server came with."
            } else {
                "The server came without one."
            };
            view! {
                <div class="definition-uploaded" data-testid="definition-uploaded">
                    <span class="chip on">"uploaded"</span>
                    <span>{format!("Uploaded {}. {replaces}", super::upload_dialog::moment(upload.uploaded_at_ms))}</span>
                    <span class="spacer"></span>
                    {move || if asking.get() {
                        view! {
                            <span>"Remove it from all tabs and devices?"</span>
                            <button class="button small primary danger" data-testid="definition-remove-now" on:click=remove>"Remove"</button>
                            <button class="button small" on:click=move |_| asking.set(false)>"Keep"</button>
                        }
                        .into_any()
                    } else {
                        view! {
                            <button class="button small" data-testid="definition-remove" on:click=move |_| asking.set(true)>
                                <Glyph icon=Icon::Delete />
                                "Remove…"
                            </button>
                        }
                        .into_any()
                    }}
                </div>
            }
        })
    }
}

/// An object that nobody has defined.
#[component]
pub(crate) fn NoDefinition(id: u16, state: ObjectsState) -> impl IntoView {
    view! {
        <section class="card definition-card" data-testid="definition-unknown">
            <div class="card-head">
                <a class="button ghost square definition-back" href=Route::Objects { id: None }.address() aria-label="All objects">
                    <Glyph icon=Icon::Back />
                </a>
                <h2 tabindex="-1">"Unknown object"</h2>
                <code class="muted">{format!("/{id}")}</code>
            </div>
            <div class="definition-body definition-unknown">
                <p>
                    "The registry has no definition of it. Devices that have it show its resources by number, and values as the "
                    "bytes that came. With its definition file they get names, types and units at once, in every tab."
                </p>
                <p><Owners id=id state=state /></p>
                <p>
                    <button class="button primary" on:click=move |_| state.uploading.set(true)>
                        <Glyph icon=Icon::Upload />
                        "Upload its definition…"
                    </button>
                </p>
            </div>
        </section>
    }
}
