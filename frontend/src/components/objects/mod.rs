//! What the page of the object registry is made of.

mod definition_card;
mod object_list;
mod owners;
mod resource_table;
mod upload_dialog;

pub(crate) use definition_card::{DefinitionCard, NoDefinition};
pub(crate) use object_list::ObjectList;
pub(crate) use upload_dialog::UploadDialog;
