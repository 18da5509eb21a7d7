use coap::{EndpointUsage, Usage};

/// The bounds of a [`BootstrapServer`](super::BootstrapServer) that a busy one meets first, named after their
/// [limits](super::limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BootstrapUsage {
    pub sessions: Usage,
    pub remembered_addresses: Usage,
    pub refusals: Usage,
    pub coap: EndpointUsage,
}
