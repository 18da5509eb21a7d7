use std::sync::Arc;

use console_api::{Content, Departed, Event, Observation};
use lwm2m_core::server::{self, Command, ObservationTarget};

use super::{
    convert::{to_client, to_observation, to_reported},
    row::Row,
};
use crate::commands::to_command;

/// Bytes that an event takes besides its payload, with a copy of its row.
const EVENT_BYTES: usize = 256;

/// Something that happened. What a console is told is made of it only for a console that wants it.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) seq: u64,
    /// The client that it is about, as it was after that.
    pub(crate) row: Option<Arc<Row>>,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Registered,
    Updated,
    Departed(Departed),
    Forgotten,
    Labelled,
    Reported(Arc<server::Reported>),
    ObservationStarted { target: ObservationTarget, since_ms: u64 },
    ObservationEnded { target: ObservationTarget, why: String },
    ObjectsChanged,
    Awake,
    Asleep,
    Command(Arc<Command>),
}

impl News {
    pub(crate) fn bytes(&self) -> usize {
        let more = match &self.what {
            What::Reported(reported) => reported.payload.len(),
            What::ObservationEnded { why, .. } => why.len(),
            // As much as is shown of a payload.
            What::Command(_) => 2 * Content::SHOWN_BYTES,
            _ => 0,
        };
        EVENT_BYTES + more
    }

    /// What is told on the page of the device, and to who wants everything.
    pub(crate) fn event(&self) -> Option<Event> {
        let Some(row) = &self.row else {
            return matches!(self.what, What::ObjectsChanged).then_some(Event::ObjectsChanged);
        };
        let (id, endpoint) = (row.id, row.endpoint().to_owned());
        Some(match &self.what {
            What::Registered => Event::Registered(to_client(row)),
            What::Updated => Event::Updated(to_client(row)),
            What::Departed(departed) => {
                Event::Departed { id, endpoint, why: departed.why, at_ms: departed.at_ms }
            }
            What::Forgotten => Event::Forgotten { id, endpoint },
            What::Labelled => Event::Labelled { id, endpoint, label: row.label() },
            What::Reported(reported) => Event::Reported(to_reported(id, reported)),
            What::ObservationStarted { target, since_ms } => {
                Event::ObservationStarted(to_observation(id, target, *since_ms))
            }
            What::ObservationEnded { target, why } => {
                let Observation { client, path, paths, .. } = to_observation(id, target, 0);
                Event::ObservationEnded { client, path, paths, why: why.clone() }
            }
            What::Awake => Event::Awake { id, until_ms: row.queue.until_ms.unwrap_or_default() },
            What::Asleep => Event::Asleep { id, since_ms: row.queue.until_ms.unwrap_or_default() },
            What::Command(command) => {
                let command = to_command(command, &row.registration.links.root);
                Event::Command { client: id, queued: row.queue.queued, command }
            }
            What::ObjectsChanged => return None,
        })
    }

    /// What is told to a row of the fleet: a payload only when the row shows it, and otherwise what has changed in
    /// the row.
    pub(crate) fn row_event(&self) -> Option<Event> {
        let row = self.row.as_ref()?;
        match &self.what {
            What::Reported(reported) if row.shows(reported) => self.event(),
            What::Reported(_)
            | What::ObservationStarted { .. }
            | What::ObservationEnded { .. }
            | What::Command(_) => Some(Event::Updated(to_client(row))),
            _ => self.event(),
        }
    }
}
