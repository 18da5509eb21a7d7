//! `cargo xtask conformance`: what the standard asks for, which tests prove it, and whether they pass.

mod document;
mod outcome;
mod proof;
mod requirement;
mod run;

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::tidy::sources::Sources;

use outcome::{Outcomes, Status};
use proof::Proof;
use requirement::{Requirements, RowId};
use run::Run;

pub(crate) fn conformance(root: &Path, arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    let requirements = Requirements::read(root)?;
    let proofs = proof::find(&Sources::read(root)?);
    if options.write {
        document::write(root, &document::page(&requirements, &proofs))?;
        println!("{} is written", document::FILE);
        return Ok(ExitCode::SUCCESS);
    }
    let rows = options.rows(&requirements)?;
    let outcomes = Run { root, proofs: &proofs, rows: &rows }.outcomes()?;
    if options.json {
        println!("{}", json(&requirements, &rows, &outcomes));
    } else {
        print_table(&requirements, &rows, &outcomes);
    }
    let failed = rows.iter().any(|row| outcomes.status(*row) == Status::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What is wrong between the table, the names of the tests and the published page.
pub(crate) fn violations(root: &Path, sources: &Sources) -> Result<Vec<String>> {
    let requirements = Requirements::read(root)?;
    let proofs = proof::find(sources);
    let mut violations = names(&requirements, &proofs);
    let page = fs::read_to_string(root.join(document::FILE)).unwrap_or_default();
    if page != document::page(&requirements, &proofs) {
        violations
            .push(format!("{}: not that of these sources; cargo xtask conformance --write", document::FILE));
    }
    Ok(violations)
}

fn names(requirements: &Requirements, proofs: &[Proof]) -> Vec<String> {
    let mut violations = Vec::new();
    for proof in proofs {
        let unknown = proof.rows.iter().filter(|row| !requirements.has(**row));
        violations.extend(
            unknown.map(|row| format!("{}: `{}` names {row}, which no row has", proof.file, proof.name)),
        );
        violations.extend(proof.misplaced.iter().map(|row| {
            format!(
                "{}: `{}` names {row} too late; a name begins with all its rows, each in full",
                proof.file, proof.name
            )
        }));
    }
    violations
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    json: bool,
    write: bool,
    /// Rows and areas; none stands for all.
    names: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        for argument in arguments {
            match argument.as_str() {
                "--json" => options.json = true,
                "--write" => options.write = true,
                option if option.starts_with('-') => {
                    bail!("there is no option `{option}`; the options are: --json, --write")
                }
                name => options.names.push(name.to_owned()),
            }
        }
        if options.write && (options.json || !options.names.is_empty()) {
            bail!("--write runs no test and takes nothing beside it");
        }
        Ok(options)
    }

    fn rows(&self, requirements: &Requirements) -> Result<BTreeSet<RowId>> {
        if self.names.is_empty() {
            return Ok(requirements.0.iter().map(|row| row.id).collect());
        }
        let named = self.names.iter().map(|name| requirements.named(name)).collect::<Result<Vec<_>>>();
        Ok(named.context("rows or areas expected")?.into_iter().flatten().collect())
    }
}

/// `{"S-001":"passed",…}` in the order of the table.
fn json(requirements: &Requirements, rows: &BTreeSet<RowId>, outcomes: &Outcomes) -> String {
    let of_rows = requirements.0.iter().filter(|row| rows.contains(&row.id));
    let members: Vec<String> =
        of_rows.map(|row| format!("\"{}\":\"{}\"", row.id, outcomes.status(row.id))).collect();
    format!("{{{}}}", members.join(","))
}

fn print_table(requirements: &Requirements, rows: &BTreeSet<RowId>, outcomes: &Outcomes) {
    let mut lines = Vec::new();
    for area in requirements.areas() {
        let of_area: Vec<_> = area.iter().filter(|row| rows.contains(&row.id)).collect();
        let Some(first) = of_area.first() else { continue };
        println!("\n{}", first.area);
        for row in &of_area {
            let status = outcomes.status(row.id);
            println!("  {}  {status:7}  {}", row.id, row.statement);
            if status != Status::Passed {
                outcomes.reasons(row.id).iter().for_each(|reason| println!("{:18}{reason}", ""));
            }
        }
        lines.push((first.area.as_str(), Count::of(of_area.iter().map(|row| row.id), outcomes)));
    }
    println!();
    let width = lines.iter().map(|(area, _)| area.len()).max().unwrap_or(0);
    for (area, count) in &lines {
        println!("{area:width$}  {count}");
    }
    println!("{:width$}  {}", "all", Count::of(rows.iter().copied(), outcomes));
}

struct Count {
    passed: usize,
    failed: usize,
    missing: usize,
}

impl Count {
    fn of(rows: impl Iterator<Item = RowId> + Clone, outcomes: &Outcomes) -> Self {
        let count = |status| rows.clone().filter(|row| outcomes.status(*row) == status).count();
        Self { passed: count(Status::Passed), failed: count(Status::Failed), missing: count(Status::Missing) }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:3} passed  {:3} failed  {:3} missing", self.passed, self.failed, self.missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{
        outcome::TestResult,
        proof::Place,
        requirement::{misplaced_rows, rows_of, tests::TABLE, tests::row},
    };

    fn table() -> Requirements {
        Requirements::parse(&TABLE.replace('\'', "\"")).unwrap()
    }

    #[test]
    fn all_rows_in_order_as_json() {
        let mut outcomes = Outcomes::default();
        outcomes.add("a", &[row("S-001"), row("S-093")], &TestResult::Passed);
        outcomes.add("b", &[row("S-093")], &TestResult::Failed);
        let rows = Options::default().rows(&table()).unwrap();
        let expected = r#"{"S-001":"passed","S-002":"missing","S-093":"failed"}"#;
        assert_eq!(json(&table(), &rows, &outcomes), expected);
    }

    #[test]
    fn options() {
        let parse =
            |words: &[&str]| Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        let chosen = parse(&["S-093", "--json", "Registration"]).unwrap();
        assert!(chosen.json && !chosen.write);
        assert_eq!(chosen.rows(&table()).unwrap().len(), 3);
        for wrong in [&["--jsn"][..], &["--write", "S-001"], &["--write", "--json"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn names_without_a_row_and_ranges_are_found() {
        let proof = |name: &str| Proof {
            rows: rows_of(name),
            package: "coap".into(),
            folder: "crates/coap".into(),
            place: Place::Source,
            name: name.into(),
            made_of_data: false,
            misplaced: misplaced_rows(name),
            file: "crates/coap/src/a.rs".into(),
        };
        let found = names(&table(), &[proof("s_001_to_s_002_a"), proof("s_999_b"), proof("s_001_s_093_c")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("names S-002 too late") && found[1].contains("names S-999"), "{found:?}");
    }
}
