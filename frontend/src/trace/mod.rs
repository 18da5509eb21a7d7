//! Datagrams of devices: decoded, matched with what they answer, and filtered. Nothing here asks the browser.

mod entry;
mod filter;
mod limits;
mod log;
mod operation;
mod options;
mod wire;

pub(crate) use entry::{Entry, RelationKind};
pub(crate) use filter::{Filter, Way};
pub(crate) use log::{Log, Shown};
pub(crate) use options::{OptionLine, option_lines};
pub(crate) use wire::{Payload, Piece, pieces};
