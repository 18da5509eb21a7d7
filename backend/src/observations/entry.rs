use console_api::{ObservationEntry, ObservationState};
use lwm2m_codec::{
    ContentFormat,
    attributes::{NotificationAttributes, WriteAttributes},
};
use lwm2m_core::server::{ObservationTarget, Reported, WantedObservation};

use super::sequence::Sequence;
use crate::fleet::InForce;

/// What has become of an observation.
pub(super) struct Entry {
    pub(super) state: ObservationState,
    why: Option<Box<str>>,
    /// Never accepted: it is here only while its command is under way.
    pub(super) fleeting: bool,
    since_ms: u64,
    notifications: u64,
    last_ms: Option<u64>,
    /// Between notifications, the later ones counting more.
    interval_ms: Option<f32>,
    /// Of the last notification.
    confirmable: Option<bool>,
    sequence: Sequence,
    accept: Option<ContentFormat>,
    /// Those of the Observe itself, which few have.
    parameters: Option<Box<NotificationAttributes>>,
}

/// What a new one is before anything is known of it.
impl Default for Entry {
    fn default() -> Self {
        Self {
            state: ObservationState::Waiting,
            why: None,
            fleeting: false,
            since_ms: 0,
            notifications: 0,
            last_ms: None,
            interval_ms: None,
            confirmable: None,
            sequence: Sequence::default(),
            accept: None,
            parameters: None,
        }
    }
}

impl Entry {
    /// The client accepted it. One that it had accepted before only goes on.
    pub(super) fn start(&mut self, since_ms: u64) {
        if self.state != ObservationState::Active {
            *self = Self { state: ObservationState::Active, since_ms, ..Self::default() };
        }
    }

    /// How it is asked for.
    pub(super) fn asked(&mut self, wanted: &WantedObservation) {
        self.accept = wanted.accept;
        self.parameters = wanted.parameters.map(Box::new);
    }

    pub(super) fn parameters(&self) -> Option<&NotificationAttributes> {
        self.parameters.as_deref()
    }

    pub(super) fn stop(&mut self, state: ObservationState, why: &str, now_ms: u64) {
        if self.state != state {
            self.since_ms = now_ms;
        }
        self.state = state;
        self.why = Some(why.into());
    }

    /// The same state, for another reason.
    pub(super) fn explain(&mut self, why: &str) {
        self.why = Some(why.into());
    }

    pub(super) fn notify(&mut self, reported: &Reported) {
        /// The share of one interval in the mean.
        const SHARE: f32 = 0.25;
        let at_ms = reported.at.as_millis();
        if let Some(last_ms) = self.last_ms {
            let interval_ms = at_ms.saturating_sub(last_ms) as f32;
            let mean = self.interval_ms.unwrap_or(interval_ms);
            self.interval_ms = Some(mean + SHARE * (interval_ms - mean));
        }
        self.notifications += 1;
        self.last_ms = Some(at_ms);
        self.confirmable = Some(reported.confirmable);
        if let Some(value) = reported.sequence {
            self.sequence.take(value);
        }
    }

    pub(super) fn told(
        &self,
        endpoint: &str,
        name: Option<String>,
        target: &ObservationTarget,
        attributes: Option<InForce>,
    ) -> ObservationEntry {
        let in_query = |set: &NotificationAttributes| WriteAttributes::setting(set).to_queries().join("&");
        let (attributes, ignored, discovered_ms) = match attributes {
            Some(InForce { attributes, ignored, discovered_ms }) => (attributes, ignored, discovered_ms),
            None => (None, Vec::new(), None),
        };
        let paths = match target {
            ObservationTarget::Path(_) => Vec::new(),
            ObservationTarget::Paths(paths) => paths.iter().map(ToString::to_string).collect(),
        };
        let per_minute = self.interval_ms.filter(|interval| *interval > 0.0);
        ObservationEntry {
            endpoint: endpoint.to_owned(),
            name,
            path: target.path().to_string(),
            paths,
            state: self.state,
            why: self.why.as_deref().map(str::to_owned),
            since_ms: self.since_ms,
            accept: self.accept.map(|format| format.0),
            parameters: self.parameters().map(in_query),
            notifications: self.notifications,
            last_notification_ms: self.last_ms,
            per_minute: per_minute.map(|interval| 60_000.0 / f64::from(interval)),
            confirmable: self.confirmable,
            sequence_gaps: self.sequence.gaps,
            attributes,
            ignored,
            discovered_ms,
        }
    }
}
