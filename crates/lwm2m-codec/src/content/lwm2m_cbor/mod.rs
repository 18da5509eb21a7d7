//! application/vnd.oma.lwm2m+cbor (LwM2M Core 1.2 §7.4.6): nested maps whose keys are ids.

mod decode;
mod encode;

pub(super) use decode::decode;
pub(super) use encode::encode;
