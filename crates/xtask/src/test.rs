use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    build::{self, FUZZ_PLAIN, Program, Programs, SELECTION, WASM_LAB, cargo},
    prerequisites::{self, Missing},
    summary::Summary,
    tidy,
};

/// The suites, in the order in which they run: the quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suite {
    Tidy,
    Unit,
    Vectors,
    Lockstep,
    Simulation,
    Ledger,
    Interop,
    Console,
}

impl Suite {
    const ALL: [Self; 8] = [
        Self::Tidy,
        Self::Unit,
        Self::Vectors,
        Self::Lockstep,
        Self::Simulation,
        Self::Ledger,
        Self::Interop,
        Self::Console,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
            Self::Unit => "unit",
            Self::Vectors => "vectors",
            Self::Lockstep => "lockstep",
            Self::Simulation => "simulation",
            Self::Ledger => "ledger",
            Self::Interop => "interop",
            Self::Console => "console",
        }
    }

    /// The test programs that the suite consists of.
    const fn test_programs(self) -> &'static [TestProgram] {
        match self {
            Self::Tidy | Self::Unit => &[],
            Self::Vectors => &[VECTORS, ACCESS_CONTROL_CASES, WASM],
            Self::Lockstep => &[LOCKSTEP],
            Self::Simulation => &[SIMULATION],
            Self::Ledger => &[LEDGER],
            Self::Interop => &[INTEROP, INTEROP_SERVER, INTEROP_BOOTSTRAP, INTEROP_DTLS],
            Self::Console => &[CONSOLE],
        }
    }

    fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|suite| suite.name() == name);
        let Some(suite) = found else {
            bail!("there is no suite `{name}`; the suites are: {}", Self::ALL.map(Self::name).join(", "));
        };
        Ok(suite)
    }
}

/// A test program by the folder of its package and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestProgram {
    folder: &'static str,
    name: &'static str,
}

impl TestProgram {
    /// The program among those of the suites.
    pub(crate) fn of(program: &Program) -> Option<Self> {
        Suite::ALL.iter().flat_map(|suite| suite.test_programs()).copied().find(|known| known.is(program))
    }

    /// What it is started with in any case.
    pub(crate) fn options(self, root: &Path) -> Vec<&'static str> {
        match self {
            // Each of its tests starts a Java of its own.
            INTEROP_SERVER | INTEROP_BOOTSTRAP => vec!["--test-threads=2"],
            INTEROP_DTLS => prerequisites::missing_dtls_peers(root).into_iter().fold(
                vec!["--test-threads=2"],
                |mut options, module| {
                    options.extend(["--skip", module]);
                    options
                },
            ),
            // Two browsers at a time: more of them only wait for each other.
            WASM => vec!["--test-threads=2"],
            CONSOLE if prerequisites::has_leshan(root) => vec!["--test-threads=2"],
            CONSOLE => vec!["--test-threads=2", "--skip", "leshan"],
            _ => Vec::new(),
        }
    }

    fn is(self, program: &Program) -> bool {
        let in_folder = || program.package_dir.file_name().is_some_and(|name| name == self.folder);
        program.kind == "test" && program.name == self.name && in_folder()
    }
}

const VECTORS: TestProgram = TestProgram { folder: "lwm2m-model", name: "vectors" };
const ACCESS_CONTROL_CASES: TestProgram = TestProgram { folder: "lwm2m-model", name: "access_control_cases" };
const WASM: TestProgram = TestProgram { folder: "tests", name: "wasm" };
const LOCKSTEP: TestProgram = TestProgram { folder: "tests", name: "lockstep" };
const SIMULATION: TestProgram = TestProgram { folder: "tests", name: "simulation" };
pub(crate) const LEDGER: TestProgram = TestProgram { folder: "tests", name: "ledger" };
const INTEROP: TestProgram = TestProgram { folder: "tests", name: "interop_leshan" };
const INTEROP_SERVER: TestProgram = TestProgram { folder: "tests", name: "interop_leshan_server" };
const INTEROP_BOOTSTRAP: TestProgram = TestProgram { folder: "tests", name: "interop_bootstrap" };
const INTEROP_DTLS: TestProgram = TestProgram { folder: "tests", name: "interop_dtls" };
const CONSOLE: TestProgram = TestProgram { folder: "tests", name: "console" };

