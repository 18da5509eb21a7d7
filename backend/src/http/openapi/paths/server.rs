use serde_json::json;

use super::{
    super::operation::{Operation, delete, get, number, path, post, query, schema, string},
    Paths,
};

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/server", path([status()])),
        ("/api/v1/audit", path([audit()])),
        ("/api/v1/simulated-devices", path([simulated(), simulate(), stop()])),
        ("/api/v1/openapi.json", path([this()])),
        ("/healthz", path([health()])),
        ("/licences.txt", path([licences()])),
    ]
}

fn status() -> Operation {
    get("server", "getServer", "Addresses, counters and limits")
        .answers_json(200, "ServerStatus", "How the server is.")
        .fails(&[(503, "The server is stopping.")])
}

fn audit() -> Operation {
    get("server", "listAudit", "What operators have changed, the newest first")
        .parameters([
            query("endpoint", string("lamp"), "Only what was about this client."),
            query("after", number(None, None), "The `id` of the last entry of the page before."),
            query("limit", number(Some(1_000), Some(10_000)), "At most so many come."),
        ])
        .answers_json(200, "AuditList", "A page of it.")
        .fails(&[
            (400, "A parameter cannot be read."),
            (503, "`not_readable`: it cannot be read at present."),
        ])
}

fn simulated() -> Operation {
    get("server", "listSimulatedDevices", "Simulated devices within this server").answers_json(
        200,
        "SimulatedDevices",
        "Their Endpoint Client Names.",
    )
}

fn simulate() -> Operation {
    post("server", "simulateDevices", "Starts simulated devices, which register like any other")
        .json_body(
            "SimulateDevices",
            false,
            &[("three of all kinds", json!({ "count": 3, "profile": "demo" }))],
        )
        .answers_json(201, "SimulatedDevices", "All that run.")
        .fails(&[
            (400, "The number is out of range, or there is no such profile."),
            (409, "`too_many_devices`"),
            (415, "`not_json`"),
            (422, "A member is unknown or of another type."),
        ])
}

fn stop() -> Operation {
    delete("server", "stopSimulatedDevices", "Stops all simulated devices")
        .answers_nothing("They have de-registered, as far as they did so in time.")
}

fn this() -> Operation {
    get("server", "getOpenApi", "This document").answers(
        200,
        "OpenAPI 3.1.",
        json!({ "application/json": { "schema": { "type": "object" } } }),
    )
}

fn health() -> Operation {
    get("server", "getHealth", "Whether the server answers").answers(
        200,
        "It does.",
        json!({ "application/json": { "schema": schema("Health") } }),
    )
}

fn licences() -> Operation {
    get("server", "getLicences", "Licences of the program and of what it carries").answers(
        200,
        "For people.",
        json!({ "text/plain": { "schema": { "type": "string" } } }),
    )
}
