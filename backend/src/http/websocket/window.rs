use std::{collections::BTreeSet, sync::Arc, time::Duration};

use console_api::{FleetView, FleetWindow};
use tokio::time::Instant;

use super::limits;
use crate::fleet::{Depends, News, Row, View, What};

/// The part of the fleet that a console shows, and when to look again who belongs there.
pub(super) struct Window {
    pub(super) view: FleetView,
    depends: Depends,
    /// In the order of the rows.
    ids: Vec<u32>,
    members: BTreeSet<u32>,
    matching: u32,
    known: u32,
    looked_at: Instant,
    /// A window that takes long is looked at seldom.
    rest: Duration,
    changed: Option<Changed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Changed {
    Order,
    Members,
}

/// The rows of a window, just looked up.
pub(super) struct Found {
    rows: Vec<Arc<Row>>,
    matching: u32,
    started: Instant,
    took: Duration,
}

impl Found {
    pub(super) fn new(matching: &[Arc<Row>], view: &FleetView, started: Instant) -> Self {
        let rows = matching.iter().skip(view.offset as usize).take(view.limit.min(FleetView::ROWS) as usize);
        Self {
            rows: rows.cloned().collect(),
            matching: u32::try_from(matching.len()).unwrap_or(u32::MAX),
            started,
            took: started.elapsed(),
        }
    }

    fn ids(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|row| row.id)
    }
}

impl Window {
    pub(super) fn new(view: FleetView) -> Self {
        Self {
            depends: Depends::of(&view.query),
            view,
            ids: Vec::new(),
            members: BTreeSet::new(),
            matching: 0,
            known: 0,
            looked_at: Instant::now(),
            rest: Duration::ZERO,
            changed: None,
        }
    }

    pub(super) fn shows(&self, news: &News) -> bool {
        news.row.as_ref().is_some_and(|row| self.members.contains(&row.id))
    }

    /// Whether an event may change who belongs here, or the order.
    pub(super) fn notice(&mut self, news: &News) {
        let changed = match news.what {
            What::Registered | What::Departed(_) | What::Forgotten | What::Labelled => Some(Changed::Members),
            What::Updated if self.depends.on_updates => Some(Changed::Order),
            What::Reported(_) | What::ObservationStarted { .. } | What::ObservationEnded { .. }
                if self.depends.on_messages =>
            {
                Some(Changed::Order)
            }
            What::Awake | What::Asleep if self.depends.on_sleep => Some(Changed::Order),
            What::Command(_) if self.depends.on_commands => Some(Changed::Order),
            _ => None,
        };
        self.changed = self.changed.max(changed);
    }

    /// When to look who belongs here.
    pub(super) fn due(&self) -> Option<Instant> {
        let pace = match self.changed {
            Some(Changed::Members) => limits::MEMBERS_PACE,
            Some(Changed::Order) => limits::ORDER_PACE,
            None => return None,
        };
        Some(self.looked_at + pace.max(self.rest))
    }

    /// Notes that it was looked at. Whether the console has to be told.
    pub(super) fn looked(&mut self, found: &Found, known: usize) -> bool {
        self.looked_at = found.started;
        self.rest = found.took * limits::REST;
        self.changed = None;
        found.matching != self.matching
            || known != self.known as usize
            || !found.ids().eq(self.ids.iter().copied())
    }

    /// What is told: rows as they are in `view`.
    pub(super) fn fill(&mut self, found: &Found, view: &View<'_>) -> FleetWindow {
        self.ids = found.ids().collect();
        self.members = found.ids().collect();
        self.matching = found.matching;
        self.known = u32::try_from(view.known()).unwrap_or(u32::MAX);
        FleetWindow {
            view: self.view.clone(),
            seq: view.seq(),
            matching: self.matching,
            known: self.known,
            clients: view.clients(&found.rows),
        }
    }
}
