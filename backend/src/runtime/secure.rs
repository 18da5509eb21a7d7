//! The secure side of the drive loop: what comes over DTLS sessions reaches the same server role (LwM2M 1.0 TS §7.1).

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::Arc,
};

use console_api::Direction;
use dtls::{Output, SendError};
use lwm2m_core::{Peer, Proven, SessionId};
use tokio::net::UdpSocket;

use super::{
    freshness::{Freshness, Unproven},
    limits,
    worker::Drive,
};
use crate::security::Security;

/// The DTLS server on its socket.
pub(super) struct Secure {
    pub(super) socket: UdpSocket,
    dtls: dtls::Server,
    open: BTreeMap<SessionId, Open>,
    security: Arc<Security>,
}

/// A session, who is at its other end, and where.
struct Open {
    proven: Proven,
    address: SocketAddr,
    /// While it is not known whether what comes is new, after a crash.
    freshness: Option<Box<Freshness>>,
}

impl Secure {
    pub(super) fn address(&self, session: SessionId) -> Option<SocketAddr> {
        self.open.get(&session).map(|open| open.address)
    }

    /// Seals and sends a datagram. One that cannot be sent is as good as lost on the way.
    fn send(&mut self, now: coap::Instant, session: SessionId, datagram: &[u8]) {
        if let Err(error) = self.dtls.send(instant(now), dtls::SessionId(session.0), datagram) {
            match error {
                SendError::NoSession => {}
                error => tracing::warn!(session = session.0, "send: {error}"),
            }
        }
    }

    fn transmit(&self, to: SocketAddr, datagram: &[u8]) {
        if let Err(error) = self.socket.try_send_to(datagram, to) {
            tracing::debug!(address = %to, "send: {error}");
        }
    }
}

impl Drive {
    pub(super) fn receive_secure(&mut self, buffer: &mut [u8]) {
        for _ in 0..limits::RECEIVE_BATCH {
            let Some(secure) = &mut self.secure else { return };
            match secure.socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let Some(datagram) = buffer.get_mut(..len) else { continue };
                    secure.dtls.handle_datagram(instant(self.clock.now()), from, datagram);
                    self.drain_secure();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // An ICMP message about an earlier datagram: a hint, and retransmission deals with it.
                Err(error) => tracing::trace!("receive: {error}"),
            }
        }
    }

    pub(super) fn secure_timeout(&mut self) {
        let now = instant(self.clock.now());
        if let Some(secure) = &mut self.secure
            && secure.dtls.poll_timeout().is_some_and(|due| due <= now)
        {
            secure.dtls.handle_timeout(now);
            self.drain_secure();
        }
    }

    pub(super) fn send_secure(&mut self, session: SessionId, datagram: &[u8]) {
        let now = self.clock.now();
        let Some(secure) = &mut self.secure else { return };
        let Some(address) = secure.address(session) else { return };
        secure.send(now, session, datagram);
        self.trace(Direction::Sent, Peer::Session(session), address, datagram);
    }

    /// Takes what the DTLS server wants done, and what the role makes of it.
    pub(super) fn drain_secure(&mut self) {
        while let Some(output) = self.secure.as_mut().and_then(|secure| secure.dtls.poll()) {
            self.secure_output(output);
        }
    }
}

fn instant(now: coap::Instant) -> dtls::Instant {
    dtls::Instant::from_millis(now.as_millis())
}
