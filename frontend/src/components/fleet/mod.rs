//! The fleet page.

mod bulk_bar;
mod bulk_dialog;
mod bulk_job;
mod cells;
mod connect_guide;
mod filter_menu;
mod fleet_cards;
mod fleet_empty;
mod fleet_head;
mod fleet_row;
mod fleet_table;
mod fleet_toolbar;
mod latest_value;
mod row_menu;
mod view_menu;

pub(crate) use bulk_dialog::BulkDialog;
pub(crate) use connect_guide::ConnectDialog;
pub(crate) use fleet_cards::FleetCards;
pub(crate) use fleet_empty::{FleetEmpty, FleetNoMatch};
pub(crate) use fleet_table::FleetTable;
pub(crate) use fleet_toolbar::FleetToolbar;
