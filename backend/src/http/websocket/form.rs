use std::sync::Arc;

use axum::{body::Bytes, extract::ws::Message};
use console_api::{ClientFrame, Event, PROTOCOL, ServerFrame, decode, encode};
use lwm2m_core::server::Registration;
use serde_json::{Value, json};

use crate::{fleet::Fleet, http::decoded::Decoding};

/// How frames look on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// Binary messages, for the console.
    #[default]
    Postcard,
    /// Text messages, for scripts.
    Json,
}

/// Why a message of a console is no frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoFrame {
    /// It may be another protocol altogether.
    Foreign(String),
    /// A mistake in a script, which is told.
    Mistake(String),
}

impl Form {
    pub(super) fn write(
        self,
        frame: &ServerFrame,
        fleet: &Fleet,
        decoding: &Decoding,
    ) -> Result<Message, axum::Error> {
        match self {
            Self::Postcard => binary(frame),
            Self::Json => text(decoding.frame(frame, fleet)),
        }
    }

    /// Events up to the number `seq`, each with the registration of its client.
    pub(super) fn write_events(
        self,
        seq: u64,
        events: Vec<(Event, Option<Arc<Registration>>)>,
        decoding: &Decoding,
    ) -> Result<Message, axum::Error> {
        match self {
            Self::Postcard => {
                let events = events.into_iter().map(|(event, _)| event).collect();
                binary(&ServerFrame::Events { seq, events })
            }
            Self::Json => {
                let events = events
                    .iter()
                    .map(|(event, registration)| decoding.event(event, registration.as_deref()))
                    .collect::<Result<Vec<_>, _>>();
                text(events.map(|events| json!({ "events": { "seq": seq, "events": events } })))
            }
        }
    }

    /// None when a message is there for the connection only.
    pub(super) fn read(self, message: &Message) -> Result<Option<ClientFrame>, NoFrame> {
        match (self, message) {
            (Self::Postcard, Message::Binary(bytes)) => {
                decode(bytes).map(Some).map_err(|error| NoFrame::Foreign(error.to_string()))
            }
            (Self::Json, Message::Text(text)) => {
                serde_json::from_str(text).map(Some).map_err(|error| NoFrame::Mistake(error.to_string()))
            }
            (Self::Postcard, Message::Text(_)) => Err(NoFrame::Foreign(format!(
                "binary frames of protocol {PROTOCOL} expected, got text, which is for ?format=json"
            ))),
            (Self::Json, Message::Binary(_)) => {
                Err(NoFrame::Foreign("text frames expected with format=json, got a binary one".to_owned()))
            }
            (_, Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => Ok(None),
        }
    }
}

fn binary(frame: &ServerFrame) -> Result<Message, axum::Error> {
    Ok(Message::Binary(Bytes::from(encode(frame).map_err(axum::Error::new)?)))
}

fn text(frame: serde_json::Result<Value>) -> Result<Message, axum::Error> {
    Ok(Message::Text(frame.map_err(axum::Error::new)?.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_frame_is_told_apart() {
        let ping = Message::Binary(Bytes::from(encode(&ClientFrame::Ping(7)).unwrap()));
        assert_eq!(Form::Postcard.read(&ping), Ok(Some(ClientFrame::Ping(7))));
        assert_eq!(Form::Json.read(&Message::Text(r#"{"ping":7}"#.into())), Ok(Some(ClientFrame::Ping(7))));
        assert!(matches!(Form::Json.read(&Message::Text("{".into())), Err(NoFrame::Mistake(_))));
        assert!(matches!(Form::Json.read(&ping), Err(NoFrame::Foreign(_))));
        assert!(matches!(Form::Postcard.read(&Message::Text("{}".into())), Err(NoFrame::Foreign(_))));
        assert_eq!(Form::Json.read(&Message::Close(None)), Ok(None));
    }
}
