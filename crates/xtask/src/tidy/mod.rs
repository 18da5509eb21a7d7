//! Rules of the source tree that no compiler checks.

mod dependencies;
pub(crate) mod sources;
mod text;

use std::path::Path;

use anyhow::Result;

use crate::{conformance, summary::Summary, tidy::sources::Sources};

/// Checks the tree and says what breaks the rule.
type Rule = fn(&Sources) -> Vec<String>;

const RULES: [(&str, Rule); 6] = [
    ("dependencies point one way", dependencies::point_one_way),
    ("protocol crates have no clock, socket, thread or random order", text::protocol_crates_are_pure),
    ("files are short", text::files_are_short),
    ("nothing is left unfinished", text::nothing_is_unfinished),
    ("every crate root says what it is for", text::crate_roots_are_documented),
    ("tests wait for events, not for time", text::tests_do_not_sleep),
];

const CONFORMANCE: &str = "tests and the conformance table agree";

pub(crate) fn run(root: &Path) -> Result<Summary> {
    let sources = Sources::read(root)?;
    let mut summary = Summary::default();
    let of_table = (CONFORMANCE, conformance::violations(root, &sources)?);
    for (name, violations) in RULES.map(|(name, rule)| (name, rule(&sources))).into_iter().chain([of_table]) {
        println!("{name} ... {}", if violations.is_empty() { "ok" } else { "FAILED" });
        for violation in &violations {
            println!("    {violation}");
        }
        if violations.is_empty() {
            summary.passed += 1;
        } else {
            summary += Summary::ONE_FAILED;
        }
    }
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let summary = run(&crate::workspace_root().unwrap()).unwrap();
        assert_eq!(summary, Summary { passed: RULES.len() + 1, failed: 0, skipped: 0 });
    }
}
