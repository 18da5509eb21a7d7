/// Whether what is shown is true now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) phase: Phase,
    /// Changes that the server dropped for this console, and when it said so.
    pub(crate) lagged: Option<(u64, u64)>,
    /// Server and page speak different protocols: only a reload helps.
    pub(crate) outdated: bool,
    /// The server has another build of this console, which speaks the same protocol.
    pub(crate) newer_build: bool,
    /// When the next attempt to connect is due.
    pub(crate) retry_at_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Connecting,
    Live,
    /// The tab is hidden, so nothing is asked for; it goes on when somebody looks.
    Paused {
        since_ms: u64,
        values_ms: Option<u64>,
    },
    Offline {
        since_ms: u64,
        /// When the values on the screen were last known to be true.
        values_ms: Option<u64>,
        why: Loss,
    },
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The server said that it is going away.
    Stopped,
    /// The connection broke, or was never made.
    Broken,
    /// The connection stood, and nothing came any more.
    Silent,
    /// This machine has no network.
    NoNetwork,
}

impl Phase {
    /// The phase when the connection is lost, which remembers since when that is so.
    pub(super) fn lost(self, now_ms: u64, heard_ms: Option<u64>, why: Loss) -> Self {
        match self {
            // That it cannot be reached is no news of a server that has said that it stops.
            Self::Offline { why: Loss::Stopped, .. } if why == Loss::Broken => self,
            Self::Offline { since_ms, values_ms, .. } | Self::Paused { since_ms, values_ms } => {
                Self::Offline { since_ms, values_ms, why }
            }
            Self::Connecting | Self::Live => Self::Offline { since_ms: now_ms, values_ms: heard_ms, why },
        }
    }

    /// The phase when the tab is hidden.
    pub(super) fn paused(self, now_ms: u64, heard_ms: Option<u64>) -> Self {
        match self {
            Self::Offline { since_ms, values_ms, .. } | Self::Paused { since_ms, values_ms } => {
                Self::Paused { since_ms, values_ms }
            }
            Self::Connecting | Self::Live => Self::Paused { since_ms: now_ms, values_ms: heard_ms },
        }
    }
}

impl Loss {
    /// In words that follow "no connection since 10:41: ".
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Stopped => "the server has stopped",
            Self::Broken => "the server cannot be reached",
            Self::Silent => "the server does not answer any more",
            Self::NoNetwork => "this computer has no network",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_loss_decides_since_when() {
        let lost = Phase::Live.lost(10, Some(9), Loss::Stopped);
        assert_eq!(lost, Phase::Offline { since_ms: 10, values_ms: Some(9), why: Loss::Stopped });
        assert_eq!(lost.lost(20, Some(9), Loss::Broken), lost);
        let again = lost.lost(20, Some(9), Loss::NoNetwork);
        assert_eq!(again, Phase::Offline { since_ms: 10, values_ms: Some(9), why: Loss::NoNetwork });
        let paused = again.paused(30, None);
        assert_eq!(paused, Phase::Paused { since_ms: 10, values_ms: Some(9) });
        assert_eq!(Phase::Live.paused(5, Some(4)), Phase::Paused { since_ms: 5, values_ms: Some(4) });
    }
}
