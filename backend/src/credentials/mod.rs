//! Who may connect: what there is in memory for handshakes ([`Credentials`]), who changes it ([`Desk`]), what the server
//! itself has, and which handshakes have failed.

mod authorities;
mod changes;
mod desk;
mod error;
mod guard;
mod handshakes;
mod issue;
mod key_file;
mod opening;
mod server_keys;
mod transaction;
mod view;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
};

pub(crate) use changes::{Change, Changes, Concerned};
use coap::Usage;
use credentials::{CredentialId, Tables, Vault, limits};
pub(crate) use desk::{Added, Desk, Imported, matches, mode_of, server_of};
pub(crate) use error::DeskError;
pub(crate) use guard::{Guard, proven};
pub(crate) use handshakes::{FailedHandshake, FailedHandshakes};
pub(crate) use issue::{CertificateOrder, Issued};
pub(crate) use opening::open;
pub(crate) use server_keys::ServerKeys;
use tokio::sync::broadcast;
pub(crate) use transaction::{Transaction, Wanted};
pub(crate) use view::{
    certificate, credential, public_key, secret_of_key, secret_of_pair, state, told_server,
};

/// Changes that a thread which serves sessions has not heard of yet. Beyond, it looks at everything.
const CHANGES: usize = 256;

/// What a handshake asks, in memory. It is locked for as long as it takes to look something up or to put something in.
pub(crate) struct Credentials {
    tables: RwLock<Tables>,
    server: RwLock<ServerKeys>,
    vault: Vault,
    /// When which were used since that was last stored: no more of them than there are credentials.
    uses: Mutex<BTreeMap<CredentialId, u64>>,
    changes: broadcast::Sender<Change>,
    /// How often there was no room for further credentials, and for a further authority.
    refused: AtomicU64,
    refused_authorities: AtomicU64,
}

impl Credentials {
    pub(crate) fn tables(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn server(&self) -> RwLockReadGuard<'_, ServerKeys> {
        self.server.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Tells when a credential was added, revoked or forgotten, or the server has other keys: then sessions that this
    /// concerns are to be compared with [`Self::tables`] again.
    pub(crate) fn changes(&self) -> Changes {
        Changes(self.changes.subscribe())
    }

    /// A device has connected with it. That is stored later.
    pub(crate) fn used(&self, id: CredentialId, at_ms: u64) {
        self.tables_mut().used(id, at_ms);
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(id, at_ms);
    }

    pub(crate) fn usage(&self) -> Usage {
        let reached = self.refused.load(Ordering::Relaxed);
        Usage { used: self.tables().len(), limit: limits::CREDENTIALS, reached }
    }

    /// Of the authorities that are believed besides one's own.
    pub(crate) fn authority_usage(&self) -> Usage {
        let reached = self.refused_authorities.load(Ordering::Relaxed);
        Usage { used: self.server().believed.len(), limit: limits::AUTHORITIES, reached }
    }

    fn take_uses(&self) -> BTreeMap<CredentialId, u64> {
        core::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Those that could not be stored. Later ones count.
    fn give_back(&self, earlier: BTreeMap<CredentialId, u64>) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, at_ms) in earlier {
            uses.entry(id).or_insert(at_ms);
        }
    }

    fn tables_mut(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn server_mut(&self) -> RwLockWriteGuard<'_, ServerKeys> {
        self.server.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: Change) {
        // Without a server that is secure nobody listens.
        let _ = self.changes.send(change);
    }
}
