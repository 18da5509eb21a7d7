use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result};

use crate::build::{FUZZ_MANIFEST, FUZZ_PLAIN, WASM_LAB, cargo};

/// Every check that needs no test to run. All of them run, so that one look shows everything.
#[rustfmt::skip]
const CHECKS: [&[&str]; 5] = [
    &["fmt", "--all", "--check"],
    &[
        "clippy", "--workspace", "--exclude", "frontend", "--exclude", WASM_LAB, "--all-targets",
        "--", "--deny", "warnings",
    ],
    // By themselves, as they are built: together each would be given the features of the other.
    &["clippy", "--package", "frontend", "--target", BROWSER, "--", "--deny", "warnings"],
    &["clippy", "--package", WASM_LAB, "--target", BROWSER, "--", "--deny", "warnings"],
    &["fmt", "--manifest-path", FUZZ_MANIFEST, "--check"],
];

const BROWSER: &str = "wasm32-unknown-unknown";

pub(crate) fn lint(root: &Path) -> Result<ExitCode> {
    let mut clean = true;
    let fuzz = [&["clippy"], &FUZZ_PLAIN[..], &["--all-targets", "--", "--deny", "warnings"]].concat();
    for check in CHECKS.into_iter().chain([&fuzz[..]]) {
        println!("cargo {}", check.join(" "));
        clean &= cargo(root).args(check).status().context("cannot run cargo")?.success();
    }
    println!("lint: {}", if clean { "clean" } else { "failed" });
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
