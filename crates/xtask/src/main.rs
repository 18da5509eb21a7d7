//! The front door of the project: `cargo xtask run`, `cargo xtask test`, `cargo xtask conformance`,
//! `cargo xtask fuzz`, `cargo xtask soak`, `cargo xtask lint`.
//!
//! It needs nothing but cargo. [`run`] starts the server with a small fleet of simulated devices, [`test`] runs
//! the suites, [`build`] compiles for both with one and the same selection of packages, so that nothing is
//! compiled twice with different features.

mod bench;
mod build;
mod conformance;
mod fuzz;
mod lint;
mod prerequisites;
mod process;
mod registry;
mod run;
mod screenshots;
mod soak;
mod summary;
mod test;
mod tidy;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
cargo xtask <command>

  run [--no-demo] [--release] [arguments of the server]
        builds the console, the server and the simulator, and starts them:
        http://127.0.0.1:8080/ with a fleet of simulated devices.
        --no-demo   without simulated devices
        --release   optimised build
        Everything else goes to the server: cargo xtask run --http 127.0.0.1:9000 --coap 0.0.0.0:5683

  test [suite ...] [-- arguments of the test programs]
        tidy        rules of the source tree
        unit        tests of every crate by itself
        vectors     every payload vector and worked case, native and in a browser (chromium, chromium-driver)
        lockstep    scripted CoAP conversations with the real server
        simulation  the server and a fleet of simulated devices
        ledger      the server is killed under load, and has everything that it had acknowledged
        interop     the server and the client of Eclipse Leshan (JDK 17, Maven)
        console     the console in a real browser (chromium, chromium-driver)
        Without a name: all of them, in this order. Missing programs are installed where apt-get may be used.

  conformance [row or area ...] [--json]
        what the standard asks for, the tests that prove it, and whether they pass:
        cargo xtask conformance S-001 Reporting
        --json      only one JSON object on stdout, of the rows: passed, failed or missing
        --write     runs nothing and writes docs/conformance.md from the names of the tests

  bench codec   how fast payloads are decoded and encoded, natively and in the browser, beside serde_json and ciborium
  bench core    what a Register, an Update and a notification cost the server, beside a bare UDP echo
  bench dtls    what handshakes, records and idle sessions cost the server, beside the cryptography alone
  bench store [directory]
        what storing costs beside a file that is only written, alone and in the whole server under confirmable
        notifications of 1,000 devices; how long a restart with 50,000 registrations takes; questions about a million
        values; all on the disk of that directory
  bench web [--quick] [--minutes N] [--matrix | --charts]
        what the console costs the browser: first load, a fleet of 50,000 devices, the way from a notification to the
        screen, dragging over a large matrix of access control (--matrix: only that), charts of ten devices with up to
        a million points, also over an hour (--charts: only that), and memory over N minutes visible and N minutes
        hidden (10)

  fuzz [target ...] [--seconds N] [--jobs N] [--list]
        looks for inputs that break a parser: every target of tests/fuzz, or the named ones, for 60 seconds each
        --seconds N   for so long each
        --jobs N      so many targets at the same time (1)
        --list        only the names
        It takes a nightly compiler (rustup toolchain install nightly) and a C++ compiler; cargo-fuzz is installed
        into target/tools. What was found stays in target/fuzz/corpus, what fails goes to target/fuzz/findings.

  soak [--kills N] [--seed N]
        the suite `ledger` at length: the server is killed N times (1000) under load, behind a bad network, and what it
        has is compared with what devices and operators were told
        --seed N    the same decisions again; else it is another run every time, and the seed is shown

  lint          formatting and clippy, native and for the browser
  web           only the console, into target/console
  wasm-lab      the codec as a module for the browser under test, into target/wasm-lab
  registry      the compact object registry, of the JSON in assets/registry
  screenshots   pictures of the console, into assets/screenshots
";

fn main() -> ExitCode {
    match dispatch(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(ExitCode::FAILURE);
    };
    let root = workspace_root()?;
    match command.as_str() {
        "run" => run::run(&root, rest),
        "test" => test::test(&root, rest),
        "fuzz" => fuzz::fuzz(&root, rest),
        "conformance" => conformance::conformance(&root, rest),
        "bench" => bench::bench(&root, rest),
        "soak" => soak::soak(&root, rest),
        "lint" => lint::lint(&root),
        "registry" => registry::make(&root),
        "screenshots" => screenshots::take(&root),
        "web" => {
            web_build::build(&root)?;
            Ok(ExitCode::SUCCESS)
        }
        build::WASM_LAB => {
            web_build::build_module(&root, build::WASM_LAB)?;
            Ok(ExitCode::SUCCESS)
        }
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => bail!("there is no command `{unknown}`\n\n{HELP}"),
    }
}

/// The folder of the workspace manifest, whatever the current folder is.
fn workspace_root() -> Result<PathBuf> {
    let own = env::var_os("CARGO_MANIFEST_DIR").context("start it with `cargo xtask`")?;
    let root = Path::new(&own).ancestors().nth(2).context("xtask lies two folders below the workspace")?;
    Ok(root.to_path_buf())
}
