//! What the fleet page is made of.

mod fleet_cards;
mod fleet_empty;
mod fleet_row;
mod fleet_table;

pub(crate) use fleet_cards::FleetCards;
pub(crate) use fleet_empty::FleetEmpty;
pub(crate) use fleet_table::FleetTable;
