use std::{collections::BTreeSet, time::Duration};

use coap::Instant;

use crate::scenario::Event;

/// When which event of the scenario happens next.
#[derive(Debug, Default)]
pub(super) struct Timeline(BTreeSet<(Instant, usize)>);

impl Timeline {
    pub(super) fn new(events: &[Event], start: Instant) -> Self {
        let at = |event: &Event| start + Duration::from_secs(event.at_s.into());
        Self(events.iter().enumerate().map(|(index, event)| (at(event), index)).collect())
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.0.first().map(|(due, _)| *due)
    }

    /// The event that is due. One that repeats comes again.
    pub(super) fn take_due(&mut self, events: &[Event], now: Instant) -> Option<usize> {
        if now < self.next()? {
            return None;
        }
        let (due, index) = self.0.pop_first()?;
        if let Some(every_s) = events.get(index).and_then(|event| event.every_s) {
            self.0.insert((due + Duration::from_secs(every_s.into()), index));
        }
        Some(index)
    }
}
