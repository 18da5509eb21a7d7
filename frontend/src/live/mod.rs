//! What the server said, and the signals that tell the page about it.
//!
//! [`Store`] holds plain maps and knows nothing of the browser. [`Live`] owns one, queues frames, applies them
//! once per animation frame and wakes only what is mounted: a signal exists for a value while a cell shows it.

mod backoff;
mod cell;
mod connection;
mod device;
mod devices;
mod exchange;
mod fleet;
mod follow;
mod histories;
mod history;
mod limits;
mod looked_at;
mod model;
mod position;
mod pulse;
mod socket;
mod state;
mod store;
mod watch;
mod windows;

pub(crate) use cell::{Cell, Content};
pub(crate) use connection::Phase;
#[cfg(test)]
pub(crate) use device::Change;
pub(crate) use device::Device;
pub(crate) use devices::{DeviceKey, Target, TargetMap};
pub(crate) use exchange::Exchange;
pub(crate) use follow::follow;
pub(crate) use history::History;
pub(crate) use model::model;
pub(crate) use socket::{connect, start};
pub(crate) use state::{Answer, Definitions, Live};
