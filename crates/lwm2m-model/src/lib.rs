//! LwM2M object model: definitions and the object registry.
//!
//! A [`Registry`] holds an [`ObjectDefinition`] per version of an object. [`Registry::for_client`] gives those that
//! a client has as a [`ClientModel`], which is the [`Lookup`](lwm2m_codec::Lookup) that tells the codec which type a
//! resource has. [`ddf`] reads the XML files in which objects are published, [`read_definitions`] whatever file an
//! operator has.
//!
//! ```
//! use lwm2m_codec::registration::LwM2mVersion;
//!
//! let text = r#"{"objects":[{"id":3,"name":"Device","version":"1.2","urn":"urn:oma:lwm2m:oma:3:1.2",
//!     "multiple":false,"mandatory":true,"resources":[{"id":9,"name":"Battery Level","operations":"R",
//!     "multiple":false,"mandatory":false,"type":"integer","range":"0..100","units":"%"}]}]}"#;
//! let registry = lwm2m_model::Registry::from_json(text).unwrap();
//! assert_eq!(registry.object(3).unwrap().name, "Device");
//!
//! let model = registry.for_client(LwM2mVersion::V1_1, [(3, "1.2")]);
//! assert_eq!(model.resource(3, 9).unwrap().units, "%");
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

pub mod access_control;
mod client_model;
mod compact;
mod core_version;
pub mod ddf;
mod definition;
mod definition_file;
mod json;
pub mod limits;
pub mod notification;
mod quoted;
mod range;
mod registry;
mod registry_error;
mod search;
mod version;

pub use client_model::ClientModel;
pub use compact::CompactError;
pub use core_version::core_version;
pub use definition::{ObjectDefinition, ResourceDefinition};
pub use definition_file::{DefinitionFileError, read_definitions};
pub use range::Range;
pub use registry::Registry;
pub use registry_error::RegistryError;
pub use search::SearchHit;
pub use version::{ObjectVersion, ObjectVersionError};
