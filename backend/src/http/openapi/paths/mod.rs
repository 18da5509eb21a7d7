mod access_control;
mod access_control_kept;
mod access_control_runs;
mod boards;
mod bootstrap;
mod clients;
mod commands;
mod history;
mod objects;
mod security;
mod server;
mod trace;

use serde_json::{Map, Value, json};

use super::operation::{number, query};

pub(super) fn all() -> Map<String, Value> {
    let groups = [
        access_control::paths(),
        access_control_kept::paths(),
        access_control_runs::paths(),
        boards::paths(),
        bootstrap::paths(),
        clients::paths(),
        commands::paths(),
        history::paths(),
        objects::paths(),
        security::paths(),
        trace::paths(),
        server::paths(),
    ];
    groups.into_iter().flatten().map(|(path, item)| (path.to_owned(), item)).collect()
}

/// Paths with what they can do.
type Paths = Vec<(&'static str, Value)>;

/// Which part of a list is wanted.
fn page() -> [Value; 2] {
    [
        query("offset", number(Some(0), None), "So many are left out at the beginning."),
        query("limit", number(Some(1_000), Some(10_000)), "At most so many come."),
    ]
}

fn text(description: &str) -> Value {
    query("text", json!({ "type": "string", "examples": ["temperature"] }), description)
}
