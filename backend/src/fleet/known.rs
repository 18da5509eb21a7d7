use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use lwm2m_codec::{Level, Path};
use lwm2m_core::server::{self, ObservationTarget, Refusals, Registration, Source, Subject};

use super::{
    attributes::KnownAttributes,
    limits,
    row::{Row, fits_a_row},
};

/// Everything that is known of a client.
pub(super) struct Known {
    pub(super) row: Arc<Row>,
    pub(super) reported: BTreeMap<Subject, Arc<server::Reported>>,
    pub(super) observed: BTreeMap<ObservationTarget, u64>,
    pub(super) refusals: Refusals,
    pub(super) attributes: KnownAttributes,
}

impl Known {
    pub(super) fn new(row: Row) -> Self {
        Self {
            row: Arc::new(row),
            reported: BTreeMap::new(),
            observed: BTreeMap::new(),
            refusals: Refusals::default(),
            attributes: KnownAttributes::default(),
        }
    }

    pub(super) fn registration(&self) -> &Arc<Registration> {
        &self.row.registration
    }

    /// The row, to change it. Who looks at it keeps it as it was.
    pub(super) fn row_mut(&mut self) -> &mut Row {
        Arc::make_mut(&mut self.row)
    }

    pub(super) fn register(&mut self, registration: &Arc<Registration>, address: Option<SocketAddr>) {
        self.forget_instances_without(registration);
        let row = self.row_mut();
        row.registration = Arc::clone(registration);
        row.address = address;
        row.departed = None;
        if !registration.queue_mode {
            (row.queue.awake, row.queue.until_ms) = (true, None);
        }
        row.heard(registration.updated_at.as_millis());
    }

    /// Object Instances that a client no longer lists are gone, and what they were with them.
    fn forget_instances_without(&mut self, registration: &Registration) {
        let lists = |registration: &Registration, path: Path| {
            let (object, instance) = path.object_id().zip(path.instance_id())?;
            Some(registration.links.objects.get(&object)?.instances.contains(&instance))
        };
        let before = Arc::clone(self.registration());
        if Arc::ptr_eq(&before.links, &registration.links) {
            return;
        }
        let goes = |path: Path| {
            let instance = path.truncate(Level::ObjectInstance);
            lists(&before, instance) == Some(true) && lists(registration, instance) != Some(true)
        };
        self.reported.retain(|subject, _| !goes(subject.path));
        self.attributes.forget(goes);
        if self.row.latest.as_ref().is_some_and(|latest| goes(latest.path)) {
            self.row_mut().latest = None;
        }
    }

    pub(super) fn report(&mut self, reported: &Arc<server::Reported>) {
        let row = self.row_mut();
        row.heard(reported.at.as_millis());
        if fits_a_row(reported) {
            row.latest = Some(Arc::clone(reported));
        }
        if !reported.current {
            return;
        }
        if reported.source == Source::Discover {
            self.attributes.discovered(reported);
        }
        self.reported.insert(reported.subject(), Arc::clone(reported));
        if self.reported.len() > limits::REPORTED_PER_CLIENT
            && let Some((oldest, _)) = self.reported.iter().min_by_key(|(_, kept)| kept.at)
        {
            let oldest = oldest.clone();
            self.reported.remove(&oldest);
        }
    }

    /// So many observations have ended.
    pub(super) fn end_observations(&mut self) -> usize {
        let ended = std::mem::take(&mut self.observed).len();
        self.count_observations();
        ended
    }

    pub(super) fn count_observations(&mut self) {
        let count = u32::try_from(self.observed.len()).unwrap_or(u32::MAX);
        if self.row.observations != count {
            self.row_mut().observations = count;
        }
    }
}
