use std::sync::Arc;

use coap::{Code, Message, MessageType, PartKind, dissect};
use console_api::{Direction, TraceRecord};
use lwm2m_codec::{ContentFormat, Path};

use super::operation::{node, operation};
use super::options::{location, part, target};

/// A datagram, decoded once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) record: TraceRecord,
    pub(crate) content: Result<Message, Problem>,
    pub(crate) relation: Option<Relation>,
    /// The same message went the same way before.
    pub(crate) repeated: bool,
    /// What a filter looks into, in small letters.
    pub(super) text: String,
}

/// Why a datagram is no CoAP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) expected: String,
    pub(crate) got: String,
    /// The byte where it goes wrong.
    pub(crate) offset: usize,
}

/// What a message has to do with an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relation {
    pub(crate) kind: RelationKind,
    pub(crate) origin: Arc<Origin>,
    pub(crate) after_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelationKind {
    /// The first response to a request.
    Answers,
    /// Another response to an Observe.
    Notifies,
    Acknowledges,
    Rejects,
}

/// A message that others may belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) seq: u64,
    pub(crate) at_ms: u64,
    /// `Read /3/0`, `2.05 of Read /3/0`
    pub(crate) what: String,
    /// The node that a request is about.
    pub(crate) path: Option<Path>,
}

impl Entry {
    /// `relation` finds what the message belongs to.
    pub(super) fn new(
        record: TraceRecord,
        repeated: bool,
        relation: impl FnOnce(&Message) -> Option<Relation>,
    ) -> Self {
        let content = Message::decode(&record.datagram).map_err(|error| problem(&record.datagram, &error));
        let relation = content.as_ref().ok().and_then(relation);
        let mut entry = Self { record, content, relation, repeated, text: String::new() };
        entry.text = entry.describe().to_lowercase();
        entry
    }

    pub(crate) fn seq(&self) -> u64 {
        self.record.seq
    }

    pub(crate) fn message(&self) -> Option<&Message> {
        self.content.as_ref().ok()
    }

