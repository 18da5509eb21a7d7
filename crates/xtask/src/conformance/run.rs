//! Running the tests that prove rows, in the programs that `cargo xtask test` builds.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::Path,
    process::{Output, Stdio},
};

use anyhow::{Context as _, Result};

use crate::{
    build::{self, Program},
    conformance::{
        outcome::{Outcomes, TestResult, of_line},
        proof::{Place, Proof},
        requirement::{RowId, rows_of},
    },
    test::{self, TestProgram},
};

const FRONTEND: &str = "frontend";

pub(crate) struct Run<'a> {
    pub(crate) root: &'a Path,
    pub(crate) proofs: &'a [Proof],
    pub(crate) rows: &'a BTreeSet<RowId>,
}

impl Run<'_> {
    pub(crate) fn outcomes(&self) -> Result<Outcomes> {
        let wanted = || self.proofs.iter().filter(|proof| !self.rows_in(&proof.rows).is_empty());
        let mut outcomes = Outcomes::default();
        if wanted().next().is_none() {
            return Ok(outcomes);
        }
        let all = self.build(&wanted().collect::<Vec<_>>())?;
        let mut seen = BTreeSet::new();
        for program in all.0.iter().filter(|program| program.is_test) {
            let proofs: Vec<&Proof> = wanted().filter(|proof| self.is_in(proof, program)).collect();
            if let Some(first) = proofs.first() {
                let prefix = if first.place == Place::Source {
                    format!("{}/", first.package)
                } else {
                    format!("{}/{}::", first.package, program.name)
                };
                for (name, result) in self.tests(program, &all, &prefix)? {
                    let title = format!("{prefix}{name}");
                    outcomes.add(&title, &self.rows_in(&rows_of(&name)), &result);
                    seen.insert(title);
                }
            }
        }
        for proof in wanted().filter(|proof| !was_seen(proof, &seen)) {
            let why = "no test program has it".to_owned();
            outcomes.add(&proof.title(), &self.rows_in(&proof.rows), &TestResult::DidNotRun { why });
        }
        Ok(outcomes)
    }

    fn rows_in(&self, rows: &[RowId]) -> Vec<RowId> {
        rows.iter().copied().filter(|row| self.rows.contains(row)).collect()
    }

    /// One build with the targets of `cargo xtask test`. Tests beside the code come only all together.
    fn build(&self, wanted: &[&Proof]) -> Result<build::Programs> {
        let of_frontend = wanted.iter().any(|proof| proof.package == FRONTEND);
        let mut targets = vec!["--bins"];
        if wanted.iter().any(|proof| proof.place == Place::Source) {
            targets.push("--tests");
        } else {
            let names: BTreeSet<&str> = wanted.iter().filter_map(|proof| proof.program()).collect();
            targets.extend(names.into_iter().flat_map(|name| ["--test", name]));
        }
        let mut programs = build::build_selection(self.root, &targets)?;
        if of_frontend {
            programs.0.extend(build::build(self.root, &["--package", FRONTEND, "--tests"])?.0);
        }
        Ok(programs)
    }

    fn is_in(&self, proof: &Proof, program: &Program) -> bool {
        let here = program.package_dir == self.root.join(&proof.folder);
        here && match &proof.place {
            Place::Source => program.kind != "test",
            Place::Program(name) => program.kind == "test" && program.name == *name,
        }
    }

    /// The wanted tests of a program and what came of them.
    fn tests(
        &self,
        program: &Program,
        all: &build::Programs,
        prefix: &str,
    ) -> Result<BTreeMap<String, TestResult>> {
        let listed = self.execute(program, all, &["--list".to_owned(), "--format=terse".to_owned()])?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        let names: Vec<&str> =
            names.map(str::trim_end).filter(|name| !self.rows_in(&rows_of(name)).is_empty()).collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let known = TestProgram::of(program);
        if let Some(missing) = known.map(|known| test::make_ready(self.root, known)).transpose()?.flatten() {
            let result = TestResult::DidNotRun { why: missing.to_string().replace('\n', ", ") };
            return Ok(names.into_iter().map(|name| (name.to_owned(), result.clone())).collect());
        }
        eprintln!(
            "     Running {} of {prefix}",
            if names.len() == 1 { "1 test".to_owned() } else { format!("{} tests", names.len()) }
        );
        let mut arguments = self.selection(&names);
        arguments.extend(known.into_iter().flat_map(|known| known.options(self.root)).map(str::to_owned));
        let output = self.execute(program, all, &arguments)?;
        if !output.status.success() {
            std::io::stderr().write_all(&output.stdout).context("cannot write to stderr")?;
        }
        Ok(results(&names, &output))
    }

    /// Arguments that choose tests. Where tests are made of data there is one filter and it is part of the name.
    fn selection(&self, names: &[&str]) -> Vec<String> {
        let made_of_data = names.iter().any(|name| name.contains(' '));
        let mut rows = self.rows.iter();
        match (made_of_data, rows.next(), rows.next()) {
            (true, Some(only), None) => vec![only.to_string()],
            (true, ..) => Vec::new(),
            (false, ..) => {
                std::iter::once("--exact").chain(names.iter().copied()).map(str::to_owned).collect()
            }
        }
    }

    fn execute(&self, program: &Program, all: &build::Programs, arguments: &[String]) -> Result<Output> {
        let mut command = test::command(program, all)?;
        command.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
        command.output().with_context(|| format!("cannot run {}", program.executable.display()))
    }
}

/// What the program said about each test. One that it began and did not end has failed with it.
fn results(names: &[&str], output: &Output) -> BTreeMap<String, TestResult> {
    let text = String::from_utf8_lossy(&output.stdout);
    let said: BTreeMap<&str, TestResult> = text.lines().filter_map(of_line).collect();
    let complete = text.lines().any(|line| line.starts_with("test result: "));
    let silent =
        if complete { TestResult::DidNotRun { why: "left out".to_owned() } } else { TestResult::Failed };
    names.iter().map(|name| ((*name).to_owned(), said.get(name).unwrap_or(&silent).clone())).collect()
}

/// Whether a test program had this test; of tests made of data, one for each row.
fn was_seen(proof: &Proof, seen: &BTreeSet<String>) -> bool {
    if !proof.made_of_data {
        return seen.contains(&proof.title());
    }
    let Some(program) = proof.program() else { return false };
    let prefix = format!("{}/{program}::", proof.package);
    let rows: BTreeSet<RowId> =
        seen.iter().filter_map(|title| title.strip_prefix(&prefix)).flat_map(rows_of).collect();
    proof.rows.iter().any(|row| rows.contains(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn said(script: &str) -> Output {
        Command::new("sh").args(["-c", script]).output().unwrap()
    }

    #[test]
    fn a_test_without_a_result_did_not_run_or_took_the_program_with_it() {
        let names = ["s_001_a", "s_002_b"];
        let whole = said("echo 'test s_001_a ... ok'; echo 'test result: ok. 1 passed'");
        let results_of_whole = results(&names, &whole);
        assert_eq!(results_of_whole["s_001_a"], TestResult::Passed);
        assert_eq!(results_of_whole["s_002_b"], TestResult::DidNotRun { why: "left out".into() });
        let broken = said("echo 'test s_001_a ... ok'; exit 134");
        assert_eq!(results(&names, &broken)["s_002_b"], TestResult::Failed);
    }
}
