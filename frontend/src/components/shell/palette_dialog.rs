use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::components::{Glyph, Icon};
use crate::frame::{Dialogs, PageActions, Recent};
use crate::live::Live;
use crate::memo::memo;
use crate::palette::{self, Choice, DEVICES, Entry, Found, Sources};
use crate::{api, browser, format};

/// How long typing must rest before the server is asked.
const REST: Duration = Duration::from_millis(120);

/// What was typed, and what the server found.
#[derive(Clone, Copy, Default)]
struct Search {
    query: RwSignal<String>,
    found: RwSignal<Found>,
    /// Why devices cannot be searched.
    failed: RwSignal<Option<String>>,
    asking: RwSignal<bool>,
    /// Counts what was typed: an answer to an earlier question is dropped.
    question: StoredValue<u32>,
}

/// What is offered, and which of it is selected.
#[derive(Clone, Copy)]
struct Offer {
    entries: Memo<Vec<Entry>>,
    /// What was chosen stays so when more is found above it.
    chosen: RwSignal<Option<Choice>>,
    index: Memo<usize>,
    choose: Callback<Choice>,
}

/// One field for everything: pages, devices, objects, actions.
#[component]
pub(crate) fn PaletteDialog(
    /// Does what was chosen.
    on_choose: Callback<Choice>,
) -> impl IntoView {
    let open = expect_context::<Dialogs>().palette;
    let search = Search::default();
    let dialog = NodeRef::<html::Dialog>::new();
    let offer = offer(search, dialog, on_choose);
    follow(open, dialog, search, offer);
    let on_input = move |event| {
        offer.chosen.set(None);
        ask(search, event_target_value(&event));
    };
    let active = move || {
        let any = offer.entries.with(|entries| !entries.is_empty());
        any.then(|| format!("palette-option-{}", offer.index.get()))
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search and actions"
            data-testid="palette"
            on:close=move |_| open.set(false)
            on:keydown=move |event| press(open, offer, &event)
        >
            <div class="palette-head">
                <Glyph icon=Icon::Search />
                <input
                    id="palette-input"
                    type="text"
                    role="combobox"
                    aria-label="Search endpoint, object, page or action"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls="palette-list"
                    aria-activedescendant=active
                    placeholder="Search endpoint, object, page or action"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=search.query
                    on:input=on_input
                />
                <kbd aria-hidden="true">"Esc"</kbd>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Results">
                {move || offer.entries.with(|entries| groups(entries, offer))}
            </div>
            {move || offer.entries.with(Vec::is_empty).then(|| nothing(search))}
            <div class="palette-foot">
                <span role="status" data-testid="palette-status">{move || status(search, offer.entries)}</span>
                <span class="palette-keys" aria-hidden="true">
                    <kbd>"↑"</kbd> " " <kbd>"↓"</kbd> " choose  " <kbd>"Enter"</kbd> " open"
                </span>
            </div>
        </dialog>
    }
}

fn offer(search: Search, dialog: NodeRef<html::Dialog>, on_choose: Callback<Choice>) -> Offer {
    let entries = entries(expect_context(), search);
    let chosen = RwSignal::new(None::<Choice>);
    let index = memo(move || {
        let chosen = chosen.get();
        let place = |entries: &Vec<Entry>| {
            entries.iter().position(|entry| Some(&entry.choice) == chosen.as_ref()).unwrap_or(0)
        };
        entries.with(place)
    });
    let choose = Callback::new(move |choice: Choice| {
        // Closing gives the focus back; what was chosen may then take it.
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        on_choose.run(choice);
    });
    Offer { entries, chosen, index, choose }
}

