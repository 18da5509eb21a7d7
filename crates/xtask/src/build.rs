use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// The packages of every native build. Cargo unites the features of what is selected together: with one
/// selection everywhere, `run` and every suite of `test` share each compiled crate. The frontend and the lab are for
/// the browser; this program and what it alone uses are compiled already.
#[rustfmt::skip]
pub(crate) const SELECTION: [&str; 9] = [
    "--workspace",
    "--exclude", "frontend",
    "--exclude", WASM_LAB,
    "--exclude", "xtask",
    "--exclude", "web-build",
];

/// The package that the browser is tested with.
pub(crate) const WASM_LAB: &str = "wasm-lab";

/// A program that cargo has built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// Name of the target: `lwm2m-console`, `lockstep`.
    pub(crate) name: String,
    /// Folder of its package: the working directory of its tests.
    pub(crate) package_dir: PathBuf,
    pub(crate) executable: PathBuf,
    /// Whether it is a test program.
    pub(crate) is_test: bool,
    /// `bin`, `lib`, `test`, `example`
    pub(crate) kind: String,
}

/// The programs of one build.
#[derive(Debug)]
pub(crate) struct Programs(pub(crate) Vec<Program>);

impl Programs {
    pub(crate) fn binary(&self, name: &str) -> Result<&Path> {
        self.find(name, "bin")
    }

    pub(crate) fn example(&self, name: &str) -> Result<&Path> {
        self.find(name, "example")
    }

    fn find(&self, name: &str, kind: &str) -> Result<&Path> {
        let found =
            self.0.iter().find(|program| program.name == name && !program.is_test && program.kind == kind);
        Ok(&found.with_context(|| format!("cargo built no {kind} `{name}`"))?.executable)
    }
}

/// The manifest of the fuzz targets, which are a workspace of their own.
pub(crate) const FUZZ_MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// The fuzz targets as far as any compiler can build them, without libFuzzer.
pub(crate) const FUZZ_PLAIN: [&str; 3] = ["--manifest-path", FUZZ_MANIFEST, "--no-default-features"];

/// Where cargo puts what it builds.
pub(crate) fn target_dir(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

/// `cargo` at the root; what it builds goes to one place, the fuzz targets included.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).env("CARGO_TARGET_DIR", target_dir(root)).stdin(Stdio::null());
    command
}

/// `cargo build` with progress on stderr; returns the programs it made.
pub(crate) fn build(root: &Path, arguments: &[&str]) -> Result<Programs> {
    let output = cargo(root)
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the build failed");
    }
    Ok(Programs(programs(&String::from_utf8_lossy(&output.stdout))))
}

/// `cargo build` of [`SELECTION`].
pub(crate) fn build_selection(root: &Path, targets: &[&str]) -> Result<Programs> {
    build(root, &[&SELECTION, targets].concat())
}

fn programs(messages: &str) -> Vec<Program> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs: Vec<Program> = messages
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| {
            Some(Program {
                name: message["target"]["name"].as_str()?.to_owned(),
                package_dir: Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf(),
                executable: message["executable"].as_str()?.into(),
                is_test: message["profile"]["test"].as_bool()?,
                kind: message["target"]["kind"][0].as_str()?.to_owned(),
            })
        })
        .collect();
    // Cargo reports them as they get done; the same order every time is easier to read.
    programs.sort_by(|a, b| (&a.package_dir, &a.name).cmp(&(&b.package_dir, &b.name)));
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_apart_from_libraries_and_tests() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/coap/Cargo.toml","target":{"kind":["lib"],"name":"coap"},"profile":{"test":false},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/coap/Cargo.toml","target":{"kind":["lib"],"name":"coap"},"profile":{"test":true},"executable":"/t/coap-1"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/backend/Cargo.toml","target":{"kind":["bin"],"name":"lwm2m-console"},"profile":{"test":true},"executable":"/t/lwm2m_console-2"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/backend/Cargo.toml","target":{"kind":["bin"],"name":"lwm2m-console"},"profile":{"test":false},"executable":"/t/lwm2m-console"}"#,
        );
        let programs = Programs(programs(messages));
        assert_eq!(programs.0.len(), 3);
        assert_eq!(programs.0.iter().filter(|program| program.is_test).count(), 2);
        assert_eq!(programs.binary("lwm2m-console").unwrap(), Path::new("/t/lwm2m-console"));
        assert_eq!(programs.0[2].package_dir, Path::new("/w/crates/coap"));
        assert!(programs.example("screenshots").unwrap_err().to_string().contains("screenshots"));
    }
}