pub(crate) fn test(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let split = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let (names, rest) = arguments.split_at(split);
    let mut suites = names.iter().map(|name| Suite::parse(name)).collect::<Result<Vec<_>>>()?;
    if suites.is_empty() {
        suites = Suite::ALL.to_vec();
    }
    let run = Run { root, suites: &suites, arguments: rest.get(1..).unwrap_or_default() };
    let mut good = true;
    for suite in &suites {
        println!("\n=== {} ===", suite.name());
        let summary = run.suite(*suite).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Summary::ONE_FAILED
        });
        println!("{}: {summary}", suite.name());
        good &= summary.is_good();
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells a test program where cargo has put the real programs.
pub(crate) fn announce_programs(command: &mut Command, programs: &Programs) -> Result<()> {
    command
        .env("LWM2M_CONSOLE_BIN", programs.binary("lwm2m-console")?)
        .env("LWM2M_SIMULATOR_BIN", programs.binary("lwm2m-simulator")?)
        .env("LWM2M_WEB_IS_BUILT", "1");
    Ok(())
}

/// A test program as cargo would start it.
pub(crate) fn command(program: &Program, programs: &Programs) -> Result<Command> {
    let mut command = Command::new(&program.executable);
    command.current_dir(&program.package_dir).env("CARGO_MANIFEST_DIR", &program.package_dir);
    announce_programs(&mut command, programs)?;
    Ok(command)
}

/// Makes what a test program needs beside itself, or says what of it cannot be had.
pub(crate) fn make_ready(root: &Path, wanted: TestProgram) -> Result<Option<Missing>> {
    let needed = match wanted {
        INTEROP | INTEROP_SERVER | INTEROP_BOOTSTRAP => prerequisites::leshan(root),
        WASM | CONSOLE => prerequisites::browser(),
        _ => Ok(()),
    };
    if let Err(missing) = needed {
        return Ok(Some(missing));
    }
    if wanted == WASM {
        web_build::build_module(root, WASM_LAB)?;
    } else if wanted == CONSOLE {
        web_build::build(root)?;
    }
    Ok(None)
}

struct Run<'a> {
    root: &'a Path,
    suites: &'a [Suite],
    /// For the test programs.
    arguments: &'a [String],
}

impl Run<'_> {
    fn suite(&self, suite: Suite) -> Result<Summary> {
        match suite {
            Suite::Tidy => tidy::run(self.root),
            Suite::Unit => self.unit(),
            Suite::Vectors => self.vectors(),
            Suite::Lockstep => self.program(LOCKSTEP, &[]),
            Suite::Simulation => self.program(SIMULATION, &[]),
            Suite::Ledger => self.program(LEDGER, &[]),
            Suite::Interop => self.interop(),
            Suite::Console => self.in_browser(CONSOLE),
        }
    }

    /// The same payloads natively and in the browser. What is native needs no browser and runs in any case.
    fn vectors(&self) -> Result<Summary> {
        let mut summary = Summary::default();
        for program in [VECTORS, ACCESS_CONTROL_CASES] {
            // Each vector is a test; a dot is enough to say about one that passes.
            summary += self.program(program, &["--quiet"])?;
        }
        summary += self.in_browser(WASM).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Summary::ONE_FAILED
        });
        Ok(summary)
    }

    /// Our server with Leshan's client, our simulated devices with Leshan's server, bootstrap both ways, and DTLS of others.
    fn interop(&self) -> Result<Summary> {
        let mut summary = Summary::default();
        for wanted in [INTEROP, INTEROP_SERVER, INTEROP_BOOTSTRAP] {
            summary += match make_ready(self.root, wanted)? {
                None => self.program(wanted, &wanted.options(self.root))?,
                Some(missing) => self.leave_out(wanted, &missing)?,
            };
        }
        for missing in prerequisites::dtls_peers(self.root) {
            notice(&format!("The tests of `{}` with it are left out.\n{missing}", INTEROP_DTLS.name));
        }
        summary += self.program(INTEROP_DTLS, &INTEROP_DTLS.options(self.root))?;
        Ok(summary)
    }

    fn in_browser(&self, wanted: TestProgram) -> Result<Summary> {
        if let Some(missing) = make_ready(self.root, wanted)? {
            if prerequisites::in_ci() {
                bail!("the browser must be tested here\n{missing}");
            }
            return self.leave_out(wanted, &missing);
        }
        let options = wanted.options(self.root);
        if options.contains(&"leshan") {
            notice("The test of the console with Leshan's client is left out: no JDK 17 with Maven here.");
        }
        self.program(wanted, &options)
    }

    /// Tests of every crate by itself, its documentation included.
    fn unit(&self) -> Result<Summary> {
        let programs = self.build()?;
        // The packages outside of the selection. Most of the frontend is plain Rust that needs no browser.
        let own = build::build(self.root, &["--package", "xtask", "--package", "web-build", "--tests"])?;
        let frontend = build::build(self.root, &["--package", "frontend", "--tests"])?;
        let mut summary = Summary::default();
        let of_crates = programs.0.iter().filter(|program| TestProgram::of(program).is_none());
        for program in of_crates.chain(&own.0).chain(&frontend.0).filter(|program| program.is_test) {
            summary += self.execute(program, &programs, &[])?;
        }
        let mut documentation = cargo(self.root);
        documentation.args(["test", "--doc", "--quiet"]).args(SELECTION).arg("--").args(self.arguments);
        summary += stream(&mut documentation)?.unwrap_or(Summary::ONE_FAILED);
        summary += self.fuzz_regressions()?;
        Ok(summary)
    }

    /// Inputs that fuzzing has found, replayed without a fuzzer.
    fn fuzz_regressions(&self) -> Result<Summary> {
        println!("\n--- fuzz (tests/fuzz)");
        let mut replay = cargo(self.root);
        replay.args(["test", "--lib", "--quiet"]).args(FUZZ_PLAIN).arg("--").args(self.arguments);
        Ok(stream(&mut replay)?.unwrap_or(Summary::ONE_FAILED))
    }

    fn program(&self, wanted: TestProgram, options: &[&str]) -> Result<Summary> {
        let programs = self.build()?;
        self.execute(find(wanted, &programs)?, &programs, options)
    }

    /// One build for all suites of this run; from the second suite on cargo finds everything done.
    fn build(&self) -> Result<Programs> {
        if self.suites.contains(&Suite::Unit) {
            return build::build_selection(self.root, &["--bins", "--tests"]);
        }
        let mut targets = vec!["--bins"];
        for program in self.suites.iter().flat_map(|suite| suite.test_programs()) {
            targets.extend(["--test", program.name]);
        }
        build::build_selection(self.root, &targets)
    }

    fn execute(&self, program: &Program, programs: &Programs, options: &[&str]) -> Result<Summary> {
        println!("\n--- {} ({})", program.name, relative(&program.package_dir, self.root));
        let mut command = command(program, programs)?;
        command.args(options).args(self.arguments);
        let Some(summary) = stream(&mut command)? else {
            eprintln!("{} ended without a result", program.name);
            return Ok(Summary::ONE_FAILED);
        };
        Ok(summary)
    }

    /// The tests of a program that cannot run count as skipped, and nobody can overlook it.
    fn leave_out(&self, wanted: TestProgram, missing: &Missing) -> Result<Summary> {
        notice(&format!("The tests of `{}` are left out.\n{missing}", wanted.name));
        let programs = self.build()?;
        let output =
            Command::new(&find(wanted, &programs)?.executable).args(["--list", "--format=terse"]).output()?;
        let tests = String::from_utf8_lossy(&output.stdout);
        Ok(Summary::skipped(tests.lines().filter(|line| line.ends_with(": test")).count()))
    }
}

