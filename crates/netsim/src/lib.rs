//! A seeded virtual network for tests: loss, delay, duplication, reordering, changing addresses.
//!
//! [`Network`] carries datagrams between addresses on virtual time, one [`Link`] for each direction between two
//! of them, each under [`NetworkConditions`]. The same seed and the same calls give the same deliveries.
//!
//! [`Proxy`] puts the same network between real processes, on the real clock; `netsim-proxy` is the program for it.
//!
//! With the environment variable `LWM2M_PCAP=<folder>`, every network of a test leaves a file for Wireshark there.

mod address;
pub mod capture;
mod conditions;
pub mod limits;
mod link;
mod network;
mod proxy;

pub use address::Address;
pub use conditions::NetworkConditions;
pub use link::Link;
pub use network::{Delivery, Network};
pub use proxy::{Proxy, ProxyConfig};
