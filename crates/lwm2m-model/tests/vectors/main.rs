//! Every vector of `assets/vectors`, each a test by its id, behind the rows of the conformance table that it proves:
//! what is valid decodes to the stated values, what is canonical is encoded to the stated bytes, what is malformed is
//! refused with the stated class.
//!
//! `cargo test --test vectors tlv-bad` runs those whose names contain the text.

// Helpers of tests: a file that cannot be read fails the test.
#![allow(clippy::unwrap_used, clippy::panic)]

mod arguments;
mod links;
mod paths;
mod payloads;
mod source;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test of one vector.
fn trial(id: &str, check: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Trial {
    Trial::test(id, check)
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    payloads::add(&mut trials);
    paths::add(&mut trials);
    links::add(&mut trials);
    arguments::add(&mut trials);
    libtest_mimic::run(&arguments, trials).exit_code()
}
