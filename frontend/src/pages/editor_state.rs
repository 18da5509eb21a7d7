use std::collections::BTreeMap;

use bootstrap_configuration::check;
use console_api::{
    BootstrapCheck, BootstrapConfiguration, BootstrapProblem, SavedBootstrapConfiguration, ServerSecurity,
};
use leptos::prelude::*;

use crate::api::Failure;
use crate::bootstrap::{self, Unreadable};
use crate::frame::Notices;
use crate::live::{Definitions, Live};
use crate::memo::memo;
use crate::routing::{Route, Router};
use crate::{browser, security};

/// A configuration that is being edited.
#[derive(Clone, Copy)]
pub(crate) struct EditorState {
    pub(crate) draft: RwSignal<BootstrapConfiguration>,
    /// As the server has it; none of one that is not saved yet.
    pub(crate) saved: RwSignal<Option<SavedBootstrapConfiguration>>,
    /// By field.
    pub(crate) unreadable: RwSignal<BTreeMap<String, Unreadable>>,
    /// Resources of other instances that are asked for and have no value yet, by the field of the instance.
    pub(crate) asked: RwSignal<BTreeMap<String, Vec<u16>>>,
    /// What the server alone knows to be wrong.
    refused: RwSignal<Vec<BootstrapProblem>>,
    /// What is wrong is shown. In a new configuration only once somebody has tried to save it.
    pub(crate) strict: RwSignal<bool>,
    pub(crate) problems: Memo<Vec<BootstrapProblem>>,
    pub(crate) warnings: Memo<Vec<BootstrapProblem>>,
    pub(crate) changed: Memo<bool>,
    /// Counts how often all fields were drawn anew.
    pub(crate) drawn: RwSignal<u32>,
    /// Addresses and keys of this server.
    pub(crate) server: RwSignal<Option<ServerSecurity>>,
    pub(crate) busy: RwSignal<bool>,
    pub(crate) failure: RwSignal<Option<String>>,
    /// Somebody else has saved meanwhile: that version.
    pub(crate) conflict: RwSignal<Option<SavedBootstrapConfiguration>>,
    pub(crate) versions_open: RwSignal<bool>,
    pub(crate) trying: RwSignal<bool>,
    /// The device whose session is watched.
    pub(crate) tried: RwSignal<Option<String>>,
}

impl EditorState {
    pub(crate) fn new(live: Live, configuration: BootstrapConfiguration) -> Self {
        let draft = RwSignal::new(configuration);
        let saved = RwSignal::new(None::<SavedBootstrapConfiguration>);
        let unreadable = RwSignal::new(BTreeMap::<String, Unreadable>::new());
        let refused = RwSignal::new(Vec::<BootstrapProblem>::new());
        let strict = RwSignal::new(false);
        let checked = memo(move || {
            let registry = live.definitions.with(|definitions| definitions.registry().cloned());
            registry.map(|registry| draft.with(|draft| check(draft, &registry))).unwrap_or_default()
        });
        let problems = memo(move || {
            if !strict.get() {
                return Vec::new();
            }
            let typed = unreadable.with(|unreadable| {
                let problem = |(field, it): (&String, &Unreadable)| BootstrapProblem {
                    field: field.clone(),
                    expected: it.expected.clone(),
                    got: it.text.clone(),
                };
                unreadable.iter().map(problem).collect::<Vec<_>>()
            });
            let found = checked.with(|check: &BootstrapCheck| check.problems.clone());
            typed.into_iter().chain(found).chain(refused.get()).collect()
        });
        let changed = memo(move || {
            let typed = unreadable.with(|unreadable| !unreadable.is_empty());
            typed
                || saved.with(|saved| {
                    draft.with(|draft| {
                        saved
                            .as_ref()
                            .map_or_else(BootstrapConfiguration::default, |it| it.configuration.clone())
                            != *draft
                    })
                })
        });
        Self {
            draft,
            saved,
            unreadable,
            asked: RwSignal::default(),
            refused,
            strict,
            problems,
            warnings: memo(move || checked.with(|check: &BootstrapCheck| check.warnings.clone())),
            changed,
            drawn: RwSignal::default(),
            server: RwSignal::default(),
            busy: RwSignal::default(),
            failure: RwSignal::default(),
            conflict: RwSignal::default(),
            versions_open: RwSignal::default(),
            trying: RwSignal::default(),
            tried: RwSignal::default(),
        }
    }

