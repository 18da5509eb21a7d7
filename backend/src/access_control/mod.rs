//! Who may do what on devices (LwM2M Core §8): read from them, planned, written, and changed on many at once.

mod desk;
mod device;
mod error;
mod explain;
mod kept;
mod limits;
mod runs;
mod told;
mod wish;

pub(crate) use desk::Desk;
pub(crate) use error::AccessControlError;
pub(crate) use limits::ANSWERED;
pub(crate) use runs::{Opened, Page, Runs, open};
