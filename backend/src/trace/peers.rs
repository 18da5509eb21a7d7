use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

/// An address and the client there. Its records share it, so that those before the Register learn the name with it.
pub(super) struct TracedPeer {
    pub(super) address: SocketAddr,
    endpoint: OnceLock<Box<str>>,
}

impl TracedPeer {
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.endpoint.get().map(|endpoint| &**endpoint)
    }
}

/// The addresses that records are about, and no others.
#[derive(Default)]
pub(super) struct TracedPeers(HashMap<SocketAddr, Arc<TracedPeer>>);

impl TracedPeers {
    pub(super) fn at<'a>(
        &mut self,
        address: SocketAddr,
        named: impl FnOnce() -> Option<&'a str>,
    ) -> Arc<TracedPeer> {
        let peer = self.0.entry(address).or_insert_with(|| {
            let endpoint = named().map_or_else(OnceLock::new, |name| OnceLock::from(Box::from(name)));
            Arc::new(TracedPeer { address, endpoint })
        });
        Arc::clone(peer)
    }

    /// Another client at the same address does not take over what was recorded of the one before it.
    pub(super) fn name(&mut self, address: SocketAddr, endpoint: &str) {
        let Some(peer) = self.0.get_mut(&address) else { return };
        if peer.endpoint.get_or_init(|| Box::from(endpoint)).as_ref() != endpoint {
            *peer = Arc::new(TracedPeer { address, endpoint: OnceLock::from(Box::from(endpoint)) });
        }
    }

    /// A record of this peer is gone. With the last one the address is forgotten.
    pub(super) fn release(&mut self, peer: Arc<TracedPeer>) {
        let here = 2; // in the map, and in our hand
        if Arc::strong_count(&peer) <= here
            && self.0.get(&peer.address).is_some_and(|known| Arc::ptr_eq(known, &peer))
        {
            self.0.remove(&peer.address);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
