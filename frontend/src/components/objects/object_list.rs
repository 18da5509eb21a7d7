use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::browser;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;
use crate::objects::{Kind, Listing};
use crate::pages::ObjectsState;
use crate::routing::Route;

/// Objects of the registry: search, kinds, and one line each.
#[component]
pub(crate) fn ObjectList(
    state: ObjectsState,
    listed: Memo<Vec<Listing>>,
    /// The one whose definition is open.
    open: Option<u16>,
) -> impl IntoView {
    let list = NodeRef::<html::Ul>::new();
    Effect::new(move |_| {
        if let Some(list) = list.get() {
            let top = state.scroll_px.get_untracked();
            request_animation_frame(move || {
                list.set_scroll_top(top);
                browser::reveal("[data-testid=object-row][aria-current]");
            });
        }
    });
    // The list is one stop of the Tab key: the row where the keys were last.
    let at = RwSignal::new(open);
    let tab_stop = memo(move || {
        let at = at.get();
        listed.with(|listed| {
            let stays = listed.iter().any(|listing| Some(listing.id) == at);
            if stays { at } else { listed.first().map(|listing| listing.id) }
        })
    });
    let kind = move |kind: Kind, title: &'static str| {
        view! {
            <button
                class="segment"
                data-kind=format!("{kind:?}")
                aria-pressed=move || (state.kind.get() == kind).to_string()
                on:click=move |_| state.choose(kind)
            >
                {title}
            </button>
        }
    };
    let count = move || format::plural(listed.with(Vec::len), "object");
    let from_search = move |event: KeyboardEvent| {
        if event.key() == "ArrowDown" && step(&list, None, true) {
            event.prevent_default();
        }
    };
    let from_row = move |event: KeyboardEvent| {
        let down = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        let row = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if step(&list, row, down) {
            event.prevent_default();
        }
    };
    view! {
        <section class="card object-list" aria-label="Objects">
            <div class="card-head">
                <label class="search">
                    <span class="visually-hidden">"Search objects and resources"</span>
                    <input
                        type="search"
                        data-testid="objects-search"
                        data-search=""
                        placeholder="Id, name, or a resource"
                        prop:value=state.search
                        on:input=move |event| state.find(event_target_value(&event))
                        on:keydown=from_search
                    />
                    <kbd aria-hidden="true">"/"</kbd>
                </label>
                <button class="button small" data-testid="objects-upload" on:click=move |_| state.uploading.set(true)>
                    <Glyph icon=Icon::Upload />
                    "Upload…"
                </button>
            </div>
            <div class="card-head object-kinds">
                <div class="segments" role="group" aria-label="Which objects">
                    {kind(Kind::All, "All")}
                    {kind(Kind::InUse, "In use")}
                    {kind(Kind::Uploaded, "Uploaded")}
                    {kind(Kind::Core, "OMA")}
                    {kind(Kind::Registered, "Others")}
                </div>
                <span class="muted" role="status" data-testid="objects-count">{count}</span>
            </div>
            <ul
                class="object-rows"
                node_ref=list
                on:keydown=from_row
                on:scroll=move |_| {
                    if let Some(list) = list.get_untracked() {
                        state.scroll_px.set(list.scroll_top());
                    }
                }
            >
                <For each=move || listed.get() key=Listing::clone let:listing>
                    <ObjectRow listing=listing open=open at=at tab_stop=tab_stop />
                </For>
            </ul>
            {move || listed.with(Vec::is_empty).then(|| view! { <NothingListed state=state /> })}
        </section>
    }
}

#[component]
fn ObjectRow(
    listing: Listing,
    open: Option<u16>,
    /// Where the keys are.
    at: RwSignal<Option<u16>>,
    tab_stop: Memo<Option<u16>>,
) -> impl IntoView {
    let id = listing.id;
    let current = (open == Some(listing.id)).then_some("true");
    let clients = (listing.clients > 0).then(|| {
        let title = format!("{} have it", format::plural(listing.clients, "registered device"));
        view! { <span class="chip ok" title=title>{format::count(listing.clients as u64)}</span> }
    });
    let undefined = listing.versions == 0;
    let versions = if listing.versions > 1 {
        format!("{} +{}", listing.version, listing.versions - 1)
    } else {
        listing.version
    };
    view! {
        <li>
            <a
                class="object-row"
                href=Route::Objects { id: Some(listing.id) }.address()
                data-testid="object-row"
                data-id=listing.id.to_string()
                aria-current=current
                tabindex=move || if tab_stop.get() == Some(id) { "0" } else { "-1" }
                on:focus=move |_| at.set(Some(id))
            >
                <span class="object-id mono">{listing.id}</span>
                <span class="object-name">
                    {listing.name}
                    {undefined.then(|| view! { <span class="muted">"no definition"</span> })}
                    {listing.resource.map(|resource| view! { <span class="muted">{format!(" · {resource}")}</span> })}
                </span>
                {listing.uploaded.then(|| view! { <span class="chip on">"uploaded"</span> })}
                {clients}
                <span class="object-version muted" title="Current version, and how many more are known">{versions}</span>
            </a>
        </li>
    }
}

#[component]
fn NothingListed(state: ObjectsState) -> impl IntoView {
    let text = move || match state.kind.get() {
        _ if state.search.with(|search| !search.trim().is_empty()) => {
            "No object, and no resource of one, has all the words."
        }
        Kind::InUse => "No registered device has an object that is defined here.",
        Kind::Uploaded => {
            "Nobody has uploaded a definition yet. Definition files (DDF) in XML are taken, and JSON."
        }
        _ => "There are no such objects.",
    };
    view! {
        <div class="card-note object-nothing" data-testid="objects-nothing">
            <p class="muted">{text}</p>
            <button class="button small" on:click=move |_| state.show_all()>"Show all"</button>
            <button class="button small" on:click=move |_| state.uploading.set(true)>"Upload…"</button>
        </div>
    }
}

/// Moves the focus a row down or up from the row it is in; without one to the first row.
fn step(list: &NodeRef<html::Ul>, from: Option<HtmlElement>, down: bool) -> bool {
    let next = match from {
        Some(row) => {
            let item = row.closest("li").ok().flatten();
            item.and_then(
                |item| if down { item.next_element_sibling() } else { item.previous_element_sibling() },
            )
        }
        None => list.get_untracked().and_then(|list| list.first_element_child()),
    };
    let link = next.and_then(|item| item.first_element_child());
    link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
}
