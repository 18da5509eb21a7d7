//! One page per file.

mod commands;
mod device;
mod fleet;
mod not_found;
mod objects;
mod observations;
mod server;
mod trace;

pub(crate) use commands::{CommandsPage, CommandsState};
pub(crate) use device::DevicePage;
pub(crate) use fleet::FleetPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use objects::{ObjectsPage, ObjectsState};
pub(crate) use observations::{ObservationsPage, ObservationsState};
pub(crate) use server::ServerPage;
pub(crate) use trace::{TracePage, TraceState};
