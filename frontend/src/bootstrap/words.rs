use console_api::{
    BootstrapAssignment, BootstrapBeginning, BootstrapConfiguration, BootstrapOperation, BootstrapSession,
    BootstrapState, SecurityMode,
};

use crate::format;

/// Every state with its word in the markup, what people read, and the class that the style sheet knows.
pub(crate) const STATES: [(BootstrapState, &str, &str, &str); 4] = [
    (BootstrapState::Running, "running", "Running", "on"),
    (BootstrapState::Finished, "finished", "Finished", "ok"),
    (BootstrapState::Failed, "failed", "Failed", "bad"),
    (BootstrapState::Interrupted, "interrupted", "Interrupted", "warn"),
];

/// Every security mode with its word in the markup and what people read.
pub(crate) const MODES: [(SecurityMode, &str, &str); 4] = [
    (SecurityMode::Psk, "psk", "PSK"),
    (SecurityMode::RawPublicKey, "rpk", "RPK"),
    (SecurityMode::Certificate, "x509", "X.509"),
    (SecurityMode::NoSec, "nosec", "None"),
];

/// Rights of an access control list with their bit (LwM2M Access Control Object, Resource 2).
pub(crate) const RIGHTS: [(u8, &str, &str); 5] = [
    (1, "R", "Read, Observe, Write-Attributes"),
    (2, "W", "Write"),
    (4, "E", "Execute"),
    (8, "D", "Delete"),
    (16, "C", "Create"),
];

pub(crate) fn state_word(state: BootstrapState) -> &'static str {
    facts(state).0
}

/// What people read, and the class that the style sheet knows.
pub(crate) fn state_chip(state: BootstrapState) -> (&'static str, &'static str) {
    let (_, title, class) = facts(state);
    (title, class)
}

fn facts(state: BootstrapState) -> (&'static str, &'static str, &'static str) {
    let known = STATES.iter().find(|(known, ..)| *known == state);
    known.map_or(("", "", ""), |(_, word, title, class)| (word, title, class))
}

pub(crate) fn mode_title(mode: SecurityMode) -> &'static str {
    MODES.iter().find(|(known, ..)| *known == mode).map_or("", |(_, _, title)| title)
}

/// Who began a session.
pub(crate) fn beginning(begun_by: BootstrapBeginning) -> &'static str {
    match begun_by {
        BootstrapBeginning::Client => "the device asked",
        BootstrapBeginning::Server => "the server began unasked",
        BootstrapBeginning::Pack => "the device asked for a pack",
    }
}

/// As the Bootstrap Interface calls it (LwM2M 1.2 Core §6.1.7).
pub(crate) fn operation(operation: BootstrapOperation) -> &'static str {
    match operation {
        BootstrapOperation::Request => "Bootstrap-Request",
        BootstrapOperation::Discover => "Bootstrap-Discover",
        BootstrapOperation::Read => "Bootstrap-Read",
        BootstrapOperation::Write => "Bootstrap-Write",
        BootstrapOperation::Delete => "Bootstrap-Delete",
        BootstrapOperation::Finish => "Bootstrap-Finish",
        BootstrapOperation::Pack => "Bootstrap-Pack-Request",
        BootstrapOperation::Register => "Register",
    }
}

/// Which devices an assignment is for, on a chip.
pub(crate) fn assignment(assigned: &BootstrapAssignment) -> String {
    match assigned {
        BootstrapAssignment::Endpoint(endpoint) => endpoint.clone(),
        BootstrapAssignment::Pattern(pattern) => format!("matches {pattern}"),
        BootstrapAssignment::Default => "everyone else".to_owned(),
    }
}

/// Why a configuration is the one for a name.
pub(crate) fn because(assigned: &BootstrapAssignment) -> String {
    match assigned {
        BootstrapAssignment::Endpoint(_) => "it names exactly this endpoint".to_owned(),
        BootstrapAssignment::Pattern(pattern) => {
            format!("its pattern {pattern} is the most specific that fits")
        }
        BootstrapAssignment::Default => "nothing more specific fits, and it is for everyone else".to_owned(),
    }
}

