//! A server, a device that may connect, strangers that may not, and what is on its way between them.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Duration,
};

use dtls::{Client, ClientOutput, Instant, Output, Server, SessionId, limits};

use crate::{handshakes::Arrives, keys, messages};

pub(crate) const STRANGERS: usize = 3;

/// Datagrams on their way in one direction. Further ones are lost, as in any network.
const ON_THEIR_WAY: usize = 32;

/// How often both ends are asked for more in the end; a handshake takes six flights.
const ROUNDS: usize = 32;

pub(crate) struct World {
    kind: u8,
    now: Instant,
    server: Server,
    device: Client,
    to_server: VecDeque<Vec<u8>>,
    to_device: VecDeque<Vec<u8>>,
    strangers: [Stranger; STRANGERS],
    session: Option<SessionId>,
    /// What the device has sent and the server has not been given yet.
    sent: BTreeMap<Vec<u8>, u32>,
    payloads: u32,
}

#[derive(Default)]
struct Stranger {
    cookie: Vec<u8>,
    /// Whether it has shown that it is where it says it is.
    is_there: bool,
    /// Bytes of the datagram that it sent last, and of all answers to it.
    last: usize,
    answered: usize,
}

impl World {
    pub(crate) fn new(kind: u8) -> Self {
        Self {
            kind,
            now: Instant::from_millis(1_800_000_000_000),
            server: Server::new(keys::server(kind), [1; 32]).expect("a server"),
            device: Client::new(keys::device(kind)).expect("a device"),
            to_server: VecDeque::new(),
            to_device: VecDeque::new(),
            strangers: Default::default(),
            session: None,
            sent: BTreeMap::new(),
            payloads: 0,
        }
    }

    #[cfg(test)]
    pub(crate) fn was_connected(&self) -> bool {
        self.payloads > 0 && self.sent.is_empty()
    }

    pub(crate) fn cookie_of(&self, who: usize) -> Vec<u8> {
        self.strangers[who].cookie.clone()
    }

    pub(crate) fn stranger_says_hello(&mut self, who: usize, datagram: Vec<u8>, with_cookie: bool) {
        self.strangers[who].is_there |= with_cookie;
        self.stranger_sends(who, datagram);
    }

    pub(crate) fn stranger_sends(&mut self, who: usize, mut datagram: Vec<u8>) {
        let stranger = &mut self.strangers[who];
        (stranger.last, stranger.answered) = (datagram.len(), 0);
        self.server.handle_datagram(self.now, stranger_at(who), &mut datagram);
        self.hear_server();
    }

    pub(crate) fn device_connects(&mut self) {
        self.device.connect(self.now);
    }

    pub(crate) fn device_closes(&mut self) {
        self.device.close();
    }

    /// No payload is like another, so that one that comes twice is known.
    pub(crate) fn device_sends(&mut self, length: u8) {
        self.payloads += 1;
        let payload = [&self.payloads.to_be_bytes()[..], &vec![length; length.into()]].concat();
        if self.device.send(&payload).is_ok() {
            self.sent.insert(payload, self.payloads);
        }
    }

    pub(crate) fn server_sends(&mut self, length: u8) {
        if let Some(session) = self.session {
            // There may be none any more, or one whose numbers are used up.
            let _ = self.server.send(session, &vec![length; length.into()]);
        }
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.now = self.now + Duration::from_millis(milliseconds);
        self.server.handle_timeout(self.now);
        self.device.handle_timeout(self.now);
    }

    /// Takes one datagram from its way.
    pub(crate) fn carry(&mut self, to_server: bool, on_its_way: impl FnOnce(Vec<u8>) -> Arrives) {
        let way = if to_server { &mut self.to_server } else { &mut self.to_device };
        let Some(datagram) = way.pop_front() else { return };
        match on_its_way(datagram) {
            Arrives::Whole(all) | Arrives::Changed(all) => {
                all.into_iter().for_each(|datagram| self.deliver(to_server, datagram));
            }
            Arrives::Later(datagram) => way.push_back(datagram),
        }
    }

