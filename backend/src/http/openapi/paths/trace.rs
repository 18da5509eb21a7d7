use serde_json::{Value, json};

use super::{
    super::operation::{Operation, get, number, path, query, schema, string},
    Paths,
};

const BAD_QUERY: (u16, &str) = (400, "A parameter cannot be read, or there is none of that name.");

const TOO_MANY: (u16, &str) = (503, "`too_many_consoles`: as many follow what happens as may.");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/trace", path([trace()])),
        ("/api/v1/trace.pcap", path([capture()])),
        ("/api/v1/events", path([events()])),
        ("/api/v1/ws", path([web_socket()])),
    ]
}

fn trace() -> Operation {
    get("trace", "getTrace", "The newest datagrams")
        .parameters([of_client()])
        .parameters(after("Records after this one. Without it the newest come."))
        .answers_json(200, "Trace", "Oldest first.")
        .fails(&[BAD_QUERY])
}

fn capture() -> Operation {
    get("trace", "getCapture", "The newest datagrams as a file for Wireshark")
        .parameters([of_client()])
        .answers(
            200,
            "Packets that begin with their IP header.",
            json!({ "application/vnd.tcpdump.pcap": {} }),
        )
        .fails(&[BAD_QUERY])
}

fn events() -> Operation {
    let content = json!({
        "application/json": { "schema": schema("Events") },
        "text/event-stream": { "schema": { "type": "string" } },
    });
    get("trace", "listEvents", "What has happened")
        .description("With `Accept: text/event-stream` a stream of Server-Sent Events, which goes on after `Last-Event-ID`.")
        .parameters([of_client()])
        .parameters(after("Events after this one."))
        .answers(200, "Oldest first.", content)
        .fails(&[BAD_QUERY, TOO_MANY])
}

fn web_socket() -> Operation {
    let formats = json!({ "type": "string", "enum": ["postcard", "json"], "default": "postcard" });
    get("trace", "connect", "WebSocket: subscriptions to devices, to the fleet and to the trace")
        .parameters([query("format", formats, "`json` for scripts.")])
        .answers(101, "Frames follow, beginning with Hello.", json!({}))
        .answers(
            400,
            "The request is no upgrade.",
            json!({ "text/plain": {}, "application/json": { "schema": schema("ApiError") } }),
        )
        .fails(&[TOO_MANY])
}

fn of_client() -> Value {
    query("endpoint", string("urn:dev:ops:32473-1"), "Those of one client.")
}

fn after(description: &str) -> [Value; 2] {
    [
        query("after", number(None, None), description),
        query("limit", number(Some(1_000), Some(10_000)), "At most so many come."),
    ]
}
