use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;

/// The server.
pub fn console_program() -> Result<PathBuf> {
    program("LWM2M_CONSOLE_BIN", "lwm2m-console")
}

/// The simulated devices.
pub fn simulator_program() -> Result<PathBuf> {
    program("LWM2M_SIMULATOR_BIN", "lwm2m-simulator")
}

/// Builds the console for the browser, unless `cargo xtask test` has just done so.
pub fn ensure_web_build() -> Result<()> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(|| build_for_browser("web")).clone().map_err(|error| anyhow!(error))
}

/// The folder with the module `wasm-lab`, which is built like the console.
pub(crate) fn wasm_lab() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    BUILT.get_or_init(|| build_for_browser("wasm-lab")).clone().map_err(|error| anyhow!(error))?;
    Ok(workspace_root().join("target/wasm-lab"))
}

fn build_for_browser(command: &str) -> Result<(), String> {
    if env::var_os("LWM2M_WEB_IS_BUILT").is_none() {
        let status = cargo().args(["xtask", command]).status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(format!("`cargo xtask {command}` failed"));
        }
    }
    Ok(())
}

/// `cargo xtask test` builds the programs beforehand and says where they are. A plain `cargo test` does not, so
/// it is made up for here, once for each test program; cargo itself lets only one build run at a time.
fn program(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return Ok(path.into());
    }
    static BUILT: OnceLock<Result<Vec<(String, PathBuf)>, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    let built = built.as_ref().map_err(|error| anyhow!(error.clone()))?;
    let found = built.iter().find(|(built, _)| built == name);
    Ok(found.with_context(|| format!("cargo built no program {name}"))?.1.clone())
}

fn build() -> Result<Vec<(String, PathBuf)>> {
    let output = cargo()
        .args(["build", "--package", "lwm2m-console", "--package", "lwm2m-simulator", "--bins"])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "the programs under test do not build");
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executables = messages.filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    });
    Ok(executables.collect())
}

fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace_root()).stdin(Stdio::null());
    command
}

pub(crate) fn workspace_root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}
