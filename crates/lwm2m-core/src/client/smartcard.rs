//! A card with accounts (LwM2M 1.0 TS §5.2.3.2): it goes before what the factory put in. Whether it is another one, or
//! gone, the client looks at every Register and Update.

use std::sync::Arc;

use coap::Instant;
use lwm2m_codec::{Level, Path, Record};

use super::{
    bootstrap_delete,
    event::{BOOTSTRAP_SERVER, Event},
    machine::Client,
    object_tree::{ObjectInstance, ObjectTree},
    provision::NotProvisioned,
    shared::Shared,
};

const CORE_OBJECTS: [u16; 3] = [0, 1, 2];

/// The slot of a device, and what came from it.
#[derive(Default)]
pub(super) struct Smartcard {
    inserted: Option<Arc<[Record]>>,
    /// The card that was looked at last.
    known: Option<Arc<[Record]>>,
    /// Instances that came from it.
    provisioned: Vec<Path>,
    /// What it displaced: the instances that the device had of its own.
    displaced: Vec<(u16, u16, ObjectInstance)>,
    /// A Register or Update waits for the card to be looked at.
    pub(super) due: bool,
}

impl Smartcard {
    /// The card in the slot is looked at as if it were new. What came from it is gone.
    pub(super) fn start_over(&mut self) {
        let inserted = self.inserted.take();
        *self = Self { inserted, ..Self::default() };
    }

    pub(super) fn is_another(&self) -> bool {
        self.inserted != self.known
    }
}

impl Client {
    /// What the card holds that is in the slot; None without a card. The client looks at it when it boots, and at every
    /// Register and Update; without any account at once.
    pub fn insert_smartcard(&mut self, now: Instant, card: Option<Vec<Record>>) {
        self.shared.now = now;
        self.shared.smartcard.inserted = card.map(Arc::from);
        let waits_for_card = self.bootstrap.followed && !self.has_account();
        if waits_for_card && self.shared.smartcard.is_another() {
            self.shared.smartcard.due = true;
            self.drain_endpoint();
        }
    }

    fn has_account(&self) -> bool {
        let bootstrap = &self.bootstrap;
        !self.accounts.is_empty() || bootstrap.server.is_some() || !bootstrap.connecting.is_empty()
    }

    /// Looks at the card because a Register or an Update is due.
    pub(super) fn look_at_smartcard(&mut self) {
        if !core::mem::take(&mut self.shared.smartcard.due) || self.shared.bootstrapping {
            return;
        }
        self.abandon_bootstrap();
        let before = self.shared.tree.clone();
        self.shared.take_smartcard();
        self.adopt_accounts(Some(&before));
        // Who needs no new peer goes on at once.
        for account in &mut self.accounts {
            account.update_if_wanted(&mut self.shared);
        }
    }
}

impl Shared {
    /// Puts the accounts of the card in place of those of the card before, or of those the device has of its own.
    pub(super) fn take_smartcard(&mut self) {
        if !self.smartcard.is_another() {
            return;
        }
        self.smartcard.known.clone_from(&self.smartcard.inserted);
        self.forget_smartcard();
        let Some(card) = self.smartcard.known.clone() else {
            return self.push_event(BOOTSTRAP_SERVER, Event::SmartcardRemoved);
        };
        let event = match self.apply_smartcard(&card) {
            Ok(()) => Event::SmartcardRead,
            Err(error) => {
                self.smartcard.provisioned.clear();
                Event::SmartcardRefused { why: error.to_string() }
            }
        };
        self.push_event(BOOTSTRAP_SERVER, event);
    }

    /// Deletes what came from a card; what it had displaced comes back where nothing has taken its place.
    fn forget_smartcard(&mut self) {
        for path in core::mem::take(&mut self.smartcard.provisioned) {
            if self.tree.contains(&path) {
                // An instance that is there can be deleted.
                let _ = bootstrap_delete::delete(&mut self.tree, None, &path);
            }
        }
        let is_empty =
            |object: &u16| self.tree.instances(*object).is_none_or(|mut held| held.next().is_none());
        let displaced = core::mem::take(&mut self.smartcard.displaced);
        if !CORE_OBJECTS.iter().all(is_empty) {
            return;
        }
        for (object, instance, resources) in displaced {
            // It was there before, so there is room.
            let _ = self.tree.insert_instance(object, instance, resources);
        }
    }

    fn apply_smartcard(&mut self, card: &[Record]) -> Result<(), NotProvisioned> {
        let before = self.tree.clone();
        let displaced = core_instances(&self.tree);
        for (object, instance, _) in &displaced {
            let _ = self.tree.remove(Path::instance(*object, *instance));
        }
        let provisioned = self.tree.provision(self.config.version, card.to_vec());
        if provisioned.is_err() {
            self.tree.restore(before);
            return provisioned;
        }
        let mut paths: Vec<Path> =
            card.iter().map(|record| record.path.truncate(Level::ObjectInstance)).collect();
        paths.sort_unstable();
        paths.dedup();
        self.smartcard.provisioned = paths;
        self.smartcard.displaced = displaced;
        Ok(())
    }
}

fn core_instances(tree: &ObjectTree) -> Vec<(u16, u16, ObjectInstance)> {
    let of = |object| {
        let instances = tree.instances(object).into_iter().flatten();
        instances
            .filter_map(move |instance| Some((object, instance, tree.instance(object, instance)?.clone())))
    };
    CORE_OBJECTS.into_iter().flat_map(of).collect()
}
