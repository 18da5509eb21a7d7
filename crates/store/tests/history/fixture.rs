use std::{path::Path, sync::Arc};

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, NoDefinitions, Path as Node, Value, decode};
use store::{
    Delivery, Outcome, Reported, Source,
    history::{Cursor, Decoder, History, HistoryReader, Order, Point, Query, Retention},
};

pub(crate) const DAY_MS: u64 = 86_400_000;

/// Noon of some day.
pub(crate) const NOON: u64 = 20_783 * DAY_MS + DAY_MS / 2;

pub(crate) const fn at(milliseconds: u64) -> Instant {
    Instant::from_millis(milliseconds)
}

pub(crate) fn open(directory: &Path, now: u64) -> History {
    History::open(directory, Retention::default(), decoder(), at(now)).expect("it can be opened")
}

/// Tends until nothing is left to do.
pub(crate) fn tend(history: &mut History, now: u64) -> Vec<String> {
    let mut notices = Vec::new();
    loop {
        let tended = history.tend(at(now));
        notices.extend(tended.notices);
        if !tended.more {
            return notices;
        }
    }
}

/// Numbers that need no definitions: text, and what SenML says itself.
pub(crate) fn decoder() -> Decoder {
    Arc::new(points)
}

pub(crate) fn points(reported: &Reported) -> Vec<Point> {
    let Some(format) = reported.content_format else { return Vec::new() };
    if format == ContentFormat::TEXT {
        let text = core::str::from_utf8(&reported.payload).ok().and_then(|text| text.parse().ok());
        return text
            .map(|number| Point { path: reported.path, measured: None, number })
            .into_iter()
            .collect();
    }
    let now_s = reported.at.as_millis() as f64 / 1000.0;
    let records = decode(format, &reported.path, &reported.payload, &NoDefinitions).unwrap_or_default();
    let point = |record: &lwm2m_codec::Record| {
        let number = match record.value {
            Value::Float(number) => number,
            Value::Integer(number) => number as f64,
            _ => return None,
        };
        let measured =
            record.time().map(|time| at((format.absolute_time(time, now_s) * 1000.0).round() as u64));
        Some(Point { path: record.path, measured, number })
    };
    records.iter().filter_map(point).collect()
}

/// A notification of a number as text.
pub(crate) fn text(endpoint: &str, path: Node, milliseconds: u64, number: i32) -> Reported {
    Reported {
        endpoint: endpoint.into(),
        path,
        source: Source::Notify,
        content_format: Some(ContentFormat::TEXT),
        payload: number.to_string().into_bytes(),
        at: at(milliseconds),
        sequence: Some(7),
        confirmable: true,
        delivery: None,
        current: true,
    }
}

/// A Send of SenML JSON.
pub(crate) fn sent(endpoint: &str, milliseconds: u64, json: &str) -> Reported {
    Reported {
        source: Source::Send,
        content_format: Some(ContentFormat::SENML_JSON),
        payload: json.as_bytes().to_vec(),
        sequence: None,
        ..text(endpoint, Node::ROOT, milliseconds, 0)
    }
}

pub(crate) fn delivery(message_id: u16) -> Option<Delivery> {
    Token::new(&[1, 2]).map(|token| Delivery { token, message_id })
}

pub(crate) fn store(history: &mut History, rows: &[Reported]) {
    let rows: Vec<_> = rows.iter().cloned().map(Arc::new).collect();
    assert_eq!(history.append(&rows), vec![Outcome::Stored; rows.len()]);
}

pub(crate) fn everything() -> Query {
    Query { endpoint: None, path: None, source: None, during: at(0)..at(u64::MAX) }
}

pub(crate) fn of(endpoint: &str) -> Query {
    Query { endpoint: Some(endpoint.into()), ..everything() }
}

/// All that a question finds, read in pages of that size.
pub(crate) fn all(reader: &HistoryReader, query: &Query, order: Order, limit: usize) -> Vec<Reported> {
    let (mut found, mut after): (_, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = reader.page(query, order, after, limit).expect("readable");
        assert_eq!(page.unreadable, []);
        assert!(page.rows.len() <= limit);
        found.extend(page.rows.into_iter().map(|(_, reported)| reported));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}
