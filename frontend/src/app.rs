use std::time::Duration;

use console_api::SimulateDevices;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::components::shell::{Banner, Navigation, NoticeBar, TopBar, page_name};
use crate::fleet::FleetState;
use crate::frame::{Announcement, PageKeys, Recent};
use crate::frame::{Dialogs, Notices, PageActions, Unsaved};
use crate::keys::{Command, Keys, Place, Press};
use crate::live::{self, Live, Phase};
use crate::memo::memo;
use crate::pages::{
    FleetPage, NotFoundPage, ObjectsState, access_control_of_page, access_control_page, board_page,
    boards_page, bootstrap_configuration_page, bootstrap_page, bootstrap_session_page, commands_page,
    device_page, fetch_ahead, frame_dialogs, load_access_control, load_bootstrap, load_device, load_dialogs,
    load_pages, new_bootstrap_configuration, objects_page, observations_page, opening, security_page,
    server_page, trace_page, when_wanted,
};
use crate::palette::Choice;
use crate::routing::{Route, Router};
use crate::theme::Theme;
use crate::traffic::Traffic;
use crate::{api, browser, format};

/// How often the server's own figures are asked for.
const STATUS_EVERY: Duration = Duration::from_secs(2);

/// The frame around the pages.
#[component]
pub(crate) fn App() -> impl IntoView {
    let live = Live::new();
    let router = Router::start();
    let theme = Theme::start();
    let traffic = RwSignal::new(Traffic::default());
    let announcement = RwSignal::new(String::new());
    provide_context(live);
    provide_context(router);
    provide_context(theme);
    provide_context(traffic);
    provide_context(Announcement(announcement));
    provide_context(PageKeys::default());
    provide_context(PageActions::default());
    provide_context(Unsaved::default());
    provide_context(Notices::default());
    provide_context(Dialogs::default());
    provide_context(Recent::default());
    provide_context(FleetState::default());
    provide_context(ObjectsState::default());

    live::start(live);
    live.follow_definitions();
    keep_time(live, traffic);
    look_for_newer_build(live);
    listen_to_keys(router);
    fetch_ahead();
    // A new page begins at its beginning, for the Tab key and for screen readers.
    Effect::new(move |before: Option<Route>| {
        let route = router.route.get();
        if before.is_some_and(|before| before != route) {
            browser::focus("#main");
            announcement.set(page_name(&route));
        }
        route
    });

    let Dialogs { help, palette } = expect_context();
    let dialog_wanted = memo(move || help.get() || palette.get());
    let on_choose = chooser(live, router, theme);
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <Navigation />
        <TopBar />
        <main id="main" tabindex="-1">
            <Banner />
            {move || match router.route.get() {
                Route::Fleet => view! { <FleetPage /> }.into_any(),
                Route::Device { endpoint } => opening(load_device, move || device_page(endpoint.clone())),
                Route::Observations => opening(load_pages, observations_page),
                Route::Boards => opening(load_device, boards_page),
                Route::Board { id } => opening(load_device, move || board_page(id)),
                Route::Commands { endpoint } => opening(load_pages, move || commands_page(endpoint.clone())),
                Route::Objects { id } => opening(load_pages, move || objects_page(id)),
                Route::Trace { endpoint } => opening(load_pages, move || trace_page(endpoint.clone())),
                Route::Security { endpoint } => opening(load_pages, move || security_page(endpoint.clone())),
                Route::AccessControl => opening(load_access_control, access_control_page),
                Route::AccessControlOf { endpoint } => {
                    opening(load_access_control, move || access_control_of_page(endpoint.clone()))
                }
                Route::Bootstrap { endpoint } => opening(load_bootstrap, move || bootstrap_page(endpoint.clone())),
                Route::NewBootstrapConfiguration { like } => {
                    opening(load_bootstrap, move || new_bootstrap_configuration(like))
                }
                Route::BootstrapConfiguration { id } => {
                    opening(load_bootstrap, move || bootstrap_configuration_page(id))
                }
                Route::BootstrapSession { id } => opening(load_bootstrap, move || bootstrap_session_page(id)),
                Route::Server => opening(load_pages, server_page),
                Route::NotFound => view! { <NotFoundPage /> }.into_any(),
            }}
        </main>
        {when_wanted(dialog_wanted, load_dialogs, move || frame_dialogs(on_choose))}
        <NoticeBar />
        <div class="visually-hidden" role="status" aria-live="polite">{announcement}</div>
    }
}

