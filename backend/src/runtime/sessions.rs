//! The DTLS server on its socket, and who is at the other end of each session.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result, bail};
use credentials::Server;
use dtls::{Identity, Restart};
use lwm2m_core::{Proven, SessionId};
use store::{KeptSession, Outcome, SecurityChange, Store};
use tokio::net::UdpSocket;

use super::{
    Told,
    open_sessions::{Open, OpenSessions},
    secure::instant,
    socket::Listen,
};
use crate::{
    clock::Clock,
    credentials::{Change, Concerned, Credentials, FailedHandshakes, Guard},
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
    pub(super) open: OpenSessions,
    pub(super) credentials: Arc<Credentials>,
    pub(super) handshakes: Arc<FailedHandshakes>,
    /// When the next credential ends by itself, and up to when that was looked at.
    retires_at: Option<coap::Instant>,
    retired_until: coap::Instant,
    /// Whose sessions these are.
    of: Server,
    clock: Clock,
    /// What the DTLS server has been given of keys and authorities.
    shown: Vec<Vec<u8>>,
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
            open: OpenSessions::default(),
            credentials,
            handshakes,
            retires_at: None,
            retired_until: clock.now(),
            of,
            clock,
            shown,
        };
        secure.retires_at = secure.next_retirement();
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
        let ids: Vec<_> = secure.open.ids().map(|id| dtls::SessionId(id.0)).collect();
        ids.into_iter().for_each(|id| secure.dtls.reserved(id));
        Ok(secure)
    }

    /// `None` when it cannot go on, or may not any more.
    fn resume(&mut self, now: coap::Instant, kept: KeptSession) -> Option<(SocketAddr, Proven)> {
        let saved = self.credentials.restore_session(&kept)?;
        let (id, address) = (saved.session, saved.address);
        let open = self.opened(now, &saved.identity, address)?;
        if !self.credentials.believes(self.of, &saved.identity, now.as_millis()) {
            return None;
        }
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

    /// Handshakes that wait for their peers. Whom it concerns that credentials have retired.
    pub(super) fn handle_timeout(&mut self) -> Option<Change> {
        let now = self.clock.now();
        if self.dtls.poll_timeout().is_some_and(|due| due <= instant(now)) {
            self.dtls.handle_timeout(instant(now));
        }
        self.retires_at.filter(|at| *at <= now)?;
        let tables = self.credentials.tables();
        let retired = tables.of(self.of).retired(self.retired_until.as_millis(), now.as_millis());
        self.retired_until = now;
        Some(Change::Credentials(Arc::new(Concerned::of(retired))))
    }

    /// Somebody may no longer connect, or may now. The server may have other keys.
    pub(super) fn credentials_changed(&mut self, change: &Change) {
        if change.is_of_certificates(self.of) {
            self.configure();
        }
        self.retires_at = self.next_retirement();
        for id in self.open.concerned(change, self.of) {
            if !self.goes_on(id, change) {
                self.dtls.close(dtls::SessionId(id.0));
            }
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

    /// Whether what a session was opened with still counts for its endpoint, and its certificate is believed.
    fn goes_on(&self, id: SessionId, change: &Change) -> bool {
        let now_ms = self.clock.now().as_millis();
        let (Some(who), Some(open)) = (self.dtls.identity(dtls::SessionId(id.0)), self.open.get(&id)) else {
            // It has ended, and that is about to be told.
            return true;
        };
        let admitted = self.credentials.admits(self.of, who, now_ms);
        let is_admitted = admitted.is_ok_and(|admitted| admitted.endpoint == open.proven.endpoint);
        let may_differ = matches!(change, Change::Everything);
        is_admitted && (!may_differ || self.credentials.believes(self.of, who, now_ms))
    }

    fn next_retirement(&self) -> Option<coap::Instant> {
        let tables = self.credentials.tables();
        let next = tables.of(self.of).next_retirement_ms(self.retired_until.as_millis());
        next.map(coap::Instant::from_millis)
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
