//! What came of the tests of a row.

use std::{collections::BTreeMap, fmt};

use crate::conformance::requirement::RowId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Passed,
    Failed,
    /// No test, or one that did not run.
    Missing,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Missing => "missing",
        })
    }
}

/// What came of a test, and why it did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TestResult {
    Passed,
    Failed,
    DidNotRun { why: String },
}

/// The result in a line of a test program: `test a::s_001_b ... ok`.
pub(crate) fn of_line(line: &str) -> Option<(&str, TestResult)> {
    let (name, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let result = match result.trim() {
        "ok" => TestResult::Passed,
        "ignored" => TestResult::DidNotRun { why: "ignored".to_owned() },
        word if word.starts_with("ignored, ") => TestResult::DidNotRun { why: word.to_owned() },
        // A test with an own bound may say more behind the word.
        word if word.starts_with("FAILED") => TestResult::Failed,
        _ => return None,
    };
    // A test that must panic says so behind its name; where tests are made of data, names are padded.
    Some((name.trim_end().trim_end_matches(" - should panic"), result))
}

/// The results of all tests, by row.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(BTreeMap<RowId, Vec<(String, TestResult)>>);

impl Outcomes {
    pub(crate) fn add(&mut self, title: &str, rows: &[RowId], result: &TestResult) {
        for row in rows {
            self.0.entry(*row).or_default().push((title.to_owned(), result.clone()));
        }
    }

    /// A row holds only if every test of it has passed.
    pub(crate) fn status(&self, row: RowId) -> Status {
        let results = self.0.get(&row).map(Vec::as_slice).unwrap_or_default();
        if results.iter().any(|(_, result)| *result == TestResult::Failed) {
            Status::Failed
        } else if !results.is_empty() && results.iter().all(|(_, result)| *result == TestResult::Passed) {
            Status::Passed
        } else {
            Status::Missing
        }
    }

    /// Why a row does not hold, test by test.
    pub(crate) fn reasons(&self, row: RowId) -> Vec<String> {
        let Some(results) = self.0.get(&row) else { return vec!["no test".to_owned()] };
        let reason = |(title, result): &(String, TestResult)| match result {
            TestResult::Passed => None,
            TestResult::Failed => Some(format!("{title} failed")),
            TestResult::DidNotRun { why } => Some(format!("{title}: {why}")),
        };
        results.iter().filter_map(reason).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::requirement::{rows_of, tests::row};

    #[test]
    fn lines_of_test_programs() {
        let did_not_run = |why: &str| TestResult::DidNotRun { why: why.into() };
        for (line, expected) in [
            ("test a::s_001_b ... ok", Some(("a::s_001_b", TestResult::Passed))),
            ("test s_001_b ... FAILED", Some(("s_001_b", TestResult::Failed))),
            ("test s_001_b - should panic ... ok", Some(("s_001_b", TestResult::Passed))),
            ("test S-119 tlv-001     ... ok", Some(("S-119 tlv-001", TestResult::Passed))),
            ("test s_001_b ... ignored, no IPv6", Some(("s_001_b", did_not_run("ignored, no IPv6")))),
            ("test result: ok. 1 passed; 0 failed", None),
            ("running 1 test", None),
        ] {
            assert_eq!(of_line(line), expected);
        }
    }

    #[test]
    fn a_row_holds_only_if_all_its_tests_passed() {
        let mut outcomes = Outcomes::default();
        let add = |outcomes: &mut Outcomes, test: &str, result: &TestResult| {
            outcomes.add(test, &rows_of(test), result);
        };
        assert_eq!(outcomes.status(row("S-001")), Status::Missing);
        add(&mut outcomes, "s_001_s_002_a", &TestResult::Passed);
        assert_eq!(outcomes.status(row("S-001")), Status::Passed);
        add(&mut outcomes, "s_001_b", &TestResult::DidNotRun { why: "no browser".into() });
        assert_eq!(outcomes.status(row("S-001")), Status::Missing);
        assert_eq!(outcomes.reasons(row("S-001")), ["s_001_b: no browser"]);
        add(&mut outcomes, "s_001_c", &TestResult::Failed);
        assert_eq!(outcomes.status(row("S-001")), Status::Failed);
        assert_eq!(outcomes.status(row("S-002")), Status::Passed);
        assert_eq!(outcomes.reasons(row("S-003")), ["no test"]);
    }
}