    fn deliver(&mut self, to_server: bool, mut datagram: Vec<u8>) {
        if to_server {
            self.server.handle_datagram(self.now, device_at(), &mut datagram);
        } else {
            self.device.handle_datagram(self.now, &mut datagram);
        }
        self.settle();
    }

    /// Takes what both ends have to say.
    pub(crate) fn settle(&mut self) {
        self.hear_server();
        while let Some(output) = self.device.poll() {
            if let ClientOutput::Transmit(datagram) = output
                && self.to_server.len() < ON_THEIR_WAY
            {
                self.to_server.push_back(datagram);
            }
        }
    }

    fn hear_server(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { to, datagram } if to == device_at() => {
                    if self.to_device.len() < ON_THEIR_WAY {
                        self.to_device.push_back(datagram);
                    }
                }
                Output::Transmit { to, datagram } => self.answer(to, &datagram),
                Output::Connected { session, from, identity, .. } => {
                    assert_eq!(from, device_at(), "a stranger is connected");
                    assert!(keys::is_device(&identity), "{identity} is connected");
                    self.session = Some(session);
                }
                Output::Data { payload, unproven, .. } => {
                    assert_eq!(unproven, None);
                    assert!(self.sent.remove(&payload).is_some(), "nobody has sent that, or it came before");
                }
                Output::Moved { to, .. } => panic!("the session has gone to {to}"),
                Output::Failed { from, .. } => {
                    // Afterwards an answer is one to something else.
                    if let Some(who) = stranger(from) {
                        self.strangers[who].is_there = true;
                    }
                }
                Output::Closed { session, .. } => self.session = self.session.filter(|own| *own != session),
                Output::Reserve { session } => self.server.reserved(session),
            }
        }
        assert!(self.server.usage().handshakes.used <= STRANGERS + 1);
    }

    /// Who has not shown where it is gets less than it brought (RFC 6347 §4.2.1).
    fn answer(&mut self, to: SocketAddr, datagram: &[u8]) {
        let who = stranger(to).expect("an answer to somebody who is there");
        let stranger = &mut self.strangers[who];
        stranger.answered += datagram.len();
        assert!(stranger.is_there || stranger.answered < stranger.last, "more than it brought");
        assert!(datagram.len() <= limits::HANDSHAKE_DATAGRAM_LENGTH as usize);
        if let Some(cookie) = messages::cookie(datagram) {
            stranger.cookie = cookie.to_vec();
        }
    }

    /// Whatever has come: no handshake is there for ever, and the device connects when nobody disturbs it.
    pub(crate) fn end(&mut self) {
        let until = self.now + limits::HANDSHAKE_LIFETIME;
        while let Some(due) = self.server.poll_timeout() {
            assert!(due <= until, "a handshake that would be there for longer");
            self.now = due.max(self.now);
            self.server.handle_timeout(self.now);
            self.hear_server();
        }
        assert_eq!(self.server.usage().handshakes.used, 0);
        self.to_server.clear();
        self.to_device.clear();
        self.sent.clear();
        self.session = None;
        self.device = Client::new(keys::device(self.kind)).expect("a device");
        self.device.connect(self.now);
        for _ in 0..ROUNDS {
            self.settle();
            self.carry(true, |datagram| Arrives::Whole(vec![datagram]));
            self.carry(false, |datagram| Arrives::Whole(vec![datagram]));
        }
        assert!(self.device.is_connected() && self.session.is_some(), "the device cannot connect any more");
        self.device_sends(1);
        self.settle();
        self.carry(true, |datagram| Arrives::Whole(vec![datagram]));
        assert!(self.sent.is_empty(), "what it sends is lost");
    }
}

fn device_at() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 40_000))
}

fn stranger_at(who: usize) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, 1], [5_000, 5_001, 5_002][who]))
}

fn stranger(at: SocketAddr) -> Option<usize> {
    (0..STRANGERS).find(|who| stranger_at(*who) == at)
}
