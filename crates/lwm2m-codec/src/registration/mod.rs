//! What a client tells when it registers (LwM2M Core §6.2): parameters in the query, objects in the payload.
//! Discover answers are here too, since they name objects in the same way.

mod binding;
mod discover;
mod object_links;
mod parameter_error;
mod parameters;
mod query;
mod target;
mod version;

pub use binding::Binding;
pub use discover::{DiscoveredLink, parse_discover};
pub use object_links::{ObjectLinks, RegisteredObject};
pub use parameter_error::ParameterError;
pub use parameters::{RegisterParameters, UpdateParameters};
pub(crate) use version::is_number;
pub use version::{LwM2mVersion, VersionError};

#[cfg(test)]
mod tests;
