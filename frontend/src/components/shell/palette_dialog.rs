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

/// What the dialog knows while it is open.
#[derive(Clone, Copy)]
struct Search {
    query: RwSignal<String>,
    found: RwSignal<Found>,
    /// Why devices cannot be searched.
    failed: RwSignal<Option<String>>,
    asking: RwSignal<bool>,
    /// Counts what was typed: an answer to an earlier question is dropped.
    question: StoredValue<u32>,
}

/// One field for everything: pages, devices, objects, actions.
#[component]
pub(crate) fn PaletteDialog(
    /// Does what was chosen.
    on_choose: Callback<Choice>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let open = expect_context::<Dialogs>().palette;
    let search = Search {
        query: RwSignal::default(),
        found: RwSignal::default(),
        failed: RwSignal::default(),
        asking: RwSignal::new(false),
        question: StoredValue::new(0),
    };
    let entries = entries(live, search);
    let chosen = RwSignal::new(None::<Choice>);
    // What was chosen stays so when more is found above it.
    let index = memo(move || {
        let chosen = chosen.get();
        entries.with(|entries| {
            entries.iter().position(|entry| Some(&entry.choice) == chosen.as_ref()).unwrap_or(0)
        })
    });
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else {
            return;
        };
        match (open.get(), dialog.open()) {
            (true, false) => {
                live.load_definitions();
                chosen.set(None);
                // A dialog that cannot be shown leaves the page as it is.
                _ = dialog.show_modal();
                browser::focus_and_select("#palette-input");
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let choose = Callback::new(move |choice: Choice| {
        // Closing gives the focus back; what was chosen may then take it.
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        on_choose.run(choice);
    });
    let on_keydown = move |event: KeyboardEvent| {
        let count = entries.with_untracked(Vec::len);
        match event.key().as_str() {
            key @ ("ArrowDown" | "ArrowUp") => {
                let next = palette::step(index.get_untracked(), count, key == "ArrowDown");
                chosen.set(
                    entries.with_untracked(|entries| entries.get(next).map(|entry| entry.choice.clone())),
                );
                browser::reveal(&format!("#palette-option-{next}"));
            }
            "Enter" => {
                let entry = entries.with_untracked(|entries| entries.get(index.get_untracked()).cloned());
                if let Some(entry) = entry {
                    choose.run(entry.choice);
                }
            }
            "k" | "K" if event.ctrl_key() || event.meta_key() => open.set(false),
            _ => return,
        }
        event.prevent_default();
    };
    let on_input = move |event| {
        chosen.set(None);
        ask(search, event_target_value(&event));
    };
    let active = move || {
        entries.with(|entries| !entries.is_empty()).then(|| format!("palette-option-{}", index.get()))
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search and actions"
            data-testid="palette"
            on:close=move |_| open.set(false)
            on:keydown=on_keydown
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
                {move || entries.with(|entries| groups(entries, index, chosen, choose))}
                {move || entries.with(Vec::is_empty).then(|| nothing(search))}
            </div>
            <div class="palette-foot">
                <span role="status" data-testid="palette-status">{move || status(search, entries)}</span>
                <span class="palette-keys" aria-hidden="true"><kbd>"↑"</kbd> <kbd>"↓"</kbd> " choose  " <kbd>"Enter"</kbd> " open"</span>
            </div>
        </dialog>
    }
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
fn groups(
    entries: &[Entry],
    index: Memo<usize>,
    chosen: RwSignal<Option<Choice>>,
    choose: Callback<Choice>,
) -> impl IntoView + use<> {
    let mut first = 0;
    let mut views = Vec::new();
    for group in entries.chunk_by(|one, next| one.group == next.group) {
        let options: Vec<_> = group
            .iter()
            .enumerate()
            .map(|(i, entry)| option(first + i, entry.clone(), index, chosen, choose))
            .collect();
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

fn option(
    place: usize,
    entry: Entry,
    index: Memo<usize>,
    chosen: RwSignal<Option<Choice>>,
    choose: Callback<Choice>,
) -> impl IntoView {
    let Entry { group, title, detail, keys, choice } = entry;
    let pointed = choice.clone();
    let named = matches!(group, "Devices" | "Recently opened");
    view! {
        <div
            class="palette-option"
            id=format!("palette-option-{place}")
            role="option"
            aria-selected=move || (index.get() == place).to_string()
            data-group=group
            on:mousemove=move |_| chosen.set(Some(pointed.clone()))
            on:click=move |_| choose.run(choice.clone())
        >
            <span class="palette-title" class:mono=named><bdi>{title}</bdi></span>
            <span class="palette-detail">{detail}</span>
            {(!keys.is_empty()).then(|| keys.split(' ').map(|key| view! { <kbd aria-hidden="true">{key}</kbd> }).collect_view())}
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
