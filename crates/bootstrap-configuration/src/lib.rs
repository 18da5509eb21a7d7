//! What devices receive from a Bootstrap-Server: whether it is right, whom it is for, what has changed in it.
//!
//! [`check`] looks at a [`BootstrapConfiguration`](console_api::BootstrapConfiguration) and names the field of every
//! problem, [`fitting`] and [`most_specific`] say which assignment counts for a device, [`differences`] compares two
//! versions; [`typed`], [`resource`] and [`value_path`] read its values. It has no I/O and runs in the browser as well as in the server, so that both say the same.
//!
//! Implemented: the consistency that a client checks at Bootstrap-Finish (LwM2M 1.2 Core §6.1.6, §6.1.7.8), the
//! Security, Server and Access Control Objects (Appendix E).

mod assignment;
mod check;
mod difference;
pub mod limits;
mod value;

pub use assignment::{fits, fitting, most_specific};
pub use check::check;
pub use difference::{Difference, differences};
pub use value::{Mismatch, resource, typed, value_path};
