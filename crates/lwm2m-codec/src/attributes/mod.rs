//! The attributes of LwM2M (LwM2M Core §5.1): what they are called, how they are written in a query and in a
//! link, which values go together, and which of several levels wins.
//!
//! ```
//! use lwm2m_codec::attributes::{AttachedAttributes, AttributeTarget, ServerDefaults, WriteAttributes};
//! use lwm2m_codec::registration::LwM2mVersion;
//! use lwm2m_codec::{NoDefinitions, Path};
//!
//! let temperature: Path = "/3303/0/5700".parse().unwrap();
//! let write = WriteAttributes::parse(["pmin=10", "gt=45.5"]).unwrap();
//! let mut attached = AttachedAttributes::default();
//! attached.write(&temperature, &write, &NoDefinitions, LwM2mVersion::V1_1).unwrap();
//!
//! let effective = attached.resolve(&temperature, &ServerDefaults { pmax: Some(60), ..ServerDefaults::default() });
//! assert_eq!(effective.pmin.unwrap().to_string(), "10 (from /3303/0/5700)");
//! assert_eq!(effective.pmax.unwrap().to_string(), "60 (from the Default Maximum Period, /1/x/3)");
//!
//! let target = AttributeTarget::new(&temperature, &NoDefinitions, LwM2mVersion::V1_1);
//! let write = WriteAttributes::parse(["lt=50"]).unwrap();
//! let violations = attached.get(&temperature).apply(&write, &target).unwrap_err();
//! assert_eq!(violations[0].to_string(), "expected lt below gt, got lt=50 and gt=45.5");
//! ```

mod attached;
mod attribute;
mod attribute_error;
mod effective;
mod link_attributes;
mod notification_attributes;
mod number;
mod observe_parameters;
mod validity;
mod value;
mod write_attributes;

pub use attached::{AttachError, AttachedAttributes};
pub use attribute::{AppliesTo, Attribute, AttributeClass, AttributeType};
pub use attribute_error::AttributeError;
pub use effective::{EffectiveAttributes, Ignored, Origin, Resolved, ServerDefaults};
pub use link_attributes::LinkAttributes;
pub use notification_attributes::NotificationAttributes;
pub use observe_parameters::parse_observe_parameters;
pub use validity::{AttributeTarget, Inconsistency, Violation};
pub use value::{AttributeValue, Edge};
pub use write_attributes::WriteAttributes;

#[cfg(test)]
mod tests;
