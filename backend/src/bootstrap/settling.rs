//! What becomes of the credentials that bootstrap makes, when a session is over.

use std::collections::BTreeSet;

use credentials::{Credential, CredentialId, Mode, Server};

use super::AUTHOR;
use crate::credentials::{Credentials, Transaction};

/// A session that is over.
pub(super) struct Settling {
    pub(super) session: u64,
    pub(super) endpoint: String,
    /// Whether the device has what was made for it.
    pub(super) succeeded: bool,
    /// The servers that it has an account with, and whether with security.
    pub(super) accounts: BTreeSet<(Server, bool)>,
    /// What was made in it until then: it may go on, and then makes others.
    pub(super) made: BTreeSet<CredentialId>,
}

impl Settling {
    /// After success what earlier sessions had made for the same server counts no longer: the device has forgotten it. After
    /// failure what this one has made is withdrawn, unless it is in use.
    pub(super) fn settle(&self, credentials: &Credentials, now_ms: u64, transaction: &mut Transaction<'_>) {
        let made: Vec<Credential> = {
            let tables = credentials.tables();
            let of_endpoint = tables.of_endpoint(&self.endpoint);
            of_endpoint.filter(|credential| credential.made_in.is_some()).cloned().collect()
        };
        for credential in made {
            let made_in = credential.made_in.unwrap_or_default();
            if !self.succeeded && self.made.contains(&credential.id) {
                // Whoever has connected with it has it: only the answer to Finish was lost. Else nobody has seen it, so
                // that nothing has to be remembered of it.
                if credential.last_used_at_ms.is_none() {
                    end(credential, true, now_ms, transaction);
                }
            } else if self.succeeded && made_in < self.session {
                let server = credential.server;
                let secured = self.accounts.contains(&(server, true));
                let unsecured = self.accounts.contains(&(server, false));
                if secured || unsecured {
                    // One that was revoked before goes now. A device that is to connect without security must not have any.
                    let forget = !secured || !credential.is_valid(now_ms);
                    end(credential, forget, now_ms, transaction);
                }
            }
        }
    }
}

/// A certificate of ours has to be remembered as revoked until it expires.
fn end(credential: Credential, forget: bool, now_ms: u64, transaction: &mut Transaction<'_>) {
    if forget && credential.proof.mode() != Mode::Certificate {
        transaction.audit_credential(AUTHOR, "forget_credential", &credential);
        transaction.forget(credential.id);
    } else if credential.revoked_at_ms.is_none() {
        let revoked = Credential { revoked_at_ms: Some(now_ms), ..credential };
        transaction.audit_credential(AUTHOR, "revoke_credential", &revoked);
        transaction.change(revoked);
    }
}
