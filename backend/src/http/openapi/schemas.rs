use console_api as api;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    api::ApiError,
    api::ClientDetails,
    api::ClientList,
    api::Label,
    api::ObjectDefinition,
    api::ObjectList,
    api::ObservationList,
    api::OperationRequest,
    api::OperationResponse,
    api::SecurityMode,
    api::ServerStatus,
    api::SimulateDevices,
    api::SimulatedDevices,
    api::SortBy,
    api::StatusFilter,
    api::Trace,
    api::UploadedObjects,
)))]
struct Types;

/// Those of the types, and of what has no type of its own.
pub(super) fn all() -> Map<String, Value> {
    let document = serde_json::to_value(Types::openapi()).unwrap_or_default();
    let mut schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let health = json!({
        "type": "object",
        "required": ["status"],
        "properties": { "status": { "type": "string", "const": "ok" } },
    });
    schemas.extend([("Health".to_owned(), health), ("Events".to_owned(), events())]);
    schemas
}

fn events() -> Value {
    let number = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    json!({
        "type": "object",
        "required": ["run", "seq", "missed", "events"],
        "properties": {
            "run": number("Another one after every start of the server."),
            "seq": number("Everything up to this event was looked at: what to ask `after` next."),
            "missed": number("Events that were asked for and are no longer there."),
            "events": {
                "type": "array",
                "description": "Each an object with one member, which is named after the kind of event.",
                "items": { "type": "object" },
            },
        },
    })
}
