//! One page per file.

mod commands;
mod device;
mod fleet;
mod not_found;
mod objects;
mod observations;
mod opening;
mod parts;
mod security;
mod server;
mod trace;

use commands::CommandsPage;
pub(crate) use commands::CommandsState;
use device::DevicePage;
pub(crate) use fleet::FleetPage;
pub(crate) use not_found::NotFoundPage;
use objects::ObjectsPage;
pub(crate) use objects::ObjectsState;
use observations::ObservationsPage;
pub(crate) use observations::ObservationsState;
pub(crate) use opening::{opening, when_wanted};
pub(crate) use parts::{
    commands_page, device_page, fetch_ahead, frame_dialogs, load_device, load_dialogs, load_pages,
    objects_page, observations_page, read_registry, security_page, server_page, trace_page,
};
use parts::{fleet_dialogs, fleet_empty};
use security::SecurityPage;
pub(crate) use security::{Ending, SecurityState};
use server::ServerPage;
use trace::TracePage;
pub(crate) use trace::TraceState;
