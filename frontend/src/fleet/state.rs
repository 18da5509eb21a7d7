use console_api::ClientQuery;
use leptos::prelude::*;

use super::{Bulk, Column, Selection, to_address};
use crate::browser;
use crate::routing::Router;

/// What the dialog for many devices shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BulkStep {
    /// What exactly is to be done, with whom, and with how many of them as far as is known.
    Ask { what: BulkKind, whom: Selection, many: usize },
    /// How it goes.
    Job,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BulkKind {
    Read,
    Observe,
    Tag,
    Forget,
}

/// How the operator left the fleet page; it is the same when they come back.
#[derive(Clone, Copy, Default)]
pub(crate) struct FleetState {
    /// Which clients, in which order. The address of the page says the same.
    pub(crate) query: RwSignal<ClientQuery>,
    pub(crate) scroll_px: RwSignal<f64>,
    /// Rows of the table that are in the document: the first, and how many.
    pub(crate) mounted: RwSignal<(usize, usize)>,
    /// Index of the row that the keys are at.
    pub(crate) active: RwSignal<usize>,
    pub(crate) hidden: RwSignal<Vec<Column>>,
    /// Columns that there is room for.
    pub(crate) columns: RwSignal<Vec<Column>>,
    pub(crate) selection: RwSignal<Selection>,
    /// Index of the row that was selected last: where a range begins.
    pub(crate) anchor: RwSignal<usize>,
    pub(crate) bulk: Bulk,
    pub(crate) bulk_step: RwSignal<Option<BulkStep>>,
    /// The client whose label is being edited.
    pub(crate) labelling: RwSignal<Option<String>>,
    /// How to connect a device is shown.
    pub(crate) connecting: RwSignal<bool>,
}

impl FleetState {
    /// Asks another question. A `step` is one that the back button undoes.
    pub(crate) fn ask(self, router: Router, step: bool, change: impl FnOnce(&mut ClientQuery)) {
        let mut query = self.query.get_untracked();
        change(&mut query);
        if query != self.query.get_untracked() {
            router.set_query(&to_address(&query), step);
            self.show(query);
        }
    }

    /// Another question is answered from the top.
    pub(crate) fn show(self, query: ClientQuery) {
        if query == self.query.get_untracked() {
            return;
        }
        if self.selection.with_untracked(|selection| !selection.is_empty()) {
            self.selection.update(|selection| selection.keep_for(&query));
        }
        self.query.set(query);
        self.active.set(0);
        self.scroll_px.set(0.0);
        if let Some(table) = browser::find(".fleet-body") {
            table.set_scroll_top(0);
        }
    }

    /// Opens the dialog for what is selected.
    pub(crate) fn open_bulk(self, what: BulkKind, many: usize) {
        let whom = self.selection.get_untracked();
        if !whom.is_empty() {
            self.bulk_step.set(Some(BulkStep::Ask { what, whom, many }));
        }
    }
}
