use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};

use crate::{build::build_selection, prerequisites, test};

pub(crate) fn take(root: &Path) -> Result<ExitCode> {
    if let Err(missing) = prerequisites::browser() {
        bail!("{missing}");
    }
    web_build::build(root)?;
    let programs = build_selection(root, &["--bins", "--example", "screenshots"])?;
    let mut command = Command::new(programs.example("screenshots")?);
    test::announce_programs(&mut command, &programs)?;
    let status = command
        .arg(root.join("assets/screenshots"))
        .current_dir(root)
        .status()
        .context("cannot run the screenshots program")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
