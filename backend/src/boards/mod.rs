//! Boards: pages of charts and values that operators arrange.

mod check;
mod desk;
mod error;
mod limits;
mod listed;

pub(crate) use desk::Desk;
pub(crate) use error::BoardError;
pub(crate) use listed::{Opened, open};
