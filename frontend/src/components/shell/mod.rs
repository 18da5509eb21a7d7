//! The frame around the pages.

mod banner;
mod connection_badge;
mod help_dialog;
mod navigation;
mod notice_bar;
mod palette_dialog;
mod storage_banner;
mod theme_toggle;
mod top_bar;

pub(crate) use banner::Banner;
pub(crate) use connection_badge::ConnectionBadge;
pub(crate) use help_dialog::HelpDialog;
pub(crate) use navigation::Navigation;
pub(crate) use notice_bar::NoticeBar;
pub(crate) use palette_dialog::PaletteDialog;
pub(crate) use top_bar::{TopBar, page_name};
