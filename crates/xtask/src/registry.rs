use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result};

use crate::build::cargo;

/// The crate that reads the compact registry makes it too, so that this program does not have to be built with it.
const PROGRAM: [&str; 6] = ["run", "--quiet", "--package", "lwm2m-model", "--example", "registry"];

pub(crate) fn make(root: &Path) -> Result<ExitCode> {
    let status = cargo(root).args(PROGRAM).status().context("cannot run cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
