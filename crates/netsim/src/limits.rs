//! Every bound of the crate and what happens at it.

/// Datagrams under way in one network. At it further ones are lost.
pub const DATAGRAMS_UNDER_WAY: usize = 262_144;
