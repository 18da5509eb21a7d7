use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    build::{self, WASM_LAB, build_selection},
    prerequisites,
};

pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [what] if what == "access-control" => access_control(root),
        [what] if what == "codec" => codec(root),
        [what] if what == "core" => with_server::<&str>(root, "core-bench", &[]),
        [what] if what == "dtls" => dtls(root),
        [what, directory @ ..] if what == "store" => with_server(root, "store-bench", directory),
        [what, extent @ ..] if what == "web" => web(root, extent),
        _ => bail!("say what: cargo xtask bench access-control, codec, core, dtls, store, or web"),
    }
}

/// `package` with the server as it is delivered, but without its console, which has no part in it.
fn with_server<A: AsRef<OsStr>>(root: &Path, package: &str, arguments: &[A]) -> Result<ExitCode> {
    let programs =
        build::build(root, &["--release", "--package", "lwm2m-console", "--package", package, "--bins"])?;
    let mut command = Command::new(programs.binary(package)?);
    command.arg(programs.binary("lwm2m-console")?).args(arguments);
    let status = command.current_dir(root).status().context("cannot run the benchmark")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plans for many devices, beside decoding what they have.
fn access_control(root: &Path) -> Result<ExitCode> {
    let selection = ["--release", "--package", "codec-bench", "--example", "bench_access_control"];
    let programs = build::build(root, &selection)?;
    let mut command = Command::new(programs.example("bench_access_control")?);
    command.arg(root.join("assets/registry/registry.bin"));
    let status = command.status().context("cannot run the benchmark")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The DTLS server by itself, then within the whole server.
fn dtls(root: &Path) -> Result<ExitCode> {
    let programs = build::build(root, &["--release", "--package", "dtls", "--example", "bench"])?;
    let status = Command::new(programs.example("bench")?).status().context("cannot run the benchmark")?;
    if !status.success() {
        return Ok(ExitCode::FAILURE);
    }
    with_server(root, "core-bench", &["dtls"])
}

/// The server as it is delivered, its console included.
fn web(root: &Path, extent: &[String]) -> Result<ExitCode> {
    if let Err(missing) = prerequisites::browser() {
        bail!("{missing}");
    }
    web_build::build(root)?;
    let server = build::build(root, &["--release", "--package", "lwm2m-console", "--bins"])?;
    let programs = build_selection(root, &["--example", "bench_web"])?;
    let mut command = Command::new(programs.example("bench_web")?);
    command.env("LWM2M_CONSOLE_BIN", server.binary("lwm2m-console")?).env("LWM2M_WEB_IS_BUILT", "1");
    let status = command.args(extent).current_dir(root).status().context("cannot run the benchmark")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Only what is measured is optimised; the program that compares is like any test.
fn codec(root: &Path) -> Result<ExitCode> {
    let browser = prerequisites::browser();
    if browser.is_ok() {
        web_build::build_module(root, WASM_LAB)?;
    }
    let native = build::build(root, &["--release", "--package", "codec-bench", "--example", "native"])?;
    let programs = build_selection(root, &["--example", "bench_codec"])?;
    let mut command = Command::new(programs.example("bench_codec")?);
    command.arg(native.example("native")?).env("LWM2M_WEB_IS_BUILT", "1");
    if let Err(missing) = browser {
        println!("The browser is left out.\n{missing}");
        command.arg("--without-browser");
    }
    let status = command.current_dir(root).status().context("cannot run the benchmark")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
