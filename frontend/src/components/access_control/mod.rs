//! What the pages about access control are made of.

mod carry;
mod checks_card;
mod column_head;
mod devices_card;
mod earlier_banner;
mod editor_head;
mod matrix_card;
mod matrix_keys;
mod matrix_row;
mod pointer;
mod review_dialog;
mod rights_card;
mod states;
mod writes_card;

pub(crate) use checks_card::ChecksCard;
pub(crate) use devices_card::DevicesCard;
pub(crate) use earlier_banner::EarlierBanner;
pub(crate) use editor_head::EditorHead;
pub(crate) use matrix_card::MatrixCard;
pub(crate) use review_dialog::ReviewDialog;
pub(crate) use rights_card::RightsCard;
pub(crate) use states::{NotEnabled, NotRead, ServerChoice};
pub(crate) use writes_card::WritesCard;
