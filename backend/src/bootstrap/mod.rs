//! What devices receive from the Bootstrap-Server, and how that went: configurations with their versions, the credentials
//! that are made for devices, and the sessions, message by message.

mod accounts;
mod configurations;
mod desk;
mod error;
mod information;
mod keeping;
mod limits;
mod opening;
mod saving;
mod sessions;
mod settling;
mod told;

/// Who has changed something, where it was bootstrap itself.
const AUTHOR: &str = "bootstrap";

pub(crate) use configurations::Configurations;
pub(crate) use desk::Desk;
pub(crate) use error::BootstrapError;
pub(crate) use limits::CONFIGURATION_BYTES;
pub(crate) use opening::{Opened, open};
pub(crate) use saving::Save;
pub(crate) use sessions::Sessions;
