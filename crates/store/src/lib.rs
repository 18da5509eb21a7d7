//! What must survive: the [`Store`] contract, its engines, and one [`conformance`] suite that every engine
//! passes.
//!
//! The trait speaks in [`Change`]s, the way the server role does, and not in tables. [`memory::Memory`] keeps
//! everything until the process ends, [`sqlite::Sqlite`] on the disk.

mod audit;
mod bootstrap;
pub mod conformance;
mod document;
pub mod history;
mod label;
pub mod limits;
pub mod memory;
mod security;
pub mod sqlite;

use std::sync::Arc;

pub use audit::Audit;
pub use bootstrap::{KeptBootstrap, KeptConfiguration, KeptStep};
use coap::{Instant, Token};
pub use credentials::{CredentialId, Sealed, Stored};
pub use document::{Document, DocumentChange, DocumentOutcome};
use history::Tended;
pub use label::Label;
pub use lwm2m_core::server::{
    ActiveObservation, Change, ClientConfig, Command, CommandId, CommandState, Delivery, ObservationTarget,
    Outcome, Registration, Reported, Source, Subject, WantedObservation,
};
pub use security::{KeptSession, SecurityChange, ServerSecret};

/// Keeps changes and gives back what they amount to.
///
/// An engine is driven by one thread. A change that was answered [`Outcome::Stored`] is there for every later
/// question, after a crash too if the engine says it is durable.
pub trait Store: Send {
    /// Stores changes in this order, durably before it returns. One outcome for each.
    fn commit(&mut self, changes: &[Change]) -> Vec<Outcome> {
        self.commit_audited(changes, &[])
    }

    /// [`Self::commit`], and who had it done: with the position of its change, in ascending order. It is stored if and
    /// only if that is.
    fn commit_audited(&mut self, changes: &[Change], audits: &[(usize, Audit)]) -> Vec<Outcome>;

    /// Stores who did something that is stored elsewhere.
    fn audit(&mut self, audit: Audit) -> Outcome;

    /// Stores what operators call a client, durably before it returns, in place of what they called it before. An
    /// empty label is none. It outlives the registration and goes with [`Change::Forgotten`].
    fn label(&mut self, endpoint: &str, label: Label, audit: Option<Audit>) -> Outcome;

    /// Stores changes of credentials, of the server's own secrets, of sessions and of what the Bootstrap-Server has to say,
    /// and who had them done, durably before it returns: all of it or nothing. It goes with no [`Change::Forgotten`].
    fn secure(&mut self, changes: &[SecurityChange], audits: &[Audit]) -> Outcome;

    /// Stores documents and who had them saved, durably before it returns: all of it or nothing.
    fn keep(&mut self, changes: &[DocumentChange], audits: &[Audit]) -> DocumentOutcome;

    /// The documents of a kind whose keys begin so, by key.
    fn documents(&self, kind: &str, prefix: &str) -> Result<Vec<Document>, StoreError>;

    /// All credentials, by id.
    fn credentials(&self) -> Result<Vec<Stored>, StoreError>;

    /// The highest id that a credential ever had, also if it is kept no longer.
    fn last_credential(&self) -> Result<Option<CredentialId>, StoreError>;

    /// What the server itself has, by name.
    fn server_secrets(&self) -> Result<Vec<ServerSecret>, StoreError>;

    /// The sessions that go on, by id.
    fn sessions(&self) -> Result<Vec<KeptSession>, StoreError>;

    /// The highest number that was given to a session or reserved for one.
    fn last_session(&self) -> Result<u64, StoreError>;

    /// All versions of the configurations for the Bootstrap-Server, by id and version.
    fn configurations(&self) -> Result<Vec<KeptConfiguration>, StoreError>;

    /// The highest id that a configuration ever had, also if it is kept no longer.
    fn last_configuration(&self) -> Result<u64, StoreError>;

    /// The bootstrap sessions, by id.
    fn bootstraps(&self) -> Result<Vec<KeptBootstrap>, StoreError>;

    /// The steps of a bootstrap session, by number.
    fn bootstrap_steps(&self, session: u64) -> Result<Vec<KeptStep>, StoreError>;

    /// The highest id that a bootstrap session ever had, also if it is kept no longer.
    fn last_bootstrap(&self) -> Result<u64, StoreError>;

    /// What operators have changed, the newest first, at most [`limits::AUDITS`].
    fn audits(&self) -> Result<Vec<Audit>, StoreError>;

    /// All labels, by endpoint.
    fn labels(&self) -> Result<Vec<(String, Label)>, StoreError>;

    /// All registrations, by endpoint.
    fn registrations(&self) -> Result<Vec<Arc<Registration>>, StoreError>;

    /// What operators want observed of a client, by target.
    fn wanted_observations(&self, endpoint: &str) -> Result<Vec<WantedObservation>, StoreError>;

    /// The observation that a client accepted under this token.
    fn active_observation(&self, token: Token) -> Result<Option<ActiveObservation>, StoreError>;

    /// All wanted observations, by endpoint and target.
    fn all_wanted_observations(&self) -> Result<Vec<(String, WantedObservation)>, StoreError>;

    /// All observations that clients have accepted.
    fn active_observations(&self) -> Result<Vec<ActiveObservation>, StoreError>;

    /// What is decided about single clients, by endpoint.
    fn configs(&self) -> Result<Vec<(String, ClientConfig)>, StoreError>;

    /// The commands, by id: all that are not over, and of each client the newest that are.
    fn commands(&self) -> Result<Vec<Arc<Command>>, StoreError>;

    /// The highest id that a command ever had, also if it is kept no longer.
    fn last_command(&self) -> Result<Option<CommandId>, StoreError>;

    /// The newest payload of a client for each path, and for each set of paths that payloads name themselves; oldest
    /// first.
    fn latest(&self, endpoint: &str) -> Result<Vec<Arc<Reported>>, StoreError>;

    /// The newest payloads of all clients in one pass, for a start. Of one client the newer ones come later, and
    /// there may be two for a path.
    fn each_latest(&self, each: &mut dyn FnMut(Arc<Reported>)) -> Result<(), StoreError>;

    /// Does what nobody waits for. Called once a second, and, with `idle`, when no change came for a while.
    fn tend(&mut self, _now: Instant, _idle: bool) -> Tended {
        Tended::default()
    }

    /// Why nothing can be stored at present. The engine works again by itself once that is over, at the latest with
    /// the next [`Self::tend`].
    fn fault(&self) -> Option<&str> {
        None
    }
}

/// The engine could not answer.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct StoreError(pub String);
