use serde::{Deserialize, Serialize};

/// `GET /api/v1/events`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventList<E> {
    /// Another one after every start of the server: events are numbered anew then.
    pub run: u64,
    /// To ask for what comes `after` these.
    pub seq: u64,
    /// Events that were asked for and are no longer there.
    pub missed: u64,
    /// Oldest first: [`NumberedEvent`]s, and payloads in them have their values beside them.
    pub events: Vec<E>,
}

/// An event in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberedEvent {
    pub seq: u64,
    /// Of the client that it is about.
    pub endpoint: Option<String>,
    pub event: crate::Event,
}
