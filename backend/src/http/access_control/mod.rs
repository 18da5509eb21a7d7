//! `/api/v1/clients/{endpoint}/access-control` and `/api/v1/access-control`: who may do what on devices, and changing it
//! (LwM2M Core §8).

pub(super) mod devices;
mod failure;
pub(super) mod kept;
pub(super) mod runs;
