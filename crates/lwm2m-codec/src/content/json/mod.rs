//! JSON (RFC 8259) as far as LwM2M needs it: a reader that never builds a document in memory, and a writer.

mod reader;
mod text;
mod writer;

pub(super) use reader::{Kind, Reader};
pub(super) use writer::Writer;
