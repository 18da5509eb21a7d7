//! The secure side of the drive loop: what comes over DTLS sessions reaches the same server role (LwM2M 1.0 TS §7.1).

use std::{net::SocketAddr, sync::Arc};

use console_api::Direction;
use credentials::Server;
use dtls::{HandshakeFailure, Identity, Output};
use lwm2m_core::{Peer, Proven, SessionId};

use super::{
    freshness::{Freshness, Unproven},
    limits,
    open_sessions::Open,
    sessions::{DEVICES, Secure},
    worker::Drive,
};
use crate::credentials::{Change, FailedHandshake};

impl Drive {
    pub(super) fn receive_secure(&mut self, buffer: &mut [u8]) {
        for _ in 0..limits::RECEIVE_BATCH {
            if !self.secure.as_mut().is_some_and(|secure| secure.receive(buffer)) {
                return;
            }
            self.drain_secure();
        }
    }

    pub(super) fn secure_timeout(&mut self) {
        let Some(secure) = &mut self.secure else { return };
        if let Some(change) = secure.handle_timeout() {
            self.credentials_changed(&change);
        }
        self.drain_secure();
    }

    /// An endpoint with a credential cannot register without security, also when there is none to be had.
    pub(super) fn credentials_changed(&mut self, change: &Change) {
        let now = self.clock.now();
        if let Some(secure) = &mut self.secure {
            secure.credentials_changed(change);
        }
        let credentials = Arc::clone(&self.credentials);
        let endpoints = change.endpoints(&credentials.tables(), DEVICES);
        for endpoint in &endpoints {
            let Some(registration) = self.server.registration(endpoint) else { continue };
            if !credentials.still_admits(&registration.identity, endpoint, now.as_millis()) {
                let identity = registration.identity.clone();
                self.server.revoke(now, &Proven { identity, endpoint: endpoint.clone() });
            }
        }
        change.secure(&credentials.tables(), DEVICES, self.server.admission_mut());
        self.drain();
        self.drain_secure();
    }

    pub(super) fn send_secure(&mut self, session: SessionId, datagram: &[u8]) {
        let Some(secure) = &mut self.secure else { return };
        let Some(address) = secure.address(session) else { return };
        // One that cannot be sent is as good as lost on the way, and retransmission deals with that.
        match secure.dtls.send(dtls::SessionId(session.0), datagram) {
            Ok(()) => self.trace(Direction::Sent, Peer::Session(session), address, datagram),
            Err(error) => tracing::debug!(%address, "send: {error}"),
        }
    }

    /// Takes what the DTLS server wants done, and what the role makes of it.
    pub(super) fn drain_secure(&mut self) {
        while let Some(output) = self.secure.as_mut().and_then(|secure| secure.dtls.poll()) {
            match output {
                Output::Transmit { to, datagram } => {
                    let Some(secure) = &self.secure else { return };
                    if let Err(error) = secure.socket.try_send_to(&datagram, to) {
                        tracing::debug!(address = %to, "send: {error}");
                    }
                }
                Output::Connected { session, from, identity, suite, resumed, connection_id } => {
                    let suite = dtls::cipher_suite_name(suite).unwrap_or("another suite");
                    let by_id = connection_id.is_some();
                    tracing::info!(address = %from, %identity, suite, resumed, connection_id = by_id, "connected");
                    self.connected(session, from, &identity, resumed);
                }
                Output::Data { session, payload, unproven } => {
                    self.secure_data(SessionId(session.0), payload, unproven);
                }
                Output::Moved { session, from, to } => {
                    tracing::debug!(session = session.0, %from, %to, "moved");
                    self.moved(SessionId(session.0), to);
                }
                Output::Closed { session, why } => {
                    tracing::debug!(session = session.0, "closed: {why}");
                    self.closed(SessionId(session.0));
                }
                Output::Failed { from, identity, failure } => {
                    self.told.fleet.count_refused();
                    let Some(secure) = &self.secure else { return };
                    let at_ms = self.clock.now().as_millis();
                    secure
                        .handshakes
                        .record(at_ms, failed_handshake(DEVICES, from, identity.as_ref(), &failure));
                }
                Output::Reserve { session } => self.keep_session(session, true),
            }
        }
    }

    fn connected(&mut self, session: dtls::SessionId, from: SocketAddr, identity: &Identity, resumed: bool) {
        let now = self.clock.now();
        let Some(secure) = &mut self.secure else { return };
        // It was admitted a moment ago; in between only an operator can have changed that.
        let Some(open) = secure.opened(now, identity, from) else { return secure.dtls.close(session) };
        let (id, proven) = (SessionId(session.0), open.proven.clone());
        secure.credentials.used(open.credential, now.as_millis());
        secure.open.insert(id, open);
        self.told.fleet.session_at(id, from, None);
        // Before anything that the session brings, so that no registration is stored without it.
        self.keep_session(session, false);
        if resumed {
            self.server.session_resumed(now, id, proven);
        } else {
            self.server.session_opened(id, proven);
        }
        self.drain();
    }

