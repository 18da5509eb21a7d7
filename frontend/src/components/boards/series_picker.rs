//! Which Resource of which device.

use console_api::{BoardSeries, Tile};
use leptos::prelude::*;
use lwm2m_codec::{Level, Path};

use crate::api;
use crate::live::{Device, Live};
use crate::memo::memo;
use crate::palette::{Found, FoundClient};

/// Devices that are offered for what was typed.
const OFFERED: usize = 20;

/// Adds to what a tile shows. A device is named or found by a word; its Resources are offered.
#[component]
pub(crate) fn SeriesPicker(
    series: RwSignal<Vec<BoardSeries>>,
    most: Signal<usize>,
    /// The Resource that is offered first.
    #[prop(optional, into)]
    path: String,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let endpoint = RwSignal::new(String::new());
    let path = RwSignal::new(path);
    let found = RwSignal::new(Vec::<FoundClient>::new());
    let look = move |text: String| {
        leptos::task::spawn_local(async move {
            let answer = api::find_clients(&text, OFFERED).await;
            if endpoint.try_get_untracked().as_ref() == Some(&text)
                && let Ok(Found { clients, .. }) = answer
            {
                found.set(clients);
            }
        });
    };
    look(String::new());
    // What is typed may be the whole name of a device.
    let whole = memo(move || {
        let typed = endpoint.get();
        found.with(|found| found.iter().any(|client| client.endpoint == typed)).then_some(typed)
    });
    let wanted = memo(move || {
        let parsed = path.with(|path| path.trim().parse::<Path>()).ok();
        let path = parsed.filter(|path| path.level() >= Level::Resource)?;
        let endpoint = endpoint.get();
        (!endpoint.is_empty()).then(|| BoardSeries { endpoint, path: path.to_string() })
    });
    let problem = memo(move || {
        let typed = path.with(|path| !path.trim().is_empty());
        let is_resource =
            path.with(|path| path.trim().parse::<Path>().is_ok_and(|path| path.level() >= Level::Resource));
        if typed && !is_resource {
            return Some("Expected the path of a Resource, like /3303/0/5700.");
        }
        let there = wanted.with(|wanted| {
            series.with(|series| wanted.as_ref().is_some_and(|wanted| series.contains(wanted)))
        });
        there.then_some("It is there already.")
    });
    let full = memo(move || series.with(Vec::len) >= most.get());
    let ready = memo(move || wanted.with(Option::is_some) && problem.with(Option::is_none) && !full.get());
    let add = move || {
        if let Some(one) = wanted.get_untracked().filter(|_| ready.get_untracked()) {
            series.update(|series| series.push(one));
            // The same Resource of another device is what is most often wanted next.
            endpoint.set(String::new());
            look(String::new());
        }
    };
    let on_enter = move |event: web_sys::KeyboardEvent| {
        // Enter adds; the form around it is not sent by that.
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    view! {
        <div class="series-picker">
            <label class="form-field">
                <span>"Device"</span>
                <input
                    class="field mono"
                    list="series-devices"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="its name, or a word of it"
                    data-testid="series-device"
                    prop:value=endpoint
                    on:keydown=on_enter
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        endpoint.set(typed.clone());
                        look(typed);
                    }
                />
            </label>
            <datalist id="series-devices">
                {move || found.get().into_iter().map(|client| view! {
                    <option value=client.endpoint>{client.name}</option>
                }).collect_view()}
            </datalist>
            <label class="form-field">
                <span>"Resource"</span>
                <input
                    class="field mono"
                    list="series-resources"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="/3303/0/5700"
                    data-testid="series-path"
                    aria-invalid=move || problem.get().map(|_| "true")
                    prop:value=path
                    on:keydown=on_enter
                    on:input=move |event| path.set(event_target_value(&event))
                />
            </label>
            <datalist id="series-resources">
                {move || whole.get().map(|endpoint| view! { <Resources live=live endpoint=endpoint /> })}
            </datalist>
            <button type="button" class="button" data-testid="series-add" disabled=move || !ready.get() on:click=move |_| add()>
                "Add"
            </button>
        </div>
        {move || problem.get().map(|problem| view! { <p class="form-problem">{problem}</p> })}
        {move || full.get().then(|| view! {
            <p class="muted">{move || match most.get() {
                1 => "A value is of one Resource.".to_owned(),
                _ => format!("A chart has at most {} Resources.", Tile::SERIES),
            }}</p>
        })}
    }
}

/// The Resources of a device that are known, with their names.
#[component]
fn Resources(live: Live, endpoint: String) -> impl IntoView {
    let device = live.hold(&endpoint);
    let paths = memo(move || {
        live.structure.track();
        let of = |device: &Device| {
            let all = device.paths().into_iter();
            all.filter(|path| path.level() >= Level::Resource && device.cell(path).is_some())
                .collect::<Vec<_>>()
        };
        live.with_device_of(device, of).unwrap_or_default()
    });
    move || {
        let option = |path: Path| {
            let target = crate::live::Target { device, path };
            let name = live.definition_of(&target).map(|definition| definition.name);
            view! { <option value=path.to_string()>{name}</option> }
        };
        paths.get().into_iter().map(option).collect_view()
    }
}
