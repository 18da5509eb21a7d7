//! Changing the access control of many devices.

use serde_json::{Value, json};

use super::{
    super::operation::{Operation, get, in_path, number, path, post, query, schema},
    Paths, page,
};

const UNKNOWN: (u16, &str) = (404, "`unknown_run`: no such run is known.");
const STATE: (u16, &str) = (409, "`wrong_state`: the run is not in a state for that.");
const NOT_STORED: (u16, &str) = (503, "`not_stored`, or the server is stopping.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/access-control/runs", path([list(), begin()])),
        ("/api/v1/access-control/runs/{id}", path([one()])),
        ("/api/v1/access-control/runs/{id}/apply", path([apply()])),
        ("/api/v1/access-control/runs/{id}/cancel", path([cancel()])),
        ("/api/v1/access-control/runs/{id}/devices", path([devices()])),
    ]
}

fn list() -> Operation {
    get("access control", "listAccessControlRuns", "Changes of access control, newest first").answers_json(
        200,
        "AccessControlRunList",
        "Without their devices.",
    )
}

fn begin() -> Operation {
    let planned = json!({ "clients": { "object": 3303 }, "template": "sensors", "dry_run": true });
    let rule = json!({ "object": 3303, "acl": { "102": 1 } });
    let applied = json!({ "endpoints": ["lamp"], "rules": [rule] });
    post("access control", "beginAccessControlRun", "Changes the access control of devices, or plans it")
        .description("Each device is read, planned, written and read back, several at once. A device that sleeps goes on when it wakes, for a day. A server that was stopped goes on with it after its start, and repeats no Write that has succeeded.")
        .json_body("NewAccessControlRun", true, &[("only planned", planned), ("one device", applied)])
        .answers_json(202, "AccessControlRun", "It goes on by itself; `Location` is its address.")
        .fails(&[
            (400, "No device or too many, more than one goal, or an entry that is none."),
            (404, "`unknown_template`"),
            (409, "`too_many_runs`: others have to be over first."),
            (415, "`not_json`"),
            (422, "A member is unknown or of another type."),
            NOT_STORED,
        ])
}

fn one() -> Operation {
    get("access control", "readAccessControlRun", "How far a run is")
        .parameters([id()])
        .answers_json(200, "AccessControlRun", "With the devices that came last.")
        .fails(&[(400, "The id is none."), UNKNOWN])
}

fn apply() -> Operation {
    post("access control", "applyAccessControlRun", "Does what was planned")
        .description("From what the devices have then, which is read again.")
        .parameters([id()])
        .answers_json(202, "AccessControlRun", "It goes on by itself.")
        .fails(&[(400, "The id is none."), UNKNOWN, STATE, NOT_STORED])
}

fn cancel() -> Operation {
    post("access control", "cancelAccessControlRun", "Stops a run")
        .description("What is being written is finished and stays; nothing else is begun.")
        .parameters([id()])
        .answers_json(202, "AccessControlRun", "As it is now: it may have a Write to finish.")
        .fails(&[(400, "The id is none."), UNKNOWN, STATE, NOT_STORED])
}

fn devices() -> Operation {
    get("access control", "listAccessControlRunDevices", "The devices of a run, by endpoint")
        .parameters([id(), query("state", schema("AccessControlDeviceState"), "Only these.")])
        .parameters(page())
        .answers_json(200, "AccessControlRunDevices", "What was written and is to be, and what hinders.")
        .fails(&[(400, "A parameter cannot be read."), UNKNOWN])
}

fn id() -> Value {
    in_path("id", number(None, None), "Of the run.")
}
