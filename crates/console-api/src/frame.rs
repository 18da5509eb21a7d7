//! The WebSocket: postcard frames, one message each way.
//!
//! A console subscribes to what is on its screen. For each topic it first gets a snapshot, then every change
//! after it. When the server had to drop changes for a slow console it says so ([`ServerFrame::Lagged`]) and
//! sends fresh snapshots, so that a missed event is repaired and never shown as truth.

use serde::{Deserialize, Serialize};

use crate::{
    AccessControlRun, ApiError, BootstrapConversation, BootstrapView, BootstrapWindow, Client, Command,
    CommandView, CommandWindow, Departure, FleetView, Label, Observation, Trace,
};

/// Changes whenever the layout of a frame changes: postcard does not describe itself.
pub const PROTOCOL: u16 = 6;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "on some targets; frames are made and taken apart at once, never kept"
)]
pub enum ServerFrame {
    /// Always the first. A console that expects another protocol must reload.
    Hello {
        protocol: u16,
        server_version: String,
        now_ms: u64,
        /// Another one after every start of the server: what [`ClientFrame::Resume`] gives back.
        run: u64,
    },
    /// Answers [`ClientFrame::Resume`] when nothing was missed that is not still there: it follows as events.
    /// Otherwise there are snapshots.
    Resumed,
    /// Snapshot of [`Topic::Fleet`], and again when other clients belong there.
    Fleet(FleetWindow),
    /// Snapshot of [`Topic::Device`].
    Device(DeviceSnapshot),
    /// What happened since, oldest first.
    Events {
        /// Every event has a number: this console has been told all that concerns it up to this one.
        seq: u64,
        events: Vec<Event>,
    },
    /// Changes were dropped for this console; snapshots of its topics follow.
    Lagged { missed: u64 },
    /// [`Topic::Trace`]: first what is there, then what comes. Those that came too fast to be told are `missed`.
    Trace(Trace),
    /// Answers [`ClientFrame::Ping`].
    Pong { ping: u64, now_ms: u64 },
    /// A frame of the console asked for something that is not possible.
    Refused(ApiError),
    /// [`Topic::Commands`]: at first, and again when one of them has changed or others belong there.
    Commands(CommandWindow),
    /// [`Topic::BootstrapSessions`]: at first, and again when one of them has changed or others belong there.
    BootstrapSessions(BootstrapWindow),
    /// [`Topic::BootstrapSession`]: at first, and again with every step. None when there is no such session.
    BootstrapSession { id: u64, conversation: Option<BootstrapConversation> },
    /// [`Topic::AccessControlRun`]: at first, and again whenever it gets on. None when there is no such run.
    AccessControlRun { id: u64, run: Option<AccessControlRun> },
}

