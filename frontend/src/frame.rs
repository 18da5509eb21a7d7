//! What the open page and the frame around it know of each other.

use leptos::prelude::*;

use crate::keys::Command;

/// Clients whose pages were opened last, newest first.
const RECENT: usize = 8;

/// What screen readers are told about operations.
#[derive(Clone, Copy)]
pub(crate) struct Announcement(pub(crate) RwSignal<String>);

/// What the open page does with a key.
#[derive(Clone, Copy, Default)]
pub(crate) struct PageKeys {
    commands: RwSignal<Option<Callback<Command>>>,
    own: RwSignal<Option<OwnKeys>>,
}

/// Keys that only one page has.
#[derive(Clone, Copy)]
pub(crate) struct OwnKeys {
    /// Heading of the keys in the help.
    pub(crate) title: &'static str,
    /// Key and meaning.
    pub(crate) keys: &'static [(char, &'static str)],
    act: Callback<char>,
}

impl PageKeys {
    /// For as long as the calling component lives.
    pub(crate) fn listen(self, on_command: impl Fn(Command) + Send + Sync + 'static) {
        self.commands.set(Some(Callback::new(on_command)));
        on_cleanup(move || {
            self.commands.try_set(None);
        });
    }

    /// Adds letters that have no meaning on other pages, for as long as the calling component lives.
    pub(crate) fn add(
        self,
        title: &'static str,
        keys: &'static [(char, &'static str)],
        act: impl Fn(char) + Send + Sync + 'static,
    ) {
        self.own.set(Some(OwnKeys { title, keys, act: Callback::new(act) }));
        on_cleanup(move || {
            self.own.try_set(None);
        });
    }

    pub(crate) fn own(self) -> Option<OwnKeys> {
        self.own.get()
    }

    /// Whether the page takes it.
    pub(crate) fn run(self, command: Command) -> bool {
        if let Command::Letter(letter) = command {
            let own = self.own.get_untracked();
            let own = own.filter(|own| own.keys.iter().any(|(key, _)| *key == letter));
            return own.map(|own| own.act.run(letter)).is_some();
        }
        self.commands.get_untracked().map(|page| page.run(command)).is_some()
    }
}

/// Something that the open page can do, for the command palette.
#[derive(Clone)]
pub(crate) struct PageAction {
    pub(crate) title: String,
    pub(crate) run: Callback<()>,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct PageActions(RwSignal<Vec<PageAction>>);

impl PageActions {
    /// For as long as the calling component lives; `actions` may follow what the page shows.
    pub(crate) fn offer(self, actions: impl Fn() -> Vec<PageAction> + 'static) {
        Effect::new(move |_| self.0.set(actions()));
        on_cleanup(move || {
            self.0.try_set(Vec::new());
        });
    }

    pub(crate) fn list(self) -> Vec<PageAction> {
        self.0.get()
    }
}

/// What was typed and not sent: a reload would lose it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Unsaved(RwSignal<Option<Signal<bool>>>);

impl Unsaved {
    /// For as long as the calling component lives.
    pub(crate) fn hold(self, unsaved: impl Fn() -> bool + Send + Sync + 'static) {
        self.0.set(Some(Signal::derive(unsaved)));
        on_cleanup(move || {
            self.0.try_set(None);
        });
    }

    pub(crate) fn any(self) -> bool {
        self.0.get().is_some_and(|unsaved| unsaved.get())
    }
}

/// A line at the bottom for what has no place of its own on the page.
#[derive(Clone, Copy, Default)]
pub(crate) struct Notices(pub(crate) RwSignal<Option<Notice>>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) text: String,
    pub(crate) bad: bool,
    /// Tells one from another with the same text.
    pub(crate) number: u64,
}

impl Notices {
    pub(crate) fn say(self, text: impl Into<String>) {
        self.put(text.into(), false);
    }

    pub(crate) fn fail(self, text: impl Into<String>) {
        self.put(text.into(), true);
    }

    fn put(self, text: String, bad: bool) {
        self.0.update(|notice| {
            let number = notice.as_ref().map_or(1, |before| before.number + 1);
            *notice = Some(Notice { text, bad, number });
        });
    }
}

#[derive(Clone, Copy, Default)]
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

/// The dialogs of the frame.
#[derive(Clone, Copy, Default)]
pub(crate) struct Dialogs {
    pub(crate) help: RwSignal<bool>,
    pub(crate) palette: RwSignal<bool>,
}