    /// Edits what is a field of its own; what the server has said of it is old news then.
    pub(crate) fn edit(self, how: impl FnOnce(&mut BootstrapConfiguration)) {
        self.draft.update(how);
        if self.refused.with_untracked(|refused| !refused.is_empty()) {
            self.refused.set(Vec::new());
        }
    }

    /// Edits lists, so that fields move: all are drawn anew.
    pub(crate) fn redraw(self, how: impl FnOnce(&mut BootstrapConfiguration)) {
        self.unreadable.set(BTreeMap::new());
        self.asked.set(BTreeMap::new());
        self.edit(how);
        self.drawn.update(|drawn| *drawn += 1);
    }

    /// What the server has takes the place of what was typed.
    pub(crate) fn show(self, saved: SavedBootstrapConfiguration) {
        let configuration = saved.configuration.clone();
        self.saved.set(Some(saved));
        self.strict.set(true);
        self.redraw(|draft| *draft = configuration);
    }

    pub(crate) fn ask_server(self) {
        leptos::task::spawn_local(async move {
            if let Ok(server) = security::server().await {
                self.server.try_set(Some(server));
            }
        });
    }

    /// Number of the saved configuration.
    pub(crate) fn id(self) -> Option<u64> {
        self.saved.with(|saved| saved.as_ref().map(|saved| saved.id))
    }

    /// Whether all fields have what they should; otherwise the first that has not gets the focus.
    pub(crate) fn is_good(self) -> bool {
        self.strict.set(true);
        let first = self.problems.with_untracked(|problems| problems.first().map(|it| it.field.clone()));
        if let Some(field) = &first {
            find_field(field);
        }
        first.is_none()
    }

    /// Saves; `then` runs when it is saved. A new configuration gets its own page.
    pub(crate) fn save(self, router: Router, notices: Notices, then: impl FnOnce() + 'static) {
        if !self.is_good() {
            return;
        }
        let draft = self.draft.get_untracked();
        let saved = self.saved.with_untracked(|saved| saved.as_ref().map(|saved| (saved.id, saved.version)));
        self.busy.set(true);
        self.failure.set(None);
        leptos::task::spawn_local(async move {
            let answer = match saved {
                Some((id, version)) => bootstrap::save(id, version, &draft).await,
                None => bootstrap::add(&draft).await,
            };
            self.busy.try_set(false);
            match answer {
                Ok(now) => {
                    notices.say(format!("Saved as version {}", now.version));
                    let id = now.id;
                    self.show(now);
                    if saved.is_none() {
                        router.open(Route::BootstrapConfiguration { id });
                    }
                    then();
                }
                Err(failure) => self.refuse(&draft, saved.map(|(id, _)| id), failure).await,
            }
        });
    }

    /// Finds out why it was not saved: another version, fields, or something else.
    async fn refuse(self, draft: &BootstrapConfiguration, id: Option<u64>, failure: Failure) {
        if let Some(id) = id
            && let Ok(newest) = bootstrap::configuration(id).await
            && self.saved.try_with_untracked(|saved| saved.as_ref().map(|it| it.version))
                != Some(Some(newest.version))
        {
            self.conflict.try_set(Some(newest));
            return;
        }
        let problems = match bootstrap::ask_check(id, draft).await {
            Ok(check) => check.problems,
            Err(_) => Vec::new(),
        };
        match problems.first() {
            Some(first) => {
                find_field(&first.field);
                self.refused.try_set(problems);
            }
            None => _ = self.failure.try_set(Some(failure.told())),
        }
    }
}

/// Brings the field, or what it lies in, under the eyes and the keys of the operator.
pub(crate) fn find_field(field: &str) {
    let field = field.to_owned();
    request_animation_frame(move || {
        for place in bootstrap::places(&field) {
            if browser::focus(&format!("[data-field={place:?}]")) {
                return;
            }
        }
    });
}

/// The definitions that resources are named and typed by.
pub(crate) fn load_definitions(live: Live) {
    if live.definitions.with_untracked(|now| !matches!(now, Definitions::Ready(_))) {
        live.load_definitions();
    }
}
