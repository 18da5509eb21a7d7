//! What the security layer tells of its sessions (LwM2M 1.0 TS §7.1).
//!
//! A registration belongs to an identity. The session by which it is reached may be followed by another one.

use std::sync::Arc;

use coap::Instant;

use super::{Admission, Change, Departure, Event, Flow, Outcome, Registration, Server};
use crate::{Peer, PeerIdentity, Proven, SessionId};

impl Server {
    /// A security session came up. Its peer is who the handshake has proven it to be.
    pub fn session_opened(&mut self, session: SessionId, proven: Proven) {
        self.sessions.insert(session, proven);
    }

    /// A session came up by resuming an earlier one of the same peer, whose registration goes on over it
    /// (Core 1.1 Transport §5.2.1). After a new handshake the client has to register again.
    pub fn session_resumed(&mut self, now: Instant, session: SessionId, proven: Proven) {
        let peer = Peer::Session(session);
        let registered = self.registrations.by_endpoint(&proven.endpoint);
        let registered = registered.and_then(|known| self.registrations.latest(known.id));
        let moved = registered
            .filter(|known| known.identity == proven.identity && known.peer != peer)
            .map(|known| Arc::new(Registration { peer, ..Registration::clone(known) }));
        self.session_opened(session, proven);
        if let Some(registration) = moved {
            self.registrations.accept(Arc::clone(&registration));
            let change = Change::Updated(Arc::clone(&registration));
            self.persist(Flow::Resume { registration }, change);
        }
        self.drain(now);
    }

    pub(super) fn finish_resume(&mut self, registration: Arc<Registration>, outcome: &Outcome) {
        if let Outcome::Failed(_) = outcome {
            // The next Update moves it.
            self.registrations.revert(&registration);
        } else if self.registrations.confirm(&registration) {
            self.event(Event::Updated(registration));
        }
    }

    /// A security session is gone; nothing can be sent over it any more.
    pub fn session_closed(&mut self, now: Instant, session: SessionId) {
        self.sessions.remove(&session);
        self.endpoint.forget_peer(Peer::Session(session));
        self.drain(now);
    }

    /// Who may register from now on. Who is registered stays so.
    pub const fn admission_mut(&mut self) -> &mut Admission {
        &mut self.config.admission
    }

    /// An identity counts no longer: what it has registered ends.
    pub fn revoke(&mut self, now: Instant, revoked: &Proven) {
        let registered = self.registrations.by_endpoint(&revoked.endpoint);
        if let Some(id) = registered.filter(|known| known.identity == revoked.identity).map(|known| known.id)
            && let Some(registration) = self.registrations.remove(id)
        {
            let endpoint = registration.endpoint.clone();
            self.persist_unwaited(Change::Removed { endpoint, id });
            self.end_registration(now, &registration, Departure::Revoked);
        }
        self.drain(now);
    }

    /// Whether anything but an address is known of a peer, and what. `None` for a session that nobody has announced.
    pub(super) fn proven(&self, peer: Peer) -> Option<Option<&Proven>> {
        match peer {
            Peer::NoSec(_) => Some(None),
            Peer::Session(session) => self.sessions.get(&session).map(Some),
        }
    }
}

pub(super) fn identity(proven: Option<&Proven>) -> PeerIdentity {
    proven.map_or(PeerIdentity::NoSec, |proven| proven.identity.clone())
}
