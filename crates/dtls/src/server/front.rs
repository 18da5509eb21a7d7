//! The first message of a stranger: answered without any state, until a cookie shows that it can be reached where it
//! says it is (RFC 6347 §4.2.1).

use std::net::SocketAddr;

use dtls_record::{ClientHello, ConnectionId, Record, Role, hello_verify_request};
use openssl::ssl::Ssl;
use rand_core::RngCore as _;

use super::{CONNECTION_ID_LENGTH, Server, handshakes::UnderWay, is_handshake};
use crate::{
    failure::HandshakeFailure, ffi, handshake::Handshake, limits, notes::Notes, output::Output, suites,
    time::Instant,
};

impl Server {
    /// Whether this is a ClientHello that does not belong to the handshake under way at its address.
    pub(super) fn is_hello_of_stranger(&self, from: SocketAddr, header: &Record, record: &[u8]) -> bool {
        let hello = is_handshake(header).then(|| ClientHello::parse(&record[header.fragment.clone()]));
        let Some(Ok(hello)) = hello else { return false };
        self.handshakes.hello(from) != Some(beginning(&hello)) || hello.cookie.is_empty()
    }

    pub(super) fn hello(&mut self, now: Instant, from: SocketAddr, header: &Record, record: &mut [u8]) {
        let Ok(hello) = ClientHello::parse(&record[header.fragment.clone()]) else { return };
        self.change_cookies(now);
        if hello.cookie.is_empty() || !self.cookies.verify(from, &hello) {
            let cookie = self.cookies.cookie(from, &hello);
            let datagram = hello_verify_request(header.sequence, &cookie).to_vec();
            return self.outputs.push_back(Output::Transmit { to: from, datagram });
        }
        let session = self.sessions.at(from).and_then(|id| self.sessions.entry(id));
        if session.is_some_and(|session| session.hello == beginning(&hello)) {
            // A late copy of what has led to the session.
            return;
        }
        if !self.sources.admit(now, from.ip()) {
            self.reached.sources += 1;
            return;
        }
        if let Some(before) = self.handshakes.remove(from) {
            self.failed(from, &before.handshake, HandshakeFailure::Superseded);
        }
        if !self.make_room(now) {
            return;
        }
        let ours = self.fresh_connection_id(&hello);
        let Ok(mut ssl) = Ssl::new(self.contexts.choose(&hello)) else { return };
        if self.config.cbc && self.sessions.whole() >= limits::WHOLE_SESSIONS {
            // Failing leaves the longer list, and the limit is looked at again in the end.
            let _ = ffi::set_cipher_list(&mut ssl, &suites::openssl_list(|suite| !suites::is_cbc(suite)));
        }
        let offered = hello.cipher_suites().collect();
        let hello = beginning(&hello);
        let notes = Notes { our_connection_id: ours, ..Notes::default() };
        let begun = Handshake::new(Role::Server, ssl, notes, now, Some((record, offered)));
        let Some(mut handshake) = begun else { return };
        let mut out = Vec::new();
        let step = handshake.begin(now, &mut out);
        self.transmit(from, out);
        self.settle(now, from, UnderWay { handshake: Box::new(handshake), hello, connection_id: ours }, step);
    }

    /// Two secrets count, so that a cookie is good for at least the lifetime of one.
    fn change_cookies(&mut self, now: Instant) {
        if now >= self.cookies_since + limits::COOKIE_SECRET_LIFETIME {
            let mut secret = [0; 32];
            self.random.fill_bytes(&mut secret);
            self.cookies.rotate(secret);
            self.cookies_since = now;
        }
    }

    /// Whether one more handshake can be under way.
    fn make_room(&mut self, now: Instant) -> bool {
        if self.handshakes.len() < limits::HANDSHAKES {
            return true;
        }
        self.reached.handshakes += 1;
        let Some((from, oldest)) = self.handshakes.take_older_than(now, limits::HANDSHAKE_PROTECTED) else {
            return false;
        };
        self.failed(from, &oldest.handshake, HandshakeFailure::TooManyHandshakes);
        true
    }

    fn fresh_connection_id(&mut self, hello: &ClientHello<'_>) -> Option<ConnectionId> {
        let prefix = self.config.connection_id_prefix?;
        hello.connection_id()?;
        loop {
            let mut bytes = [0; CONNECTION_ID_LENGTH];
            self.random.fill_bytes(&mut bytes);
            bytes[..prefix.len()].copy_from_slice(&prefix);
            let id = ConnectionId::new(&bytes)?;
            if self.sessions.with(&id).is_none() && !self.handshakes.uses(&id) {
                return Some(id);
            }
        }
    }
}

/// Tells one attempt of a client from another one.
fn beginning(hello: &ClientHello<'_>) -> u64 {
    hello.random.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