/// What a configuration gives, in short: `2 servers (PSK), access control`.
pub(crate) fn contents(configuration: &BootstrapConfiguration) -> String {
    let mut modes: Vec<&str> = Vec::new();
    for account in &configuration.servers {
        let title = mode_title(account.security_mode);
        if !modes.contains(&title) {
            modes.push(title);
        }
    }
    let servers = format::plural(configuration.servers.len(), "server");
    let mut parts =
        vec![if modes.is_empty() { servers } else { format!("{servers} ({})", modes.join(", ")) }];
    if !configuration.access_control.is_empty() {
        parts.push("access control".to_owned());
    }
    if !configuration.instances.is_empty() {
        parts.push(format::plural(configuration.instances.len(), "other instance"));
    }
    parts.join(", ")
}

/// How long a session took, or has taken so far.
pub(crate) fn taken(session: &BootstrapSession, now_ms: u64) -> String {
    let until_ms = session.ended_at_ms.unwrap_or(now_ms);
    since(session.started_at_ms, until_ms)
}

/// `412 ms`, `1.8 s`, `4 m 7 s`
pub(crate) fn since(from_ms: u64, until_ms: u64) -> String {
    match until_ms.saturating_sub(from_ms) {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        ms => format::span_precise(ms),
    }
}

/// How a session stands, beside its state.
pub(crate) fn standing(session: &BootstrapSession) -> String {
    match (session.state, &session.failure, session.registered_at_ms) {
        (_, Some(failure), _) if session.attempts > 1 => {
            format!("{} times: {}", session.attempts, failure.what)
        }
        (_, Some(failure), _) => failure.what.clone(),
        (BootstrapState::Finished, _, Some(_)) => "then registered".to_owned(),
        (BootstrapState::Finished, ..) => "not registered yet".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
pub(super) fn session(state: BootstrapState) -> BootstrapSession {
    BootstrapSession {
        id: 7,
        endpoint: "lamp".into(),
        address: "192.0.2.1:5683".into(),
        security_mode: Some(SecurityMode::Psk),
        begun_by: BootstrapBeginning::Client,
        state,
        started_at_ms: 1_000,
        ended_at_ms: (state != BootstrapState::Running).then_some(1_412),
        configuration: None,
        steps: 0,
        failure: None,
        registered_at_ms: None,
        attempts: 1,
        first_at_ms: None,
        short_server_ids: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use console_api::{BootstrapFailure, BootstrapServerAccount};

    use super::*;

    #[test]
    fn times_are_told_as_exactly_as_they_matter() {
        assert_eq!(taken(&session(BootstrapState::Finished), 0), "412 ms");
        assert_eq!(taken(&session(BootstrapState::Running), 2_850), "1.9 s");
        assert_eq!(since(0, 247_000), "4 m 7 s");
        assert_eq!(since(5, 0), "0 ms", "a clock that went back");
    }

    #[test]
    fn a_session_says_how_it_stands() {
        let finished = session(BootstrapState::Finished);
        assert_eq!(standing(&finished), "not registered yet");
        let registered = BootstrapSession { registered_at_ms: Some(2_000), ..finished };
        assert_eq!(standing(&registered), "then registered");
        let failure = BootstrapFailure { step: Some(3), what: "refused".into(), advice: String::new() };
        let failed = BootstrapSession { failure: Some(failure), ..session(BootstrapState::Failed) };
        assert_eq!(standing(&failed), "refused");
        assert_eq!(standing(&BootstrapSession { attempts: 3, ..failed.clone() }), "3 times: refused");
        assert_eq!((state_word(failed.state), state_chip(failed.state)), ("failed", ("Failed", "bad")));
        assert_eq!(standing(&session(BootstrapState::Running)), "");
    }

    #[test]
    fn a_configuration_is_told_in_one_line() {
        let mut configuration = BootstrapConfiguration::default();
        assert_eq!(contents(&configuration), "0 servers");
        let account = BootstrapServerAccount { security_mode: SecurityMode::Psk, ..Default::default() };
        configuration.servers = vec![account.clone(), account];
        configuration.access_control.push(Default::default());
        configuration.instances.push(Default::default());
        assert_eq!(contents(&configuration), "2 servers (PSK), access control, 1 other instance");
    }

    #[test]
    fn an_assignment_says_whom_it_is_for_and_why_it_won() {
        let pattern = BootstrapAssignment::Pattern("urn:dev:*".into());
        assert_eq!(assignment(&pattern), "matches urn:dev:*");
        assert!(because(&pattern).contains("urn:dev:*"));
        assert_eq!(assignment(&BootstrapAssignment::Default), "everyone else");
        assert_eq!(assignment(&BootstrapAssignment::Endpoint("a b".into())), "a b");
    }
}
