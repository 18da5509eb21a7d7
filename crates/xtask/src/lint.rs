use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result};

use crate::build::cargo;

/// Every check that needs no test to run. All of them run, so that one look shows everything.
const CHECKS: [&[&str]; 3] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--exclude", "frontend", "--all-targets", "--", "--deny", "warnings"],
    &["clippy", "--package", "frontend", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"],
];

pub(crate) fn lint(root: &Path) -> Result<ExitCode> {
    let mut clean = true;
    for check in CHECKS {
        println!("cargo {}", check.join(" "));
        clean &= cargo(root).args(check).status().context("cannot run cargo")?.success();
    }
    println!("lint: {}", if clean { "clean" } else { "failed" });
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
