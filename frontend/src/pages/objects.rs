use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use console_api::UploadedObject;
use leptos::ev::DragEvent;
use leptos::prelude::*;
use lwm2m_model::{Registry, limits::JSON_MAX};

use crate::components::objects::{DefinitionCard, NoDefinition, ObjectList, UploadDialog};
use crate::components::{EmptyState, Loading};
use crate::frame::{Announcement, PageAction, PageActions, PageKeys};
use crate::keys::Command;
use crate::live::{Definitions, Live};
use crate::memo::memo;
use crate::objects::{Kind, Outcome, Upload, list};
use crate::routing::{Route, Router};
use crate::{api, browser};

/// Files taken at once; of more, the first.
const FILES: u32 = 50;

/// How often it is asked which objects are in use.
const USE_EVERY: Duration = Duration::from_secs(5);

/// How the operator left the registry; it is the same when they come back.
#[derive(Clone, Copy, Default)]
pub(crate) struct ObjectsState {
    pub(crate) search: RwSignal<String>,
    pub(crate) kind: RwSignal<Kind>,
    pub(crate) scroll_px: RwSignal<i32>,
    /// The dialog is open.
    pub(crate) uploading: RwSignal<bool>,
    pub(crate) uploads: RwSignal<Vec<Upload>>,
    /// What operators have added; none while that is not known.
    pub(crate) uploaded: RwSignal<Option<Vec<UploadedObject>>>,
    /// Registered clients by object; none while that is not known.
    pub(crate) used: RwSignal<Option<BTreeMap<u16, usize>>>,
    pub(crate) registry: RwSignal<Option<Arc<Registry>>>,
    /// Why the server did not tell, or did not do as it was asked.
    pub(crate) problem: RwSignal<Option<String>>,
    announcement: RwSignal<String>,
}

impl ObjectsState {
    pub(crate) fn choose(self, kind: Kind) {
        self.kind.set(kind);
        self.scroll_px.set(0);
    }

    pub(crate) fn find(self, search: String) {
        self.search.set(search);
        self.scroll_px.set(0);
    }

    pub(crate) fn show_all(self) {
        self.search.set(String::new());
        self.choose(Kind::All);
    }

    pub(crate) fn upload_files(self, files: Option<web_sys::FileList>) {
        self.uploading.set(true);
        let Some(files) = files else {
            return;
        };
        for file in (0..files.length().min(FILES)).filter_map(|index| files.get(index)) {
            let place = self.begin(file.name());
            leptos::task::spawn_local(async move {
                match browser::read_file(&file, JSON_MAX).await {
                    Ok(content) => self.upload(place, content).await,
                    Err(message) => self.end(place, Outcome::Refused { message, details: None }),
                }
            });
        }
    }

    pub(crate) fn upload_text(self, text: String) {
        let place = self.begin("Pasted text".to_owned());
        leptos::task::spawn_local(self.upload(place, text.into_bytes()));
    }

    pub(crate) fn remove(self, id: u16, version: String) {
        leptos::task::spawn_local(async move {
            let told = match api::remove_object(id, &version).await {
                Ok(()) => {
                    self.problem.set(None);
                    format!("The definition of object {id} {version} was removed")
                }
                Err(failure) => {
                    self.problem.set(Some(failure.message.clone()));
                    failure.message
                }
            };
            self.announcement.set(told);
            self.ask_uploaded();
        });
    }

    fn begin(self, name: String) -> usize {
        self.uploads.update(|uploads| uploads.push(Upload { name, outcome: Outcome::Pending }));
        self.uploads.with_untracked(Vec::len) - 1
    }

    async fn upload(self, place: usize, file: Vec<u8>) {
        let answer = api::upload_objects(&file).await.map(|uploaded| uploaded.objects);
        self.end(place, answer.into());
        self.ask_uploaded();
    }

    fn end(self, place: usize, outcome: Outcome) {
        self.uploads.update(|uploads| {
            if let Some(upload) = uploads.get_mut(place) {
                upload.outcome = outcome;
                self.announcement.set(upload.sentence());
            }
        });
    }

    fn ask_uploaded(self) {
        leptos::task::spawn_local(async move {
            match api::uploaded_objects().await {
                Ok(uploaded) => self.uploaded.set(Some(uploaded.objects)),
                Err(failure) => self.problem.set(Some(failure.message)),
            }
        });
    }

    fn ask_used(self) {
        leptos::task::spawn_local(async move {
            // Until the server tells, no object is said to be in use.
            if let Ok(used) = api::used_objects().await
                && self.used.with_untracked(|known| known.as_ref() != Some(&used))
            {
                self.used.set(Some(used));
            }
        });
    }
}

