//! What the page of commands is made of, and what other pages show of a command.

mod command_buttons;
mod command_row;
mod command_table;
mod commands_empty;
mod commands_toolbar;

pub(crate) use command_buttons::{CancelButton, RetryButton};
pub(crate) use command_row::StateChip;
pub(crate) use command_table::CommandTable;
pub(crate) use commands_empty::CommandsEmpty;
pub(crate) use commands_toolbar::CommandsToolbar;
