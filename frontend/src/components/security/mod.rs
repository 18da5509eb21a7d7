//! The parts of the page about credentials.

mod add_dialog;
mod added_dialog;
mod authorities;
mod credential_fields;
mod credential_table;
mod ending_dialog;
mod handshakes_card;
mod identity_card;
mod import_dialog;
mod security_toolbar;

pub(crate) use add_dialog::AddDialog;
pub(crate) use added_dialog::AddedDialog;
pub(crate) use credential_table::{CredentialTable, SecurityEmpty};
pub(crate) use ending_dialog::EndingDialog;
pub(crate) use handshakes_card::HandshakesCard;
pub(crate) use identity_card::IdentityCard;
pub(crate) use import_dialog::ImportDialog;
pub(crate) use security_toolbar::SecurityToolbar;
