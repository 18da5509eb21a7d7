//! What the pages about bootstrap are made of.

mod access_fields;
mod account_card;
mod account_credentials;
mod assigned_fields;
mod configurations_card;
mod editor;
mod editor_head;
mod fields;
mod further_resources;
mod general_fields;
mod instance_fields;
mod latest_session;
mod list_dialogs;
mod newest_session;
mod probe;
mod sequence_card;
mod session_table;
mod step_detail;
mod try_dialog;
mod value_field;
mod versions_dialog;

pub(crate) use configurations_card::ConfigurationsCard;
pub(crate) use editor::Editor;
pub(crate) use editor_head::EditorHead;
pub(crate) use latest_session::LatestSession;
pub(crate) use list_dialogs::{DeleteConfigurationDialog, ImportConfigurationsDialog};
pub(crate) use newest_session::NewestSession;
pub(crate) use sequence_card::{NoSession, SequenceCard, SessionFacts};
pub(crate) use session_table::SessionsCard;
pub(crate) use try_dialog::TryDialog;
pub(crate) use versions_dialog::VersionsDialog;
