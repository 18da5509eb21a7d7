use std::sync::Arc;

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, NoDefinitions, Path, decode};

use super::{ActiveObservation, Command, ObservationTarget, Registration, RegistrationId, WantedObservation};

/// Ties an output to the answer that the machine waits for. What a peer is told to be done leaves only after
/// the ticket of its change came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that happened and must be kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Register. Replaces whatever is stored for the same endpoint.
    Registered(Arc<Registration>),
    /// Update of a stored registration.
    Updated(Arc<Registration>),
    /// De-register or expiry.
    Removed { endpoint: String, id: RegistrationId },
    /// An operator had everything about a client removed: registration, wanted observations, payloads.
    Forgotten { endpoint: String },
    /// An operator wants this observed, now and after every new Register.
    ObservationWanted { endpoint: String, wanted: WantedObservation },
    /// An operator no longer wants it.
    ObservationUnwanted { endpoint: String, target: ObservationTarget },
    /// The client accepted an observation under this token.
    ObservationActive(ActiveObservation),
    /// The observation under this token is over.
    ObservationEnded { token: Token },
    /// A payload came, or was taken by the client.
    Reported(Arc<Reported>),
    /// A command was accepted or has reached another state. Replaces what is stored under its id.
    Command(Arc<Command>),
    /// An operator decided how a client is to be treated. The default is nothing special.
    Configured { endpoint: String, config: ClientConfig },
}

/// What an operator decides about one client. It outlives the registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// How long after its last message a client in queue mode is taken for awake, in place of what the server has
    /// for all.
    pub awake_s: Option<u32>,
}

/// What the store made of a [`Change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Stored,
    /// This very message was stored before: a crash came between that and its acknowledgement, and it was sent again.
    /// It is acknowledged, and nothing is told twice.
    Known,
    /// Nothing was stored; the reason is for people.
    Failed(String),
}

/// What a [`super::Output::Lookup`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A notification came with a token that memory does not know.
    Observation(Token),
}

/// A payload that a client sent or took, untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub endpoint: String,
    /// Path of the request or observation that the payload belongs to: `/` when it is about several paths.
    pub path: Path,
    pub source: Source,
    pub content_format: Option<ContentFormat>,
    pub payload: Vec<u8>,
    pub at: Instant,
    /// Value of the Observe option of a notification.
    pub sequence: Option<u32>,
    pub confirmable: bool,
    /// How it was delivered, if the client began: with the endpoint, what tells a retransmission from another message.
    pub delivery: Option<Delivery>,
    /// False for a notification that was overtaken by a newer one (RFC 7641 §3.4): history, not the present.
    pub current: bool,
}

/// What names a message of a client for EXCHANGE_LIFETIME (RFC 7252 §4.4, §5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delivery {
    pub token: Token,
    pub message_id: u16,
}

impl Reported {
    pub fn subject(&self) -> Subject {
        let mut named = Vec::new();
        if let (Path::ROOT, Some(format)) = (self.path, self.content_format) {
            // All that cannot be read count as one.
            let records = decode(format, &self.path, &self.payload, &NoDefinitions).unwrap_or_default();
            named.extend(records.iter().map(|record| record.path));
            named.sort_unstable();
            named.dedup();
        }
        Subject { path: self.path, named }
    }
}

/// What a payload is about, so that it replaces an older one about the same: its path, and the paths that it names
/// itself when it is about several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub path: Path,
    pub named: Vec<Path>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Read,
    Discover,
    Notify,
    Write,
    ReadComposite,
    WriteComposite,
    Send,
}
