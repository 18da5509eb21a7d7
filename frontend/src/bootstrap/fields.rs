use std::ops::RangeInclusive;

use console_api::{BootstrapConfiguration, BootstrapProblem};

/// A text in a field that is no value: it stays in the field, and the configuration keeps what it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) text: String,
    pub(crate) expected: String,
}

/// Reads a number; nothing at all is one where it may be left out.
pub(crate) fn number(
    text: &str,
    range: &RangeInclusive<u64>,
    optional: bool,
) -> Result<Option<u64>, Unreadable> {
    let trimmed = text.trim();
    if trimmed.is_empty() && optional {
        return Ok(None);
    }
    let read = trimmed.parse().ok().filter(|number| range.contains(number));
    read.map(Some).ok_or_else(|| {
        let or_nothing = if optional { ", or nothing" } else { "" };
        let expected = format!("a number from {} to {}{or_nothing}", range.start(), range.end());
        Unreadable { text: text.to_owned(), expected }
    })
}

/// What is wrong at a field, or below it.
pub(crate) fn at<'a>(problems: &'a [BootstrapProblem], field: &str) -> Option<&'a BootstrapProblem> {
    problems.iter().find(|problem| is_at(&problem.field, field))
}

/// `servers/0/uri` lies at `servers/0/uri` and below `servers/0`.
fn is_at(place: &str, field: &str) -> bool {
    place.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where one looks for a field of that name: itself, else what it lies in.
pub(crate) fn places(field: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(field), |field| field.rsplit_once('/').map(|(parent, _)| parent))
}

/// `Server 101 · uri`: a field as people find it.
pub(crate) fn title(configuration: &BootstrapConfiguration, field: &str) -> String {
    let mut parts = field.splitn(3, '/');
    let (group, index, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let number = index.and_then(|index| index.parse::<usize>().ok());
    let head = match (group, number) {
        ("servers", Some(at)) => match configuration.servers.get(at) {
            Some(account) if account.bootstrap_server => "Bootstrap-Server".to_owned(),
            Some(account) => format!("Server {}", account.short_server_id),
            None => format!("Server account {}", at + 1),
        },
        ("access_control", Some(at)) => format!("Access control {}", at + 1),
        ("instances", Some(at)) => configuration
            .instances
            .get(at)
            .map_or_else(|| format!("Instance {}", at + 1), |it| it.path.clone()),
        ("assigned", _) => "Assigned to".to_owned(),
        ("delete", _) => "Delete first".to_owned(),
        ("read", _) => "Read back".to_owned(),
        (group, _) => words(group),
    };
    match rest {
        Some(rest) => format!("{head} · {}", words(rest)),
        None => head,
    }
}

fn words(field: &str) -> String {
    let spaced = field.replace('_', " ");
    let mut characters = spaced.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// `U`, `UT` …: takes a letter out of a binding or puts it in its place.
pub(crate) fn toggled(binding: &str, letter: char) -> String {
    const ORDER: &str = "UMHTSN";
    let has = |one: char| binding.contains(one);
    ORDER.chars().filter(|one| if *one == letter { !has(*one) } else { has(*one) }).collect()
}

/// What the fleet is searched for: the longest part of the pattern that is no wildcard.
pub(crate) fn literal(pattern: &str) -> &str {
    pattern.split('*').max_by_key(|part| part.len()).unwrap_or_default().trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use console_api::BootstrapServerAccount;

    use super::*;

    #[test]
    fn a_number_says_what_it_may_be() {
        assert_eq!(number(" 7 ", &(1..=9), false), Ok(Some(7)));
        assert_eq!(number("", &(1..=9), true), Ok(None));
        let unreadable = number("10", &(1..=9), true).unwrap_err();
        assert_eq!(
            (unreadable.text.as_str(), unreadable.expected.as_str()),
            ("10", "a number from 1 to 9, or nothing")
        );
        assert!(number("", &(1..=9), false).is_err() && number("x", &(0..=9), true).is_err());
    }

    #[test]
    fn a_problem_is_found_at_its_field_and_above_it() {
        let problem =
            |field: &str| BootstrapProblem { field: field.into(), expected: "e".into(), got: "g".into() };
        let problems = [problem("servers/1/uri"), problem("delete/0")];
        assert_eq!(at(&problems, "servers/1/uri"), problems.first());
        assert_eq!(at(&problems, "servers/1"), problems.first());
        assert_eq!((at(&problems, "servers/10"), at(&problems, "servers/1/ur")), (None, None));
        let places: Vec<&str> = places("servers/1/uri").collect();
        assert_eq!(places, ["servers/1/uri", "servers/1", "servers"]);
    }

    #[test]
    fn a_field_has_a_title() {
        let account = BootstrapServerAccount { short_server_id: 101, ..Default::default() };
        let configuration = BootstrapConfiguration { servers: vec![account], ..Default::default() };
        let of = |field| title(&configuration, field);
        assert_eq!(of("servers/0/lifetime_s"), "Server 101 · Lifetime s");
        assert_eq!(of("servers/4"), "Server account 5");
        assert_eq!((of("name").as_str(), of("delete/2").as_str()), ("Name", "Delete first"));
        assert_eq!(of("access_control/0/acl/101"), "Access control 1 · Acl/101");
    }

    #[test]
    fn a_binding_is_kept_in_order() {
        assert_eq!((toggled("U", 'T').as_str(), toggled("UT", 'U').as_str()), ("UT", "T"));
        assert_eq!(toggled("S", 'U'), "US");
    }

    #[test]
    fn the_fleet_is_searched_for_what_is_no_wildcard() {
        assert_eq!((literal("urn:*-x"), literal("*"), literal("/a")), ("urn:", "", "a"));
    }
}
