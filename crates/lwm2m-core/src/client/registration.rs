use core::time::Duration;

use coap::{ExchangeId, Instant};

use super::config::ClientConfig;

/// Where the client stands with its server (LwM2M 1.0 TS §5.3).
#[derive(Debug)]
pub(super) enum State {
    /// Not started, or stopped.
    Unregistered,
    Registering {
        exchange: ExchangeId,
    },
    Registered(Registered),
    /// The next attempt comes later: after a failure, or after the time of a Disable.
    Waiting {
        until: Instant,
    },
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
    /// The Update under way, and what it tells the server.
    pub(super) update: Option<(ExchangeId, Announcement)>,
}

/// What the server was told last. An Update carries what is different now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Announcement {
    pub(super) lifetime_s: u32,
    /// The payload with objects and instances.
    pub(super) object_links: String,
}

impl State {
    pub(super) fn is_registered(&self) -> bool {
        matches!(self, Self::Registered(_))
    }

    /// The open exchange of this interface, if any.
    pub(super) fn exchange(&self) -> Option<ExchangeId> {
        match self {
            Self::Registering { exchange } | Self::Deregistering { exchange, .. } => Some(*exchange),
            Self::Registered(registered) => registered.update.as_ref().map(|(exchange, _)| *exchange),
            Self::Unregistered | Self::Waiting { .. } => None,
        }
    }
}

/// When to send the next Update: the margin before the lifetime ends, at the earliest after half of it.
pub(super) fn update_due(now: Instant, lifetime_s: u32, config: &ClientConfig) -> Instant {
    let lifetime = Duration::from_secs(lifetime_s.into());
    now + (lifetime - config.update_margin.min(lifetime / 2))
}

/// How long to wait after `failures` attempts: the first delay, doubled each time, up to the longest.
pub(super) fn retry_delay(failures: u32, config: &ClientConfig) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    config.retry_first.saturating_mul(1 << doublings).min(config.retry_longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_leave_a_margin_of_at_most_half_the_lifetime() {
        let config = ClientConfig { update_margin: Duration::from_secs(93), ..ClientConfig::new("a") };
        let now = Instant::from_millis(0);
        assert_eq!(update_due(now, 300, &config), now + Duration::from_secs(207));
        assert_eq!(update_due(now, 60, &config), now + Duration::from_secs(30));
    }

    #[test]
    fn the_delay_doubles_up_to_the_longest() {
        let config = ClientConfig {
            retry_first: Duration::from_secs(60),
            retry_longest: Duration::from_secs(400),
            ..ClientConfig::new("a")
        };
        let seconds = [1, 2, 3, 4, 5, 500].map(|failures| retry_delay(failures, &config).as_secs());
        assert_eq!(seconds, [60, 120, 240, 400, 400, 400]);
    }
}
