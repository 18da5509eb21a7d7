use serde_json::json;

use super::{
    super::operation::{Operation, get, number, path, post, query},
    Paths,
    clients::endpoint,
};

const UNKNOWN: (u16, &str) = (404, "`unknown_client`: no client of that name is registered.");
const CANNOT: (u16, &str) = (
    409,
    "`asleep`: the device sleeps. `unknown_server`: which server this is cannot be told. `departed`: the registration ended meanwhile.",
);
const NOT_JSON: (u16, &str) = (415, "`not_json`");
const MEMBER: (u16, &str) = (422, "A member is unknown or of another type.");
const NO_ANSWER: (u16, &str) = (504, "`timeout` or `no_response`: the device did not answer in time.");
const STOPPING: (u16, &str) = (503, "The server is stopping, or the store cannot keep the command.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/clients/{endpoint}/access-control", path([read()])),
        ("/api/v1/clients/{endpoint}/access-control/apply", path([apply()])),
        ("/api/v1/clients/{endpoint}/access-control/evaluate", path([evaluate()])),
        ("/api/v1/clients/{endpoint}/access-control/plan", path([plan()])),
    ]
}

fn read() -> Operation {
    get("access control", "readAccessControl", "Who may do what on a device")
        .description("The device is asked for it: Object 1 and Object 2.")
        .parameters(endpoint())
        .parameters([
            query(
                "server",
                number(Some(1), Some(65_534)),
                "The Short Server ID of this server on the device; found out when absent.",
            ),
            query(
                "known",
                json!({ "type": "boolean", "default": false }),
                "What was last read, without asking the device. `read_at_ms` is 0 when it never was.",
            ),
        ])
        .answers_json(200, "AccessControl", "As the device says, now or when it was last asked.")
        .fails(&[(400, "A parameter cannot be read."), UNKNOWN, CANNOT, STOPPING, NO_ANSWER])
}

fn plan() -> Operation {
    let wish = json!({ "instances": [{ "id": 0, "object": 3, "object_instance": 0, "owner": 101, "acl": { "101": 15, "102": 1 } }] });
    post("access control", "planAccessControl", "What would be written to change who may do what")
        .description(
            "Nothing is written. The smallest set of writes, in an order that never locks this server out.",
        )
        .parameters(endpoint())
        .json_body("AccessControlWanted", true, &[("a server more may read the Device Object", wish)])
        .answers_json(200, "AccessControlPlan", "The writes, what hinders, and what there is to know before.")
        .fails(&[(400, "An entry is none."), UNKNOWN, CANNOT, NOT_JSON, MEMBER, STOPPING, NO_ANSWER])
}

fn apply() -> Operation {
    post("access control", "applyAccessControl", "Changes who may do what on a device")
        .description("Writes one after the other and reads back each. It stops at the first that fails, and at a conflict before anything is written. Asked again after an interruption, it writes what is left.")
        .parameters(endpoint())
        .json_body("AccessControlWanted", true, &[])
        .answers_json(200, "AccessControlApplied", "What was written, why it stopped, and how it is now.")
        .fails(&[(400, "An entry is none."), UNKNOWN, CANNOT, NOT_JSON, MEMBER, STOPPING, NO_ANSWER])
}

fn evaluate() -> Operation {
    let question = json!({ "server": 102, "operation": "write", "path": "/3303/0/5605" });
    post("access control", "evaluateAccess", "May a server do that on a device, and why")
        .description("By the rules of the standard, on Object 2 as the device has it, or as it is given.")
        .parameters(endpoint())
        .json_body("AccessQuestion", true, &[("by another server", question)])
        .answers_json(200, "AccessAnswer", "What the device decides, and the rule that decides.")
        .fails(&[
            (400, "The path is none, or an entry is none."),
            UNKNOWN,
            CANNOT,
            NOT_JSON,
            MEMBER,
            STOPPING,
            NO_ANSWER,
        ])
}
