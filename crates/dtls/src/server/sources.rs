use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use crate::{limits, server::config::Rate, time::Instant};

/// How often each source begins handshakes. Only sources that answered with a cookie are counted, so nobody can use up
/// the rate of another one without seeing its traffic.
pub(crate) struct Sources {
    rate: Rate,
    buckets: HashMap<Source, Bucket>,
    /// By the time of the last handshake.
    quiet: BTreeSet<(Instant, Source)>,
}

/// An IPv4 address, or the /64 that an IPv6 host can choose addresses from.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Source(u64);

struct Bucket {
    thousandths: u64,
    last: Instant,
}

impl Sources {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: HashMap::new(), quiet: BTreeSet::new() }
    }

    pub(crate) fn set_rate(&mut self, rate: Rate) {
        self.rate = rate;
    }

    /// Whether `address` may begin one more handshake now.
    pub(crate) fn admit(&mut self, now: Instant, address: IpAddr) -> bool {
        let source = Source::of(address);
        let full = u64::from(self.rate.at_once) * 1_000;
        if !self.buckets.contains_key(&source) && self.buckets.len() >= limits::SOURCES {
            self.forget_quietest();
        }
        let bucket = self.buckets.entry(source).or_insert(Bucket { thousandths: full, last: now });
        let elapsed = now.saturating_duration_since(bucket.last).as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let filled = elapsed.saturating_mul(u64::from(self.rate.per_second));
        self.quiet.remove(&(bucket.last, source));
        self.quiet.insert((now, source));
        bucket.thousandths = bucket.thousandths.saturating_add(filled).min(full);
        bucket.last = now;
        let admitted = bucket.thousandths >= 1_000;
        if admitted {
            bucket.thousandths -= 1_000;
        }
        admitted
    }

    pub(crate) fn len(&self) -> usize {
        self.buckets.len()
    }

    fn forget_quietest(&mut self) {
        if let Some((_, source)) = self.quiet.pop_first() {
            self.buckets.remove(&source);
        }
    }
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // No /64 of the public space begins with a zero.
            IpAddr::V4(v4) => Self(u64::from(v4.to_bits())),
            IpAddr::V6(v6) => Self((v6.to_bits() >> 64) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    fn v4(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_source_is_slowed_and_another_is_not() {
        let mut sources = Sources::new(Rate { at_once: 3, per_second: 2 });
        let start = Instant::from_millis(1_000);
        let admitted = (0..10).filter(|_| sources.admit(start, v4(1))).count();
        assert_eq!(admitted, 3);
        assert!(sources.admit(start, v4(2)));
        let later = start + Duration::from_secs(1);
        assert_eq!((0..10).filter(|_| sources.admit(later, v4(1))).count(), 2);
    }

    #[test]
    fn hosts_of_one_ipv6_network_are_one_source() {
        let mut sources = Sources::new(Rate { at_once: 1, per_second: 0 });
        let now = Instant::default();
        assert!(sources.admit(now, "2001:db8::1".parse().unwrap()));
        assert!(!sources.admit(now, "2001:db8::2".parse().unwrap()));
        assert!(sources.admit(now, "2001:db8:0:1::1".parse().unwrap()));
    }

    #[test]
    fn the_number_of_sources_is_bounded() {
        let mut sources = Sources::new(Rate::default());
        for n in 0..u32::try_from(limits::SOURCES + 10).unwrap() {
            sources.admit(Instant::from_millis(n.into()), IpAddr::from(n.to_be_bytes()));
        }
        assert_eq!(sources.len(), limits::SOURCES);
        assert_eq!(sources.quiet.len(), limits::SOURCES);
    }
}
