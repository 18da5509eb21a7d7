//! How fast the codec is, natively and in the browser: `cargo xtask bench codec`.
//!
//! A [`Case`] is a payload, [`Case::measure`] says how long it takes to decode and encode it as a [`Measurement`], and
//! how long a general-purpose crate takes for the same bytes.

mod case;
mod measurement;
mod rival;
mod stopwatch;

pub use case::Case;
pub use measurement::{Measurement, Times};
pub use rival::Rival;
pub use stopwatch::Clock;
