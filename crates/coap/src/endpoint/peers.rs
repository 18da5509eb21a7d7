use std::collections::{BTreeMap, BTreeSet};

use rand_core::RngCore;

use super::{lane::Lane, message_ids::MessageIds};
use crate::{ExchangeId, Instant, Token, Usage};

/// What the endpoint keeps about a peer it sends to.
pub(super) struct Peer {
    pub(super) message_ids: MessageIds,
    pub(super) requests: Lane<ExchangeId>,
    pub(super) notifications: Lane<WaitingNotification>,
    last_used: Instant,
}

/// A confirmable notification, encoded but for its message id.
pub(super) struct WaitingNotification {
    pub(super) token: Token,
    pub(super) datagram: Vec<u8>,
}

impl Peer {
    fn is_idle(&self) -> bool {
        self.requests.is_idle() && self.notifications.is_idle()
    }
}

pub(super) struct Peers<P> {
    peers: BTreeMap<P, Peer>,
    /// Peers with nothing under way or waiting, longest unused first.
    idle: BTreeSet<(Instant, P)>,
    max_peers: usize,
    /// Peers that were forgotten for others, or not taken.
    turned_away: u64,
}

impl<P: Copy + Ord> Peers<P> {
    pub(super) const fn new(max_peers: usize) -> Self {
        Self { peers: BTreeMap::new(), idle: BTreeSet::new(), max_peers, turned_away: 0 }
    }

    /// Uses a peer, met before or not. `None` when there is no room for one more.
    pub(super) fn with<R>(
        &mut self,
        now: Instant,
        peer: P,
        random: &mut impl RngCore,
        act: impl FnOnce(&mut Peer) -> R,
    ) -> Option<R> {
        if !self.peers.contains_key(&peer) {
            self.make_room()?;
        }
        let state = self.peers.entry(peer).or_insert_with(|| Peer {
            message_ids: MessageIds::new(random),
            requests: Lane::new(),
            notifications: Lane::new(),
            last_used: now,
        });
        self.idle.remove(&(state.last_used, peer));
        state.last_used = now;
        let result = act(state);
        if state.is_idle() {
            self.idle.insert((now, peer));
        }
        Some(result)
    }

    /// Empties the lanes of a peer. Its message id sequence goes on.
    pub(super) fn clear(&mut self, peer: P) {
        if let Some(state) = self.peers.get_mut(&peer) {
            state.requests = Lane::new();
            state.notifications = Lane::new();
            self.idle.insert((state.last_used, peer));
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.peers.len(), limit: self.max_peers, reached: self.turned_away }
    }

    fn make_room(&mut self) -> Option<()> {
        if self.peers.len() >= self.max_peers {
            self.turned_away += 1;
            let (_, longest_idle) = self.idle.pop_first()?;
            self.peers.remove(&longest_idle);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn use_peer(peers: &mut Peers<char>, now: u64, peer: char) -> Option<()> {
        let mut random = ChaCha20Rng::from_seed([0; 32]);
        peers.with(Instant::from_millis(now), peer, &mut random, |_| ())
    }

    #[test]
    fn the_longest_idle_peer_makes_room() {
        let mut peers = Peers::new(2);
        for (now, peer) in [(0, 'a'), (1, 'b'), (2, 'a'), (3, 'c')] {
            assert!(use_peer(&mut peers, now, peer).is_some());
        }
        assert_eq!(peers.peers.keys().collect::<String>(), "ac");
        assert_eq!(peers.usage(), Usage { used: 2, limit: 2, reached: 1 });
    }

    #[test]
    fn busy_peers_stay() {
        let mut peers = Peers::new(1);
        let mut random = ChaCha20Rng::from_seed([0; 32]);
        let enter = |peer: &mut Peer| peer.requests.enter(ExchangeId(0), 1);
        assert_eq!(peers.with(Instant::default(), 'a', &mut random, enter), Some(Some(ExchangeId(0))));
        assert_eq!(use_peer(&mut peers, 1, 'b'), None);
        peers.clear('a');
        assert!(use_peer(&mut peers, 2, 'b').is_some());
    }
}
