use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use coap::{Block, Code, Instant, Message, MessageId, MessageType, Options, Token};

use super::super::{Fleet, Output};
use crate::{
    network::{Arrival, Line},
    profile::tests::registry,
    scenario::Scenario,
};

/// A fleet, its clock, and a server that accepts every registration.
pub(super) struct Bench {
    pub(super) fleet: Fleet,
    pub(super) now: Instant,
    /// The last Register of each device.
    pub(super) registers: BTreeMap<u32, Message>,
    pub(super) deregisters: usize,
    /// Requests of all devices.
    pub(super) requests: usize,
    pub(super) notifications: Vec<Message>,
    pub(super) from_device_bytes: usize,
    pub(super) to_device_bytes: usize,
    /// What devices ask of a server with firmware.
    pub(super) downloads: VecDeque<(u32, SocketAddr, Message)>,
    pub(super) downloads_closed: usize,
    responses: VecDeque<Message>,
    message_id: u16,
}

const SERVER: ([u8; 4], u16) = ([127, 0, 0, 1], 5683);

/// CoAP's GET, with this token for all requests of the server.
const TOKEN: [u8; 2] = [0x5e, 0x42];

impl Bench {
    pub(super) fn new(scenario: &str) -> Self {
        let now = Instant::from_millis(1_760_000_000_000);
        let scenario = Scenario::parse(scenario).unwrap();
        let server = SERVER.into();
        Self {
            fleet: Fleet::new(scenario, registry(), server, None, now),
            now,
            registers: BTreeMap::new(),
            deregisters: 0,
            requests: 0,
            notifications: Vec::new(),
            from_device_bytes: 0,
            to_device_bytes: 0,
            downloads: VecDeque::new(),
            downloads_closed: 0,
            responses: VecDeque::new(),
            message_id: 0,
        }
    }

    pub(super) fn registered(scenario: &str) -> Self {
        let mut bench = Self::new(scenario);
        bench.run(Duration::from_secs(1));
        let tally = bench.fleet.tally();
        assert_eq!(tally.registered, tally.devices);
        bench
    }

    /// Lets time pass; how often the fleet wanted to be called.
    pub(super) fn run(&mut self, duration: Duration) -> usize {
        let end = self.now + duration;
        let mut calls = 0;
        self.serve();
        while let Some(due) = self.fleet.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.fleet.handle_timeout(self.now).unwrap();
            self.serve();
            calls += 1;
        }
        self.now = end;
        calls
    }

    pub(super) fn stop(&mut self) {
        self.fleet.stop(self.now);
    }

    pub(super) fn get(&mut self, device: u32, path: &str) -> Message {
        self.ask(device, Code::GET, Options::new().with_path(path), &[])
    }

    /// A value that is there, as text.
    pub(super) fn read(&mut self, device: u32, path: &str) -> String {
        let answer = self.get(device, path);
        assert_eq!(answer.code, Code::CONTENT, "{path}");
        String::from_utf8(answer.payload).unwrap()
    }

    pub(super) fn execute(&mut self, device: u32, path: &str) -> Code {
        self.ask(device, Code::POST, Options::new().with_path(path), &[]).code
    }

    pub(super) fn observe(&mut self, device: u32, path: &str) {
        let answer = self.ask(device, Code::GET, Options::new().with_path(path).with_observe(0), &[]);
        assert_eq!(answer.code, Code::CONTENT);
    }

    /// Writes in blocks of 64 bytes where there is more.
    pub(super) fn write(&mut self, device: u32, path: &str, format: u16, payload: &[u8]) -> Code {
        let options = Options::new().with_path(path).with_content_format(format);
        if payload.len() <= 64 {
            return self.ask(device, Code::PUT, options, payload).code;
        }
        let blocks = payload.chunks(64).count();
        let mut code = Code::EMPTY;
        for (number, block) in payload.chunks(64).enumerate() {
            let num = u32::try_from(number).unwrap();
            let options = options.clone().with_block1(Block { num, more: number + 1 < blocks, szx: 2 });
            code = self.ask(device, Code::PUT, options, block).code;
        }
        code
    }

    pub(super) fn try_get(&mut self, device: u32, path: &str) -> Option<Message> {
        self.try_ask(device, Code::GET, Options::new().with_path(path), &[])
    }

    pub(super) fn ask(&mut self, device: u32, code: Code, options: Options, payload: &[u8]) -> Message {
        self.try_ask(device, code, options, payload).expect("an answer")
    }

    fn try_ask(&mut self, device: u32, code: Code, options: Options, payload: &[u8]) -> Option<Message> {
        self.message_id += 1;
        let request = Message {
            message_type: MessageType::Confirmable,
            code,
            message_id: MessageId(self.message_id),
            token: Token::new(&TOKEN).unwrap(),
            options,
            payload: payload.to_vec(),
        };
        self.deliver(device, Line::Management, &request);
        self.serve();
        self.responses.pop_front()
    }

    pub(super) fn deliver(&mut self, device: u32, line: Line, message: &Message) {
        let datagram = message.encode().unwrap();
        self.to_device_bytes += datagram.len();
        self.fleet.handle(self.now, device, line, SERVER.into(), Arrival::Datagram(&datagram));
    }

    fn serve(&mut self) {
        while let Some(output) = self.fleet.poll() {
            match output {
                Output::LineClosed { .. } => {}
                Output::DownloadClosed { .. } => self.downloads_closed += 1,
                Output::Transmit { device, line, to, datagram } => {
                    self.from_device_bytes += datagram.len();
                    let message = Message::decode(&datagram).unwrap();
                    match line {
                        Line::Download => self.downloads.push_back((device, to, message)),
                        Line::Management => self.serve_one(device, message),
                    }
                }
            }
        }
    }

    fn serve_one(&mut self, device: u32, message: Message) {
        if message.code.is_response() {
            if message.message_type == MessageType::Acknowledgement {
                return self.responses.push_back(message);
            }
            if message.message_type == MessageType::Confirmable {
                let acknowledgement = Message {
                    message_type: MessageType::Acknowledgement,
                    code: Code::EMPTY,
                    token: Token::EMPTY,
                    options: Options::new(),
                    payload: Vec::new(),
                    ..message
                };
                self.deliver(device, Line::Management, &acknowledgement);
            }
            return self.notifications.push(message);
        }
        if !message.code.is_request() {
            return;
        }
        self.requests += 1;
        let segments = message.options.uri_path().unwrap().len();
        let (code, options) = match (message.code, segments) {
            (Code::POST, 1) => (Code::CREATED, Options::new().with_location(&["rd", &device.to_string()])),
            (Code::DELETE, _) => (Code::DELETED, Options::new()),
            _ => (Code::CHANGED, Options::new()),
        };
        self.deregisters += usize::from(code == Code::DELETED);
        let answer = Message {
            message_type: MessageType::Acknowledgement,
            code,
            message_id: message.message_id,
            token: message.token,
            options,
            payload: Vec::new(),
        };
        if code == Code::CREATED {
            self.registers.insert(device, message);
        }
        self.deliver(device, Line::Management, &answer);
    }
}
