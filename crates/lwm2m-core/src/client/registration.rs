use core::time::Duration;
use std::sync::Arc;

use coap::{ExchangeId, Instant};
use lwm2m_codec::registration::Binding;

use super::config::ClientConfig;

/// Where the client stands with a server (LwM2M 1.0 TS §5.3).
#[derive(Debug)]
pub(super) enum State {
    /// Not started, stopped, or given up.
    Unregistered,
    /// Other servers come first in the Registration Priority Order.
    InLine,
    /// The next attempt comes later: after a failure, or after the time of a Disable.
    Waiting {
        until: Instant,
    },
    Registering {
        exchange: ExchangeId,
    },
    Registered(Registered),
    /// `resume` is when to register again; None after a stop.
    Deregistering {
        exchange: ExchangeId,
        resume: Option<Instant>,
    },
}

#[derive(Debug)]
pub(super) struct Registered {
    /// Segments of the Location-Path, sent back unchanged.
    pub(super) location: Vec<String>,
    pub(super) update_due: Instant,
    /// When the server forgets the registration.
    pub(super) expires: Instant,
    /// The client was offline: until an Update is answered, nobody knows whether the registration still stands.
    pub(super) doubtful: bool,
    /// The Update under way, and what it tells the server.
    pub(super) update: Option<(ExchangeId, Announcement)>,
}

/// What the server was told last. An Update carries what is different now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Announcement {
    pub(super) lifetime_s: u32,
    pub(super) binding: Binding,
    pub(super) queue_mode: bool,
    /// The payload with objects and instances.
    pub(super) object_links: Arc<str>,
}

impl State {
    pub(super) const fn is_registered(&self) -> bool {
        matches!(self, Self::Registered(_))
    }

    /// The open exchange of this interface, if any.
    pub(super) fn exchange(&self) -> Option<ExchangeId> {
        match self {
            Self::Registering { exchange } | Self::Deregistering { exchange, .. } => Some(*exchange),
            Self::Registered(registered) => registered.update.as_ref().map(|(exchange, _)| *exchange),
            Self::Unregistered | Self::InLine | Self::Waiting { .. } => None,
        }
    }
}

impl Registered {
    /// The registration lives from now on for the lifetime.
    pub(super) fn renew(&mut self, now: Instant, lifetime_s: u32, config: &ClientConfig) {
        // A server that accepts 0 means that the registration does not end.
        let lifetime = Duration::from_secs(if lifetime_s == 0 { u32::MAX } else { lifetime_s }.into());
        self.expires = now + lifetime;
        self.update_due = update_due(now, lifetime, config);
        self.doubtful = false;
    }
}

/// When to send the next Update: the margin before the lifetime ends, at the earliest after half of it.
fn update_due(now: Instant, lifetime: Duration, config: &ClientConfig) -> Instant {
    now + (lifetime - config.update_margin.min(lifetime / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_leave_a_margin_of_at_most_half_the_lifetime() {
        let config = ClientConfig { update_margin: Duration::from_secs(93), ..ClientConfig::new("a") };
        let now = Instant::from_millis(0);
        let due = |lifetime_s| update_due(now, Duration::from_secs(lifetime_s), &config);
        assert_eq!(due(300), now + Duration::from_secs(207));
        assert_eq!(due(60), now + Duration::from_secs(30));
    }
}
