use std::cmp::Reverse;

use console_api::BootstrapAssignment;

/// Whether an assignment is for a device of this name. One `*` in a pattern stands for any text.
pub fn fits(assignment: &BootstrapAssignment, endpoint: &str) -> bool {
    match assignment {
        BootstrapAssignment::Endpoint(name) => name == endpoint,
        BootstrapAssignment::Pattern(pattern) => match pattern.split_once('*') {
            None => pattern == endpoint,
            Some((start, end)) => endpoint.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
        },
        BootstrapAssignment::Default => true,
    }
}

/// What fits a device, the most specific first: for each configuration `K` its most specific assignment.
///
/// The exact name comes before patterns, of these the longer before the shorter, and the default comes last. Of two
/// that are alike the one that is given first comes first.
pub fn fitting<'a, K: PartialEq>(
    endpoint: &str,
    assignments: impl IntoIterator<Item = (K, &'a BootstrapAssignment)>,
) -> Vec<(K, &'a BootstrapAssignment)> {
    let mut all: Vec<_> =
        assignments.into_iter().filter(|(_, assignment)| fits(assignment, endpoint)).collect();
    all.sort_by_key(|(_, assignment)| Reverse(specificity(assignment)));
    let mut fitting: Vec<(K, &BootstrapAssignment)> = Vec::new();
    for (configuration, assignment) in all {
        if !fitting.iter().any(|(known, _)| *known == configuration) {
            fitting.push((configuration, assignment));
        }
    }
    fitting
}

/// The configuration that a device receives, and what in it fits its name.
pub fn most_specific<'a, K: PartialEq>(
    endpoint: &str,
    assignments: impl IntoIterator<Item = (K, &'a BootstrapAssignment)>,
) -> Option<(K, &'a BootstrapAssignment)> {
    fitting(endpoint, assignments).into_iter().next()
}

fn specificity(assignment: &BootstrapAssignment) -> (u8, usize) {
    match assignment {
        BootstrapAssignment::Endpoint(_) => (2, 0),
        BootstrapAssignment::Pattern(pattern) => (1, pattern.len()),
        BootstrapAssignment::Default => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BootstrapAssignment::{Default, Endpoint, Pattern};

    fn pattern(text: &str) -> BootstrapAssignment {
        Pattern(text.to_owned())
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits(&pattern("urn:dev:*"), "urn:dev:1") && fits(&pattern("*"), ""));
        assert!(fits(&pattern("a*c"), "ac") && fits(&pattern("a*c"), "abc") && fits(&pattern("*c"), "abc"));
        assert!(!fits(&pattern("a*a"), "a"), "start and end do not overlap");
        assert!(!fits(&pattern("urn"), "urn:dev:1") && !fits(&pattern("*x"), "xy"));
        assert!(fits(&Default, "anything") && !fits(&Endpoint("a*".into()), "ab"));
    }

    #[test]
    fn the_most_specific_comes_first() {
        let assigned = [
            (1, Default),
            (2, pattern("urn:*")),
            (3, pattern("urn:imei:*")),
            (4, Endpoint("urn:imei:1".into())),
            (5, pattern("lab-*")),
        ];
        let all = |endpoint| {
            let all = fitting(endpoint, assigned.iter().map(|(id, assignment)| (*id, assignment)));
            all.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        };
        assert_eq!(all("urn:imei:1"), [4, 3, 2, 1]);
        assert_eq!(all("urn:imei:2"), [3, 2, 1]);
        assert_eq!(all("lab-9"), [5, 1]);
        assert_eq!(all(""), [1]);
        let nothing = most_specific("urn:imei:2", [(4, &assigned[3].1)]);
        assert_eq!(nothing, None);
    }

    #[test]
    fn a_configuration_is_there_once_and_the_first_of_two_alike_wins() {
        let (short, long, other) = (pattern("a*"), pattern("ab*"), pattern("*bc"));
        let all = fitting("abc", [("x", &short), ("x", &long), ("y", &other)]);
        assert_eq!(all, [("x", &long), ("y", &other)]);
        let first = most_specific("abc", [("y", &other), ("x", &long)]);
        assert_eq!(first, Some(("y", &other)));
    }
}
