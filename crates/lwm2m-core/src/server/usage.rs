use coap::{EndpointUsage, Usage};

/// The bounds of a [`Server`](super::Server) that a busy one meets first, named after their [limits](super::limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerUsage {
    pub registrations: Usage,
    pub open_flows: Usage,
    pub commands: Usage,
    pub coap: EndpointUsage,
}
