//! What the factory put in, and the way back to it (Device Object, Resource 5: LwM2M 1.0 TS Appendix E.4).

use coap::Instant;
use lwm2m_codec::Path;

use super::{
    machine::Client,
    object_tree::{ObjectInstance, ObjectTree},
    shared::Shared,
};

/// Security, Server, Access Control and OSCORE.
const ACCOUNT_OBJECTS: [u16; 4] = [0, 1, 2, 21];

/// The accounts that a device left the factory with, and the one with the Bootstrap-Server among them.
pub(super) type Factory = Vec<(u16, u16, ObjectInstance)>;

impl Client {
    /// Forgets all servers and whatever bootstrap has brought, also the account with the Bootstrap-Server, and boots with
    /// the accounts that there were when the client first did so.
    pub fn factory_reset(&mut self, now: Instant) {
        self.shared.now = now;
        self.abandon_bootstrap();
        self.bootstrap.purge_at = None;
        self.shared.restore_factory();
        self.boot(now);
    }
}

impl Shared {
    /// Remembers what there is, at the first boot.
    pub(super) fn note_factory(&mut self) {
        if self.factory.is_none() {
            self.factory = Some(instances(&self.tree));
        }
    }

    fn restore_factory(&mut self) {
        let Some(factory) = self.factory.clone() else { return };
        for (object, instance, _) in instances(&self.tree) {
            // It is there.
            let _ = self.tree.remove(Path::instance(object, instance));
        }
        for (object, instance, resources) in factory {
            // It was there before, so there is room.
            let _ = self.tree.insert_instance(object, instance, resources);
        }
        self.smartcard.start_over();
    }
}

fn instances(tree: &ObjectTree) -> Factory {
    let of = |object| {
        let instances = tree.instances(object).into_iter().flatten();
        instances
            .filter_map(move |instance| Some((object, instance, tree.instance(object, instance)?.clone())))
    };
    ACCOUNT_OBJECTS.into_iter().flat_map(of).collect()
}
