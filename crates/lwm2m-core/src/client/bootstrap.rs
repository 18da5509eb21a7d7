//! Where a client stands with bootstrap (LwM2M Core §6.1).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use coap::{ExchangeId, Instant};

use super::{
    event::{Output, TimeoutReason},
    object_tree::ObjectTree,
    retry::Attempts,
};
use crate::Peer;

#[derive(Default)]
pub(super) struct Bootstrap {
    /// Whether the client follows the sequence, and was not just given its servers.
    pub(super) followed: bool,
    /// None where there is no account with a Bootstrap-Server, or not any more.
    pub(super) server: Option<BootstrapPeer>,
    pub(super) stage: Stage,
    /// Attempts that failed since the last success.
    pub(super) attempts: Attempts,
    /// When the account is to go (`/0/x/12`).
    pub(super) purge_at: Option<Instant>,
    /// Security instances whose peers were asked for.
    pub(super) connecting: BTreeSet<u16>,
    /// Who could not be found, by Security instance, and why.
    pub(super) not_found: BTreeMap<u16, String>,
    /// What to tell about peers.
    pub(super) outputs: VecDeque<Output>,
    /// The pack was refused, so that the next request is an ordinary one.
    pub(super) without_pack: bool,
}

/// The Bootstrap-Server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BootstrapPeer {
    pub(super) security_instance: u16,
    pub(super) peer: Option<Peer>,
}

#[derive(Default)]
pub(super) enum Stage {
    #[default]
    Idle,
    /// The Bootstrap-Request comes then: after the Client Hold Off Time, or after a failure.
    Waiting {
        until: Instant,
    },
    /// The request comes as soon as the Bootstrap-Server is found.
    Connecting,
    Requesting {
        exchange: ExchangeId,
        pack: bool,
    },
    Open(Box<Session>),
}

/// From the first command, or the answer to the request, to Bootstrap-Finish.
pub(super) struct Session {
    /// What there was, to go back to.
    pub(super) before: ObjectTree,
    pub(super) last_command: Instant,
    /// Why the last Bootstrap-Finish was refused.
    pub(super) inconsistency: Option<String>,
}

impl Bootstrap {
    pub(super) fn peer(&self) -> Option<Peer> {
        self.server?.peer
    }

    pub(super) fn exchange(&self) -> Option<ExchangeId> {
        match self.stage {
            Stage::Requesting { exchange, .. } => Some(exchange),
            _ => None,
        }
    }

    /// A request was sent, or a session is open: what the server says belongs to it.
    pub(super) const fn is_busy(&self) -> bool {
        matches!(self.stage, Stage::Requesting { .. } | Stage::Open(_))
    }

    /// When to look again, and why; a session lasts `patience` after the last command.
    pub(super) fn poll_timeout(&self, patience: core::time::Duration) -> Option<(Instant, TimeoutReason)> {
        let stage = match &self.stage {
            Stage::Waiting { until } => Some((*until, TimeoutReason::Bootstrap)),
            Stage::Open(session) => Some((session.last_command + patience, TimeoutReason::BootstrapFinish)),
            Stage::Idle | Stage::Connecting | Stage::Requesting { .. } => None,
        };
        // While a session is open its end comes first.
        let purge = self.purge_at.filter(|_| !matches!(self.stage, Stage::Open(_)));
        let purge = purge.map(|due| (due, TimeoutReason::Purge));
        stage.into_iter().chain(purge).min_by_key(|(due, _)| *due)
    }
}
