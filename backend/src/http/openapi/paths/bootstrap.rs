use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, number, path, post, put, query, schema, string},
    Paths, page, text,
};

const TAG: &str = "bootstrap";
const BODY: (u16, &str) = (400, "The body is no configuration, or the query cannot be read.");
const UNKNOWN: (u16, &str) = (404, "`unknown_configuration`");
const SAVED: (u16, &str) = (409, "`saved_meanwhile`: there is a later version.");
const TOO_LARGE: (u16, &str) = (413, "`too_large`");
const NOT_JSON: (u16, &str) = (415, "`not_json`");
const NOT_STORED: (u16, &str) = (503, "`not_stored`, `not_readable` or `stopping`");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/bootstrap/assignment", path([assignment()])),
        ("/api/v1/bootstrap/configurations", path([list(), add()])),
        ("/api/v1/bootstrap/configurations/check", path([check()])),
        ("/api/v1/bootstrap/configurations/export", path([export()])),
        ("/api/v1/bootstrap/configurations/import", path([import()])),
        ("/api/v1/bootstrap/configurations/{id}", path([one(), replace(), remove()])),
        ("/api/v1/bootstrap/configurations/{id}/rollback", path([roll_back()])),
        ("/api/v1/bootstrap/configurations/{id}/versions", path([versions()])),
        ("/api/v1/bootstrap/sessions", path([sessions(), begin()])),
        ("/api/v1/bootstrap/sessions/{id}", path([session()])),
        ("/api/v1/clients/{endpoint}/bootstrap", path([bootstrap()])),
    ]
}

fn assignment() -> Operation {
    get(TAG, "getBootstrapAssignment", "What a device would receive, and why")
        .parameters([endpoint()])
        .answers_json(200, "BootstrapAssigned", "The most specific configuration, and what else fits.")
        .fails(&[(400, "`bad_query`")])
}

fn list() -> Operation {
    get(TAG, "listBootstrapConfigurations", "All configurations, by name").answers_json(
        200,
        "BootstrapConfigurationList",
        "The newest version of each, without secrets.",
    )
}

fn example() -> Value {
    json!({
        "name": "meters",
        "assigned": [{ "pattern": "meter-*" }],
        "delete": ["/"],
        "servers": [{
            "uri": "coaps://lwm2m.example.com:5684",
            "short_server_id": 101,
            "security_mode": "psk",
            "credentials": "generate",
        }],
    })
}

fn add() -> Operation {
    post(TAG, "addBootstrapConfiguration", "Saves a new configuration")
        .description("Secrets in it are kept encrypted and never told.")
        .json_body("BootstrapConfiguration", true, &[("a key for each meter", example())])
        .answers_json(201, "SavedBootstrapConfiguration", "Its first version.")
        .fails(&[BODY, (409, "`too_many_configurations`"), TOO_LARGE, NOT_JSON, NOT_STORED])
        .answers_json(422, "RefusedConfiguration", "`bad_configuration`: what is wrong, field by field.")
}

fn check() -> Operation {
    post(TAG, "checkBootstrapConfiguration", "Only looks at a configuration")
        .parameters([query("id", number(None, None), "The configuration that it is to be a version of.")])
        .json_body("BootstrapConfiguration", true, &[("one", example())])
        .answers_json(200, "BootstrapCheck", "What is wrong with it, and what is not advisable.")
        .fails(&[BODY, TOO_LARGE, NOT_JSON])
}

fn several() -> Value {
    json!({ "application/json": { "schema": { "type": "array", "items": schema("BootstrapConfiguration") } } })
}

fn export() -> Operation {
    get(TAG, "exportBootstrapConfigurations", "All configurations as a file").answers(
        200,
        "The newest version of each, without secrets.",
        several(),
    )
}

fn import() -> Operation {
    post(TAG, "importBootstrapConfigurations", "Saves the configurations of a file, all or none")
        .description("An array, or one. One of a name that there is becomes its next version.")
        .body(several(), true)
        .answers_json(200, "BootstrapConfigurationList", "They are saved.")
        .fails(&[BODY, (409, "`too_many_configurations`"), TOO_LARGE, NOT_JSON, NOT_STORED])
        .answers_json(
            422,
            "RefusedConfiguration",
            "`bad_configuration`: fields begin with the position in the file.",
        )
}

fn one() -> Operation {
    get(TAG, "getBootstrapConfiguration", "The newest version of a configuration")
        .parameters([id()])
        .answers_json(200, "SavedBootstrapConfiguration", "It, without secrets.")
        .fails(&[(400, "No id."), UNKNOWN])
}

