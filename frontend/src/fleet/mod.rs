//! The fleet table: what it asks the server for, what it shows, what is done with many devices at once.

mod address;
mod bulk;
mod columns;
mod latest;
mod requests;
mod selection;
mod state;
#[cfg(test)]
mod test_client;
mod window;
mod words;

pub(crate) use address::{from_address, to_address};
pub(crate) use bulk::{Bulk, BulkOperation, BulkResult, Job};
pub(crate) use columns::{Column, fitting, hidden_columns, remember_hidden, track};
pub(crate) use latest::{Latest, latest};
pub(crate) use requests::{details, forget, label, list};
pub(crate) use selection::{Range, Selection};
pub(crate) use state::{BulkKind, BulkStep, FleetState};
pub(crate) use window::{Window, wanted};
pub(crate) use words::{SECURITY, SORT, STATUS, security_title, sort_title, status_title};

#[cfg(test)]
pub(crate) use test_client::client;
