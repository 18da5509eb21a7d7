//! `GET /api/v1/openapi.json`: this interface, for programs and for those who write them. Schemas come from the types,
//! paths from [`paths`]; tests compare both with the router and with real answers.

mod operation;
mod paths;
mod schemas;

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Written when it is first asked for.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "LwM2M Console",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "LwM2M Server: devices, their values, and operations on them",
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This server" }],
        "tags": [
            { "name": "clients", "description": "Devices and operations on them" },
            { "name": "access control", "description": "Who may do what on devices" },
            { "name": "commands", "description": "What was asked of devices, and what has become of it" },
            { "name": "history", "description": "What devices have reported so far" },
            { "name": "observations", "description": "What operators want observed" },
            { "name": "objects", "description": "Object definitions" },
            { "name": "security", "description": "Who may connect, and with what" },
            { "name": "bootstrap", "description": "What devices receive from the Bootstrap-Server, and how that went" },
            { "name": "trace", "description": "Datagrams and events" },
            { "name": "server", "description": "The server itself" },
        ],
        "paths": paths::all(),
        "components": { "schemas": schemas::all() },
    })
}

const DESCRIPTION: &str = "Every error has a body `{code, message, details{expected, got}}`; `code` is stable, \
    `message` is for people. Only requests from this machine are answered: the header `Host` must be a name of this \
    server, and `Origin`, where there is one, a page of it. An Endpoint Client Name stands percent-encoded in the \
    path; as browsers and proxies let no segment `.` or `..` through, the query parameter `endpoint` takes its place \
    on every path below `/api/v1/clients/{endpoint}`. A number of a client that is not told exactly is one of this \
    run of the server.";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_paths_are_those_of_the_router() {
        let document = document();
        let documented: BTreeSet<&str> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let routes = super::super::all_routes();
        let served: BTreeSet<&str> = routes.iter().map(|(path, _)| *path).collect();
        assert_eq!(documented, served);
    }

    /// Whatever is referred to is there, and whatever is there is referred to.
    #[test]
    fn references_and_schemas_are_the_same() {
        let document = document();
        let mut referred = BTreeSet::new();
        references(&document, &mut referred);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let there: BTreeSet<String> =
            schemas.keys().map(|name| format!("#/components/schemas/{name}")).collect();
        assert_eq!(referred, there);
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_operation_is_complete() {
        let document = document();
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let shown = format!("{method} {path}");
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{shown}: {id} again");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{shown}");
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let in_path: BTreeSet<&str> = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                let named = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
                assert_eq!(in_path, named, "{shown}");
                for parameter in &parameters {
                    assert!(
                        parameter["schema"].is_object() && parameter["description"].is_string(),
                        "{shown}"
                    );
                }
                let answers = operation["responses"].as_object().unwrap();
                assert!(answers.keys().any(|code| code.starts_with(['1', '2'])), "{shown}");
                assert!(answers.values().all(|answer| answer["description"].is_string()), "{shown}");
            }
        }
    }
}
