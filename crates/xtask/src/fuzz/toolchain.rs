//! What fuzzing needs beside cargo: a nightly compiler, which alone knows the instrumentation, and cargo-fuzz.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::build::cargo;

/// Installed where needed, below the folder for compiled things.
pub(crate) struct Toolchain {
    cargo_fuzz: PathBuf,
}

impl Toolchain {
    pub(crate) fn ensure(root: &Path, target_dir: &Path) -> Result<Self> {
        let nightly = nightly("rustc").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !nightly.is_ok_and(|status| status.success()) {
            bail!(
                "fuzzing takes a nightly compiler, and there is none\n\
                 remedy: rustup toolchain install nightly --profile minimal"
            );
        }
        let tools = target_dir.join("tools");
        let cargo_fuzz = tools.join("bin").join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
        if !cargo_fuzz.is_file() {
            println!("installing cargo-fuzz into {}", tools.display());
            let mut install = cargo(root);
            install.args(["install", "cargo-fuzz", "--locked", "--root"]).arg(&tools);
            if !install.status().context("cannot run cargo")?.success() {
                bail!("cargo-fuzz could not be installed, see above");
            }
        }
        Ok(Self { cargo_fuzz })
    }

    /// Builds one target, or all of them; gives the folder of the programs.
    pub(crate) fn build(&self, root: &Path, target_dir: &Path, only: Option<&str>) -> Result<PathBuf> {
        let mut build = nightly(&self.cargo_fuzz);
        build.current_dir(root).args(["fuzz", "build", "--fuzz-dir", "tests/fuzz", "--target-dir"]);
        // Nothing of ours is unsafe, so that there is nothing to find for the address sanitizer.
        build.arg(target_dir).args(["--sanitizer", "none"]).args(only);
        // What cargo has told us about ourselves is not for the compiler of another version.
        build.env_remove("CARGO").env_remove("CARGO_TARGET_DIR").env_remove("RUSTUP_TOOLCHAIN");
        if !build.stdin(Stdio::null()).status().context("cannot run cargo-fuzz")?.success() {
            bail!("the fuzz targets could not be built");
        }
        Ok(target_dir.join(host()?).join("release"))
    }
}

/// A program in the environment of the nightly toolchain.
fn nightly(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly"]).arg(program).stdin(Stdio::null());
    command
}

/// The triple that cargo-fuzz builds for.
fn host() -> Result<String> {
    let output = nightly("rustc").arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what it runs on")?.to_owned())
}
