//! The WebSocket: postcard frames, one message each way.
//!
//! A console subscribes to what is on its screen. For each topic it first gets a snapshot, then every change
//! after it. When the server had to drop changes for a slow console it says so ([`ServerFrame::Lagged`]) and
//! sends fresh snapshots, so that a missed event is repaired and never shown as truth.

use serde::{Deserialize, Serialize};

use crate::{Client, Observation};

/// Changes whenever the layout of a frame changes: postcard does not describe itself.
pub const PROTOCOL: u16 = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    clippy::large_enum_variant,
    reason = "on some targets; frames are made and taken apart at once, never kept"
)]
pub enum ServerFrame {
    /// Always the first. A console that expects another protocol must reload.
    Hello { protocol: u16, server_version: String, now_ms: u64 },
    /// Snapshot of [`Topic::Fleet`].
    Fleet { clients: Vec<Client> },
    /// Snapshot of [`Topic::Device`]; no client when none is registered under that name.
    Device {
        endpoint: String,
        client: Option<Client>,
        reported: Vec<Reported>,
        observations: Vec<Observation>,
    },
    /// What happened since, oldest first.
    Events { events: Vec<Event> },
    /// Changes were dropped for this console; snapshots of its topics follow.
    Lagged { missed: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame {
    Subscribe(Topic),
    Unsubscribe(Topic),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Topic {
    /// Registrations of all clients.
    Fleet,
    /// Everything about one client, by Endpoint Client Name.
    Device(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Register; also when it replaces an older registration of the same endpoint.
    Registered(Client),
    /// Update.
    Updated(Client),
    Departed {
        id: u32,
        endpoint: String,
        why: Departure,
    },
    Reported(Reported),
    ObservationStarted(Observation),
    ObservationEnded {
        client: u32,
        /// As in the [`Observation`].
        path: String,
        paths: Vec<String>,
        why: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Departure {
    Deregistered,
    Expired,
}

/// A payload that a client sent (or took), untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// [`Client::id`]
    pub client: u32,
    /// Path of the request or observation that the payload belongs to: `/` when it names several itself.
    pub path: String,
    pub source: Source,
    pub content_format: Option<u16>,
    pub payload: Vec<u8>,
    pub at_ms: u64,
    /// Value of the Observe option of a notification.
    pub sequence: Option<u32>,
    pub confirmable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    Read,
    Discover,
    Notify,
    /// The operator wrote it and the client answered 2.04.
    Write,
    ReadComposite,
    /// The operator wrote it and the client answered 2.04.
    WriteComposite,
    /// The client sent it of its own accord.
    Send,
}

/// A frame that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError;

impl core::fmt::Display for FrameError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "not a frame of protocol {PROTOCOL}")
    }
}

impl core::error::Error for FrameError {}

pub fn encode<T: Serialize>(frame: &T) -> Result<Vec<u8>, FrameError> {
    postcard::to_allocvec(frame).map_err(|_| FrameError)
}

/// Reads a frame; bytes after its end are an error.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(bytes) {
        Ok((frame, [])) => Ok(frame),
        _ => Err(FrameError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ObjectEntry, SecurityMode, hex_encode};

    fn client() -> Client {
        Client {
            id: 7,
            endpoint: "urn:x".into(),
            registration_id: "ab".into(),
            address: "127.0.0.1:5".into(),
            security: SecurityMode::NoSec,
            lwm2m_version: "1.1".into(),
            lifetime_s: 300,
            binding: "U".into(),
            queue_mode: false,
            sms_number: None,
            registered_at_ms: 1,
            updated_at_ms: 2,
            expires_at_ms: 300_002,
            root: "/".into(),
            content_formats: vec![11542],
            objects: vec![ObjectEntry { id: 3, version: None, instances: vec![0] }],
            remarks: vec![],
        }
    }

    /// When this fails the layout has changed: raise [`PROTOCOL`], then set the new bytes.
    #[test]
    fn golden_bytes() {
        assert_eq!(PROTOCOL, 2);
        let notify = Event::Reported(Reported {
            client: 7,
            path: "/3303/0/5700".into(),
            source: Source::Notify,
            content_format: Some(11542),
            payload: vec![0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33],
            at_ms: 1000,
            sequence: Some(3),
            confirmable: true,
        });
        let sent = Event::Reported(Reported {
            client: 7,
            path: "/".into(),
            source: Source::Send,
            content_format: Some(112),
            payload: vec![0x80],
            at_ms: 1000,
            sequence: None,
            confirmable: true,
        });
        let observation = |path: &str, paths: &[&str]| Observation {
            client: 7,
            path: path.into(),
            paths: paths.iter().copied().map(String::from).collect(),
            since_ms: 9,
        };
        let started = [observation("/3", &[]), observation("/", &["/1", "/3"])];
        let ended =
            Event::ObservationEnded { client: 7, path: "/".into(), paths: vec!["/1".into()], why: "".into() };
        let observations = started.into_iter().map(Event::ObservationStarted).chain([ended]).collect();
        let frames = [
            encode(&ServerFrame::Hello { protocol: PROTOCOL, server_version: "0".into(), now_ms: 9 }),
            encode(&ServerFrame::Fleet { clients: vec![client()] }),
            encode(&ServerFrame::Events { events: vec![notify] }),
            encode(&ServerFrame::Events { events: vec![sent] }),
            encode(&ServerFrame::Events { events: observations }),
            encode(&ClientFrame::Subscribe(Topic::Device("a".into()))),
        ];
        let hex: Vec<String> = frames.into_iter().map(|f| hex_encode(&f.unwrap())).collect();
        assert_eq!(
            hex,
            [
                "0002013009",
                "01010705\
                 75726e3a78\
                 026162\
                 0b3132372e302e302e313a35\
                 00\
                 03312e31\
                 ac02\
                 0155\
                 00\
                 00\
                 01\
                 02\
                 e2a712\
                 012f\
                 01965a\
                 0103000100\
                 00",
                "0301030\
                 70c2f333330332f302f35373030\
                 02\
                 01965a\
                 07e4164441ab3333\
                 e807\
                 0103\
                 01",
                "0301030\
                 7012f\
                 06\
                 0170\
                 0180\
                 e807\
                 00\
                 01",
                "0303\
                 0407022f330009\
                 0407012f02022f31022f3309\
                 0507012f01022f3100",
                "00010161",
            ]
        );
    }

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&ClientFrame::Subscribe(Topic::Fleet)).unwrap();
        bytes.push(0);
        assert_eq!(decode::<ClientFrame>(&bytes), Err(FrameError));
    }
}
