//! The object registry as it is listed. Nothing here asks the browser.

mod catalogue;
mod outcome;

pub(crate) use catalogue::{Kind, Listing, list};
pub(crate) use outcome::{Outcome, Upload};
