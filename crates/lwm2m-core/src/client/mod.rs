//! The LwM2M Client role.
//!
//! A [`Client`] holds an [`ObjectTree`] and an account with each of its servers. It is fed datagrams, the time and
//! changes of values, and yields datagrams and [`Event`]s:
//!
//! * Bootstrap: the sequence from the accounts that are there to those that a Bootstrap-Server gives, and its
//!   commands (§5.2). A client that is only given its servers leaves it out.
//! * Registration: Register, Update before the lifetime ends or when lifetime or instances change, De-register
//!   (LwM2M 1.0 TS §5.3).
//! * Device management: Read, Discover, Write, Write-Attributes, Execute, Create, Delete (§5.4), Read-Composite and
//!   Write-Composite (1.1 §6.3), as far as access control grants them (§8).
//! * Reporting: Observe, Notify, Cancel Observation (§5.5, RFC 7641), Observe-Composite and Send (1.1 §6.4).

mod access_control;
mod attributes;
mod bootstrap;
mod bootstrap_consistency;
mod bootstrap_delete;
mod bootstrap_discover;
mod bootstrap_interface;
mod bootstrap_pack;
mod bootstrap_sequence;
mod bootstrap_session;
mod bootstrap_write;
mod by_id;
mod composite;
mod config;
mod content_formats;
mod create;
mod delete;
mod device_management;
mod discover;
mod event;
mod execute;
mod factory;
mod history;
mod information_reporting;
pub mod limits;
mod machine;
mod object_tree;
mod observation;
mod observations;
mod observe;
mod payload;
mod provision;
mod refusal;
mod registration;
mod registration_interface;
mod registration_order;
mod retry;
mod security_account;
mod send;
mod server_account;
mod shared;
mod smartcard;
mod target;
mod template;
mod triggers;
mod unbootstrapping;
mod write;

#[cfg(test)]
mod tests;

pub use by_id::ById;
pub use config::ClientConfig;
pub use event::{
    BOOTSTRAP_SERVER, BootstrapFailure, Event, Output, RegistrationFailure, SendId, TimeoutReason,
};
pub use machine::{Client, UnknownServer};
pub use object_tree::{ObjectInstance, ObjectTree, Permission, Resource, TreeError};
pub use provision::NotProvisioned;
pub use retry::Retry;
pub use send::SendRefused;
pub use server_account::{ServerUri, server_uris};
pub use template::Template;
