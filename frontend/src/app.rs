use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::components::shell::{Banner, HelpDialog, Navigation, TopBar};
use crate::keys::{Command, Keys, Press};
use crate::live::{self, Live, Phase};
use crate::pages::{
    DevicePage, FleetPage, FleetState, NotFoundPage, ObjectsPage, ObservationsPage, ServerPage, TracePage,
};
use crate::routing::{Route, Router};
use crate::theme::Theme;
use crate::traffic::Traffic;
use crate::{api, browser};

/// How often the server's own figures are asked for.
const STATUS_EVERY: Duration = Duration::from_secs(2);

/// Clients whose pages were opened last, newest first.
const RECENT: usize = 8;

/// What screen readers are told about operations.
#[derive(Clone, Copy)]
pub(crate) struct Announcement(pub(crate) RwSignal<String>);

/// What the open page does with a key.
#[derive(Clone, Copy, Default)]
pub(crate) struct PageKeys(RwSignal<Option<Callback<Command>>>);

impl PageKeys {
    /// For as long as the calling component lives.
    pub(crate) fn listen(self, on_command: impl Fn(Command) + Send + Sync + 'static) {
        self.0.set(Some(Callback::new(on_command)));
        on_cleanup(move || {
            self.0.try_set(None);
        });
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Recent(pub(crate) RwSignal<Vec<String>>);

impl Recent {
    pub(crate) fn add(self, endpoint: &str) {
        self.0.update(|recent| {
            recent.retain(|other| other != endpoint);
            recent.insert(0, endpoint.to_owned());
            recent.truncate(RECENT);
        });
    }
}

/// The frame around the pages.
#[component]
pub(crate) fn App() -> impl IntoView {
    let live = Live::new();
    let router = Router::start();
    let theme = Theme::start();
    let traffic = RwSignal::new(Traffic::default());
    let help = RwSignal::new(false);
    let announcement = RwSignal::new(String::new());
    let page_keys = PageKeys::default();
    provide_context(live);
    provide_context(router);
    provide_context(theme);
    provide_context(traffic);
    provide_context(Announcement(announcement));
    provide_context(page_keys);
    provide_context(Recent(RwSignal::default()));
    provide_context(FleetState::default());

    live::start(live);
    keep_time(live, traffic);
    listen_to_keys(router, help, page_keys);
    // A new page begins at its beginning, for the Tab key and for screen readers.
    Effect::new(move |before: Option<Route>| {
        let route = router.route.get();
        if before.is_some_and(|before| before != route) {
            browser::focus("#main");
        }
        route
    });

    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <Navigation />
        <TopBar help=help />
        <main id="main" tabindex="-1">
            <Banner />
            {move || match router.route.get() {
                Route::Fleet => view! { <FleetPage /> }.into_any(),
                Route::Device { endpoint } => view! { <DevicePage endpoint=endpoint /> }.into_any(),
                Route::Observations => view! { <ObservationsPage /> }.into_any(),
                Route::Objects { id } => view! { <ObjectsPage id=id /> }.into_any(),
                Route::Trace { endpoint } => view! { <TracePage endpoint=endpoint /> }.into_any(),
                Route::Server => view! { <ServerPage /> }.into_any(),
                Route::NotFound => view! { <NotFoundPage /> }.into_any(),
            }}
        </main>
        <HelpDialog open=help />
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

fn listen_to_keys(router: Router, help: RwSignal<bool>, page_keys: PageKeys) {
    let keys = StoredValue::new(Keys::default());
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let focus = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let key = event.key();
        let press = Press {
            key: &key,
            control: event.ctrl_key() || event.meta_key(),
            alt: event.alt_key(),
            typing: focus.as_ref().is_some_and(browser::takes_text),
            dialog: browser::find("dialog[open]").is_some(),
            at_ms: browser::now_ms(),
        };
        let command = keys.try_update_value(|keys| keys.press(press)).flatten();
        let Some(command) = command else {
            return;
        };
        match command {
            Command::FocusSearch => {
                if !browser::focus("[data-search]") {
                    return;
                }
            }
            Command::OpenFleet => router.open(Route::Fleet),
            Command::Help => help.set(true),
            Command::Close if press.typing => browser::blur(),
            other => match page_keys.0.get_untracked() {
                Some(page) => page.run(other),
                None => return,
            },
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