    /// `CON`, `NON`, `ACK`, `RST`
    pub(crate) fn message_type(&self) -> &'static str {
        match self.message().map(|message| message.message_type) {
            Some(MessageType::Confirmable) => "CON",
            Some(MessageType::NonConfirmable) => "NON",
            Some(MessageType::Acknowledgement) => "ACK",
            Some(MessageType::Reset) => "RST",
            None => "",
        }
    }

    /// `GET`, `2.05 Content`, `Empty`
    pub(crate) fn code(&self) -> String {
        match self.message().map(|message| message.code) {
            Some(code) if code.class() == 0 => code.name().map_or_else(|| code.to_string(), str::to_owned),
            Some(code) => match code.name() {
                Some(name) => format!("{code} {name}"),
                None => code.to_string(),
            },
            None => "Malformed".into(),
        }
    }

    /// What it is about: `Read /3/0`, `answers Read /3/0`.
    pub(crate) fn what(&self) -> String {
        let message = match &self.content {
            Ok(message) => message,
            Err(problem) => return format!("expected {}, got {}", problem.expected, problem.got),
        };
        let origin = self.relation.as_ref().map(|relation| &relation.origin.what);
        match (&self.relation, origin) {
            (Some(Relation { kind: RelationKind::Notifies, .. }), Some(origin)) => {
                let sequence = message.options.observe().map(|sequence| format!(" #{sequence}"));
                format!("Notify{} · {}", sequence.unwrap_or_default(), origin)
            }
            (Some(_), Some(origin)) => match location(message) {
                Some(location) => format!("{origin} → {location}"),
                None => origin.clone(),
            },
            _ if message.code.is_request() => {
                let target = target(message);
                match operation(message, self.record.direction) {
                    Some(operation) => format!("{operation} {target}"),
                    None => target,
                }
            }
            // A notification whose Observe was not seen.
            _ => match message.options.observe() {
                Some(sequence) => format!("Notify #{sequence}"),
                None => location(message).unwrap_or_default(),
            },
        }
    }

    pub(crate) fn token(&self) -> String {
        self.message().map(|message| message.token.to_string()).unwrap_or_default()
    }

    pub(crate) fn content_format(&self) -> Option<ContentFormat> {
        self.message()?.options.content_format().map(ContentFormat)
    }

    /// Something went wrong: a refusal, a rejection, or no message at all.
    pub(crate) fn is_failure(&self) -> bool {
        self.message()
            .is_none_or(|message| message.code.class() >= 4 || message.message_type == MessageType::Reset)
    }

    /// The node that the message, or what it belongs to, is about.
    pub(crate) fn path(&self) -> Option<Path> {
        let message = self.message()?;
        if message.code.is_request() {
            return own_path(message, self.record.direction);
        }
        self.relation.as_ref().and_then(|relation| relation.origin.path)
    }

    /// How the payload is to be read, and the node that it is about. None for a part of a larger payload.
    pub(crate) fn payload_meaning(&self) -> Option<(ContentFormat, Path)> {
        let message = self.message()?;
        if message.payload.is_empty() || part(message).is_some() {
            return None;
        }
        let format = self.content_format();
        if message.code.is_request() {
            // A Register has links, and a Send names its paths itself.
            let path = own_path(message, self.record.direction).unwrap_or(Path::ROOT);
            return Some((format.unwrap_or(ContentFormat::TEXT), path));
        }
        let path = if message.code.is_success() { self.path().unwrap_or(Path::ROOT) } else { Path::ROOT };
        Some((format.unwrap_or(ContentFormat::TEXT), path))
    }

    /// The payload is a text for people (RFC 7252 §5.5.2), or of something that nothing is known about: its request
    /// was not seen, and it does not name its paths itself.
    pub(super) fn is_diagnostic(&self) -> bool {
        let Some(message) = self.message() else {
            return false;
        };
        let about_nothing = self.payload_meaning().is_some_and(|(_, path)| path == Path::ROOT);
        let stray = message.code.is_response() && self.relation.is_none();
        let unreadable = match self.content_format() {
            None => true,
            Some(format) => stray && !names_paths(format),
        };
        message.code.class() >= 4 || (about_nothing && unreadable)
    }

    /// `block 2 of 1024 bytes, more follow`, when the payload is a part of a larger one.
    pub(crate) fn part(&self) -> Option<String> {
        let block = part(self.message()?)?;
        let more = if block.more { "more follow" } else { "the last one" };
        Some(format!("block {} of {} bytes, {more}", block.num, block.size()))
    }

    /// What later messages may refer to.
    pub(super) fn origin(&self) -> Option<Origin> {
        let message = self.message().filter(|message| message.code != Code::EMPTY)?;
        let what = self.what();
        let what = match (message.code.is_request(), what.is_empty()) {
            (true, _) => what,
            (false, true) => message.code.to_string(),
            (false, false) => format!("{} · {what}", message.code),
        };
        Some(Origin { seq: self.seq(), at_ms: self.record.at_ms, what, path: self.path() })
    }

    fn describe(&self) -> String {
        let id = self.message().map(|message| message.message_id.0.to_string()).unwrap_or_default();
        let format = self.content_format().and_then(ContentFormat::name).unwrap_or_default();
        let parts = [
            self.record.endpoint.as_deref().unwrap_or_default(),
            &self.record.peer,
            self.message_type(),
            &self.code(),
            &id,
            &self.token(),
            &self.what(),
            format,
            if self.repeated { "repeated" } else { "" },
        ];
        parts.join(" ")
    }
}

fn names_paths(format: ContentFormat) -> bool {
    matches!(
        format.canonical(),
        ContentFormat::SENML_JSON
            | ContentFormat::SENML_CBOR
            | ContentFormat::JSON
            | ContentFormat::LWM2M_CBOR
    )
}

fn own_path(request: &Message, direction: Direction) -> Option<Path> {
    let path = request.options.uri_path().ok()?;
    (direction == Direction::Sent).then(|| node(&path))?
}

fn problem(datagram: &[u8], error: &coap::MessageError) -> Problem {
    match dissect(datagram).pop() {
        Some(coap::Part { range, kind: PartKind::Malformed { expected, got } }) => {
            Problem { expected, got, offset: range.start }
        }
        _ => Problem { expected: "a CoAP message".into(), got: error.to_string(), offset: 0 },
    }
}
