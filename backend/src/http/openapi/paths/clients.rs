use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, number, path, post, put, query, schema, string},
    Paths, page, text,
};

const UNKNOWN: (u16, &str) = (404, "`unknown_client`: no client of that name is registered, or known.");
const BAD_QUERY: (u16, &str) = (400, "A parameter cannot be read, or there is none of that name.");
const STOPPING: (u16, &str) = (503, "The server is stopping, or the store cannot keep the change.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/clients", path([list()])),
        ("/api/v1/clients/{endpoint}", path([details(), forget()])),
        ("/api/v1/clients/{endpoint}/config", path([configure()])),
        ("/api/v1/clients/{endpoint}/label", path([label()])),
        ("/api/v1/clients/{endpoint}/operations", path([operate()])),
        ("/api/v1/clients/{endpoint}/refusals", path([forget_refusals()])),
        ("/api/v1/observations", path([observations()])),
    ]
}

fn list() -> Operation {
    get("clients", "listClients", "Clients that match a query")
        .parameters([
            text("Words that all must match: in endpoint name, name or tags; `/3303` an Object, `/3303/1` an Object Instance; a number also an Object ID."),
            query("status", schema("StatusFilter"), "Whom; those that are registered when absent."),
            query("object", number(None, Some(65_534)), "Clients that have this Object."),
            query("binding", string("UQ"), "Binding as announced."),
            query("version", string("1.1"), "LwM2M version as announced."),
            query("security", schema("SecurityMode"), "How the client authenticated."),
            query("tag", string("hall"), "Clients that an operator has given this tag."),
            query("queued", json!({ "type": "boolean", "default": false }), "Clients with commands that wait to be sent."),
            query("sort", schema("SortBy"), "By endpoint name when absent; between equals the endpoint name decides."),
            query("descending", json!({ "type": "boolean", "default": false }), "The other way round."),
        ])
        .parameters(page())
        .answers_json(200, "ClientList", "How many match, and those of the page.")
        .fails(&[BAD_QUERY])
}

fn details() -> Operation {
    get("clients", "getClient", "One client with its observations")
        .parameters(endpoint())
        .parameters([query("status", schema("StatusFilter"), "`any` asks also for one that has left.")])
        .answers_json(200, "ClientDetails", "What is known of it.")
        .fails(&[BAD_QUERY, UNKNOWN])
}

fn forget() -> Operation {
    delete("clients", "forgetClient", "Forgets a client")
        .description("Registration, wanted observations, values and label are gone. A device that is still there registers again with its next Update.")
        .parameters(endpoint())
        .answers_nothing("It is forgotten.")
        .fails(&[UNKNOWN, STOPPING])
}

fn label() -> Operation {
    let example =
        json!({ "name": "Hall, north", "tags": ["hall", "pilot"], "notes": "Battery changed in May." });
    put("clients", "labelClient", "Gives a client a name, tags and notes")
        .description("Replaces all three; what is absent is empty.")
        .parameters(endpoint())
        .json_body("Label", true, &[("all", example)])
        .answers_nothing("It is stored.")
        .fails(&[
            (400, "Something is too long."),
            UNKNOWN,
            (415, "`not_json`"),
            (422, "Not a label."),
            STOPPING,
        ])
}

fn configure() -> Operation {
    put("clients", "configureClient", "Decides how a client is treated")
        .description("`awake_s`: how long after its last message a client in queue mode is taken for awake; null for what the server has for all.")
        .parameters(endpoint())
        .json_body("ClientConfig", true, &[("awake for half a minute", json!({ "awake_s": 30 }))])
        .answers_nothing("It is stored.")
        .fails(&[
            (400, "The time is out of range."),
            UNKNOWN,
            (415, "`not_json`"),
            (422, "A member is unknown or of another type."),
            (429, "`too_many_requests`"),
            STOPPING,
        ])
}

fn operate() -> Operation {
    post("clients", "operate", "Performs an operation on a client and waits for its answer")
        .description("An error code of the client is an answer, too, and comes with status 200. For a client that is asleep, and with `wait` `accepted`, the answer is that the command is stored; its address in `Location` tells what becomes of it. Who stops waiting does not stop the command.")
        .parameters(endpoint())
        .json_body("OperationRequest", true, &examples())
        .answers_json(200, "OperationResponse", "What the client answered.")
        .answers_json(202, "Command_OperationResponse", "The command is stored; the client has not answered yet.")
        .fails(&[
            (400, "`bad_request`, or `not_possible`: the standard has no such request. Nothing was sent."),
            UNKNOWN,
            (409, "`departed`: the registration ended meanwhile. `cancelled`: an operator withdrew the command."),
            (415, "`not_json`"),
            (422, "A member is missing, unknown or of another type."),
            (429, "`too_many_requests`: too many wait for this client already."),
            (502, "`reset` or `bad_answer`: the client answered what is no answer."),
            STOPPING,
            (504, "`timeout` or `no_response`: the client did not answer in time. `expired`: nothing was sent before the deadline."),
        ])
}

fn examples() -> [(&'static str, Value); 7] {
    [
        ("read", json!({ "op": "read", "path": "/3303/0/5700" })),
        ("write", json!({ "op": "write", "path": "/3/0/15", "value": "Europe/Paris" })),
        ("execute", json!({ "op": "execute", "path": "/3/0/4" })),
        ("observe", json!({ "op": "observe", "path": "/3303/0/5700", "timeout_ms": 30_000 })),
        (
            "write-attributes",
            json!({ "op": "write-attributes", "path": "/3303/0", "attributes": { "pmin": 10, "gt": null } }),
        ),
        (
            "for a client that sleeps",
            json!({ "op": "read", "path": "/3/0/9", "wait": "accepted", "deadline_s": 86_400 }),
        ),
        ("read-composite", json!({ "op": "read-composite", "paths": ["/3/0/9", "/3303"] })),
    ]
}

fn forget_refusals() -> Operation {
    delete("clients", "forgetRefusals", "Tries again what the client has refused")
        .description("Content formats and composite operations that it turned down since it registered.")
        .parameters(endpoint())
        .answers_nothing("They are forgotten.")
        .fails(&[UNKNOWN, STOPPING])
}

fn observations() -> Operation {
    get("observations", "listObservations", "What operators want observed, and what has become of it")
        .parameters([
            query("endpoint", string("urn:dev:ops:32473-1"), "Those of one client."),
            text("Words that all must match: in endpoint name, name or paths."),
            query("state", schema("ObservationState"), "Those in this state."),
        ])
        .parameters(page())
        .answers_json(200, "ObservationList", "How many match, and those of the page.")
        .fails(&[BAD_QUERY])
}

pub(super) fn endpoint() -> [Value; 2] {
    [
        in_path("endpoint", string("urn:dev:ops:32473-1"), "Endpoint Client Name, percent-encoded."),
        query(
            "endpoint",
            string(".."),
            "Takes the place of the one in the path, which can then be anything.",
        ),
    ]
}
