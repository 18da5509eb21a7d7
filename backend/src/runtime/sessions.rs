//! The DTLS server on its socket, and who is at the other end of each session.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result, bail};
use credentials::{CredentialId, Server};
use dtls::{Identity, Restart};
use lwm2m_core::{Proven, SessionId};
use store::{KeptSession, Outcome, SecurityChange, Store};
use tokio::net::UdpSocket;

use super::{Told, freshness::Freshness, secure::instant, socket::Listen};
use crate::{
    clock::Clock,
    credentials::{Credentials, FailedHandshakes, Guard},
};

/// Whose credentials count here.
pub(super) const DEVICES: Server = Server::DeviceManagement;

/// What the worker is given for it.
pub(crate) struct SecurityStart {
    /// Where devices with security are served, if they are.
    pub(crate) listen: Option<Listen>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) handshakes: Arc<FailedHandshakes>,
}

pub(super) struct Secure {
    pub(super) socket: UdpSocket,
    pub(super) dtls: dtls::Server,
    pub(super) open: BTreeMap<SessionId, Open>,
    pub(super) credentials: Arc<Credentials>,
    pub(super) handshakes: Arc<FailedHandshakes>,
    /// When the next credential ends by itself.
    retires_at: Option<coap::Instant>,
    /// Whose sessions these are.
    of: Server,
    clock: Clock,
    /// What the DTLS server has been given of keys and authorities.
    shown: Vec<Vec<u8>>,
}

/// A session, who is at its other end, and where.
pub(super) struct Open {
    pub(super) proven: Proven,
    pub(super) credential: CredentialId,
    /// As of what the DTLS server has told so far; it may have closed the session already.
    pub(super) address: SocketAddr,
    /// While it is not known whether what comes is new, after a crash; with when that was last asked.
    pub(super) freshness: Option<(coap::Instant, Box<Freshness>)>,
}

impl Secure {
    /// Without any session. Numbers are given from `first` on.
    pub(super) fn new(
        SecurityStart { credentials, handshakes, .. }: SecurityStart,
        of: Server,
        socket: UdpSocket,
        first: u64,
        clock: Clock,
    ) -> Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let (config, shown) = credentials.dtls_config(Guard::new(&credentials, of, clock), first);
        let dtls = dtls::Server::new(config, seed).context("DTLS cannot be set up")?;
        let mut secure = Self {
            socket,
            dtls,
            open: BTreeMap::new(),
            credentials,
            handshakes,
            retires_at: None,
            of,
            clock,
            shown,
        };
        secure.retires_at = secure.next_retirement(clock.now());
        Ok(secure)
    }

    /// Sessions of before go on. They are stored as sessions that are in use before anything is received.
    pub(super) fn start(
        start: SecurityStart,
        socket: UdpSocket,
        store: &mut dyn Store,
        server: &mut lwm2m_core::server::Server,
        told: &Told,
        clock: Clock,
    ) -> Result<Self> {
        let first = store.last_session()? + 1;
        let mut secure = Self::new(start, DEVICES, socket, first, clock)?;
        let now = clock.now();
        let mut changes = Vec::new();
        for kept in store.sessions()? {
            let id = kept.id;
            match secure.resume(now, kept) {
                Some((address, proven)) => {
                    told.fleet.session_at(SessionId(id), address, None);
                    server.session_opened(SessionId(id), proven);
                    changes.extend(secure.kept(dtls::SessionId(id)).map(SecurityChange::Session));
                }
                None => changes.push(SecurityChange::SessionEnded(id)),
            }
        }
        if let Outcome::Failed(why) = store.secure(&changes, &[]) {
            bail!("the sessions cannot be stored: {why}");
        }
        let ids: Vec<_> = secure.open.keys().map(|id| dtls::SessionId(id.0)).collect();
        ids.into_iter().for_each(|id| secure.dtls.reserved(id));
        Ok(secure)
    }

    /// `None` when it cannot go on, or may not any more.
    fn resume(&mut self, now: coap::Instant, kept: KeptSession) -> Option<(SocketAddr, Proven)> {
        let saved = self.credentials.restore_session(&kept)?;
        let (id, address) = (saved.session, saved.address);
        let open = self.opened(now, &saved.identity, address)?;
        let proven = open.proven.clone();
        self.open.insert(SessionId(id.0), open);
        // One that was not saved in the end counts as after a crash.
        self.dtls.import(instant(now), saved, Restart::Planned);
        Some((address, proven))
    }

    /// Takes a datagram. Whether there was one, so that there may be more.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> bool {
        match self.socket.try_recv_from(buffer) {
            Ok((len, from)) => {
                if let Some(datagram) = buffer.get_mut(..len) {
                    self.dtls.handle_datagram(instant(self.clock.now()), from, datagram);
                }
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
            // An ICMP message about an earlier datagram: a hint, and retransmission deals with it.
            Err(error) => {
                tracing::trace!("receive: {error}");
                true
            }
        }
    }

    /// Handshakes that wait for their peers. Whether a credential has retired.
    pub(super) fn handle_timeout(&mut self) -> bool {
        let now = self.clock.now();
        if self.dtls.poll_timeout().is_some_and(|due| due <= instant(now)) {
            self.dtls.handle_timeout(instant(now));
        }
        self.retires_at.is_some_and(|at| at <= now)
    }

    /// Somebody may no longer connect, or may now. The server may have other keys.
    pub(super) fn credentials_changed(&mut self) {
        self.configure();
        self.retires_at = self.next_retirement(self.clock.now());
        for session in self.no_longer_admitted() {
            self.dtls.close(session);
        }
    }

    /// `None` when the peer is not admitted.
    pub(super) fn opened(&self, now: coap::Instant, identity: &Identity, from: SocketAddr) -> Option<Open> {
        let admitted = self.credentials.admits(self.of, identity, now.as_millis()).ok()?;
        Some(Open::new(admitted, identity, from))
    }

    pub(super) fn address(&self, session: SessionId) -> Option<SocketAddr> {
        self.open.get(&session).map(|open| open.address)
    }

    /// The session for the store, its keys sealed.
    pub(super) fn kept(&self, session: dtls::SessionId) -> Option<KeptSession> {
        let (saved, open) = (self.dtls.export(session)?, self.open.get(&SessionId(session.0))?);
        self.credentials.keep(&saved, open.credential, &open.proven.endpoint)
    }

    fn no_longer_admitted(&self) -> Vec<dtls::SessionId> {
        let now_ms = self.clock.now().as_millis();
        let sessions = self.dtls.sessions();
        sessions
            .filter(|(_, who)| self.credentials.admits(self.of, who, now_ms).is_err())
            .map(|(id, _)| id)
            .collect()
    }

    fn next_retirement(&self, now: coap::Instant) -> Option<coap::Instant> {
        self.credentials
            .tables()
            .of(self.of)
            .next_retirement_ms(now.as_millis())
            .map(coap::Instant::from_millis)
    }

    /// Gives the DTLS server what it shows and believes, if that has changed: no session can be resumed after it.
    fn configure(&mut self) {
        let (config, shown) =
            self.credentials.dtls_config(Guard::new(&self.credentials, self.of, self.clock), 0);
        if shown == self.shown {
            return;
        }
        match self.dtls.configure(config) {
            Ok(()) => self.shown = shown,
            Err(error) => tracing::error!("the keys of the server cannot be used: {error}"),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<coap::Instant> {
        let handshakes = self.dtls.poll_timeout().map(|due| coap::Instant::from_millis(due.as_millis()));
        handshakes.into_iter().chain(self.retires_at).min()
    }
}
