//! SenML (RFC 8428) as LwM2M 1.1 uses it (LwM2M Core §7.4.4, §7.4.5): records in JSON or CBOR, each with the name and
//! the value of one resource or resource instance.
//!
//! [`pack`] holds the rules; [`json`](self::json) and [`cbor`](self::cbor) only find the fields.

pub(super) mod cbor;
mod fields;
pub(super) mod json;
mod label;
mod pack;
pub(super) mod paths;