    fn secure_data(&mut self, session: SessionId, payload: Vec<u8>, unproven: Option<u64>) {
        let Some(sequence) = unproven else { return self.give_secure(session, &payload) };
        let now = self.clock.now();
        let Some(secure) = &mut self.secure else { return };
        let Some(open) = secure.open.get_mut(&session) else { return };
        if open.freshness.is_none() {
            let mut random = [0; 4];
            // Without randomness nothing is proven, and the device makes a new handshake in the end.
            if getrandom::fill(&mut random).is_err() {
                return;
            }
            let [a, b, c, d] = random;
            let freshness = Freshness::new([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            let pings: Vec<_> = freshness.pings().collect();
            open.freshness = Some((now, Box::new(freshness)));
            self.ping(session, &pings);
        }
        let Some(open) = self.secure.as_mut().and_then(|secure| secure.open.get_mut(&session)) else {
            return;
        };
        let Some((asked_at, freshness)) = &mut open.freshness else { return };
        let outcome = freshness.handle(sequence, payload);
        match outcome {
            Unproven::Held if now >= *asked_at + limits::PING_AGAIN => {
                *asked_at = now;
                let pings: Vec<_> = freshness.pings().collect();
                self.ping(session, &pings);
            }
            Unproven::Held => {}
            Unproven::Proven { sequence, held } => {
                open.freshness = None;
                if let Some(secure) = &mut self.secure {
                    secure.dtls.freshness_proven(dtls::SessionId(session.0), sequence);
                }
                for payload in held {
                    self.give_secure(session, &payload);
                }
            }
        }
    }

    fn ping(&mut self, session: SessionId, pings: &[Vec<u8>]) {
        for ping in pings {
            self.send_secure(session, ping);
        }
    }

    fn give_secure(&mut self, session: SessionId, payload: &[u8]) {
        let Some(address) = self.secure.as_ref().and_then(|secure| secure.address(session)) else { return };
        let peer = Peer::Session(session);
        self.trace(Direction::Received, peer, address, payload);
        self.server.handle_datagram(self.clock.now(), peer, payload);
        self.drain();
    }

    fn moved(&mut self, session: SessionId, to: SocketAddr) {
        if let Some(open) = self.secure.as_mut().and_then(|secure| secure.open.get_mut(&session)) {
            open.address = to;
        }
        let registered = self.server.registered_at(Peer::Session(session));
        let endpoint = registered.map(|registration| registration.endpoint.clone());
        self.told.fleet.session_at(session, to, endpoint.as_deref());
    }

    fn closed(&mut self, session: SessionId) {
        let Some(secure) = &mut self.secure else { return };
        secure.open.remove(&session);
        self.store.session_ended(session.0);
        self.told.fleet.session_closed(session);
        self.server.session_closed(self.clock.now(), session);
        self.drain();
    }

    /// Stores a session as it is, so that it goes on after a restart.
    fn keep_session(&mut self, session: dtls::SessionId, reserves: bool) {
        let Some(secure) = &mut self.secure else { return };
        match secure.kept(session) {
            Some(kept) => self.store.session(kept, reserves),
            // One that stays with OpenSSL ends with the process, but its number is not given again.
            None => self.store.session_number(session.0),
        }
    }

    /// What waited for it can be sent now.
    pub(super) fn sessions_stored(&mut self, reserved: &[u64]) {
        let Some(secure) = &mut self.secure else { return };
        for session in reserved {
            secure.dtls.reserved(dtls::SessionId(*session));
        }
    }

    /// The sessions as they are now that nothing more is sent or taken.
    pub(super) fn stop_secure(&mut self) {
        let Some(Secure { dtls, open, credentials, .. }) = self.secure.take() else { return };
        for saved in dtls.stop() {
            let Some(open) = open.get(&SessionId(saved.session.0)) else { continue };
            if let Some(kept) = credentials.keep(&saved, open.credential, &open.proven.endpoint) {
                self.store.session(kept, false);
            }
        }
    }
}

impl Open {
    pub(super) fn new(admitted: credentials::Admitted, identity: &Identity, address: SocketAddr) -> Self {
        let proven = crate::credentials::proven(identity, &admitted.endpoint);
        Self { proven, credential: admitted.id, address, freshness: None }
    }
}

pub(super) fn failed_handshake(
    server: Server,
    from: SocketAddr,
    identity: Option<&Identity>,
    failure: &HandshakeFailure,
) -> FailedHandshake {
    let identity = identity.map(|identity| match identity {
        Identity::Psk(identity) => String::from_utf8_lossy(identity).into_owned(),
        other => other.to_string(),
    });
    let stage = match failure {
        HandshakeFailure::Version | HandshakeFailure::NoCommonCipherSuite { .. } => "agreeing on how",
        HandshakeFailure::TooManyHandshakes | HandshakeFailure::Superseded => "beginning",
        HandshakeFailure::TimedOut { .. } => "waiting",
        _ => "proving who it is",
    };
    let (what, advice) = (failure.to_string(), failure.advice().to_owned());
    FailedHandshake { server, from, identity, stage, what, advice }
}

pub(super) fn instant(now: coap::Instant) -> dtls::Instant {
    dtls::Instant::from_millis(now.as_millis())
}
