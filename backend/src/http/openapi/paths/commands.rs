use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, path, post, query, schema, string},
    Paths, page, text,
};

const COMMAND: &str = "Command_OperationResponse";
const UNKNOWN: (u16, &str) =
    (404, "`unknown_command`: there never was one, or it is over and not kept any more.");
const STOPPING: (u16, &str) = (503, "The server is stopping, or the store cannot keep the change.");
const BAD_ID: (u16, &str) = (400, "The id is no number.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/commands", path([list()])),
        ("/api/v1/commands/{id}", path([one(), cancel()])),
        ("/api/v1/commands/{id}/retry", path([retry()])),
    ]
}

fn list() -> Operation {
    get("commands", "listCommands", "What was asked of clients, newest first")
        .parameters([
            query("endpoint", string("urn:dev:ops:32473-1"), "Those of one client."),
            query("state", schema("CommandState"), "Those in this state."),
            text("Words that all must occur in endpoint name, operation, paths or author."),
        ])
        .parameters(page())
        .answers_json(200, "CommandList", "How many match, and those of the page.")
        .fails(&[(400, "A parameter cannot be read, or there is none of that name.")])
}

fn one() -> Operation {
    get("commands", "getCommand", "One command with what has become of it")
        .parameters([id()])
        .answers_json(200, COMMAND, "Its state, and the answer if there is one.")
        .fails(&[BAD_ID, UNKNOWN])
}

fn cancel() -> Operation {
    delete("commands", "cancelCommand", "Withdraws a command that waits to be sent")
        .parameters([id()])
        .answers_nothing("It is cancelled.")
        .fails(&[BAD_ID, UNKNOWN, (409, "`not_queued`: it was sent, or is over."), STOPPING])
}

fn retry() -> Operation {
    post("commands", "retryCommand", "Asks for the same once more, as a new command")
        .description("It may wait as long as the first one.")
        .parameters([id()])
        .answers_json(202, COMMAND, "The new command.")
        .fails(&[
            (400, "The id is no number. `not_possible`: the client cannot do that any more."),
            (404, "`unknown_command`, or `unknown_client`: it is not registered."),
            (409, "`not_over`"),
            (429, "`too_many_requests`: too many wait for this client already."),
            STOPPING,
        ])
}

fn id() -> Value {
    in_path("id", json!({ "type": "integer", "minimum": 0 }), "Of the command.")
}
