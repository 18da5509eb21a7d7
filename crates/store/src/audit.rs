use coap::Instant;

/// Something that an operator has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    pub at: Instant,
    /// Who did it, in words.
    pub author: String,
    /// A stable word for programs: `label`, `forget`.
    pub what: String,
    /// The client that it was about.
    pub endpoint: Option<String>,
    /// For people.
    pub details: String,
}
