use std::ops::RangeInclusive;

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use crate::NetworkConditions;

/// One direction of a connection.
#[derive(Clone, Debug)]
pub struct Link {
    conditions: NetworkConditions,
    random: ChaCha8Rng,
    /// Arrival of the last datagram that was not held back.
    last_arrival_ms: u64,
}

impl Link {
    pub fn new(conditions: NetworkConditions, seed: [u8; 32]) -> Self {
        Self { conditions, random: ChaCha8Rng::from_seed(seed), last_arrival_ms: 0 }
    }

    /// Datagrams already under way are not affected.
    pub fn set_conditions(&mut self, conditions: NetworkConditions) {
        self.conditions = conditions;
    }

    /// When a datagram sent now arrives: never, once or twice.
    pub fn arrivals_ms(&mut self, now_ms: u64, datagram_bytes: usize) -> Vec<u64> {
        // Both draws come first, so that a change of one probability leaves the other's outcomes in place.
        let (lost, duplicated) = (self.chance(self.conditions.loss), self.chance(self.conditions.duplicate));
        if lost || datagram_bytes > self.conditions.max_datagram_bytes {
            return Vec::new();
        }
        let copies = if duplicated { 2 } else { 1 };
        (0..copies).map(|_| self.arrival_ms(now_ms)).collect()
    }

    fn arrival_ms(&mut self, now_ms: u64) -> u64 {
        let delay_ms = self.draw(self.conditions.delay_ms.clone());
        let in_order_ms = now_ms.saturating_add(delay_ms).max(self.last_arrival_ms);
        if self.chance(self.conditions.reorder) {
            let hold_back_ms = self.draw(self.conditions.hold_back_ms.clone());
            return in_order_ms.saturating_add(hold_back_ms);
        }
        self.last_arrival_ms = in_order_ms;
        in_order_ms
    }

    fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.random.next_u32()) < probability * (f64::from(u32::MAX) + 1.0)
    }

    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (start, end) = range.into_inner();
        let span = end.saturating_sub(start).saturating_add(1);
        start.saturating_add(self.random.next_u64() % span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(conditions: NetworkConditions, datagrams: u64) -> Vec<Vec<u64>> {
        let mut link = Link::new(conditions, [7; 32]);
        (0..datagrams).map(|now_ms| link.arrivals_ms(now_ms, 100)).collect()
    }

    #[test]
    fn a_perfect_link_delivers_once_and_in_time() {
        for (now_ms, arrivals) in (0..).zip(arrivals(NetworkConditions::perfect(5), 100)) {
            assert_eq!(arrivals, [now_ms + 5]);
        }
    }

    #[test]
    fn loss_and_duplication_happen_as_often_as_asked() {
        let conditions = NetworkConditions { loss: 0.3, duplicate: 0.1, ..NetworkConditions::default() };
        let arrivals = arrivals(conditions, 10_000);
        let count = |copies| arrivals.iter().filter(|arrivals| arrivals.len() == copies).count();
        assert!((2_800..3_200).contains(&count(0)), "{} lost", count(0));
        assert!((600..800).contains(&count(2)), "{} duplicated", count(2));
    }

    #[test]
    fn certain_loss_spares_nothing() {
        assert!(arrivals(NetworkConditions::cut(), 1_000).iter().all(Vec::is_empty));
    }

    #[test]
    fn order_holds_without_reordering_and_breaks_with_it() {
        let jitter = NetworkConditions { delay_ms: 0..=50, ..NetworkConditions::default() };
        assert!(arrivals(jitter.clone(), 1_000).concat().is_sorted());
        let reordering = NetworkConditions { reorder: 0.2, hold_back_ms: 1..=100, ..jitter };
        assert!(!arrivals(reordering, 1_000).concat().is_sorted());
    }

    #[test]
    fn datagrams_above_the_maximum_are_lost() {
        let conditions = NetworkConditions { max_datagram_bytes: 100, ..NetworkConditions::default() };
        let mut link = Link::new(conditions, [0; 32]);
        assert_eq!(link.arrivals_ms(0, 100).len(), 1);
        assert_eq!(link.arrivals_ms(0, 101).len(), 0);
    }
}
