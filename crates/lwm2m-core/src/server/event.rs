use std::{fmt, sync::Arc};

use coap::Instant;

use super::{ActiveObservation, ClientConfig, Command, ObservationTarget, Refusals, Registration, Reported};

/// What happened, for everyone who watches. Given out only after it is stored.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "an event is told and gone, and the large ones are rare")]
pub enum Event {
    Registered(Arc<Registration>),
    Updated(Arc<Registration>),
    Departed {
        registration: Arc<Registration>,
        why: Departure,
    },
    /// Nothing is known of a client any more: neither registration nor wanted observations nor values.
    Forgotten {
        endpoint: String,
    },
    Reported(Arc<Reported>),
    ObservationStarted {
        endpoint: String,
        observation: ActiveObservation,
    },
    /// A wanted observation could not be asked for: the next message of the client, which may sleep, tries again.
    ObservationPending {
        endpoint: String,
        target: ObservationTarget,
        why: String,
    },
    ObservationEnded {
        endpoint: String,
        target: ObservationTarget,
        why: String,
    },
    /// A command was accepted or has reached another state.
    Command(Arc<Command>),
    /// A client in queue mode was heard, so that it takes requests until then (Core 1.1 §6.5; Transport, Queue Mode).
    Awake {
        endpoint: String,
        until: Instant,
    },
    /// A client in queue mode was not heard for so long that it is taken for asleep: its commands wait.
    Asleep {
        endpoint: String,
    },
    /// An operator decided how a client is to be treated.
    Configured {
        endpoint: String,
        config: ClientConfig,
    },
    /// What a client is known to refuse has grown.
    Refuses {
        endpoint: String,
        refusals: Refusals,
    },
    /// A datagram or request was refused: what was expected and what came.
    Refused {
        peer: crate::Peer,
        what: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    Deregistered,
    Expired,
    /// A new Register of the same endpoint took its place.
    Replaced,
    /// An operator had it removed.
    Forgotten,
    /// The credential that it was made with counts no longer.
    Revoked,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deregistered => "de-registered",
            Self::Expired => "expired: no Update within the lifetime",
            Self::Replaced => "replaced by a new registration",
            Self::Forgotten => "forgotten: an operator had it removed",
            Self::Revoked => "ended: its credential is revoked",
        })
    }
}
