/// How much of what is bounded is in use.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// Handshakes under way.
    pub handshakes: Use,
    pub sessions: Use,
    /// Sessions that stay with OpenSSL.
    pub whole_sessions: Use,
    pub resumable: Use,
    /// Sources whose rate is counted; `reached` counts the ClientHellos that were dropped for it.
    pub sources: Use,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Use {
    pub used: usize,
    pub limit: usize,
    /// How often one more was wanted at the limit.
    pub reached: u64,
}
