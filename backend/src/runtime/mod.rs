//! The only code with sockets and a clock: one worker thread drives the server role over one UDP socket, one
//! thread writes the store.

mod acting;
mod bootstrap;
mod bootstrap_secure;
mod command_desk;
mod freshness;
mod limits;
mod open_sessions;
mod operations;
mod refusals;
mod restore;
mod secure;
mod sessions;
mod socket;
mod storage;
mod store_thread;
mod worker;

pub(crate) use bootstrap::{
    Begun, BootstrapRuntimeUsage, BootstrapStart, BootstrapWorker, Bootstrapping, Configured, Kept, Notice,
};
pub(crate) use operations::{Accepted, Operations, Order, RuntimeUsage};
pub(crate) use sessions::SecurityStart;
pub(crate) use socket::Listen;
pub(crate) use storage::Storage;
pub(crate) use worker::{Told, Worker};
