//! The compact form of a registry: everything but prose, in a fraction of the JSON.
//!
//! After [`MAGIC`] comes one postcard record of [`Columns`]: the same field of all objects side by side, which gzip
//! likes. Names are told once, and so are resources that several objects or versions share.

mod columns;
mod decode;
mod encode;
mod error;

pub use error::CompactError;

/// Identifies the form; the digit is raised when it changes.
const MAGIC: &[u8] = b"LwM2M-1\0";

/// Between texts of a table. No name has it.
const SEPARATOR: char = '\0';