/// The object registry.
#[component]
pub(crate) fn ObjectsPage(id: Option<u16>) -> impl IntoView {
    let live = expect_context::<Live>();
    let router = expect_context::<Router>();
    let Announcement(announcement) = expect_context();
    let state = ObjectsState { announcement, ..expect_context::<ObjectsState>() };
    let title = id.map(|id| format!("Object {id} · LwM2M Console"));
    browser::set_title(title.as_deref().unwrap_or("Objects · LwM2M Console"));
    live.load_definitions();
    live.every(USE_EVERY, move || state.ask_used());
    Effect::new(move |_| {
        live.objects_changed.track();
        state.ask_uploaded();
    });
    Effect::new(move |_| state.registry.set(live.definitions.with(|now| now.registry().cloned())));
    let keys = expect_context::<PageKeys>();
    keys.add("Objects", &[('u', "Upload definitions")], move |_| state.uploading.set(true));
    expect_context::<PageActions>().offer(move || {
        let run = Callback::new(move |()| state.uploading.set(true));
        vec![PageAction { title: "Upload object definitions".to_owned(), run }]
    });
    keys.listen(move |command| {
        if let (Command::Close, Some(id)) = (command, id) {
            router.open(Route::Objects { id: None });
            // When the page of all objects stands.
            request_animation_frame(move || {
                browser::focus(&format!("[data-testid=object-row][data-id=\"{id}\"]"));
            });
        }
    });
    let listed = memo(move || {
        let uploaded: BTreeSet<u16> =
            state.uploaded.with(|uploaded| uploaded.iter().flatten().map(|object| object.id).collect());
        let (kind, used) = (state.kind.get(), state.used.get().unwrap_or_default());
        let Some(registry) = state.registry.get() else {
            return Vec::new();
        };
        state.search.with(|search| list(&registry, search, kind, &used, &uploaded))
    });
    let dropping = RwSignal::new(false);
    let drop = move |event: DragEvent| {
        event.prevent_default();
        dropping.set(false);
        state.upload_files(event.data_transfer().and_then(|dropped| dropped.files()));
    };
    if id.is_some() {
        // A definition is read from its beginning.
        request_animation_frame(|| {
            browser::focus(".definition-card h2");
        });
    }
    let failed = memo(move || match live.definitions.get() {
        Definitions::Failed(message) => Some(message),
        _ => None,
    });
    let loaded = memo(move || state.registry.with(Option::is_some));
    let body = move || {
        match (failed.get(), loaded.get()) {
        (Some(message), _) => view! { <ObjectsFailed message=message /> }.into_any(),
        (None, false) => view! { <Loading label="Loading the object registry" /> }.into_any(),
        (None, true) => view! {
            <ObjectList state=state listed=listed open=id />
            {move || state.registry.get().map(|registry| view! { <OpenDefinition registry=registry id=id state=state /> })}
        }
        .into_any(),
    }
    };
    view! {
        <h1 class="visually-hidden">"Objects"</h1>
        {move || state.problem.get().map(|problem| view! {
            <p class="result bad objects-problem" role="alert" data-testid="objects-problem">
                {problem}
                <button class="link-button" on:click=move |_| state.problem.set(None)>"Dismiss"</button>
            </p>
        })}
        <div
            class="objects-page"
            class:open=id.is_some()
            class:dropping=dropping
            data-testid="objects-page"
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                dropping.set(true);
            }
            on:dragleave=move |_| dropping.set(false)
            on:drop=drop
        >
            {body}
            <UploadDialog state=state />
        </div>
    }
}

#[component]
fn OpenDefinition(registry: Arc<Registry>, id: Option<u16>, state: ObjectsState) -> impl IntoView {
    match id {
        Some(id) if registry.object(id).is_some() => {
            view! { <DefinitionCard registry=registry id=id state=state /> }.into_any()
        }
        Some(id) => view! { <NoDefinition id=id state=state /> }.into_any(),
        None => view! {
            <section class="card definition-hint muted">
                <h2>"The object registry"</h2>
                <p>"Open an object to see its resources, its versions, and which devices have it."</p>
                <p>"Devices with objects of your own? Upload their definition files: names, types and units appear in every tab at once."</p>
            </section>
        }
        .into_any(),
    }
}

#[component]
fn ObjectsFailed(message: String) -> impl IntoView {
    let live = expect_context::<Live>();
    view! {
        <EmptyState title="The object registry could not be loaded" testid="objects-failed">
            <p>{message}</p>
            <button class="button primary" on:click=move |_| live.load_definitions()>"Try again"</button>
        </EmptyState>
    }
}
