//! Resources of an account that have no field of their own.

use std::collections::BTreeMap;

use console_api::ValueContent;
use lwm2m_model::Registry;

use super::findings::Findings;
use crate::value::resource;

/// Each number has to be one of the Object's, and its value one of the Resource's.
pub(super) fn check(
    field: &str,
    object: u16,
    with_fields: &[u16],
    resources: &BTreeMap<u16, ValueContent>,
    registry: &Registry,
    findings: &mut Findings,
) {
    for (number, content) in resources {
        let field = format!("{field}/{number}");
        if with_fields.contains(number) {
            findings.problem(&field, "a Resource without a field of its own", format!("{number}"));
            continue;
        }
        if registry.object(object).is_some_and(|definition| definition.resource(*number).is_none()) {
            findings.problem(&field, format!("a Resource of Object {object}"), format!("{number}"));
            continue;
        }
        if let Err(mismatch) = resource(object, *number, content, registry) {
            findings.problem(&field, mismatch.expected, mismatch.got);
        }
    }
}
