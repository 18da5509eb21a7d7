//! Every vector of `assets/vectors` for the formats that are built: decoded, encoded, refused, annotated.

// Helpers of tests: a file that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

mod arguments;
mod links;
mod payloads;
mod source;
