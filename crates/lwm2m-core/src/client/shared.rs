use std::{collections::VecDeque, sync::Arc};

use coap::{Endpoint, Instant};

use super::{
    config::ClientConfig, discover, event::Event, factory::Factory, limits, object_tree::ObjectTree,
    smartcard::Smartcard,
};
use crate::Peer;

/// What all server accounts of a client have in common.
pub(super) struct Shared {
    pub(super) config: ClientConfig,
    pub(super) tree: ObjectTree,
    pub(super) endpoint: Endpoint<Peer>,
    /// With the Short Server ID of the server each is about.
    pub(super) events: VecDeque<(u16, Event)>,
    pub(super) now: Instant,
    /// A session with the Bootstrap-Server is open: until it is over, servers neither hear nor tell anything.
    pub(super) bootstrapping: bool,
    pub(super) smartcard: Smartcard,
    /// None until the client has booted for the first time.
    pub(super) factory: Option<Factory>,
    /// The payload of Register for the tree as it is now.
    object_links: Arc<str>,
}

impl Shared {
    pub(super) fn new(config: ClientConfig, tree: ObjectTree, seed: [u8; 32]) -> Self {
        Self {
            endpoint: Endpoint::new(config.transmission.clone(), seed),
            config,
            tree,
            events: VecDeque::new(),
            now: Instant::default(),
            bootstrapping: false,
            smartcard: Smartcard::default(),
            factory: None,
            object_links: Arc::default(),
        }
    }

    pub(super) fn push_event(&mut self, server: u16, event: Event) {
        if self.events.len() >= limits::PENDING_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back((server, event));
    }

    /// The objects and instances as they are now; one copy for all who keep them.
    pub(super) fn object_links(&mut self) -> Arc<str> {
        if self.tree.take_instances_changed() || self.object_links.is_empty() {
            self.object_links = discover::object_links(&self.tree, &self.config).write().into();
        }
        Arc::clone(&self.object_links)
    }
}
