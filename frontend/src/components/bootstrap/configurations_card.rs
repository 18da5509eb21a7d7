use console_api::SavedBootstrapConfiguration;
use leptos::prelude::*;

use super::probe::Probe;
use crate::bootstrap::{self, assignment_told, contents};
use crate::browser;
use crate::components::{EmptyState, Glyph, Icon, Loading, move_focus};
use crate::format;
use crate::frame::Notices;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::BootstrapPageState;
use crate::routing::Route;
use crate::server_page::bootstrap_addresses;

/// Assignments that a row shows.
const ASSIGNED_SHOWN: usize = 3;

/// The configurations, what each is for, and how others come.
#[component]
pub(crate) fn ConfigurationsCard(state: BootstrapPageState) -> impl IntoView {
    let ids = memo(move || {
        state
            .configurations
            .with(|all| all.as_ref().map(|all| all.iter().map(|one| one.id).collect::<Vec<_>>()))
    });
    move || {
        match ids.with(|ids| ids.as_ref().map(Vec::is_empty)) {
        None => view! { <Loading label="Loading the configurations" rows=4 /> }.into_any(),
        Some(true) => view! { <NoConfiguration state=state /> }.into_any(),
        Some(false) => view! {
            <section class="card bs-configurations" aria-labelledby="configurations-title">
                <div class="card-head">
                    <h2 id="configurations-title">"Configurations"</h2>
                    <span class="muted" role="status">
                        {move || ids.with(|ids| ids.as_ref().map(|ids| format::plural(ids.len(), "configuration")))}
                    </span>
                    <span class="spacer"></span>
                    <ImportButton state=state />
                    <ExportButton />
                    <a class="button primary" href=new_address() data-testid="configuration-new"><Glyph icon=Icon::Add />"New"</a>
                </div>
                <div class="bs-table-body">
                    <table class="plain-table" aria-label="Configurations">
                        <thead>
                            <tr>
                                <th scope="col">"Configuration"</th>
                                <th scope="col">"For"</th>
                                <th scope="col">"Gives"</th>
                                <th scope="col" class="number">"Version"</th>
                                <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                            </tr>
                        </thead>
                        <tbody on:keydown=move |event| move_focus(&event)>
                            <For each=move || ids.get().unwrap_or_default() key=|id| *id let:id>
                                <ConfigurationRow id=id state=state />
                            </For>
                        </tbody>
                    </table>
                </div>
                <div class="card-note"><Probe /></div>
            </section>
        }
        .into_any(),
    }
    }
}

fn new_address() -> String {
    Route::NewBootstrapConfiguration { like: None }.address()
}

/// What this is for, and the one button.
#[component]
fn NoConfiguration(state: BootstrapPageState) -> impl IntoView {
    let live = expect_context::<Live>();
    let addresses = move || {
        live.server.with(|server| {
            let addresses = bootstrap_addresses(server.as_ref()?);
            Some(match addresses.is_empty() {
                true => {
                    "The Bootstrap-Server is off: start this one with --roles server,bootstrap.".to_owned()
                }
                false => format!("The Bootstrap-Server: {}", addresses.join(" · ")),
            })
        })
    };
    view! {
        <EmptyState title="Nothing for devices to receive yet" testid="configurations-empty">
            <p>
                "A device that knows only its Bootstrap-Server asks there which servers it shall register with, and with which "
                "keys. A configuration says that: for one device, for all whose name fits a pattern, or for everyone else."
            </p>
            <p class="muted wrap" data-testid="bootstrap-addresses">{addresses}</p>
            <p class="actions">
                <a class="button primary" href=new_address() data-testid="configuration-new">"Make a configuration"</a>
                <ImportButton state=state />
            </p>
        </EmptyState>
    }
}

#[component]
fn ImportButton(state: BootstrapPageState) -> impl IntoView {
    view! {
        <button type="button" class="button" data-testid="configurations-import" on:click=move |_| state.importing.set(true)>
            <Glyph icon=Icon::Upload />"Import"
        </button>
    }
}

/// All configurations as a file, without secrets.
#[component]
fn ExportButton() -> impl IntoView {
    let notices = expect_context::<Notices>();
    let export = move |_| {
        leptos::task::spawn_local(async move {
            let file = match bootstrap::export().await {
                Ok(all) => serde_json::to_string_pretty(&all).map_err(|error| error.to_string()),
                Err(failure) => Err(failure.told()),
            };
            let saved = file.and_then(|file| {
                browser::save_text("bootstrap-configurations.json", "application/json", &file)
                    .map_err(|_| "the browser does not allow to save".to_owned())
            });
            match saved {
                Ok(()) => notices.say("Exported without secrets"),
                Err(why) => notices.fail(format!("Not exported: {why}")),
            }
        });
    };
    view! {
        <button type="button" class="button" data-testid="configurations-export" on:click=export>
            <Glyph icon=Icon::Download />"Export"
        </button>
    }
}

#[component]
fn ConfigurationRow(id: u64, state: BootstrapPageState) -> impl IntoView {
    let saved =
        memo(move || state.configurations.with(|all| all.as_ref()?.iter().find(|one| one.id == id).cloned()));
    move || saved.get().map(|saved| view! { <Row saved=saved state=state /> })
}

#[component]
fn Row(saved: SavedBootstrapConfiguration, state: BootstrapPageState) -> impl IntoView {
    let configuration = &saved.configuration;
    let id = saved.id.to_string();
    let (name, note) = (configuration.name.clone(), configuration.note.clone());
    let address = Route::BootstrapConfiguration { id: saved.id }.address();
    let like = Route::NewBootstrapConfiguration { like: Some(saved.id) }.address();
    let more = configuration.assigned.len().saturating_sub(ASSIGNED_SHOWN);
    let shown = configuration.assigned.iter().take(ASSIGNED_SHOWN);
    let chips = shown
        .map(|one| view! { <span class="chip bs-for"><bdi>{assignment_told(one)}</bdi></span> })
        .collect_view();
    let nobody = configuration.assigned.is_empty().then(|| view! { <span class="muted">"no device"</span> });
    let warned = (!saved.warnings.is_empty()).then(|| {
        let title = saved.warnings.iter().map(|it| it.expected.as_str()).collect::<Vec<_>>().join("\n");
        view! { <span class="chip warn" title=title>{format::plural(saved.warnings.len(), "warning")}</span> }
    });
    let (gives, version) = (contents(configuration), saved.version);
    let (duplicate, delete) = (format!("Duplicate {name}"), format!("Delete {name}"));
    view! {
        <tr class="bs-configuration" data-testid="configuration-row" data-id=id>
            <td class="bs-cut bs-name">
                <a href=address><b>{name}</b></a>
                {(!note.is_empty()).then(|| view! { <span class="muted" title=note.clone()>{format!(" {note}")}</span> })}
            </td>
            <td class="bs-fors">{chips}{nobody}{(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })}</td>
            <td>{gives}" "{warned}</td>
            <td class="number muted">{version}</td>
            <td class="bs-actions">
                <a class="button small ghost" href=like aria-label=duplicate data-testid="configuration-duplicate"><Glyph icon=Icon::Copy />"Duplicate"</a>
                <button
                    type="button" class="button small ghost" aria-label=delete data-testid="configuration-delete"
                    on:click=move |_| state.deleting.set(Some(saved.clone()))
                >
                    <Glyph icon=Icon::Delete />"Delete"
                </button>
            </td>
        </tr>
    }
}