pub(crate) fn find(wanted: TestProgram, programs: &Programs) -> Result<&Program> {
    let found = programs.0.iter().find(|program| wanted.is(program));
    found.with_context(|| format!("cargo built no test `{}`", wanted.name))
}

/// Runs a test program, shows what it says and adds up its results. `None` when it ended without any, or failed
/// although no test did.
fn stream(command: &mut Command) -> Result<Option<Summary>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let stdout = child.stdout.take().context("the test program has no stdout")?;
    let mut summary = None;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = String::from_utf8_lossy(&line.context("cannot read from the test program")?).into_owned();
        println!("{line}");
        if let Some(result) = Summary::of_line(&line) {
            *summary.get_or_insert_default() += result;
        }
    }
    let status = child.wait().context("lost sight of the test program")?;
    Ok(summary.filter(|summary: &Summary| status.success() || summary.failed > 0))
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn notice(text: &str) {
    let rule = "!".repeat(72);
    println!("\n{rule}");
    for line in text.lines() {
        println!("!! {line}");
    }
    println!("{rule}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_suite_is_answered_with_the_known_ones() {
        assert_eq!(Suite::parse("lockstep").unwrap(), Suite::Lockstep);
        let error = Suite::parse("lokstep").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no suite `lokstep`; the suites are: tidy, unit, vectors, lockstep, simulation, ledger, interop, \
             console"
        );
    }

    #[test]
    fn no_program_runs_in_two_suites() {
        let has_its_suite = |folder: &str, name: &str| {
            TestProgram::of(&Program {
                name: name.into(),
                package_dir: Path::new("/w").join(folder),
                executable: "/t/x".into(),
                is_test: true,
                kind: "test".into(),
            })
            .is_some()
        };
        assert!(has_its_suite("crates/lwm2m-model", "vectors"));
        assert!(has_its_suite("tests", "console"));
        assert!(!has_its_suite("crates/lwm2m-model", "ddf"));
        assert!(!has_its_suite("backend", "console"));
    }

    #[test]
    fn a_program_without_a_result_is_told_apart() {
        let said = |script: &str| stream(Command::new("sh").args(["-c", script])).unwrap();
        let ok = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out'";
        assert_eq!(said(ok), Some(Summary { passed: 2, failed: 0, skipped: 0 }));
        assert_eq!(said(&format!("{ok}; exit 1")), None);
        assert_eq!(said("echo hello"), None);
    }
}
