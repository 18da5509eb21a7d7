use serde_json::{Value, json};

use super::{
    super::operation::{Operation, get, number, path, put, query, schema, string},
    Paths,
    clients::endpoint,
};

const BAD_QUERY: (u16, &str) = (400, "A parameter cannot be read, or does not go with the others.");
const UNREADABLE: (u16, &str) = (503, "`not_readable`: the history cannot be read at present.");

const FILE: &str = "As long as it may be: it is read as fast as it is taken. A file that could not be read to its end \
    breaks off, and the connection with it.";

const COLUMNS: &str = "Comma-separated values (RFC 4180) with a header line. A line for each value: `time_ms`, `time` \
    (when its payload came), `endpoint`, `path`, `value`, `unit`, `source`, `content_format`, `device_time` (when it was \
    measured, where the device says so), `cursor` (the same for all values of a payload) and `payload_hex` (in the \
    first line of a payload). A payload that cannot be decoded has one line without a value. A text that begins with \
    `=`, `+`, `-`, `@`, a tab or a line break and is no number has an apostrophe before it, so that no spreadsheet takes \
    it for a formula; the JSON lines have it as it came.";

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/clients/{endpoint}/history", path([of_client()])),
        ("/api/v1/clients/{endpoint}/history.csv", path([csv("exportClientCsv").parameters(endpoint())])),
        (
            "/api/v1/clients/{endpoint}/history.jsonl",
            path([json_lines("exportClientJsonLines").parameters(endpoint())]),
        ),
        ("/api/v1/history.csv", path([csv("exportCsv").parameters([of_one()])])),
        ("/api/v1/history.jsonl", path([json_lines("exportJsonLines").parameters([of_one()])])),
        ("/api/v1/server/retention", path([retention(), retain()])),
    ]
}

fn of_client() -> Operation {
    let one_of = json!({ "oneOf": [schema("HistoryPage"), schema("HistoryBuckets")] });
    get("history", "getHistory", "What a client has reported, or sums of one Resource for a chart")
        .description(
            "Newest first; with `after` oldest first. With `buckets` the numbers of one Resource or Resource Instance \
             are summed up, by the device's own time where it gives one between 31 days before and a day after the \
             time of arrival, else by the time of arrival. A client that nobody knows has no history, which is no \
             error. Payloads are read with the definitions in use now; numbers were found with those in use when they \
             came.",
        )
        .parameters(endpoint())
        .parameters(which())
        .parameters([
            query("limit", number(Some(1_000), Some(10_000)), "At most so many come; less when they are large."),
            query("before", string("1795680000000-17"), "Those before this one, newest first."),
            query("after", string("0-0"), "Those after this one, oldest first; `0-0` begins with the first."),
            query(
                "buckets",
                json!({ "type": "integer", "minimum": 1, "maximum": 5_000 }),
                "At most so many, all equally long; a length that people count in. Without `from` of the day before \
                 `to`, without `to` until now.",
            ),
        ])
        .answers(200, "A page, or with `buckets` those.", json!({ "application/json": { "schema": one_of } }))
        .fails(&[BAD_QUERY, UNREADABLE])
}

fn csv(id: &str) -> Operation {
    get("history", id, "What was reported, as comma-separated values")
        .description(&format!("{COLUMNS} {FILE}"))
        .parameters(which())
        .answers(200, "Oldest first.", json!({ "text/csv": { "schema": { "type": "string" } } }))
        .fails(&[BAD_QUERY, UNREADABLE])
}

fn json_lines(id: &str) -> Operation {
    let content = json!({ "application/x-ndjson": { "schema": schema("HistoryRow") } });
    get("history", id, "What was reported, as JSON lines")
        .description(&format!("A line for each payload, with its values. {FILE}"))
        .parameters(which())
        .answers(200, "Oldest first; the schema is that of a line.", content)
        .fails(&[BAD_QUERY, UNREADABLE])
}

fn retention() -> Operation {
    get("history", "getRetention", "How much of the past is kept").answers_json(
        200,
        "Retention",
        "30 days and 10 GiB unless it was decided otherwise.",
    )
}

fn retain() -> Operation {
    let example = json!({ "days": 90, "bytes": 21_474_836_480_u64 });
    put("history", "setRetention", "Decides how much of the past is kept")
        .description("Whole days go, the oldest first, never today. What goes is gone at once.")
        .json_body("Retention", true, &[("three months", example)])
        .answers_nothing("It is stored.")
        .fails(&[
            (400, "Not JSON."),
            (415, "`not_json`"),
            (422, "A member is missing, unknown or of another type."),
            (503, "`not_stored`: it could not be stored, and nothing has changed."),
        ])
}

fn of_one() -> Value {
    query("endpoint", string("urn:dev:ops:32473-1"), "What this client has reported.")
}

fn which() -> [Value; 4] {
    let time = || json!({ "type": "string", "examples": ["2026-11-26T08:00:00Z", "1795680000000"] });
    [
        query("path", string("/3303/0/5700"), "What is about this path, something above it, or below it."),
        query("source", schema("Source"), "What came this way."),
        query(
            "from",
            time(),
            "What came then or later: RFC 3339 (a plus sign is `%2B`) or milliseconds since 1970.",
        ),
        query("to", time(), "What came earlier than that."),
    ]
}
