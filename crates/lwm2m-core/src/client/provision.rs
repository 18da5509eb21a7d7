//! Accounts that come without a message: what the factory put in, and what a smartcard holds (LwM2M 1.0 TS §5.2.3).

use lwm2m_codec::{Path, Record, registration::LwM2mVersion};
use thiserror::Error;

use super::{
    bootstrap_consistency::{self, Inconsistency},
    bootstrap_write,
    object_tree::ObjectTree,
    security_account::bootstrap_account,
};

/// Why accounts cannot be used; the text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NotProvisioned(String);

impl ObjectTree {
    /// Puts in whole instances, as a Bootstrap-Server would write them: the triggers of a Server instance come by
    /// themselves, and what a client of this version does not know is left out.
    ///
    /// # Errors
    /// When a client could not live with the accounts there are then: with a server, or with a Bootstrap-Server that
    /// gives others. Then nothing is changed.
    pub fn provision(&mut self, version: LwM2mVersion, records: Vec<Record>) -> Result<(), NotProvisioned> {
        let before = self.clone();
        let provisioned = self.try_provision(version, records);
        if provisioned.is_err() {
            self.restore(before);
        }
        provisioned
    }

    fn try_provision(&mut self, version: LwM2mVersion, records: Vec<Record>) -> Result<(), NotProvisioned> {
        let values = (records, Vec::new());
        let written = bootstrap_write::write_values(self, version, &Path::ROOT, values);
        written.map_err(|refusal| NotProvisioned(refusal.diagnostic))?;
        match bootstrap_consistency::check(self, version) {
            Err(Inconsistency::NoServer) if bootstrap_account(self).is_some() => Ok(()),
            checked => checked.map_err(|wrong| NotProvisioned(wrong.to_string())),
        }
    }
}
