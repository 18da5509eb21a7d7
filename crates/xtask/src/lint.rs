use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result};

use crate::build::{FUZZ_MANIFEST, FUZZ_PLAIN, cargo};

/// Every check that needs no test to run. All of them run, so that one look shows everything.
const CHECKS: [&[&str]; 4] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--exclude", "frontend", "--all-targets", "--", "--deny", "warnings"],
    &["clippy", "--package", "frontend", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"],
    &["fmt", "--manifest-path", FUZZ_MANIFEST, "--check"],
];

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
