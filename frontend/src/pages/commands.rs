use std::sync::Arc;

use console_api::{Command, CommandQuery, CommandState, CommandView, Topic};
use leptos::prelude::*;

use crate::browser;
use crate::commands::PAGE;
use crate::components::commands::{CommandTable, CommandsEmpty, CommandsToolbar};
use crate::components::{EmptyState, Loading};
use crate::frame::PageKeys;
use crate::keys::Command as Key;
use crate::live::{self, Live};
use crate::memo::memo;

/// Which commands are shown, and what the server tells of them.
#[derive(Clone, Copy)]
pub(crate) struct CommandsState {
    pub(crate) text: RwSignal<String>,
    pub(crate) wanted: RwSignal<Option<CommandState>>,
    pub(crate) page: RwSignal<u32>,
    commands: Memo<Vec<Arc<Command>>>,
    pub(crate) ids: Memo<Vec<u64>>,
    /// Commands that match.
    pub(crate) matching: Memo<u32>,
    /// Commands of all devices that are not over.
    pub(crate) open: Memo<u32>,
    pub(crate) loaded: Memo<bool>,
}

impl CommandsState {
    fn new(live: Live) -> Self {
        let commands = memo(move || {
            live.command_window.with(|window| {
                window
                    .iter()
                    .flat_map(|window| window.commands.iter().cloned().map(Arc::new))
                    .collect::<Vec<_>>()
            })
        });
        let figure = move |part: fn(&console_api::CommandWindow) -> u32| {
            memo(move || live.command_window.with(|window| window.as_ref().map_or(0, part)))
        };
        Self {
            text: RwSignal::default(),
            wanted: RwSignal::default(),
            page: RwSignal::default(),
            commands,
            ids: memo(move || commands.with(|commands| commands.iter().map(|command| command.id).collect())),
            matching: figure(|window| window.matching),
            open: figure(|window| window.open),
            loaded: memo(move || live.command_window.with(Option::is_some)),
        }
    }

    pub(crate) fn command(self, id: u64) -> Option<Arc<Command>> {
        self.commands.with(|commands| commands.iter().find(|command| command.id == id).cloned())
    }

    fn view(self, endpoint: Option<String>) -> CommandView {
        let text = self.text.with(|text| text.trim().to_owned());
        let query = CommandQuery { endpoint, state: self.wanted.get(), text };
        CommandView { query, offset: self.page.get() * PAGE, limit: PAGE }
    }

    fn is_filtered(self) -> bool {
        self.wanted.get().is_some() || self.text.with(|text| !text.trim().is_empty())
    }

    fn clear(self) {
        self.text.set(String::new());
        self.wanted.set(None);
        self.page.set(0);
    }
}

/// What was asked of devices, and what has become of it.
#[component]
pub(crate) fn CommandsPage(endpoint: Option<String>) -> impl IntoView {
    let live = expect_context::<Live>();
    browser::set_title("Commands · LwM2M Console");
    let state = CommandsState::new(live);
    follow(live, state, endpoint.clone());
    expect_context::<PageKeys>().listen(move |command| {
        if command == Key::Close {
            state.clear();
        }
    });
    let none = memo(move || state.ids.with(Vec::is_empty));
    let of_one = endpoint.is_some();
    let body = move || {
        match (state.loaded.get(), none.get(), state.is_filtered() || of_one) {
        (false, ..) => view! { <Loading label="Loading the commands" /> }.into_any(),
        (_, true, false) => view! { <CommandsEmpty /> }.into_any(),
        (_, true, true) => view! {
            <EmptyState title="No command matches" testid="commands-nothing">
                <p>"Words are looked for in endpoint name, operation, path and who asked; the state is chosen beside the search."</p>
                <button class="button" on:click=move |_| state.clear()>"Clear the filter"</button>
            </EmptyState>
        }
        .into_any(),
        _ => view! { <CommandTable state=state /> }.into_any(),
    }
    };
    view! {
        <div class="commands-page" data-testid="commands-page">
            <h1 class="visually-hidden">"Commands"</h1>
            <CommandsToolbar state=state endpoint=endpoint />
            {body}
        </div>
    }
}

/// Asks for what is on the screen, for as long as the calling component lives.
fn follow(live: Live, state: CommandsState, endpoint: Option<String>) {
    let view = memo(move || state.view(endpoint.clone()));
    let forget = move || live.command_window.set(None);
    live::follow(live, view, |view| &view.query.text, Topic::Commands, forget);
}
