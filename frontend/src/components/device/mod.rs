//! What the device page is made of.

mod chart_card;
mod device_chips;
mod execute_dialog;
mod inspector;
mod node_card;
mod operations;
mod registration_card;
mod result_line;
mod tree_card;
mod tree_row;
mod value_cell;
mod value_input;
mod wire_card;
mod write_form;

pub(crate) use device_chips::{DeviceChips, SecurityChip, binding};
pub(crate) use execute_dialog::ExecuteDialog;
pub(crate) use inspector::Inspector;
pub(crate) use tree_card::TreeCard;
