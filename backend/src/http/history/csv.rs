//! Lines of comma-separated values (RFC 4180).

use std::fmt::Write as _;

use console_api::{DecodedValue, HistoryRow, ValueContent};

use super::time::shown;
use crate::numbers::to_moment;

pub(super) const HEADER: &str =
    "time_ms,time,endpoint,path,value,unit,source,content_format,device_time,cursor,payload_hex\r\n";

/// A line for each value; one without a value for a payload that has none. The payload stands in the first.
pub(super) fn write(row: &HistoryRow, unit: impl Fn(&str) -> String, lines: &mut String) {
    let time = shown(coap::Instant::from_millis(row.at_ms));
    let source = serde_json::to_value(row.source).unwrap_or_default();
    let source = source.as_str().unwrap_or_default();
    let format = row.content_format.map(|format| format.to_string()).unwrap_or_default();
    let mut line = |value: Option<&DecodedValue>, payload: &str| {
        let path = value.map_or(row.path.as_str(), |value| &value.path);
        let unit = value.map(|value| unit(&value.path)).unwrap_or_default();
        let measured = value.and_then(|value| value.time_s).map(measured).unwrap_or_default();
        let fields = [
            row.at_ms.to_string(),
            time.clone(),
            text(&row.endpoint),
            path.to_owned(),
            value.map(|value| content(&value.value)).unwrap_or_default(),
            text(&unit),
            source.to_owned(),
            format.clone(),
            measured,
            row.cursor.clone(),
            payload.to_owned(),
        ];
        let fields: Vec<String> = fields.into_iter().map(quoted).collect();
        // Writing into a text cannot fail.
        let _ = write!(lines, "{}\r\n", fields.join(","));
    };
    line(row.values.first(), &row.payload_hex);
    for value in row.values.iter().skip(1) {
        line(Some(value), "");
    }
}

fn measured(seconds: f64) -> String {
    to_moment(seconds).map_or_else(|| seconds.to_string(), shown)
}

fn content(value: &ValueContent) -> String {
    match value {
        ValueContent::Boolean(value) => value.to_string(),
        ValueContent::Integer(value) => value.to_string(),
        ValueContent::Unsigned(value) => value.to_string(),
        ValueContent::Float(value) => value.to_string(),
        ValueContent::Text(value) => text(value),
    }
}

/// A spreadsheet takes what begins like this for a formula, and runs it. An apostrophe before it makes it a text; a
/// number stays one.
fn text(text: &str) -> String {
    let is_number = || text.parse::<f64>().is_ok_and(f64::is_finite);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number() {
        return format!("'{text}");
    }
    text.to_owned()
}

fn quoted(field: String) -> String {
    if field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ') {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use console_api::Source;

    fn value(path: &str, value: ValueContent, time_s: Option<f64>) -> DecodedValue {
        DecodedValue { path: path.into(), value_type: "string".into(), value, time_s }
    }

    fn row(values: Vec<DecodedValue>) -> HistoryRow {
        HistoryRow {
            cursor: "1795680000000-1".into(),
            endpoint: "a, \"b\"".into(),
            path: "/3/0".into(),
            source: Source::Send,
            at_ms: 1_795_680_000_000,
            content_format: Some(112),
            payload_hex: "8080".into(),
            sequence: None,
            confirmable: true,
            current: true,
            values,
            decode_error: None,
        }
    }

    fn lines(row: &HistoryRow) -> Vec<String> {
        let mut lines = String::new();
        write(row, |path| if path == "/3/0/9" { "%".into() } else { String::new() }, &mut lines);
        lines.split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn each_value_has_a_line_and_the_first_the_payload() {
        let values = vec![
            value("/3/0/9", ValueContent::Integer(-5), None),
            value("/3/0/0", ValueContent::Text("a,b".into()), Some(1_795_679_999.5)),
        ];
        let begin = "1795680000000,2026-11-26T08:00:00.000Z,\"a, \"\"b\"\"\"";
        assert_eq!(
            lines(&row(values)),
            [
                format!("{begin},/3/0/9,-5,%,send,112,,1795680000000-1,8080"),
                format!("{begin},/3/0/0,\"a,b\",,send,112,2026-11-26T07:59:59.500Z,1795680000000-1,"),
            ]
        );
        let columns = HEADER.split(',').count();
        assert_eq!(lines(&row(vec![]))[0], format!("{begin},/3/0,,,send,112,,1795680000000-1,8080"));
        assert_eq!(lines(&row(vec![]))[0].split(',').count(), columns + 1, "one comma is in the name");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for (got, expected) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+cmd", "'+cmd"),
            ("-x", "'-x"),
            ("\t=1", "'\t=1"),
            ("-5.5", "-5.5"),
            ("+3", "+3"),
            ("-inf", "'-inf"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(text(got), expected);
        }
        assert_eq!(quoted(text("\n=\"1\"")), "\"'\n=\"\"1\"\"\"");
    }
}
