//! What pages are made of: one component per file, its style beside it. What several pages use lies here, the rest
//! in the folder of its page.

mod age;
pub(crate) mod device;
pub(crate) mod fleet;
mod icon;
mod label_dialog;
mod modal;
pub(crate) mod shell;
mod sparkline;

pub(crate) use age::Age;
pub(crate) use icon::{Glyph, Icon};
pub(crate) use label_dialog::{LabelDialog, tags_of};
pub(crate) use modal::Modal;
pub(crate) use sparkline::Sparkline;
