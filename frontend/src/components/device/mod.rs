//! What the device page is made of.

mod attributes_form;
mod chart_card;
mod chart_levels;
mod composite_bar;
mod delete_form;
mod device_chips;
mod device_dialog;
mod device_head;
mod device_state;
mod draft_fields;
mod execute_form;
mod forget_form;
mod form_body;
mod inspector;
mod node_card;
mod node_menu;
mod operations;
mod queue_card;
mod registration_card;
mod request_options_form;
mod result_line;
mod rights_line;
mod tree_card;
mod tree_row;
mod value_cell;
mod value_input;
mod wire_card;
mod write_form;

pub(crate) use device_chips::{DeviceChips, SecurityChip, binding};
pub(crate) use device_dialog::DeviceDialog;
pub(crate) use device_head::DeviceHead;
pub(crate) use device_state::DeviceState;
pub(crate) use draft_fields::DraftFields;
pub(crate) use inspector::Inspector;
pub(crate) use node_menu::NodeMenu;
pub(crate) use tree_card::TreeCard;
