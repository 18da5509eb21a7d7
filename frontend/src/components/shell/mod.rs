//! The frame around the pages.

mod banner;
mod connection_badge;
mod help_dialog;
mod navigation;
mod theme_toggle;
mod top_bar;

pub(crate) use banner::Banner;
pub(crate) use help_dialog::HelpDialog;
pub(crate) use navigation::Navigation;
pub(crate) use top_bar::TopBar;
