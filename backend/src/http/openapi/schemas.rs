use console_api as api;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    api::AccessAnswer,
    api::AccessControl,
    api::AccessControlApplied,
    api::AccessControlDeviceState,
    api::AccessControlDraft,
    api::AccessControlPlan,
    api::AccessControlRun,
    api::AccessControlRunDevices,
    api::AccessControlRunList,
    api::AccessControlTemplate,
    api::AccessControlTemplateList,
    api::AccessControlWanted,
    api::AccessQuestion,
    api::ApiError,
    api::AuditList,
    api::Authorities,
    api::BeginBootstrap,
    api::Board,
    api::BoardList,
    api::BootstrapAssigned,
    api::BootstrapCheck,
    api::BootstrapConfiguration,
    api::BootstrapConfigurationList,
    api::BootstrapConfigurationVersions,
    api::BootstrapConversation,
    api::BootstrapNow,
    api::BootstrapSessionList,
    api::BootstrapState,
    api::ClientConfig,
    api::ClientDetails,
    api::ClientList,
    api::Command<api::OperationResponse>,
    api::CommandList,
    api::CommandState,
    api::Credential,
    api::CredentialAdded,
    api::CredentialImport,
    api::CredentialList,
    api::CredentialMode,
    api::CredentialServer,
    api::CredentialState,
    api::FailedHandshakes,
    api::HistoryBuckets,
    api::HistoryPage,
    api::IssuedCertificate,
    api::Label,
    api::NewAccessControlRun,
    api::NewAuthority,
    api::NewBelievedAuthority,
    api::NewCertificate,
    api::NewCredential,
    api::ObjectDefinition,
    api::ObjectList,
    api::ObservationList,
    api::OperationRequest,
    api::OperationResponse,
    api::RefusedConfiguration,
    api::Retention,
    api::SavedBootstrapConfiguration,
    api::SecurityMode,
    api::ServerNames,
    api::ServerSecurity,
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
            "events": { "type": "array", "items": {
                "type": "object",
                "required": ["seq", "endpoint", "event"],
                "properties": {
                    "seq": number("Of this event."),
                    "endpoint": { "type": ["string", "null"], "description": "Of the client that it is about." },
                    "event": {
                        "type": ["object", "string"],
                        "description": "The kind of event, as a word or as the only member of an object.",
                    },
                },
            } },
        },
    })
}
