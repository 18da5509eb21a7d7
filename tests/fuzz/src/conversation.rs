//! What comes from the other end, and when.

use coap::{Block, Code, Instant, Message, MessageId, MessageType, Options, Token};

use crate::script::Script;

/// Steps of one script.
pub(crate) const STEPS_MAX: usize = 256;

/// How often something may be due without an input, in the longest pause.
const DUE_MAX: usize = 10_000;

const START: Instant = Instant::from_millis(1_760_000_000_000);

const METHODS: [Code; 7] =
    [Code::GET, Code::POST, Code::PUT, Code::DELETE, Code::FETCH, Code::PATCH, Code::IPATCH];
const FORMATS: [u16; 10] = [0, 40, 42, 60, 110, 112, 11542, 11543, 11544, 9];
const TYPES: [MessageType; 4] =
    [MessageType::Confirmable, MessageType::NonConfirmable, MessageType::Acknowledgement, MessageType::Reset];

/// The clock, and what was sent.
pub(crate) struct Conversation {
    pub(crate) now: Instant,
    /// The newest messages of the end under test, to be answered.
    sent: Vec<Message>,
    message_id: u16,
}

impl Conversation {
    pub(crate) const fn new() -> Self {
        Self { now: START, sent: Vec::new(), message_id: 0 }
    }

    /// Whatever is sent is a message.
    pub(crate) fn sent(&mut self, datagram: &[u8]) {
        const KEPT: usize = 8;
        let message =
            Message::decode(datagram).unwrap_or_else(|error| panic!("sent {datagram:02x?}: {error}"));
        if self.sent.len() == KEPT {
            self.sent.remove(0);
        }
        self.sent.push(message);
    }

    pub(crate) fn last_sent(&self) -> Option<&Message> {
        self.sent.last()
    }

    /// Bytes of any kind, an answer to what was sent, or a request for one of `paths`.
    pub(crate) fn datagram(&mut self, script: &mut Script, paths: &[&str]) -> Vec<u8> {
        match script.byte() % 4 {
            0 => {
                let length = script.byte().into();
                script.bytes(length).to_vec()
            }
            1 if !self.sent.is_empty() => self.reply(script),
            _ => self.request(script, paths),
        }
    }

    fn reply(&self, script: &mut Script) -> Vec<u8> {
        let back = usize::from(script.byte()) % self.sent.len();
        let sent = &self.sent[self.sent.len() - 1 - back];
        let message_type = script.one_of(&TYPES);
        let code =
            script.one_of(&[Code::EMPTY, Code::CREATED, Code::CHANGED, Code::CONTENT, Code::NOT_FOUND]);
        let code = if script.byte() == 0xFF { Code::from_byte(script.byte()) } else { code };
        let empty = code == Code::EMPTY;
        let options = if empty { Options::new() } else { options(script, Options::new()) };
        let message = Message {
            message_type,
            code,
            message_id: sent.message_id,
            token: if empty { Token::EMPTY } else { sent.token },
            options,
            payload: if empty { Vec::new() } else { payload(script) },
        };
        message.encode().unwrap_or_default()
    }

    fn request(&mut self, script: &mut Script, paths: &[&str]) -> Vec<u8> {
        // Now and then the id of before, as in a retransmission.
        if !script.byte().is_multiple_of(8) {
            self.message_id = self.message_id.wrapping_add(1);
        }
        let path = Options::new().with_path(script.one_of(paths));
        let message = Message {
            message_type: script.one_of(&TYPES[..2]),
            code: script.one_of(&METHODS),
            message_id: MessageId(self.message_id),
            token: Token::new(&[script.byte() % 4]).unwrap_or(Token::EMPTY),
            options: options(script, path),
            payload: payload(script),
        };
        message.encode().unwrap_or_default()
    }

    /// Lets time pass; `handle` is called whenever something is due, and gives when that is next.
    pub(crate) fn pass(
        &mut self,
        script: &mut Script,
        mut handle: impl FnMut(&mut Self) -> Option<Instant>,
        first: Option<Instant>,
    ) {
        let pause_ms = script.one_of(&[0, 1, 50, 1_000, 3_000, 20_000, 100_000, 1_000_000]);
        let end = Instant::from_millis(self.now.as_millis() + pause_ms);
        let mut next = first;
        for _ in 0..DUE_MAX {
            let Some(due) = next.filter(|due| *due <= end) else {
                self.now = end;
                return;
            };
            self.now = due.max(self.now);
            next = handle(self);
        }
        panic!("due again and again, at {:?}", self.now);
    }
}

fn options(script: &mut Script, mut options: Options) -> Options {
    for _ in 0..script.byte() % 4 {
        options = match script.byte() % 8 {
            0 => options.with_observe(u32::from(script.byte())),
            1 => options.with_accept(script.one_of(&FORMATS)),
            2 => options.with_content_format(script.one_of(&FORMATS)),
            3 => options.with_block1(block(script)),
            4 => options.with_block2(block(script)),
            5 => options.with_query(query(script)),
            6 => options.with_location(&["rd", "a"]),
            _ => {
                let (number, length) = (u16::from(script.byte()) << 3 | 1, script.byte() % 9);
                options.with(number, script.bytes(length.into()))
            }
        };
    }
    options
}

fn query<'a>(script: &mut Script) -> &'a str {
    script.one_of(&[
        "ep=a",
        "ep=b",
        "lt=60",
        "lt=1",
        "lwm2m=1.0",
        "lwm2m=1.1",
        "lwm2m=1.2",
        "b=U",
        "Q",
        "pmin=1",
        "pmax=5",
        "gt=1",
        "st=0.5",
        "pmax",
        "depth=2",
        "epmin=1",
        "con=1",
    ])
}

fn block(script: &mut Script) -> Block {
    let byte = script.byte();
    Block { num: u32::from(byte >> 4), more: byte & 8 != 0, szx: byte & 7 }
}

/// Bytes of the script, or a length that is worth a block.
fn payload(script: &mut Script) -> Vec<u8> {
    match script.byte() {
        length @ 0..=127 => script.bytes(length.into()).to_vec(),
        length => vec![b'0'; usize::from(length - 128) * 16],
    }
}
