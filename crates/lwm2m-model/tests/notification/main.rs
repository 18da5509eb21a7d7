//! When to notify: the worked examples, the rules one by one, and a second reading of them.

// Helpers of tests: attributes that cannot be read fail the test.
#![allow(clippy::unwrap_used)]

mod conditions;
mod drive;
mod node;
mod periods;
mod reference;
