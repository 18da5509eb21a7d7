//! LwM2M object model: definitions and the object registry.
//!
//! A [`Registry`] holds an [`ObjectDefinition`] per object and is the [`Lookup`](lwm2m_codec::Lookup) that
//! tells the codec which type a resource has.
//!
//! ```
//! let text = r#"{"objects":[{"id":3,"name":"Device","version":"1.2","urn":"urn:oma:lwm2m:oma:3:1.2",
//!     "multiple":false,"mandatory":true,"resources":[{"id":9,"name":"Battery Level","operations":"R",
//!     "multiple":false,"mandatory":false,"type":"integer","range":"0..100","units":"%"}]}]}"#;
//! let registry = lwm2m_model::Registry::from_json(text).unwrap();
//! assert_eq!(registry.object(3).unwrap().name, "Device");
//! assert_eq!(registry.resource(3, 9).unwrap().units, "%");
//! ```

pub mod access_control;
mod definition;
pub mod notification;
mod registry;

pub use definition::{ObjectDefinition, ResourceDefinition};
pub use registry::{Registry, RegistryError};
