use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use crate::{Link, NetworkConditions, limits};

/// A datagram that arrives: sender, receiver, content.
pub type Delivery<A> = (A, A, Vec<u8>);

/// Datagrams between any number of addresses `A`.
#[derive(Clone, Debug)]
pub struct Network<A> {
    conditions: NetworkConditions,
    random: ChaCha8Rng,
    links: BTreeMap<(A, A), Link>,
    /// By arrival, and at one instant in the order sent.
    under_way: BTreeMap<(u64, u64), Delivery<A>>,
    sent: u64,
}

impl<A: Copy + Ord> Network<A> {
    pub fn new(conditions: NetworkConditions, seed: [u8; 32]) -> Self {
        Self {
            conditions,
            random: ChaCha8Rng::from_seed(seed),
            links: BTreeMap::new(),
            under_way: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Changes every link, also those that come up later. Datagrams already under way are not affected.
    pub fn set_conditions(&mut self, conditions: NetworkConditions) {
        for link in self.links.values_mut() {
            link.set_conditions(conditions.clone());
        }
        self.conditions = conditions;
    }

    /// Changes the one direction from `from` to `to`.
    pub fn set_link_conditions(&mut self, from: A, to: A, conditions: NetworkConditions) {
        self.link(from, to).set_conditions(conditions);
    }

    pub fn send(&mut self, now_ms: u64, from: A, to: A, datagram: Vec<u8>) {
        for arrival_ms in self.link(from, to).arrivals_ms(now_ms, datagram.len()) {
            if self.under_way.len() >= limits::DATAGRAMS_UNDER_WAY {
                return;
            }
            self.sent += 1;
            self.under_way.insert((arrival_ms, self.sent), (from, to, datagram.clone()));
        }
    }

    /// Everything that has arrived by now, in order.
    pub fn deliver(&mut self, now_ms: u64) -> Vec<Delivery<A>> {
        let later = self.under_way.split_off(&(now_ms.saturating_add(1), 0));
        std::mem::replace(&mut self.under_way, later).into_values().collect()
    }

    /// When [`Self::deliver`] has something next.
    pub fn next_delivery(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(arrival_ms, _)| *arrival_ms)
    }

    fn link(&mut self, from: A, to: A) -> &mut Link {
        let Self { conditions, random, links, .. } = self;
        links.entry((from, to)).or_insert_with(|| {
            let mut seed = [0; 32];
            random.fill_bytes(&mut seed);
            Link::new(conditions.clone(), seed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rough() -> NetworkConditions {
        NetworkConditions {
            loss: 0.3,
            delay_ms: 5..=50,
            duplicate: 0.2,
            reorder: 0.2,
            hold_back_ms: 1..=200,
            ..NetworkConditions::default()
        }
    }

    fn history(seed: u8) -> Vec<(u64, Delivery<char>)> {
        let mut network = Network::new(rough(), [seed; 32]);
        for now_ms in 0..100 {
            network.send(now_ms, 'a', 'b', vec![now_ms as u8]);
            network.send(now_ms, 'b', 'a', vec![now_ms as u8]);
        }
        let mut history = Vec::new();
        while let Some(now_ms) = network.next_delivery() {
            history.extend(network.deliver(now_ms).into_iter().map(|delivery| (now_ms, delivery)));
        }
        history
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(history(1), history(1));
        assert_ne!(history(1), history(2));
    }

    #[test]
    fn nothing_arrives_early() {
        let mut network = Network::new(NetworkConditions::perfect(10), [0; 32]);
        network.send(100, 'a', 'b', vec![1]);
        network.send(100, 'a', 'b', vec![2]);
        assert_eq!(network.next_delivery(), Some(110));
        assert_eq!(network.deliver(109), []);
        assert_eq!(network.deliver(110), [('a', 'b', vec![1]), ('a', 'b', vec![2])]);
        assert_eq!(network.next_delivery(), None);
    }

    #[test]
    fn one_direction_can_be_cut() {
        let mut network = Network::new(NetworkConditions::perfect(0), [0; 32]);
        network.set_link_conditions('a', 'b', NetworkConditions::cut());
        network.send(0, 'a', 'b', vec![1]);
        network.send(0, 'b', 'a', vec![2]);
        assert_eq!(network.deliver(0), [('b', 'a', vec![2])]);
        network.set_conditions(NetworkConditions::perfect(0));
        network.send(1, 'a', 'b', vec![3]);
        assert_eq!(network.deliver(1), [('a', 'b', vec![3])]);
    }
}
