//! What the page of observations is made of.

mod observation_row;
mod observation_table;
mod observations_empty;

pub(crate) use observation_table::ObservationTable;
pub(crate) use observations_empty::ObservationsEmpty;
