//! What the operator types, and the payload it becomes.

mod attributes;
mod draft;
mod form;
mod formats;
mod range;
mod text;

pub(crate) use attributes::{AttributeDraft, AttributeLine};
pub(crate) use draft::{Draft, Entry, Payload, Problem};
pub(crate) use form::{Form, FormKind, FormProblem};
pub(crate) use formats::Formats;
pub(crate) use text::Notation;
