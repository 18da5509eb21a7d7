//! The secure side of the Bootstrap-Server: its sessions are its own, and end with the process.

use std::net::SocketAddr;

use console_api::SecurityMode;
use credentials::{Admitted, NotAdmitted, limits::IDENTITY_BYTES};
use dtls::{HandshakeFailure, Identity, Output};
use lwm2m_core::{
    Peer, SessionId,
    bootstrap_server::{Beginning, Failure},
};

use super::{
    bootstrap::{BOOTSTRAP, Begun, Drive, Notice},
    limits,
    secure::failed_handshake,
};

impl Drive {
    pub(super) fn receive_secure(&mut self, buffer: &mut [u8]) {
        for _ in 0..limits::RECEIVE_BATCH {
            if !self.secure.as_mut().is_some_and(|secure| secure.receive(buffer)) {
                return;
            }
            self.drain();
        }
    }

    pub(super) fn send_secure(&mut self, session: SessionId, datagram: &[u8]) {
        let Some(secure) = &mut self.secure else { return };
        // One that cannot be sent is as good as lost on the way, and retransmission deals with that.
        if let Err(error) = secure.dtls.send(dtls::SessionId(session.0), datagram) {
            tracing::debug!(session = session.0, "send: {error}");
        }
    }

    /// Does what the DTLS server wants done. Whether there was anything.
    pub(super) fn drain_secure(&mut self) -> bool {
        let mut any = false;
        while let Some(output) = self.secure.as_mut().and_then(|secure| secure.dtls.poll()) {
            any = true;
            self.perform_secure(output);
        }
        any
    }

    fn perform_secure(&mut self, output: Output) {
        let now = self.clock.now();
        let Some(secure) = &mut self.secure else { return };
        match output {
            Output::Transmit { to, datagram } => {
                if let Err(error) = secure.socket.try_send_to(&datagram, to) {
                    tracing::debug!(address = %to, "send: {error}");
                }
            }
            Output::Connected { session, from, identity, suite, .. } => {
                let suite = dtls::cipher_suite_name(suite).unwrap_or("another suite");
                tracing::info!(address = %from, %identity, suite, "connected to bootstrap");
                // It was admitted a moment ago; in between only an operator can have changed that.
                let Some(open) = secure.opened(now, &identity, from) else {
                    return secure.dtls.close(session);
                };
                let (id, proven) = (SessionId(session.0), open.proven.clone());
                secure.credentials.used(open.credential, now.as_millis());
                secure.open.insert(id, open);
                self.role.session_opened(id, proven);
            }
            // No session is from before a crash, so that all of them are proven.
            Output::Data { session, payload, .. } => {
                self.role.handle_datagram(now, Peer::Session(SessionId(session.0)), &payload);
            }
            Output::Moved { session, to, .. } => {
                if let Some(open) = secure.open.get_mut(&SessionId(session.0)) {
                    open.address = to;
                }
            }
            Output::Closed { session, why } => {
                tracing::debug!(session = session.0, "closed: {why}");
                secure.open.remove(&SessionId(session.0));
                self.role.session_closed(now, SessionId(session.0));
            }
            Output::Failed { from, identity, failure } => {
                let handshake = failed_handshake(BOOTSTRAP, from, identity.as_ref(), &failure);
                secure.handshakes.record(now.as_millis(), handshake);
                self.fleet.count_refused();
                self.tell_not_connected(from, identity.as_ref(), &failure);
            }
            // Its keys are not stored, so that no other process can use its numbers again.
            Output::Reserve { session } => secure.dtls.reserved(session),
        }
    }

    /// Why a device does not come through is to be seen where the sessions are.
    fn tell_not_connected(
        &mut self,
        from: SocketAddr,
        identity: Option<&Identity>,
        failure: &HandshakeFailure,
    ) {
        use HandshakeFailure::{Superseded, TooManyHandshakes, TooManyWholeSessions};
        // Not about the device, which comes again or has done so.
        if matches!(failure, Superseded | TooManyHandshakes | TooManyWholeSessions) {
            return;
        }
        let now = self.clock.now();
        let endpoint = self.endpoint_shown(from, identity);
        let what = format!("it could not connect: {failure}");
        let Some((session, attempt)) = self.role.not_connected(now, &endpoint, &what) else { return };
        let security = identity.map(|identity| match identity {
            Identity::Psk(_) => SecurityMode::Psk,
            Identity::RawPublicKey(_) => SecurityMode::RawPublicKey,
            Identity::Certificate(_) => SecurityMode::Certificate,
        });
        let (address, begun_by) = (Some(from), Beginning::Client);
        let begun = Begun { endpoint, address, security, begun_by, at: now, attempt, first_step: 0 };
        self.untold.push(Notice::Begun { session, begun });
        let advice = failure.advice().to_owned();
        let result = Err(Failure { step: None, what, advice, interrupted: false });
        self.untold.push(Notice::Ended { session, at: now, result });
    }

    /// The endpoint whose credential a device has shown, else what it has shown itself, else where it is.
    fn endpoint_shown(&self, from: SocketAddr, identity: Option<&Identity>) -> String {
        let Some(identity) = identity else { return from.ip().to_string() };
        let admitted = self.credentials.admits(BOOTSTRAP, identity, self.clock.now().as_millis());
        match (admitted, identity) {
            (Ok(Admitted { endpoint, .. }) | Err(NotAdmitted::Revoked { endpoint, .. }), _) => endpoint,
            (Err(NotAdmitted::Unknown), Identity::Psk(identity)) => {
                let beginning = identity.get(..IDENTITY_BYTES).unwrap_or(identity);
                String::from_utf8_lossy(beginning).into_owned()
            }
            (Err(NotAdmitted::Unknown), Identity::Certificate(certificate)) => {
                certificate.common_name.clone().unwrap_or_else(|| identity.to_string())
            }
            (Err(NotAdmitted::Unknown), Identity::RawPublicKey(_)) => identity.to_string(),
        }
    }

    pub(super) fn stop_secure(&mut self) {
        if let Some(secure) = self.secure.take() {
            // Nobody can go on with them.
            drop(secure.dtls.stop());
        }
    }
}
