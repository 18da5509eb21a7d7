//! `cargo xtask fuzz`: builds the targets of `tests/fuzz`, runs them for a while, and says what came of it.

mod statistics;
mod targets;
mod toolchain;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, Result, bail};

use crate::build::target_dir;

use statistics::{Finding, Statistics};
use targets::{TARGETS, Target};
use toolchain::Toolchain;

const SECONDS: u64 = 60;
/// Longest input. Long enough for every bound of a parser but those on the length itself, which tests have reached.
const LONGEST: usize = 4096;
/// An input that takes longer is a finding; the slowest good ones take some milliseconds.
const SLOWEST_S: u64 = 5;
/// Memory of a whole target beyond which an input is a finding.
const MEMORY_MIB: u64 = 1024;
/// Inputs up to this length are shown, longer ones are only named.
const SHOWN_BYTES: u64 = 512;

pub(crate) fn fuzz(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    if options.list {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        return Ok(ExitCode::SUCCESS);
    }
    let compiled = target_dir(root);
    let workshop = compiled.join("fuzz");
    let toolchain = Toolchain::ensure(root, &compiled)?;
    let only = if let [target] = options.targets.as_slice() { Some(target.name) } else { None };
    let programs = toolchain.build(root, &workshop, only)?;
    let run = Run { root, workshop, programs, seconds: options.seconds };

    let results = run.all(&options.targets, options.jobs);
    print_table(&results);
    let good = results.iter().all(|(_, result)| result.as_ref().is_ok_and(|run| run.finding.is_none()));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Options {
    targets: Vec<&'static Target>,
    seconds: u64,
    /// How many targets run at the same time.
    jobs: usize,
    list: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { targets: Vec::new(), seconds: SECONDS, jobs: 1, list: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => options.list = true,
                "--seconds" => options.seconds = number(argument, arguments.next())?,
                "--jobs" => options.jobs = usize::try_from(number(argument, arguments.next())?)?,
                option if option.starts_with('-') => {
                    bail!("there is no option `{option}`; the options are: --seconds N, --jobs N, --list")
                }
                name => options.targets.push(targets::find(name)?),
            }
        }
        if options.targets.is_empty() {
            options.targets = TARGETS.iter().collect();
        }
        Ok(options)
    }
}

fn number(option: &str, value: Option<&String>) -> Result<u64> {
    let number = value.and_then(|value| value.parse().ok()).filter(|number| *number > 0);
    number.with_context(|| format!("{option} takes a number from 1"))
}

type Outcome = (&'static str, Result<Statistics>);

struct Run<'a> {
    root: &'a Path,
    /// `target/fuzz`: what is built, and `corpus`, `findings` and `logs`.
    workshop: PathBuf,
    programs: PathBuf,
    seconds: u64,
}

impl Run<'_> {
    /// Runs the targets, so many at a time, and gives what came of them in their order.
    fn all(&self, targets: &[&'static Target], jobs: usize) -> Vec<Outcome> {
        let waiting = Mutex::new(targets.iter().copied().enumerate());
        let results = Mutex::new(Vec::new());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            for _ in 0..jobs.min(targets.len()) {
                scope.spawn(|| {
                    while let Some((index, target)) = next() {
                        println!("{}: running for {} s", target.name, self.seconds);
                        let result = self.one(target);
                        print_result(target.name, &result);
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.push((index, (target.name, result)));
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, outcome)| outcome).collect()
    }

    fn one(&self, target: &Target) -> Result<Statistics> {
        let folder = |name: &str| self.workshop.join(name);
        let corpus = folder("corpus").join(target.name);
        let findings = folder("findings").join(target.name);
        target.seed(self.root, &corpus, LONGEST)?;
        for folder in [&findings, &folder("logs")] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let log = folder("logs").join(format!("{}.log", target.name));
        let writer = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;

        let mut command = Command::new(self.programs.join(target.name));
        command
            .arg(&corpus)
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(format!("-max_len={LONGEST}"))
            .arg(format!("-timeout={SLOWEST_S}"))
            .arg(format!("-rss_limit_mb={MEMORY_MIB}"))
            .arg(format!("-artifact_prefix={}/", findings.display()))
            .arg("-print_final_stats=1");
        if let Some(name) = target.dictionary {
            let file = self.root.join(format!("tests/fuzz/dictionaries/{name}.dict"));
            command.arg(format!("-dict={}", file.display()));
        }
        command.current_dir(self.root).stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer);
        let status = command.status().with_context(|| format!("cannot run {}", target.name))?;

        let text = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
        let statistics = Statistics::of(&String::from_utf8_lossy(&text));
        if !status.success() && statistics.finding.is_none() {
            bail!("it ended with {status} and says why in {}", log.display());
        }
        Ok(statistics)
    }
}

fn print_result(name: &str, result: &Result<Statistics>) {
    match result {
        Ok(Statistics { finding: Some(finding), .. }) => {
            println!("{name}: FOUND\n    {}", finding.message.replace('\n', "\n    "));
            print_input(finding);
        }
        Ok(Statistics { executions, per_second, coverage, .. }) => {
            println!("{name}: {executions} executions, {per_second} exec/s, coverage {coverage}");
        }
        Err(error) => println!("{name}: {error:#}"),
    }
}

fn print_input(finding: &Finding) {
    let Some(input) = &finding.input else { return };
    println!("    input: {input}");
    let short = fs::metadata(input).is_ok_and(|metadata| metadata.len() <= SHOWN_BYTES);
    if short && let Ok(bytes) = fs::read(input) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("    bytes: {hex}");
    }
}

fn print_table(results: &[Outcome]) {
    let width = results.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    println!(
        "\n{:width$}  {:>12}  {:>8}  {:>8}  {:>7}",
        "target", "executions", "exec/s", "coverage", "inputs"
    );
    for (name, result) in results {
        match result {
            Ok(Statistics { executions, per_second, coverage, inputs, finding }) => {
                let end = if finding.is_some() { "  FOUND" } else { "" };
                println!("{name:width$}  {executions:>12}  {per_second:>8}  {coverage:>8}  {inputs:>7}{end}");
            }
            Err(error) => println!("{name:width$}  {error:#}"),
        }
    }
    let findings =
        results.iter().filter_map(|(_, result)| result.as_ref().ok()?.finding.as_ref()?.input.as_ref());
    findings.for_each(|input| println!("{input}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options> {
        Options::parse(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn options() {
        let options = parse(&[]).unwrap();
        assert_eq!((options.targets.len(), options.seconds, options.jobs), (TARGETS.len(), SECONDS, 1));
        let options = parse(&["tlv", "--seconds", "5", "link", "--jobs", "2"]).unwrap();
        let names: Vec<&str> = options.targets.iter().map(|target| target.name).collect();
        assert_eq!((names, options.seconds, options.jobs), (vec!["tlv", "link"], 5, 2));
        for wrong in [&["--seconds"][..], &["--jobs", "0"], &["--seconds", "x"], &["--sec", "1"], &["tvl"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
