//! What pages are made of: one component per file, its style beside it. What several pages use lies here, the rest
//! in the folder of its page.

pub(crate) mod access_control;
mod age;
pub(crate) mod boards;
pub(crate) mod bootstrap;
pub(crate) mod chart;
pub(crate) mod commands;
mod copy_button;
mod copyable;
pub(crate) mod device;
mod empty_state;
pub(crate) mod fleet;
mod icon;
mod label_dialog;
mod modal;
mod moment;
pub(crate) mod objects;
pub(crate) mod observations;
mod pager;
mod row_keys;
pub(crate) mod security;
pub(crate) mod server;
pub(crate) mod shell;
mod sparkline;
pub(crate) mod trace;

pub(crate) use age::Age;
pub(crate) use copy_button::CopyButton;
pub(crate) use copyable::Copyable;
pub(crate) use empty_state::{EmptyState, Loading};
pub(crate) use icon::{Glyph, Icon};
pub(crate) use label_dialog::{LabelDialog, tags_of};
pub(crate) use modal::Modal;
pub(crate) use moment::{clock, date_time};
pub(crate) use pager::Pager;
pub(crate) use row_keys::move_focus;
pub(crate) use sparkline::Sparkline;
