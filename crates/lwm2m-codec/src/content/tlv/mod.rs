//! application/vnd.oma.lwm2m+tlv (LwM2M Core §7.4.3).

mod decode;
mod element;
mod encode;
mod scalar;
mod siblings;

pub(super) use decode::decode;
pub(super) use encode::encode;
