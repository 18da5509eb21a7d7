use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the standard library for the browser is there.
fn ensure_target() -> Result<()> {
    if has_target()? {
        return Ok(());
    }
    eprintln!("installing the compilation target {TARGET}");
    let added = Command::new("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()).status();
    if added.is_ok_and(|status| status.success()) && has_target()? {
        return Ok(());
    }
    bail!(
        "the Rust toolchain cannot compile for the browser: target {TARGET} is missing\n\
         with rustup:    rustup target add {TARGET}\n\
         without rustup: install your distribution's package for it (Debian: libstd-rust-dev-wasm32)"
    );
}

fn has_target() -> Result<bool> {
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--print", "target-libdir", "--target", TARGET])
        .stdin(Stdio::null())
        .output()
        .context("cannot run rustc")?;
    let libdir = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(output.status.success() && libdir.read_dir().is_ok_and(|mut entries| entries.next().is_some()))
}

/// What a module is compiled for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be used as it is.
    Whole,
    /// To be taken apart: it tells where it refers to what.
    Parts,
}

/// Compiles a package and returns the path of its module. Cargo's progress goes to our stderr.
pub(crate) fn compile(workspace_root: &Path, package: &str, purpose: Purpose) -> Result<PathBuf> {
    ensure_target()?;
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["rustc", "--package", package, "--profile", "web", "--target", TARGET])
        .args(["--message-format=json-render-diagnostics", "--"])
        .args(if purpose == Purpose::Parts { &["-Clink-arg=--emit-relocs", "-Cstrip=none"][..] } else { &[] })
        .current_dir(workspace_root)
        // What a surrounding cargo or a native tuning of the machine set is not meant for the browser.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env_remove("CARGO_BUILD_TARGET")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "{package} does not compile (cargo: {})", output.status);
    module_path(&String::from_utf8_lossy(&output.stdout), package)
        .with_context(|| format!("cargo did not say where it put the module of {package}"))
}

/// The wasm file of a package in cargo's messages: of its binary, or of its dynamic library, whose name has no hyphens.
fn module_path(messages: &str, package: &str) -> Option<PathBuf> {
    let is_module = |target: &Value| {
        let name = target["name"].as_str().unwrap_or_default();
        let kind = target["kind"].as_array().and_then(|kinds| kinds.first()).and_then(Value::as_str);
        name.replace('_', "-") == package && matches!(kind, Some("bin" | "cdylib"))
    };
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && is_module(&message["target"]))
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .find(|path| path.extension().is_some_and(|extension| extension == "wasm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_found_in_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"leptos"},"filenames":["/t/libleptos.rlib"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"frontend"},"filenames":["/t/frontend.d","/t/frontend.wasm"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["cdylib"],"name":"wasm_lab"},"filenames":["/t/wasm_lab.wasm"]}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(module_path(messages, "frontend"), Some(PathBuf::from("/t/frontend.wasm")));
        assert_eq!(module_path(messages, "wasm-lab"), Some(PathBuf::from("/t/wasm_lab.wasm")));
        assert_eq!(module_path(messages, "leptos"), None);
        assert_eq!(module_path("not json\n{}", "frontend"), None);
    }
}