fn replace() -> Operation {
    put(TAG, "replaceBootstrapConfiguration", "Saves the next version of a configuration")
        .description(
            "Where an account has no `secret_key`, the one of before is kept; an empty one removes it.",
        )
        .parameters([id(), of_version()])
        .json_body("BootstrapConfiguration", true, &[("one", example())])
        .answers_json(200, "SavedBootstrapConfiguration", "The new version.")
        .fails(&[BODY, UNKNOWN, SAVED, TOO_LARGE, NOT_JSON, NOT_STORED])
        .answers_json(422, "RefusedConfiguration", "`bad_configuration`: what is wrong, field by field.")
}

fn remove() -> Operation {
    delete(TAG, "deleteBootstrapConfiguration", "Deletes a configuration with all its versions")
        .parameters([id(), of_version()])
        .answers_nothing("It is gone.")
        .fails(&[(400, "No id, or no version."), UNKNOWN, SAVED, NOT_STORED])
}

fn roll_back() -> Operation {
    let to = json!({ "type": "integer", "minimum": 1 });
    let to = json!({
        "name": "version", "in": "query", "required": true, "schema": to, "description": "How it was then.",
    });
    post(TAG, "rollBackBootstrapConfiguration", "Makes a new version that is as an earlier one was")
        .parameters([id(), to])
        .answers_json(200, "SavedBootstrapConfiguration", "The new version.")
        .fails(&[
            (400, "No id, or no version."),
            (404, "`unknown_configuration`, or `unknown_version`"),
            NOT_STORED,
        ])
        .answers_json(
            422,
            "RefusedConfiguration",
            "`bad_configuration`: another has its name or assignment now.",
        )
}

fn versions() -> Operation {
    get(TAG, "listBootstrapVersions", "All versions of a configuration, the newest first")
        .parameters([id()])
        .answers_json(200, "BootstrapConfigurationVersions", "They, without secrets.")
        .fails(&[(400, "No id."), UNKNOWN, NOT_STORED])
}

fn sessions() -> Operation {
    get(TAG, "listBootstrapSessions", "What devices and the Bootstrap-Server have said, newest first")
        .parameters([
            text("Words that all must occur in endpoint name, address, configuration or failure."),
            query("endpoint", string("urn:dev:ops:32473-1"), "Those of one device."),
            query("state", schema("BootstrapState"), "Those in this state."),
        ])
        .parameters(page())
        .answers_json(200, "BootstrapSessionList", "How many match, and those of the page.")
        .fails(&[(400, "`bad_query`: a parameter cannot be read, or there is none of that name.")])
}

fn session() -> Operation {
    get(TAG, "getBootstrapSession", "A session, message by message")
        .description("Secrets in payloads are zero; `masked` names them.")
        .parameters([in_path("id", number(None, None), "Id of a session.")])
        .answers_json(200, "BootstrapConversation", "It and its steps.")
        .fails(&[(400, "No id."), (404, "`unknown_session`"), NOT_STORED])
}

fn begin() -> Operation {
    post(
        TAG,
        "beginBootstrap",
        "Bootstraps a device unasked, over the session that it has with the Bootstrap-Server",
    )
    .description("As LwM2M 1.0 has it (TS §5.2.3.4).")
    .json_body("BeginBootstrap", true, &[("one", json!({ "endpoint": "meter-1" }))])
    .answers_json(201, "BootstrapNow", "The session that was begun.")
    .fails(&[
        (400, "The body cannot be read."),
        (409, "`no_session`: why it cannot be used, or `no_bootstrap_server`"),
        NOT_JSON,
        (422, "The body has another shape."),
        (503, "`stopping`"),
    ])
}

fn bootstrap() -> Operation {
    post(TAG, "bootstrapNow", "Makes a device bootstrap")
        .description(
            "Executes the Bootstrap-Request Trigger `/1/x/9` (since LwM2M 1.1). A device that does not know it, or refuses \
             it, is bootstrapped unasked where it has a session with the Bootstrap-Server.",
        )
        .parameters([in_path("endpoint", string("urn:dev:ops:32473-1"), "Endpoint Client Name.")])
        .answers_json(201, "BootstrapNow", "The session that was begun.")
        .answers_json(202, "BootstrapNow", "The command that was sent, or waits.")
        .fails(&[
            (400, "The endpoint name cannot be read."),
            (404, "`unknown_client`"),
            (409, "`no_session`, `no_bootstrap` or `no_bootstrap_server`"),
            (429, "`too_many_requests`"),
            NOT_STORED,
        ])
}

fn endpoint() -> Value {
    json!({
        "name": "endpoint", "in": "query", "required": true, "schema": string("meter-1"),
        "description": "Endpoint Client Name.",
    })
}

fn id() -> Value {
    in_path("id", number(None, None), "Id of a configuration.")
}

fn of_version() -> Value {
    let description = "The version that it was made from, also as `If-Match: \"3\"`. If there is a later one, nothing is done.";
    query("version", number(None, None), description)
}
