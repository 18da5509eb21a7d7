//! `/api/v1/bootstrap`: what devices receive from the Bootstrap-Server, and how that went. No answer has a secret.

mod configurations;
mod failure;
mod now;
mod sessions;

pub(super) use configurations::{
    IMPORT_BYTES, add, assignment, check, delete, export, import, list, one, replace, roll_back, versions,
};
pub(super) use now::{begin, bootstrap};
pub(super) use sessions::{list as list_sessions, one as one_session};
