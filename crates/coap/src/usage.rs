/// How much of a bound is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub used: usize,
    pub limit: usize,
    /// How often something had to give way, or was turned away.
    pub reached: u64,
}

/// The bounds of an [`Endpoint`](crate::Endpoint) that a busy one meets first, named after their
/// [limits](crate::limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointUsage {
    pub deduplication_entries: Usage,
    pub open_requests: Usage,
    pub peers: Usage,
}
