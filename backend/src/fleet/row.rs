use std::{net::SocketAddr, sync::Arc};

use console_api::{Departed, Label, Queue, Status};
use lwm2m_codec::Level;
use lwm2m_core::{
    Peer,
    server::{self, Registration, Source},
};

use super::limits;

/// What the fleet shows of a client. It is shared with whoever looks at it, and replaced when it changes.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Short name of the client in frames.
    pub(crate) id: u32,
    /// The last one, when it has ended.
    pub(crate) registration: Arc<Registration>,
    /// Where it was last heard, when it is registered over a security session.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) departed: Option<Departed>,
    pub(crate) heard_at_ms: u64,
    pub(crate) queue: Queue,
    pub(crate) label: Option<Arc<Label>>,
    pub(crate) observations: u32,
    pub(crate) latest: Option<Arc<server::Reported>>,
}

impl Row {
    pub(super) fn new(id: u32, registration: &Arc<Registration>, label: Option<Arc<Label>>) -> Self {
        Self {
            id,
            registration: Arc::clone(registration),
            address: None,
            departed: None,
            heard_at_ms: registration.updated_at.as_millis(),
            // That a client in queue mode is awake is told.
            queue: Queue { awake: !registration.queue_mode, until_ms: None, queued: 0, awake_s: None },
            label,
            observations: 0,
            latest: None,
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.registration.endpoint
    }

    pub(crate) fn address(&self) -> String {
        match (self.registration.peer, self.address) {
            (Peer::NoSec(address), _) | (Peer::Session(_), Some(address)) => address.to_string(),
            (Peer::Session(_), None) => "not heard since the server started".to_owned(),
        }
    }

    pub(crate) fn status(&self) -> Status {
        Status::of(self.departed, self.queue.awake)
    }

    pub(crate) fn label(&self) -> Label {
        self.label.as_deref().cloned().unwrap_or_default()
    }

    pub(super) fn heard(&mut self, at_ms: u64) {
        self.heard_at_ms = self.heard_at_ms.max(at_ms);
    }

    /// Whether this is the payload that the row shows.
    pub(super) fn shows(&self, reported: &Arc<server::Reported>) -> bool {
        self.latest.as_ref().is_some_and(|latest| Arc::ptr_eq(latest, reported))
    }
}

/// Whether a row may show it: the value of one Resource, that the client has told, and not a long one.
pub(super) fn fits_a_row(reported: &server::Reported) -> bool {
    matches!(reported.source, Source::Read | Source::Notify)
        && matches!(reported.path.level(), Level::Resource | Level::ResourceInstance)
        && reported.payload.len() <= limits::LATEST_BYTES
        && reported.current
}
