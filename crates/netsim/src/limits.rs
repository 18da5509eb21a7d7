//! Every bound of the crate and what happens at it.

/// Datagrams under way in one network. At it further ones are lost.
pub const DATAGRAMS_UNDER_WAY: usize = 262_144;

/// Directions between two addresses of one network. Beyond, what is sent in further ones is lost.
pub const LINKS: usize = 65_536;

/// Clients of a proxy. What further ones send is dropped.
pub const PROXY_CLIENTS: usize = 256;

/// Datagrams that a proxy has received and not yet looked at. Beyond, further ones are dropped.
pub const PROXY_BACKLOG: usize = 4_096;
