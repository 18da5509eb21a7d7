//! What the page of observations is made of.

mod observation_details;
mod observation_row;
mod observation_table;
mod observations_empty;
mod selected_observations;

pub(crate) use observation_table::ObservationTable;
pub(crate) use observations_empty::ObservationsEmpty;
pub(crate) use selected_observations::SelectedObservations;
