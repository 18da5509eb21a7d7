use coap::Instant;

/// Something that operators write, or that is kept for them. What is in it only its writer knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// A stable word. What a kind that begins with [`Document::OF_CLIENT`] has under an endpoint goes with
    /// [`Change::Forgotten`](crate::Change::Forgotten).
    pub kind: String,
    /// One document has it, among those of its kind.
    pub key: String,
    /// Counted for each document, from 1.
    pub version: u64,
    pub saved_at: Instant,
    /// Who saved it, in words.
    pub author: String,
    pub content: Vec<u8>,
}

impl Document {
    /// With such a kind the key is an endpoint.
    pub const OF_CLIENT: &str = "client.";

    pub(crate) fn goes_with(&self, endpoint: &str) -> bool {
        self.key == endpoint && self.kind.starts_with(Self::OF_CLIENT)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentChange {
    /// In place of the version that is kept, which has to be an earlier one.
    Saved(Document),
    Removed {
        kind: String,
        key: String,
    },
}

/// What became of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentOutcome {
    Stored,
    /// Nothing was stored: somebody else has saved this one meanwhile.
    Outdated {
        key: String,
        /// The version that is kept.
        kept: u64,
    },
    /// Nothing was stored; the reason is for people.
    Failed(String),
}
