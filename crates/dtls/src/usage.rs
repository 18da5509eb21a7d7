/// How much of what is bounded is in use.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// Handshakes under way.
    pub handshakes: Use,
    pub sessions: Use,
    /// Sessions that stay with OpenSSL.
    pub whole_sessions: Use,
    pub resumable: Use,
    /// Sources whose rate is counted.
    pub sources: Use,
    /// ClientHellos with a good cookie that were dropped, since their source is too fast or too many are under way.
    pub slowed: u64,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Use {
    pub used: usize,
    pub limit: usize,
}
