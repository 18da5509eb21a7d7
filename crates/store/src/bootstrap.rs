use coap::Instant;

use crate::Sealed;

/// One version of what devices receive from the Bootstrap-Server. What is in it only its writer knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptConfiguration {
    pub id: u64,
    /// Counted for each configuration, from 1.
    pub version: u32,
    pub saved_at: Instant,
    /// Who saved it, in words.
    pub author: String,
    pub content: Vec<u8>,
    /// Its secrets, if it has any.
    pub sealed: Option<Sealed>,
}

/// A bootstrap session as it is, without its steps. What is in it only its writer knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBootstrap {
    pub id: u64,
    pub endpoint: String,
    pub begun_at: Instant,
    pub is_over: bool,
    pub content: Vec<u8>,
}

/// A message of a bootstrap session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptStep {
    pub session: u64,
    /// Counted for each session, from 0.
    pub number: u32,
    pub content: Vec<u8>,
}
