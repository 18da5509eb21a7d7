//! LwM2M paths, values and content formats, shared by server, simulator and browser.
//!
//! [`decode`] turns a payload into [`Record`]s (a [`Path`] and a [`Value`] each), [`encode`] is the way back;
//! [`annotate`] says which bytes mean what. Types of resources come from a [`Lookup`]; a resource nobody has
//! a definition for stays [`Value::Raw`].
//!
//! ```
//! use lwm2m_codec::{ContentFormat, NoDefinitions, Path, Record, Value, decode, encode};
//!
//! let path: Path = "/3/0/9".parse().unwrap();
//! let payload = encode(ContentFormat::TLV, &path, &[Record::new(path, Value::Integer(100))]).unwrap();
//! assert_eq!(payload, [0xC1, 0x09, 0x64]);
//!
//! let records = decode(ContentFormat::TLV, &path, &payload, &NoDefinitions).unwrap();
//! assert_eq!(records, [Record::new(path, Value::Raw(Box::from([0x64])))]);
//! ```
//!
//! Implemented: LwM2M Core §6.2 (registration parameters and payload), §6.3 (Discover answers, Execute
//! arguments), §5.1 (attributes), §7.4 and Appendix C (text, opaque, CBOR, TLV, JSON, SenML JSON, SenML CBOR, LwM2M
//! CBOR), RFC 6690 (CoRE link format).

#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

extern crate alloc;

mod annotate;
pub mod attributes;
mod content;
mod content_format;
mod cursor;
mod error;
pub mod execute;
pub mod limits;
pub mod link;
mod lookup;
mod node;
mod path;
pub mod registration;
mod value;

pub use annotate::{Annotation, AnnotationKind, annotate};
pub use content::{
    Decoder, Record, decode, decode_paths, decode_paths_below, encode, encode_node, encode_paths,
};
pub use content_format::ContentFormat;
pub use error::{DecodeError, EncodeError, ErrorClass, ErrorLevel};
pub use lookup::{Lookup, NoDefinitions, Operations, ResourceShape};
pub use node::Node;
pub use path::{Level, Path, PathError};
pub use value::{ObjectLink, UnknownValueType, Value, ValueType};