/// The dialog is open when the signal says so, and begins anew each time.
fn follow(open: RwSignal<bool>, dialog: NodeRef<html::Dialog>, search: Search, offer: Offer) {
    let live = expect_context::<Live>();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else {
            return;
        };
        match (open.get(), dialog.open()) {
            (true, false) => {
                live.load_definitions();
                ask(search, String::new());
                offer.chosen.set(None);
                // A dialog that cannot be shown leaves the page as it is.
                _ = dialog.show_modal();
                browser::focus("#palette-input");
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
}

fn press(open: RwSignal<bool>, offer: Offer, event: &KeyboardEvent) {
    let Offer { entries, chosen, index, choose } = offer;
    let index = index.get_untracked();
    let choice =
        |place: usize| entries.with_untracked(|entries| entries.get(place).map(|entry| entry.choice.clone()));
    match event.key().as_str() {
        key @ ("ArrowDown" | "ArrowUp") => {
            let next = palette::step(index, entries.with_untracked(Vec::len), key == "ArrowDown");
            chosen.set(choice(next));
            browser::reveal(&format!("#palette-option-{next}"));
        }
        "Enter" => {
            if let Some(choice) = choice(index) {
                choose.run(choice);
            }
        }
        "k" | "K" if event.ctrl_key() || event.meta_key() => open.set(false),
        _ => return,
    }
    event.prevent_default();
}

fn entries(live: Live, search: Search) -> Memo<Vec<Entry>> {
    let recent = expect_context::<Recent>().0;
    let actions = expect_context::<PageActions>();
    memo(move || {
        let page_actions: Vec<String> = actions.list().into_iter().map(|action| action.title).collect();
        live.definitions.with(|definitions| {
            recent.with(|recent| {
                search.found.with(|found| {
                    let registry = definitions.registry().map(AsRef::as_ref);
                    let sources = Sources { recent, found, registry, page_actions: &page_actions };
                    search.query.with(|query| palette::entries(query, sources))
                })
            })
        })
    })
}

/// Asks the server for devices when typing rests. The earlier ones stay until the answer is there.
fn ask(search: Search, query: String) {
    let question = search.question.with_value(|question| question + 1);
    search.question.set_value(question);
    let text = query.trim().to_owned();
    search.query.set(query);
    search.asking.set(!text.is_empty());
    if text.is_empty() {
        search.found.set(Found::default());
        search.failed.set(None);
        return;
    }
    let current = move || search.question.with_value(|newest| *newest == question);
    let send = move || {
        if !current() {
            return;
        }
        leptos::task::spawn_local(async move {
            let answer = api::find_clients(&text, DEVICES).await;
            if !current() {
                return;
            }
            search.asking.set(false);
            match answer {
                Ok(found) => {
                    search.failed.set(None);
                    search.found.set(found);
                }
                Err(failure) => {
                    search.failed.set(Some(failure.message));
                    search.found.set(Found::default());
                }
            }
        });
    };
    set_timeout(send, REST);
}

/// The entries below the headings of their groups.
fn groups(entries: &[Entry], offer: Offer) -> impl IntoView + use<> {
    let mut first = 0;
    let mut views = Vec::new();
    for group in entries.chunk_by(|one, next| one.group == next.group) {
        let options: Vec<_> =
            group.iter().enumerate().map(|(i, entry)| option(first + i, entry.clone(), offer)).collect();
        let title = group.first().map_or("", |entry| entry.group);
        views.push(view! {
            <div role="group" aria-label=title>
                <div class="caption palette-group" aria-hidden="true">{title}</div>
                {options}
            </div>
        });
        first += group.len();
    }
    views
}

fn option(place: usize, entry: Entry, offer: Offer) -> impl IntoView {
    let Entry { group, title, detail, keys, choice } = entry;
    let pointed = choice.clone();
    let named = matches!(group, "Devices" | "Recently opened");
    let keys =
        keys.split_whitespace().map(|key| view! { <kbd aria-hidden="true">{key}</kbd> }).collect_view();
    view! {
        <div
            class="palette-option"
            id=format!("palette-option-{place}")
            role="option"
            aria-selected=move || (offer.index.get() == place).to_string()
            data-group=group
            on:mousemove=move |_| offer.chosen.set(Some(pointed.clone()))
            on:click=move |_| offer.choose.run(choice.clone())
        >
            <span class="palette-title" class:mono=named><bdi>{title}</bdi></span>
            <span class="palette-detail">{detail}</span>
            {keys}
        </div>
    }
}

/// In place of entries: what may help.
fn nothing(search: Search) -> impl IntoView {
    view! {
        <div class="palette-nothing" data-testid="palette-nothing">
            {move || if search.asking.get() {
                view! { <p class="muted">"Searching…"</p> }.into_any()
            } else {
                view! {
                    <p>"Nothing fits " <b class="wrap">{search.query.get()}</b></p>
                    <p class="muted">"Every word must occur: in the name, tags or objects of a device, in a page, an object or an action."</p>
                }
                .into_any()
            }}
        </div>
    }
}

fn status(search: Search, entries: Memo<Vec<Entry>>) -> String {
    if let Some(why) = search.failed.get() {
        return format!("Devices cannot be searched: {why}");
    }
    if search.asking.get() {
        return "Searching devices…".into();
    }
    let total = search.found.with(|found| found.total);
    if total > DEVICES {
        return format!("{DEVICES} of {} devices: type more to see others", format::count(total as u64));
    }
    format::plural(entries.with(Vec::len), "result")
}
