use coap::{PartKind, dissect, option_number};
use lwm2m_codec::{AnnotationKind, ContentFormat, Decoder, Lookup, Record};

use super::entry::Entry;
use super::options::{name, value_text};
use crate::format::{self, annotation_class};

/// Bytes of a datagram and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Colour by meaning.
    pub(crate) class: &'static str,
    pub(crate) meaning: String,
    /// Worth a line of its own in the legend.
    pub(crate) told: bool,
}

/// The whole datagram, header, options and payload.
pub(crate) fn pieces(entry: &Entry, root: &str, lookup: &dyn Lookup) -> Vec<Piece> {
    let datagram = entry.record.datagram.as_slice();
    let request = entry.message().is_some_and(|message| message.code.is_request());
    let mut pieces = Vec::new();
    for part in dissect(datagram) {
        let bytes = datagram.get(part.range.clone()).unwrap_or_default();
        let (start, end) = (part.range.start, part.range.end);
        if part.kind == PartKind::Payload
            && !entry.is_diagnostic()
            && let Some((format, path)) = entry.payload_meaning()
        {
            let notes = Decoder::new(format, &path, lookup).root(root).annotate(bytes);
            pieces.extend(notes.into_iter().map(|note| Piece {
                start: start + note.range.start,
                end: start + note.range.end,
                class: annotation_class(note.kind),
                told: note.kind != AnnotationKind::Structure,
                meaning: note.text,
            }));
            continue;
        }
        let (class, told, meaning) = explain(&part.kind, bytes, request, entry);
        pieces.push(Piece { start, end, class, meaning, told });
    }
    pieces
}

fn explain(kind: &PartKind, bytes: &[u8], request: bool, entry: &Entry) -> (&'static str, bool, String) {
    match kind {
        PartKind::Head { token_length, .. } => {
            let token = format::plural(*token_length, "byte");
            ("k-structure", true, format!("version 1, {}, token of {token}", entry.message_type()))
        }
        PartKind::Code => ("k-instance", true, entry.code()),
        PartKind::MessageId => {
            let id = bytes.iter().fold(0_u16, |id, byte| id << 8 | u16::from(*byte));
            ("k-time", true, format!("Message ID {id}"))
        }
        PartKind::Token => ("k-name", true, format!("Token {}", format::hex(bytes).replace(' ', ""))),
        // An option without a value has only its head to tell of it.
        PartKind::OptionHead { number, length: 0 } => {
            ("k-resource", true, format!("{}: {}", name(*number), value_text(*number, &[], request)))
        }
        PartKind::OptionHead { number, length } => {
            ("k-structure", false, format!("{}, {}", name(*number), format::plural(*length, "byte")))
        }
        PartKind::OptionValue { number } => {
            let class = if *number == option_number::OBSERVE { "k-time" } else { "k-resource" };
            (class, true, format!("{}: {}", name(*number), value_text(*number, bytes, request)))
        }
        PartKind::PayloadMarker => ("k-structure", false, "payload marker".into()),
        PartKind::Payload => {
            let text =
                std::str::from_utf8(bytes).map_or_else(|_| "payload".to_owned(), |text| format!("“{text}”"));
            let part = entry.part().map_or(text, |part| format!("payload: {part}"));
            ("k-payload", true, part)
        }
        PartKind::Malformed { expected, got } => ("k-error", true, format!("expected {expected}, got {got}")),
    }
}

/// What a payload says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    Absent,
    Values(Vec<Record>),
    /// A text for people, or in the link format.
    Text(String),
    /// Of a larger payload, in words.
    Part(String),
    /// Bytes of which nothing more is known, or that cannot be read, and why.
    Bytes(Vec<u8>, Option<String>),
}

impl Payload {
    pub(crate) fn of(entry: &Entry, root: &str, lookup: &dyn Lookup) -> Self {
        let payload = entry.message().map(|message| message.payload.as_slice()).unwrap_or_default();
        if payload.is_empty() {
            return Self::Absent;
        }
        let Some((format, path)) = entry.payload_meaning() else {
            return entry.part().map_or_else(|| Self::Bytes(payload.to_vec(), None), Self::Part);
        };
        if entry.is_diagnostic() || format.canonical() == ContentFormat::CORE_LINK {
            return match std::str::from_utf8(payload) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Bytes(payload.to_vec(), None),
            };
        }
        match Decoder::new(format, &path, lookup).root(root).decode(payload) {
            Ok(records) => Self::Values(records),
            Err(error) => Self::Bytes(payload.to_vec(), Some(format!("{}: {error}", error.class))),
        }
    }

    /// A few words for a row.
    pub(crate) fn short(&self, east_min: i32) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Values(records) => match records.as_slice() {
                [] => "no values".into(),
                [one] => format::value(&one.value, east_min),
                many => format::plural(many.len(), "value"),
            },
            Self::Text(text) => text.clone(),
            Self::Part(words) => words.clone(),
            Self::Bytes(bytes, _) => format::octets(bytes),
        }
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
