//! A seeded virtual network for tests: loss, delay, duplication, reordering.
//!
//! [`Network`] carries datagrams between addresses on virtual time, one [`Link`] for each direction between two
//! of them, each under [`NetworkConditions`]. The same seed and the same calls give the same deliveries.

mod conditions;
pub mod limits;
mod link;
mod network;

pub use conditions::NetworkConditions;
pub use link::Link;
pub use network::{Delivery, Network};
