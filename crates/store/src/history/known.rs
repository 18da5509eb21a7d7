use core::hash::{Hash, Hasher};
use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    time::Duration,
};

use coap::{Instant, TransmissionParameters};

use crate::{Delivery, Reported, history::limits};

/// The deliveries of the last EXCHANGE_LIFETIME before the start: what may come once more because the process ended
/// between storing it and acknowledging it (RFC 7252 §4.5). While it runs, the message layer tells them itself.
#[derive(Default)]
pub(super) struct Known {
    messages: BTreeMap<String, BTreeSet<Message>>,
    count: usize,
    until: Instant,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    delivery: Delivery,
    sequence: Option<u32>,
    /// A retransmission has the same bytes. A client that lost its memory may use a message id again for others.
    payload: u64,
}

/// What came before then is not sent once more.
pub(super) fn since(now: Instant) -> Instant {
    let lifetime = u64::try_from(exchange_lifetime().as_millis()).unwrap_or(u64::MAX);
    Instant::from_millis(now.as_millis().saturating_sub(lifetime))
}

/// How long a message can be met on the network.
fn exchange_lifetime() -> Duration {
    TransmissionParameters::default().exchange_lifetime()
}

impl Known {
    pub(super) fn new(now: Instant) -> Self {
        Self { until: now + exchange_lifetime(), ..Self::default() }
    }

    /// False when there is no room for it.
    pub(super) fn insert(&mut self, reported: &Reported) -> bool {
        let Some(message) = Message::of(reported) else { return true };
        if self.count >= limits::DELIVERIES {
            return false;
        }
        let messages = self.messages.entry(reported.endpoint.clone()).or_default();
        self.count += usize::from(messages.insert(message));
        true
    }

    pub(super) fn contains(&self, reported: &Reported) -> bool {
        // The common case, four minutes after a start.
        if self.messages.is_empty() || reported.at >= self.until {
            return false;
        }
        let messages = self.messages.get(&reported.endpoint);
        messages
            .is_some_and(|messages| Message::of(reported).is_some_and(|message| messages.contains(&message)))
    }

    pub(super) fn forget(&mut self, endpoint: &str) {
        self.messages.remove(endpoint);
    }

    pub(super) fn expire(&mut self, now: Instant) {
        if now >= self.until {
            self.messages = BTreeMap::new();
        }
    }
}

impl Message {
    fn of(reported: &Reported) -> Option<Self> {
        let mut hasher = DefaultHasher::new();
        reported.payload.hash(&mut hasher);
        Some(Self { delivery: reported.delivery?, sequence: reported.sequence, payload: hasher.finish() })
    }
}

#[cfg(test)]
mod tests {
    use coap::Token;
    use lwm2m_codec::Path;

    use super::*;
    use crate::Source;

    fn reported(endpoint: &str, message_id: u16, payload: &[u8], at_ms: u64) -> Reported {
        Reported {
            endpoint: endpoint.to_owned(),
            path: Path::object(3),
            source: Source::Send,
            content_format: None,
            payload: payload.to_vec(),
            at: Instant::from_millis(at_ms),
            sequence: None,
            confirmable: true,
            delivery: Some(Delivery { token: Token::EMPTY, message_id }),
            current: true,
        }
    }

    #[test]
    fn a_message_is_known_by_all_that_a_retransmission_repeats() {
        let mut known = Known::new(Instant::from_millis(1_000));
        assert!(known.insert(&reported("a", 1, b"x", 900)));
        assert!(known.contains(&reported("a", 1, b"x", 2_000)));
        for other in
            [reported("b", 1, b"x", 2_000), reported("a", 2, b"x", 2_000), reported("a", 1, b"y", 2_000)]
        {
            assert!(!known.contains(&other), "{other:?}");
        }
        let without = Reported { delivery: None, ..reported("a", 1, b"x", 2_000) };
        assert!(known.insert(&without) && !known.contains(&without));
    }

    /// RFC 7252 §4.8.2: 247 seconds, after which a message id may be another message's.
    #[test]
    fn nothing_is_known_any_more_after_the_exchange_lifetime() {
        let mut known = Known::new(Instant::from_millis(1_000));
        known.insert(&reported("a", 1, b"x", 900));
        assert!(known.contains(&reported("a", 1, b"x", 247_999)));
        assert!(!known.contains(&reported("a", 1, b"x", 248_000)));
        known.expire(Instant::from_millis(248_000));
        assert!(known.messages.is_empty());
        assert_eq!(since(Instant::from_millis(247_001)), Instant::from_millis(1));
    }
}
