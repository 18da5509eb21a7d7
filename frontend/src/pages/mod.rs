//! One page per file.

mod access_control;
mod access_control_of;
mod access_control_state;
mod board;
mod board_state;
mod boards;
mod bootstrap;
mod bootstrap_configuration;
mod bootstrap_session;
mod commands;
mod device;
mod editor_state;
mod fleet;
mod not_found;
mod objects;
mod observations;
mod opening;
mod parts;
mod security;
mod server;
mod sessions_state;
mod trace;

use access_control::AccessControlPage;
pub(crate) use access_control::AccessControlPageState;
use access_control_of::AccessControlOfPage;
pub(crate) use access_control_state::{AccessControlState, Kept, Reading};
use board::BoardPage;
pub(crate) use board_state::{BoardState, Choosing};
use boards::BoardsPage;
pub(crate) use boards::BoardsState;
use bootstrap::BootstrapPage;
pub(crate) use bootstrap::BootstrapPageState;
use bootstrap_configuration::{BootstrapConfigurationPage, NewBootstrapConfigurationPage};
use bootstrap_session::BootstrapSessionPage;
use commands::CommandsPage;
pub(crate) use commands::CommandsState;
use device::DevicePage;
pub(crate) use editor_state::{EditorState, find_field, load_definitions};
pub(crate) use fleet::FleetPage;
pub(crate) use not_found::NotFoundPage;
use objects::ObjectsPage;
pub(crate) use objects::ObjectsState;
use observations::ObservationsPage;
pub(crate) use observations::ObservationsState;
pub(crate) use opening::{opening, when_wanted};
pub(crate) use parts::{
    access_control_of_page, access_control_page, board_page, boards_page, bootstrap_configuration_page,
    bootstrap_page, bootstrap_session_page, commands_page, device_page, fetch_ahead, frame_dialogs,
    load_access_control, load_bootstrap, load_device, load_dialogs, load_pages, new_bootstrap_configuration,
    objects_page, observations_page, read_registry, security_page, server_page, trace_page,
};
use parts::{fleet_dialogs, fleet_empty};
use security::SecurityPage;
pub(crate) use security::{Ending, SecurityState};
use server::ServerPage;
pub(crate) use sessions_state::{SessionsState, follow_session};
use trace::TracePage;
pub(crate) use trace::TraceState;
