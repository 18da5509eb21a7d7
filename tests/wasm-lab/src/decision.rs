//! What clients decide about access, as JSON lines.

use lwm2m_model::{Registry, access_control::Decision};
use serde::Deserialize;
use serde_json::json;

use crate::acl_case::{Context, Request, decide};

#[derive(Deserialize)]
struct Question {
    context: Context,
    request: Request,
}

pub(crate) fn decide_line(line: &str, registry: &Registry) -> String {
    match serde_json::from_str::<Question>(line) {
        Ok(Question { context, request }) => told(&decide(&context, &request, registry)),
        Err(error) => json!({ "error": error.to_string() }).to_string(),
    }
}

fn told(decision: &Decision) -> String {
    let allowed: Vec<_> = decision.allowed.iter().map(ToString::to_string).collect();
    let effects: Vec<_> = decision.effects.iter().map(ToString::to_string).collect();
    let may_differ: Vec<_> = decision.may_differ.iter().map(ToString::to_string).collect();
    json!({
        "outcome": decision.outcome.to_string(),
        "reason": decision.reason.to_string(),
        "allowed": allowed,
        "effects": effects,
        "may_differ": may_differ,
    })
    .to_string()
}
