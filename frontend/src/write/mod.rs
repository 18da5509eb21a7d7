//! What the operator types for a Resource, and the payload it becomes.

mod draft;
mod range;
mod text;

pub(crate) use draft::{Draft, Entry, Payload, Problem};
pub(crate) use text::Notation;
