use console_api::{BootstrapCheck, BootstrapProblem};

use crate::limits;

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings {
    problems: Vec<BootstrapProblem>,
    warnings: Vec<BootstrapProblem>,
}

impl Findings {
    pub(super) fn problem(&mut self, field: &str, expected: impl Into<String>, got: impl Into<String>) {
        add(&mut self.problems, field, expected.into(), got.into());
    }

    pub(super) fn warning(&mut self, field: &str, expected: impl Into<String>, got: impl Into<String>) {
        add(&mut self.warnings, field, expected.into(), got.into());
    }

    pub(super) fn check_count(&mut self, field: &str, what: &str, count: usize, limit: usize) {
        if count > limit {
            self.problem(field, format!("at most {limit} {what}"), format!("{count}"));
        }
    }

    pub(super) fn into_check(self) -> BootstrapCheck {
        BootstrapCheck { problems: self.problems, warnings: self.warnings }
    }
}

fn add(list: &mut Vec<BootstrapProblem>, field: &str, expected: String, got: String) {
    if list.len() < limits::PROBLEMS {
        list.push(BootstrapProblem { field: field.to_owned(), expected, got });
    }
}
