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
