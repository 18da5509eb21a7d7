//! What the pages about access control are made of.

mod apply_progress;
mod carry;
mod checks_card;
mod column_head;
mod devices_card;
mod earlier_banner;
mod editor_head;
mod many_dialog;
mod matrix_card;
mod matrix_keys;
mod matrix_row;
mod pointer;
mod review_dialog;
mod rights_card;
mod run_dialog;
mod runs_card;
mod states;
mod template_dialogs;
mod templates_card;
mod writes_card;

pub(crate) use apply_progress::RunWatch;
pub(crate) use checks_card::ChecksCard;
pub(crate) use devices_card::DevicesCard;
pub(crate) use earlier_banner::EarlierBanner;
pub(crate) use editor_head::EditorHead;
pub(crate) use many_dialog::ManyDialog;
pub(crate) use matrix_card::MatrixCard;
pub(crate) use review_dialog::ReviewDialog;
pub(crate) use rights_card::RightsCard;
pub(crate) use run_dialog::RunDialog;
pub(crate) use runs_card::RunsCard;
pub(crate) use states::{NotEnabled, NotRead, ServerChoice};
pub(crate) use template_dialogs::TemplateDialogs;
pub(crate) use templates_card::TemplatesCard;
pub(crate) use writes_card::WritesCard;