/// Ticks the clock and asks for the server's figures, while somebody looks.
fn keep_time(live: Live, traffic: RwSignal<Traffic>) {
    live.every(Duration::from_secs(1), move || live.now_ms.set(live.clock()));
    live.every(STATUS_EVERY, move || {
        // A server that is away has no figures; asking would only fill the browser's log.
        let away =
            live.connection.with_untracked(|connection| matches!(connection.phase, Phase::Offline { .. }));
        if !away {
            ask_status(live, traffic);
        }
    });
}

fn ask_status(live: Live, traffic: RwSignal<Traffic>) {
    leptos::task::spawn_local(async move {
        // The connection state tells when the server is away; the last figures stay.
        if let Ok(status) = api::server().await {
            traffic.update(|traffic| traffic.add(&status));
            live.server.set(Some(status));
        }
    });
}

/// A server that was started again may have another build of this page.
fn look_for_newer_build(live: Live) {
    Effect::new(move |before: Option<u64>| {
        let run = live.server_run.get();
        if before.is_some_and(|before| before != 0 && before != run) {
            leptos::task::spawn_local(async move {
                if api::has_newer_build().await {
                    live.connection.update(|connection| connection.newer_build = true);
                }
            });
        }
        run
    });
}

fn listen_to_keys(router: Router) {
    let Dialogs { help, palette } = expect_context();
    let page_keys = expect_context::<PageKeys>();
    let keys = StoredValue::new(Keys::default());
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let focus = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let key = event.key();
        let press = Press {
            key: &key,
            control: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
            typing: focus.as_ref().is_some_and(browser::takes_text),
            dialog: browser::find("dialog[open], :popover-open").is_some(),
            at_ms: browser::now_ms(),
        };
        let command = keys.try_update_value(|keys| keys.press(press)).flatten();
        let Some(command) = command else {
            return;
        };
        match command {
            Command::Palette => palette.set(true),
            Command::FocusSearch if browser::focus("[data-search]") => {}
            Command::FocusSearch => palette.set(true),
            Command::Open(place) => router.open(route(place)),
            Command::Help => help.set(true),
            Command::Close if press.typing => browser::blur(),
            other if !page_keys.run(other) => return,
            _ => {}
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

fn route(place: Place) -> Route {
    match place {
        Place::Fleet => Route::Fleet,
        Place::Observations => Route::Observations,
        Place::Boards => Route::Boards,
        Place::Commands => Route::Commands { endpoint: None },
        Place::Objects => Route::Objects { id: None },
        Place::Trace => Route::Trace { endpoint: None },
        Place::AccessControl => Route::AccessControl,
        Place::Bootstrap => Route::Bootstrap { endpoint: None },
        Place::Security => Route::Security { endpoint: None },
        Place::Server => Route::Server,
    }
}

/// Does what was chosen in the palette.
fn chooser(live: Live, router: Router, theme: RwSignal<Theme>) -> Callback<Choice> {
    let Dialogs { help, .. } = expect_context();
    let notices = expect_context::<Notices>();
    let actions = expect_context::<PageActions>();
    Callback::new(move |choice| match choice {
        Choice::Open(route) => router.open(route),
        Choice::Theme(wanted) => theme.set(wanted),
        Choice::Help => help.set(true),
        Choice::CopyAddress => copy_address(live, notices),
        Choice::Simulate => simulate(notices),
        Choice::Page(index) => {
            if let Some(action) = actions.list().get(index) {
                action.run.run(());
            }
        }
    })
}

fn copy_address(live: Live, notices: Notices) {
    let address = live.server.with_untracked(|server| {
        let server = server.as_ref()?;
        Some(server.uris.first().unwrap_or(&server.coap).clone())
    });
    leptos::task::spawn_local(async move {
        let Some(address) = address else {
            notices.fail("The address is not known yet: the server has not answered.");
            return;
        };
        if browser::copy_text(&address).await {
            notices.say(format!("Copied {address}"));
        } else {
            notices.fail(format!("The browser does not allow to copy. The address is {address}"));
        }
    });
}

fn simulate(notices: Notices) {
    leptos::task::spawn_local(async move {
        let wanted = SimulateDevices { count: Some(1), profile: None };
        match api::simulate_devices(&wanted).await {
            Ok(started) => notices.say(format!(
                "Started; {} running now",
                format::plural(started.endpoints.len(), "simulated device")
            )),
            Err(failure) => notices.fail(format!("No device was started: {}", failure.told())),
        }
    });
}
