//! The LwM2M Client role.
//!
//! A [`Client`] holds an [`ObjectTree`] and one registration. It is fed datagrams, the time and changes of values,
//! and yields datagrams and [`Event`]s:
//!
//! * Registration: Register, Update before the lifetime ends or when lifetime or instances change, De-register
//!   (LwM2M 1.0 TS §5.3).
//! * Device management: Read, Discover, Write, Write-Attributes, Execute (§5.4).
//! * Reporting: Observe, Notify, Cancel Observation (§5.5, RFC 7641).

mod attributes;
mod config;
mod content_formats;
mod device_management;
mod discover;
mod event;
mod information_reporting;
pub mod limits;
mod machine;
mod object_tree;
mod refusal;
mod registration;
mod target;
mod write;

#[cfg(test)]
mod tests;

pub use config::ClientConfig;
pub use event::{Event, Output, RegistrationFailure, TimeoutReason};
pub use machine::Client;
pub use object_tree::{ObjectInstance, ObjectTree, Permission, Resource, TreeError};
