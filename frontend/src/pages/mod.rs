//! One page per file.

mod device;
mod fleet;
mod not_found;

pub(crate) use device::DevicePage;
pub(crate) use fleet::{FleetPage, FleetState};
pub(crate) use not_found::NotFoundPage;
