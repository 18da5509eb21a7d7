use std::{fmt, ops::AddAssign};

/// What came of a suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Summary {
    pub(crate) const ONE_FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    pub(crate) const fn skipped(skipped: usize) -> Self {
        Self { passed: 0, failed: 0, skipped }
    }

    /// Reads a line of a test program: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered
    /// out; finished in 0.00s`. Ignored and left out tests are skipped ones.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?.split_once(". ")?.1;
        let count = |word: &str| -> Option<usize> {
            let part = counts.split(';').find(|part| part.trim().ends_with(word))?;
            part.trim().strip_suffix(word)?.trim().parse().ok()
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            skipped: count("ignored")? + count("filtered out")?,
        })
    }

    /// A suite that ran nothing proves nothing.
    pub(crate) fn is_good(self) -> bool {
        self.failed == 0 && self.passed + self.skipped > 0
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_test_programs_are_read() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.03s";
        assert_eq!(Summary::of_line(ok), Some(Summary { passed: 12, failed: 0, skipped: 3 }));
        let bad =
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s";
        assert_eq!(Summary::of_line(bad), Some(Summary { passed: 1, failed: 2, skipped: 0 }));
        assert_eq!(Summary::of_line("test a ... ok"), None);
    }

    #[test]
    fn a_suite_that_ran_nothing_is_not_good() {
        assert!(!Summary::default().is_good());
        assert!(!Summary::ONE_FAILED.is_good());
        assert!(Summary::skipped(3).is_good());
        let mut sum = Summary { passed: 120, failed: 0, skipped: 0 };
        assert!(sum.is_good());
        assert_eq!(sum.to_string(), "120 passed, 0 failed, 0 skipped");
        sum += Summary::ONE_FAILED;
        assert!(!sum.is_good());
    }
}
