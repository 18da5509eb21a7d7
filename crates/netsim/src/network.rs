use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use packet_capture::Capture;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use crate::{Address, Link, NetworkConditions, capture, limits};

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
    /// What those behind a NAT are seen as, and the other way round.
    outside: BTreeMap<A, A>,
    inside: BTreeMap<A, A>,
    capture: Option<Arc<Mutex<Capture<File>>>>,
}

impl<A: Address> Network<A> {
    /// A network whose faults `seed` decides. With the environment variable [`capture::FOLDER_VARIABLE`] what it
    /// carries is recorded in that folder, in a file named after the test and the seed.
    pub fn new(conditions: NetworkConditions, seed: [u8; 32]) -> Self {
        let mut network = Self {
            conditions,
            random: ChaCha8Rng::from_seed(seed),
            links: BTreeMap::new(),
            under_way: BTreeMap::new(),
            sent: 0,
            outside: BTreeMap::new(),
            inside: BTreeMap::new(),
            capture: None,
        };
        if let Some(file) = capture::file_of_test(&seed)
            && let Err(error) = network.record(&file)
        {
            eprintln!("cannot write {}: {error}", file.display());
        }
        network
    }

    /// Records what arrives from now on in a capture for Wireshark.
    pub fn record(&mut self, file: &Path) -> io::Result<()> {
        self.capture = Some(Arc::new(Mutex::new(capture::create(file)?)));
        Ok(())
    }

    /// From now on `inside` is seen as `outside`, as behind a NAT that has chosen a new mapping: what it sends comes
    /// from there, what goes there reaches it, and what goes to where it was seen before does not.
    pub fn rebind(&mut self, inside: A, outside: A) {
        if let Some(before) = self.outside.insert(inside, outside) {
            self.inside.remove(&before);
        }
        self.inside.insert(outside, inside);
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
        if let Some(link) = self.link(from, to) {
            link.set_conditions(conditions);
        }
    }

    pub fn send(&mut self, now_ms: u64, from: A, to: A, datagram: Vec<u8>) {
        let receiver = self.receiver(to).unwrap_or(to);
        let seen_as = self.outside.get(&from).copied().unwrap_or(from);
        let Some(link) = self.link(from, receiver) else { return };
        for arrival_ms in link.arrivals_ms(now_ms, datagram.len()) {
            if self.under_way.len() >= limits::DATAGRAMS_UNDER_WAY {
                return;
            }
            self.sent += 1;
            self.under_way.insert((arrival_ms, self.sent), (seen_as, to, datagram.clone()));
        }
    }

    /// Everything that has arrived by now, in order.
    pub fn deliver(&mut self, now_ms: u64) -> Vec<Delivery<A>> {
        let later = self.under_way.split_off(&(now_ms.saturating_add(1), 0));
        let arrived = std::mem::replace(&mut self.under_way, later);
        let mut deliveries = Vec::with_capacity(arrived.len());
        for ((arrival_ms, _), (from, to, datagram)) in arrived {
            self.capture(arrival_ms, from, to, &datagram);
            if let Some(receiver) = self.receiver(to) {
                deliveries.push((from, receiver, datagram));
            }
        }
        deliveries
    }

    /// When [`Self::deliver`] has something next.
    pub fn next_delivery(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(arrival_ms, _)| *arrival_ms)
    }

    /// Who gets what is sent to `to`: nobody while its owner is seen elsewhere.
    fn receiver(&self, to: A) -> Option<A> {
        let behind_nat = self.inside.get(&to).copied();
        behind_nat.or_else(|| Some(to).filter(|to| !self.outside.contains_key(to)))
    }

    fn link(&mut self, from: A, to: A) -> Option<&mut Link> {
        let Self { conditions, random, links, .. } = self;
        if links.len() >= limits::LINKS && !links.contains_key(&(from, to)) {
            return None;
        }
        Some(links.entry((from, to)).or_insert_with(|| {
            let mut seed = [0; 32];
            random.fill_bytes(&mut seed);
            Link::new(conditions.clone(), seed)
        }))
    }

    /// A capture that cannot be written any more ends.
    fn capture(&mut self, at_ms: u64, from: A, to: A, datagram: &[u8]) {
        let Some(capture) = &self.capture else { return };
        let (from, to) = (from.in_capture(), to.in_capture());
        let written =
            capture.lock().unwrap_or_else(PoisonError::into_inner).record(at_ms, from, to, datagram);
        if let Err(error) = written {
            eprintln!("the capture ends: {error}");
            self.capture = None;
        }
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

    #[test]
    fn a_peer_behind_a_nat_is_seen_elsewhere_and_reached_there_only() {
        let mut network = Network::new(NetworkConditions::perfect(0), [0; 32]);
        let exchange = |network: &mut Network<char>, to: char| {
            network.send(0, 'a', 's', vec![1]);
            network.send(0, 's', to, vec![2]);
            network.deliver(0)
        };
        assert_eq!(exchange(&mut network, 'a'), [('a', 's', vec![1]), ('s', 'a', vec![2])]);
        network.rebind('a', 'x');
        assert_eq!(exchange(&mut network, 'x'), [('x', 's', vec![1]), ('s', 'a', vec![2])]);
        assert_eq!(exchange(&mut network, 'a'), [('x', 's', vec![1])]);
        network.rebind('a', 'y');
        assert_eq!(exchange(&mut network, 'y'), [('y', 's', vec![1]), ('s', 'a', vec![2])]);
        let lost = exchange(&mut network, 'x');
        assert!(lost.iter().all(|(_, to, _)| *to != 'a'), "{lost:?}");
        network.rebind('a', 'a');
        assert_eq!(exchange(&mut network, 'a'), [('a', 's', vec![1]), ('s', 'a', vec![2])]);
    }

    #[test]
    fn what_is_under_way_to_the_former_address_is_lost() {
        let mut network = Network::new(NetworkConditions::perfect(10), [0; 32]);
        network.send(0, 's', 'a', vec![1]);
        network.rebind('a', 'x');
        assert_eq!(network.deliver(10), []);
    }

    #[test]
    fn what_arrives_is_recorded() {
        let file = std::env::temp_dir().join(format!("netsim-{}.pcap", std::process::id()));
        let mut network = Network::new(NetworkConditions::perfect(10), [0; 32]);
        network.record(&file).unwrap();
        network.send(0, 'a', 'b', vec![1, 2, 3]);
        network.send(5, 'b', 'a', vec![4]);
        network.deliver(100);
        drop(network);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(bytes.len(), 24 + (16 + 28 + 3) + (16 + 28 + 1));
        assert_eq!(bytes[24 + 4..24 + 8], 10_000_u32.to_le_bytes(), "the time of arrival");
    }
}