/// The clients of a [`FleetView`]. Events of these clients follow, and of no others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetWindow {
    pub view: FleetView,
    pub seq: u64,
    /// Clients that match the query.
    pub matching: u32,
    /// Clients that are known, registered or not.
    pub known: u32,
    /// From row `view.offset` on.
    pub clients: Vec<Client>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceSnapshot {
    pub endpoint: String,
    pub seq: u64,
    /// None when nothing is known of a client of that name.
    pub client: Option<Client>,
    /// Given by operators.
    pub notes: String,
    pub reported: Vec<Reported>,
    pub observations: Vec<Observation>,
    /// All that are not over, and the newest that are; oldest first.
    pub commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientFrame {
    /// Also a second time, with another view or filter.
    Subscribe(Topic),
    /// View and filter of the topic do not matter.
    Unsubscribe(Topic),
    /// Subscribes anew after the connection was lost.
    Resume {
        /// As the Hello of that connection had it.
        run: u64,
        /// The last one that the console has seen.
        seq: u64,
        topics: Vec<Topic>,
    },
    /// To see that the connection stands; any number.
    Ping(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The part of the fleet that is on the screen.
    Fleet(FleetView),
    /// Everything about one client, by Endpoint Client Name.
    Device(String),
    /// Datagrams of all clients, or of one.
    Trace(Option<String>),
    /// The part of the commands that is on the screen.
    Commands(CommandView),
    /// The part of the bootstrap sessions that is on the screen.
    BootstrapSessions(BootstrapView),
    /// One bootstrap session, message by message.
    BootstrapSession(u64),
    /// One run that changes the access control of devices.
    AccessControlRun(u64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Register; also when it replaces an older registration of the same endpoint.
    Registered(Client),
    /// Update. To a fleet window also when something else in a row has changed.
    Updated(Client),
    Departed {
        id: u32,
        endpoint: String,
        why: Departure,
        at_ms: u64,
    },
    /// An operator had everything about the client removed.
    Forgotten {
        id: u32,
        endpoint: String,
    },
    Labelled {
        id: u32,
        endpoint: String,
        label: Label,
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
    /// Object definitions were added or removed: those at hand are outdated.
    ObjectsChanged,
    /// A client in queue mode was heard, so that it takes requests until then.
    Awake {
        id: u32,
        until_ms: u64,
    },
    /// A client in queue mode was not heard for so long that it is taken for asleep: its commands wait.
    Asleep {
        id: u32,
        since_ms: u64,
    },
    /// A command was accepted or has reached another state; so many of its client wait to be sent now.
    Command {
        client: u32,
        queued: u32,
        command: Command,
    },
}

/// A payload that a client sent (or took), untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reported {
    /// [`Client::id`]
    pub client: u32,
    /// Path of the request or observation that the payload belongs to: `/` when it names several itself.
    pub path: String,
    pub source: Source,
    pub content_format: Option<u16>,
    #[serde(rename = "payload_hex", with = "crate::hex::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payload: Vec<u8>,
    pub at_ms: u64,
    /// Value of the Observe option of a notification.
    pub sequence: Option<u32>,
    pub confirmable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
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
    use crate::{
        AccessControlDeviceState, AccessControlInstance, AccessControlRunCounts, AccessControlRunDevice,
        AccessControlRunState, BootstrapBeginning, BootstrapConfigurationName, BootstrapFailure,
        BootstrapOperation, BootstrapSession, BootstrapSessionQuery, BootstrapSpeaker, BootstrapState,
        BootstrapStep, ClientQuery, CommandAnswer, CommandQuery, CommandState, Content, Departed, Direction,
        ObjectEntry, Operation, PlannedWrite, Queue, SecurityMode, SortBy, Status, StatusFilter, TraceRecord,
        hex_encode,
    };

    fn client() -> Client {
        Client {
            id: 7,
            endpoint: "urn:x".into(),
            name: Some("n".into()),
            tags: vec!["t".into()],
            status: Status::Expired,
            registration_id: "ab".into(),
            address: "127.0.0.1:5".into(),
            security: SecurityMode::NoSec,
            lwm2m_version: "1.1".into(),
            lifetime_s: 300,
            binding: "U".into(),
            queue_mode: false,
            queue: Queue { awake: false, until_ms: Some(5), queued: 2, awake_s: Some(30) },
            sms_number: None,
            registered_at_ms: 1,
            updated_at_ms: 2,
            heard_at_ms: 3,
            expires_at_ms: 300_002,
            departed: Some(Departed { why: Departure::Expired, at_ms: 300_002 }),
            root: "/".into(),
            content_formats: vec![11542],
            objects: vec![ObjectEntry { id: 3, version: None, instances: vec![0] }],
            observation_count: 1,
            latest: None,
            remarks: vec![],
        }
    }

    fn reported(path: &str, source: Source) -> Reported {
        Reported {
            client: 7,
            path: path.into(),
            source,
            content_format: Some(11542),
            payload: vec![0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33],
            at_ms: 1000,
            sequence: Some(3),
            confirmable: true,
        }
    }

    fn view() -> FleetView {
        let query = ClientQuery {
            text: "/3".into(),
            status: StatusFilter::Any,
            object: Some(3),
            tag: Some("t".into()),
            queued: true,
            sort: SortBy::Heard,
            descending: true,
            ..ClientQuery::default()
        };
        FleetView { query, offset: 2, limit: 3 }
    }

    fn observation(path: &str, paths: &[&str]) -> Observation {
        Observation {
            client: 7,
            path: path.into(),
            paths: paths.iter().copied().map(String::from).collect(),
            since_ms: 9,
        }
    }

    fn command() -> Command {
        Command {
            id: 300,
            endpoint: "a".into(),
            op: Operation::Write,
            path: "/3/0/15".into(),
            paths: vec![],
            arguments: None,
            content: Some(Content::new(Some(0), b"x")),
            force: false,
            author: "REST".into(),
            created_at_ms: 1,
            deadline_ms: 2,
            timeout_ms: 3,
            attempts: 1,
            state: CommandState::Answered,
            changed_at_ms: 4,
            answer: Some(CommandAnswer {
                code: "2.04".into(),
                content: Content::default(),
                location: None,
                block: None,
            }),
            error: None,
            advice: None,
        }
    }

    fn commands() -> CommandWindow {
        let query = CommandQuery { state: Some(CommandState::Expired), ..CommandQuery::default() };
        let view = CommandView { query, offset: 1, limit: 2 };
        CommandWindow { view, matching: 3, open: 4, commands: vec![command()] }
    }

    fn events() -> Vec<Event> {
        let (id, endpoint) = (7, "a".to_owned());
        let label = Label { name: None, tags: vec!["t".into()], notes: "n".into() };
        vec![
            Event::Departed { id, endpoint: endpoint.clone(), why: Departure::Deregistered, at_ms: 1 },
            Event::Forgotten { id, endpoint: endpoint.clone() },
            Event::Labelled { id, endpoint, label },
            Event::Reported(reported("/", Source::Send)),
            Event::ObservationStarted(observation("/", &["/1", "/3"])),
            Event::ObservationEnded {
                client: 7,
                path: "/".into(),
                paths: vec!["/1".into()],
                why: "w".into(),
            },
            Event::ObjectsChanged,
            Event::Awake { id: 7, until_ms: 300 },
            Event::Asleep { id: 7, since_ms: 301 },
            Event::Command { client: 7, queued: 1, command: command() },
        ]
    }

    fn snapshot() -> DeviceSnapshot {
        DeviceSnapshot {
            endpoint: "a".into(),
            seq: 300,
            client: None,
            notes: "n".into(),
            reported: vec![reported("/3303/0/5700", Source::Notify)],
            observations: vec![observation("/3", &[])],
            commands: vec![command()],
        }
    }

    fn trace() -> Trace {
        let record = TraceRecord {
            seq: 1,
            at_ms: 2,
            endpoint: None,
            peer: "p".into(),
            direction: Direction::Sent,
            datagram: vec![0x40, 1, 0, 1],
        };
        Trace { records: vec![record], missed: 5 }
    }

    fn bootstrap_window() -> BootstrapWindow {
        let query =
            BootstrapSessionQuery { endpoint: None, state: Some(BootstrapState::Failed), text: "t".into() };
        let view = BootstrapView { query, offset: 1, limit: 2 };
        BootstrapWindow { view, matching: 3, running: 4, sessions: vec![bootstrap_conversation().session] }
    }

    fn bootstrap_conversation() -> BootstrapConversation {
        let session = BootstrapSession {
            id: 300,
            endpoint: "a".into(),
            address: "p".into(),
            security_mode: Some(SecurityMode::Psk),
            begun_by: BootstrapBeginning::Client,
            state: BootstrapState::Failed,
            started_at_ms: 1,
            ended_at_ms: Some(2),
            configuration: Some(BootstrapConfigurationName { id: 1, name: "c".into(), version: 2 }),
            short_server_ids: vec![101],
            steps: 1,
            failure: Some(BootstrapFailure { step: Some(0), what: "w".into(), advice: "v".into() }),
            registered_at_ms: None,
            attempts: 2,
            first_at_ms: Some(1),
        };
        let step = BootstrapStep {
            at_ms: 1,
            from: BootstrapSpeaker::Server,
            operation: BootstrapOperation::Write,
            code: "PUT".into(),
            path: "/0/0".into(),
            query: String::new(),
            content_format: Some(11_542),
            payload: vec![0xc3, 5, 0],
            masked: vec!["/0/0/5".into()],
            failed: true,
            remark: "r".into(),
        };
        BootstrapConversation { session, steps: vec![step] }
    }

    fn access_control_run() -> AccessControlRun {
        let write = PlannedWrite { path: "/2/0/3".into(), content_format: 0, payload_hex: "313032".into() };
        let device = AccessControlRunDevice {
            endpoint: "a".into(),
            state: AccessControlDeviceState::Stopped,
            writes: vec![write],
            written: 0,
            why: Some("w".into()),
            undo: vec![AccessControlInstance {
                id: 0,
                object: 3,
                object_instance: 0,
                owner: 101,
                acl: [(102, 1)].into(),
            }],
            at_ms: 3,
        };
        AccessControlRun {
            id: 300,
            state: AccessControlRunState::Applying,
            about: "t".into(),
            author: "REST".into(),
            begun_at_ms: 1,
            ended_at_ms: None,
            total: 2,
            counts: AccessControlRunCounts { waiting: 1, stopped: 1, ..Default::default() },
            written: 0,
            writes: 1,
            latest: vec![device],
        }
    }

    /// When this fails the layout has changed: raise [`PROTOCOL`], then set the new bytes.
    #[test]
    fn golden_bytes() {
        assert_eq!(PROTOCOL, 6);
        let refused = ApiError { code: "c".into(), message: "m".into(), details: None };
        let window = FleetWindow { view: view(), seq: 300, matching: 4, known: 5, clients: vec![client()] };
        let frames = [
            encode(&ServerFrame::Hello {
                protocol: PROTOCOL,
                server_version: "0".into(),
                now_ms: 9,
                run: 300,
            }),
            encode(&ServerFrame::Resumed),
            encode(&ServerFrame::Fleet(window)),
            encode(&ServerFrame::Device(snapshot())),
            encode(&ServerFrame::Events { seq: 300, events: events() }),
            encode(&ServerFrame::Lagged { missed: 1 }),
            encode(&ServerFrame::Trace(trace())),
            encode(&ServerFrame::Pong { ping: 1, now_ms: 2 }),
            encode(&ServerFrame::Refused(refused)),
            encode(&ServerFrame::Commands(commands())),
            encode(&ServerFrame::BootstrapSessions(bootstrap_window())),
            encode(&ServerFrame::BootstrapSession { id: 300, conversation: Some(bootstrap_conversation()) }),
            encode(&ServerFrame::AccessControlRun { id: 300, run: Some(access_control_run()) }),
            encode(&ClientFrame::Subscribe(Topic::Fleet(view()))),
            encode(&ClientFrame::Unsubscribe(Topic::Trace(None))),
            encode(&ClientFrame::Resume { run: 300, seq: 2, topics: vec![Topic::Device("a".into())] }),
            encode(&ClientFrame::Ping(1)),
            encode(&ClientFrame::Subscribe(Topic::Commands(commands().view))),
            encode(&ClientFrame::Subscribe(Topic::BootstrapSessions(bootstrap_window().view))),
            encode(&ClientFrame::Subscribe(Topic::BootstrapSession(300))),
            encode(&ClientFrame::Subscribe(Topic::AccessControlRun(300))),
        ];
        let hex: Vec<String> = frames.into_iter().map(|f| hex_encode(&f.unwrap())).collect();
        assert_eq!(
            hex,
            [
                "0006013009ac02",
                "01",
                "02022f330601030000000101740109010203ac02040501070575726e3a7801016e01017402026162\
                 0b3132372e302e302e313a350003312e31ac0201550000010502011e00010203e2a7120101e2a712\
                 012f01965a0103000100010000",
                "030161ac0200016e01070c2f333330332f302f353730300201965a07e4164441ab3333e807010301\
                 0107022f33000901ac02016102072f332f302f313500000101000101780004524553540102030102\
                 040104322e303400000000000000",
                "04ac020a020701610001030701610407016100010174016e0507012f0601965a07e4164441ab3333\
                 e8070103010607012f02022f31022f33090707012f01022f310177080907ac020a07ad020b0701ac\
                 02016102072f332f302f313500000101000101780004524553540102030102040104322e30340000\
                 0000000000",
                "0501",
                "0601010200017001044001000105",
                "070102",
                "080163016d00",
                "09000104000102030401ac02016102072f332f302f31350000010100010178000452455354010203\
                 0102040104322e303400000000000000",
                "0a00010201740102030401ac02016101700101000201010201010163020165010101000177017600020101",
                "0bac0201ac0201610170010100020101020101016302016501010100017701760002010101010103\
                 03505554042f302f300001965a03c3050001062f302f302f35010172",
                "0cac0201ac0202017404524553540100020100000000010000010101610501062f322f302f330006\
                 33313330333200010177010003006501660103",
                "0000022f330601030000000101740109010203",
                "010200",
                "02ac020201010161",
                "0301",
                "0003000104000102",
                "000400010201740102",
                "0005ac02",
                "0006ac02",
            ]
        );
    }

    #[test]
    fn every_frame_is_read_back() {
        let frames = [
            ServerFrame::Device(snapshot()),
            ServerFrame::Events { seq: 300, events: events() },
            ServerFrame::Commands(commands()),
            ServerFrame::BootstrapSessions(bootstrap_window()),
            ServerFrame::BootstrapSession { id: 300, conversation: Some(bootstrap_conversation()) },
            ServerFrame::AccessControlRun { id: 300, run: Some(access_control_run()) },
        ];
        for frame in frames {
            assert_eq!(decode::<ServerFrame>(&encode(&frame).unwrap()), Ok(frame));
        }
    }

    #[test]
    fn the_json_form_is_what_the_documentation_shows() {
        let json = |frame: &ServerFrame| serde_json::to_string(frame).unwrap();
        let events =
            ServerFrame::Events { seq: 8, events: vec![Event::Reported(reported("/3", Source::Notify))] };
        assert_eq!(
            json(&events),
            r#"{"events":{"seq":8,"events":[{"reported":{"client":7,"path":"/3","source":"notify","content_format":11542,"payload_hex":"e4164441ab3333","at_ms":1000,"sequence":3,"confirmable":true}}]}}"#
        );
        assert_eq!(serde_json::from_str::<ServerFrame>(&json(&events)).unwrap(), events);
        assert_eq!(json(&ServerFrame::Resumed), r#""resumed""#);
        let subscribe = |text: &str| serde_json::from_str::<ClientFrame>(text).unwrap();
        assert_eq!(
            subscribe(r#"{"subscribe":{"device":"urn:x"}}"#),
            ClientFrame::Subscribe(Topic::Device("urn:x".into()))
        );
        assert_eq!(
            subscribe(r#"{"subscribe":{"fleet":{"limit":10}}}"#),
            ClientFrame::Subscribe(Topic::Fleet(FleetView { limit: 10, ..FleetView::default() }))
        );
        assert_eq!(subscribe(r#"{"subscribe":{"trace":null}}"#), ClientFrame::Subscribe(Topic::Trace(None)));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&ClientFrame::Ping(1)).unwrap();
        bytes.push(0);
        assert_eq!(decode::<ClientFrame>(&bytes), Err(FrameError));
    }
}
