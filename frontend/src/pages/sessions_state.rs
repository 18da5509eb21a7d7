use console_api::{
    BootstrapConversation, BootstrapSession, BootstrapSessionQuery, BootstrapState, BootstrapView,
    BootstrapWindow, Topic,
};
use leptos::prelude::*;

use crate::bootstrap::PAGE;
use crate::live::{self, Live};
use crate::memo::memo;

/// Which sessions are shown, and what the server tells of them.
#[derive(Clone, Copy)]
pub(crate) struct SessionsState {
    pub(crate) text: RwSignal<String>,
    pub(crate) wanted: RwSignal<Option<BootstrapState>>,
    pub(crate) endpoint: RwSignal<Option<String>>,
    pub(crate) page: RwSignal<u32>,
    pub(crate) sessions: Memo<Vec<BootstrapSession>>,
    pub(crate) ids: Memo<Vec<u64>>,
    pub(crate) matching: Memo<u32>,
    pub(crate) running: Memo<u32>,
    pub(crate) loaded: Memo<bool>,
}

impl SessionsState {
    pub(crate) fn new(live: Live, endpoint: Option<String>) -> Self {
        let figure = move |part: fn(&BootstrapWindow) -> u32| {
            memo(move || live.bootstrap_window.with(|window| window.as_ref().map_or(0, part)))
        };
        let sessions = memo(move || {
            live.bootstrap_window
                .with(|window| window.as_ref().map(|window| window.sessions.clone()).unwrap_or_default())
        });
        Self {
            text: RwSignal::default(),
            wanted: RwSignal::default(),
            endpoint: RwSignal::new(endpoint),
            page: RwSignal::default(),
            sessions,
            ids: memo(move || sessions.with(|sessions| sessions.iter().map(|session| session.id).collect())),
            matching: figure(|window| window.matching),
            running: figure(|window| window.running),
            loaded: memo(move || live.bootstrap_window.with(Option::is_some)),
        }
    }

    pub(crate) fn session(self, id: u64) -> Option<BootstrapSession> {
        self.sessions.with(|sessions| sessions.iter().find(|session| session.id == id).cloned())
    }

    pub(crate) fn is_filtered(self) -> bool {
        self.wanted.get().is_some() || self.text.with(|text| !text.trim().is_empty())
    }

    pub(crate) fn clear(self) {
        self.text.set(String::new());
        self.wanted.set(None);
        self.page.set(0);
    }

    fn view(self) -> BootstrapView {
        let text = self.text.with(|text| text.trim().to_owned());
        let query = BootstrapSessionQuery { endpoint: self.endpoint.get(), state: self.wanted.get(), text };
        BootstrapView { query, offset: self.page.get() * PAGE, limit: PAGE }
    }

    /// Asks for what is on the screen, for as long as the calling component lives.
    pub(crate) fn follow(self, live: Live) {
        let view = memo(move || self.view());
        let forget = move || live.bootstrap_window.set(None);
        live::follow(live, view, |view| &view.query.text, Topic::BootstrapSessions, forget);
    }
}

/// A session message by message, for as long as the calling component lives: none while it is on its way.
pub(crate) fn follow_session(live: Live, id: Signal<Option<u64>>) -> Memo<Option<BootstrapConversation>> {
    let asked = StoredValue::new(None::<u64>);
    let leave = move || {
        if let Some(id) = asked.try_update_value(Option::take).flatten() {
            live.unsubscribe(&Topic::BootstrapSession(id));
        }
    };
    let id = memo(move || id.get());
    Effect::new(move |_| {
        let wanted = id.get();
        leave();
        if let Some(id) = wanted {
            asked.set_value(Some(id));
            live.subscribe(Topic::BootstrapSession(id));
        }
    });
    on_cleanup(move || {
        leave();
        live.conversation.try_set(None);
    });
    memo(move || {
        let id = id.get()?;
        live.conversation.with(|told| told.as_ref().filter(|told| told.id == id)?.told.clone())
    })
}
