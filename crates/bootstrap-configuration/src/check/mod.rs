//! What is wrong with a configuration, field by field.

mod access_control;
mod account;
mod findings;
mod instances;
mod keys;
mod resources;
mod uri;

use std::collections::BTreeSet;

use console_api::{BootstrapAssignment, BootstrapCheck, BootstrapConfiguration};
use lwm2m_codec::{ContentFormat, Level, Path};
use lwm2m_model::Registry;

use self::findings::Findings;
use crate::{limits, value::quoted};

/// What a device can be written in.
const FORMATS: [ContentFormat; 5] = [
    ContentFormat::TLV,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::LWM2M_CBOR,
    ContentFormat::JSON,
];

/// What is wrong with a configuration, and what is allowed in it and not advisable. That no two have the same name is
/// for the caller to see.
pub fn check(configuration: &BootstrapConfiguration, registry: &Registry) -> BootstrapCheck {
    let mut findings = Findings::default();
    check_texts(configuration, &mut findings);
    check_assigned(&configuration.assigned, &mut findings);
    check_format(configuration.content_format, &mut findings);
    check_deletes(&configuration.delete, &mut findings);
    check_reads(&configuration.read, &mut findings);
    account::check(configuration, registry, &mut findings);
    access_control::check(configuration, &mut findings);
    instances::check(&configuration.instances, registry, &mut findings);
    findings.into_check()
}

fn check_texts(configuration: &BootstrapConfiguration, findings: &mut Findings) {
    let BootstrapConfiguration { name, note, .. } = configuration;
    let characters = name.chars().count();
    let expected = || format!("a name of 1 to {} characters", limits::NAME_CHARACTERS);
    if name.trim().is_empty() {
        findings.problem("name", expected(), "an empty one");
    } else if characters > limits::NAME_CHARACTERS {
        findings.problem("name", expected(), format!("{characters}"));
    } else if name.chars().any(char::is_control) {
        findings.problem("name", "a name without control characters", quoted(name));
    }
    if note.len() > limits::NOTE_BYTES {
        let expected = format!("a note of at most {} bytes", limits::NOTE_BYTES);
        findings.problem("note", expected, format!("{}", note.len()));
    }
}

fn check_assigned(assigned: &[BootstrapAssignment], findings: &mut Findings) {
    findings.check_count("assigned", "assignments", assigned.len(), limits::ASSIGNMENTS);
    let mut known = BTreeSet::new();
    for (position, assignment) in assigned.iter().enumerate().take(limits::ASSIGNMENTS) {
        let field = format!("assigned/{position}");
        if !known.insert(assignment) {
            findings.problem(&field, "each assignment once", "it again");
        }
        let (text, what) = match assignment {
            BootstrapAssignment::Default => continue,
            BootstrapAssignment::Endpoint(name) => (name, "an Endpoint Client Name"),
            BootstrapAssignment::Pattern(pattern) => (pattern, "a pattern"),
        };
        if text.is_empty() || text.len() > limits::ENDPOINT_BYTES {
            let expected = format!("{what} of 1 to {} bytes", limits::ENDPOINT_BYTES);
            findings.problem(&field, expected, format!("{}", text.len()));
        } else if let BootstrapAssignment::Pattern(pattern) = assignment {
            check_pattern(&field, pattern, findings);
        }
    }
}

fn check_pattern(field: &str, pattern: &str, findings: &mut Findings) {
    match pattern.matches('*').count() {
        0 => findings.problem(field, "a pattern with one *, or an Endpoint Client Name", quoted(pattern)),
        1 if pattern == "*" => {
            findings.warning(field, "the default assignment, which does the same", quoted(pattern));
        }
        1 => {}
        _ => findings.problem(field, "one * in a pattern", quoted(pattern)),
    }
}

fn check_format(format: Option<u16>, findings: &mut Findings) {
    let Some(format) = format.map(ContentFormat) else { return };
    if !FORMATS.contains(&format) {
        let expected = "Content-Format 11542 (TLV), 110, 112 (SenML), 11544 (LwM2M CBOR) or 11543 (JSON)";
        findings.problem("content_format", expected, format!("{format}"));
    } else if format == ContentFormat::JSON {
        let expected = "another Content-Format, as only devices of LwM2M 1.0 may read this one";
        findings.warning("content_format", expected, format!("{format}"));
    }
}

/// LwM2M 1.2 Core §6.1.7.6.
fn check_deletes(delete: &[String], findings: &mut Findings) {
    findings.check_count("delete", "paths", delete.len(), limits::DELETES);
    let mut known: Vec<Path> = Vec::new();
    for (position, text) in delete.iter().enumerate().take(limits::DELETES) {
        let field = format!("delete/{position}");
        let path: Path = match text.parse() {
            Ok(path) => path,
            Err(error) => {
                findings.problem(&field, "/, an Object or an Object Instance", format!("{error}"));
                continue;
            }
        };
        if path.level() > Level::ObjectInstance {
            findings.problem(&field, "/, an Object or an Object Instance", quoted(text));
        } else if known.contains(&path) {
            findings.problem(&field, "each path once", format!("{path} again"));
        } else if let Some(before) = known.iter().find(|before| path.starts_with(before)) {
            findings.warning(&field, format!("what is not deleted already with {before}"), format!("{path}"));
        }
        known.push(path);
    }
}

/// LwM2M 1.2 Core §6.1.7.4.
fn check_reads(read: &[String], findings: &mut Findings) {
    const EXPECTED: &str = "/, /1, /2 or an instance of them";
    findings.check_count("read", "paths", read.len(), limits::READS);
    let mut known: Vec<Path> = Vec::new();
    for (position, text) in read.iter().enumerate().take(limits::READS) {
        let field = format!("read/{position}");
        let path: Path = match text.parse() {
            Ok(path) => path,
            Err(error) => {
                findings.problem(&field, EXPECTED, format!("{error}"));
                continue;
            }
        };
        if path.level() > Level::ObjectInstance || !matches!(path.object_id(), None | Some(1 | 2)) {
            findings.problem(&field, EXPECTED, quoted(text));
        } else if known.contains(&path) {
            findings.problem(&field, "each path once", format!("{path} again"));
        }
        known.push(path);
    }
}
