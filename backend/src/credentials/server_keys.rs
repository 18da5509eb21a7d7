use credentials::{CredentialId, KeyPair, Place, Secret, Server, Vault, authority::Authority};
use store::{SecurityChange, ServerSecret};

use super::DeskError;

/// What the servers themselves have. Certificates are there once an authority was made.
pub(crate) struct ServerKeys {
    pub(super) device_management: Keys,
    pub(super) bootstrap: Keys,
    pub(crate) authority: Option<Own>,
    /// Certificates (DER) of authorities of others.
    pub(crate) believed: Vec<Vec<u8>>,
}

/// The keys of one server: the Bootstrap-Server has its own (LwM2M 1.0 TS §7.1.1).
pub(crate) struct Keys {
    /// For devices that know the server by its raw public key.
    pub(crate) raw: Own,
    pub(crate) certificate: Option<Own>,
}

/// A private key, and what everyone may know of it: its public key, or a certificate (DER).
pub(crate) struct Own {
    pub(crate) public: Vec<u8>,
    /// PKCS #8, DER.
    pub(crate) key: Secret,
}

/// Under which name each is stored.
pub(super) const AUTHORITY: &str = "authority";

pub(super) const fn raw_name(server: Server) -> &'static str {
    match server {
        Server::DeviceManagement => "raw",
        Server::Bootstrap => "bootstrap_raw",
    }
}

pub(super) const fn certificate_name(server: Server) -> &'static str {
    match server {
        Server::DeviceManagement => "certificate",
        Server::Bootstrap => "bootstrap_certificate",
    }
}

impl Own {
    pub(super) fn of_pair(pair: &KeyPair, public: Vec<u8>) -> Result<Self, DeskError> {
        let key = pair.to_pkcs8().map_err(|error| DeskError::Failed(error.to_string()))?;
        Ok(Self { public, key })
    }

    pub(super) fn of_authority(authority: &Authority) -> Result<Self, DeskError> {
        Self::of_pair(authority.key(), authority.certificate()?)
    }

    pub(super) fn to_change(&self, name: &str, vault: &Vault) -> Result<SecurityChange, DeskError> {
        let sealed = vault.seal(Place::Server(name), self.key.expose())?;
        let (name, public) = (name.to_owned(), self.public.clone());
        Ok(SecurityChange::Server(ServerSecret { name, public, sealed }))
    }

    pub(super) fn restore(secret: &ServerSecret, vault: &Vault) -> Result<Self, credentials::VaultError> {
        let key = vault.open(Place::Server(&secret.name), &secret.sealed)?;
        Ok(Self { public: secret.public.clone(), key })
    }
}

impl ServerKeys {
    pub(crate) const fn of(&self, server: Server) -> &Keys {
        match server {
            Server::DeviceManagement => &self.device_management,
            Server::Bootstrap => &self.bootstrap,
        }
    }

    pub(super) const fn of_mut(&mut self, server: Server) -> &mut Keys {
        match server {
            Server::DeviceManagement => &mut self.device_management,
            Server::Bootstrap => &mut self.bootstrap,
        }
    }

    /// Certificates of all authorities that are believed.
    pub(crate) fn trust_anchors(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.authority.iter().map(|own| &own.public).chain(&self.believed)
    }

    /// To sign with.
    pub(crate) fn to_authority(&self) -> Result<Option<Authority>, DeskError> {
        let authority = self.authority.as_ref();
        Ok(authority.map(|own| Authority::restore(&own.public, &own.key)).transpose()?)
    }
}

/// The next id of a credential.
#[derive(Debug)]
pub(crate) struct Ids(pub(super) u64);

impl Ids {
    pub(super) const fn next(&mut self) -> CredentialId {
        self.0 += 1;
        CredentialId(self.0)
    }

    pub(super) const fn last(&self) -> u64 {
        self.0
    }
}
