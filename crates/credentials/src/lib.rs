//! Who may connect: [`Credential`]s and what makes one good, their [`import`], their protection at rest ([`Vault`]), the
//! [`Tables`] that handshakes ask, and an [`authority`] that signs certificates.
//!
//! There is no clock, no socket and no file in here; times are milliseconds since 1970. What is drawn at random comes
//! from the system.

pub mod authority;
mod certificate;
mod credential;
mod draft;
pub mod import;
mod key_pair;
pub mod limits;
mod secret;
mod table;
mod tables;
mod text;
mod vault;

pub use certificate::{CertificateError, CertificateInfo, is_signed_by};
pub use credential::{Credential, CredentialId, Mode, Proof, Server, State, Stored};
pub use draft::{Draft, Field, Pick, Ready, Wrong};
pub use key_pair::{KeyPair, PrivateKeyForms, public_key, public_key_pem};
pub use secret::Secret;
pub use table::{Admitted, NotAdmitted, Shown, Table, Taken};
pub use tables::Tables;
pub use text::{Undecodable, bytes_of_text, der_of_text};
pub use vault::{Place, Sealed, Vault, VaultError};
