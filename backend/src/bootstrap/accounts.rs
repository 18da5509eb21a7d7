//! What an account with a server holds: the Resources of the Security Object and of the Server Object (LwM2M 1.0 TS
//! Appendix E.1, E.2).

use bootstrap_configuration::resource;
use console_api::{AccountCredentials, BootstrapServerAccount, SecurityMode, ValueContent, hex_decode};
use credentials::{KeyPair, Pick, Secret, Server, authority::DeviceKey};
use lwm2m_codec::{Node, Value};
use lwm2m_core::bootstrap_server::{Account, Resources};
use lwm2m_model::Registry;

use super::{configurations::Secrets, limits};
use crate::credentials::{Credentials, DeskError, Transaction, Wanted};

/// For whom the accounts of a session are.
pub(super) struct Addressee<'a> {
    pub(super) endpoint: &'a str,
    pub(super) session: u64,
    pub(super) now_ms: u64,
    pub(super) registry: &'a Registry,
    pub(super) credentials: &'a Credentials,
}

/// What the device proves itself with, and what the server does.
#[derive(Default)]
struct Keys {
    /// `/0/x/3`
    identity: Vec<u8>,
    /// `/0/x/4`
    server: Vec<u8>,
    /// `/0/x/5`
    secret: Vec<u8>,
}

/// The server that an account is for.
pub(super) const fn server_of(account: &BootstrapServerAccount) -> Server {
    if account.bootstrap_server { Server::Bootstrap } else { Server::DeviceManagement }
}

impl Addressee<'_> {
    /// The account at a position. A credential that is made for it is part of the transaction.
    pub(super) fn account(
        &self,
        position: usize,
        account: &BootstrapServerAccount,
        secrets: &Secrets,
        transaction: &mut Transaction<'_>,
    ) -> Result<Account, DeskError> {
        let keys = match account.credentials {
            _ if account.security_mode == SecurityMode::NoSec => Keys::default(),
            AccountCredentials::Same => self.same(account, secrets.get(&position))?,
            AccountCredentials::Generate => self.made(account, transaction)?,
        };
        Ok(Account {
            bootstrap_server: account.bootstrap_server,
            security_instance: account.security_instance,
            server_instance: account.server_instance,
            security: self.security(account, keys)?,
            server: if account.bootstrap_server { Resources::new() } else { self.server(account)? },
            queue_mode: account.queue_mode,
        })
    }

    fn same(&self, account: &BootstrapServerAccount, secret: Option<&Secret>) -> Result<Keys, DeskError> {
        let identity = match account.security_mode {
            SecurityMode::Psk => self.identity(account).into_bytes(),
            _ => bytes(account.public_key.as_deref().unwrap_or_default())?,
        };
        let secret = secret.map(|secret| secret.expose().to_vec()).unwrap_or_default();
        Ok(Keys { identity, server: self.server_key(account)?, secret })
    }

    /// From then on it is a credential of this server.
    fn made(
        &self,
        account: &BootstrapServerAccount,
        transaction: &mut Transaction<'_>,
    ) -> Result<Keys, DeskError> {
        let server_key = self.server_key(account)?;
        let server = server_of(account);
        let (identity, secret, pick) = match account.security_mode {
            SecurityMode::Psk | SecurityMode::NoSec => {
                let like = self.identity(account);
                let identity = transaction.free_identity(server, self.endpoint, &like, &[]);
                let key = Secret::random(limits::KEY_BYTES).map_err(|error| failed(&error))?;
                let pick = Pick::Psk { identity: Some(identity.clone()), key: Some(key.clone()) };
                (identity.into_bytes(), key, pick)
            }
            SecurityMode::RawPublicKey => {
                let pair = KeyPair::generate().map_err(|error| failed(&error))?;
                let public = pair.public_key().map_err(|error| failed(&error))?;
                (public.clone(), private(&pair)?, Pick::RawPublicKey(Some(public)))
            }
            SecurityMode::Certificate => {
                let pair = KeyPair::generate().map_err(|error| failed(&error))?;
                let certificate = self.certificate(&pair)?;
                (certificate.clone(), private(&pair)?, Pick::Certificate(Some(certificate)))
            }
        };
        let wanted = Wanted {
            endpoint: self.endpoint.to_owned(),
            server,
            pick,
            note: format!("made in bootstrap session {}", self.session),
            author: super::AUTHOR.to_owned(),
            made_in: Some(self.session),
        };
        let credential = transaction.make(wanted, &[])?.clone();
        transaction.audit_credential(super::AUTHOR, "add_credential", &credential);
        Ok(Keys { identity, server: server_key, secret: secret.expose().to_vec() })
    }

    /// Of a PSK. `{endpoint}` in it stands for the name of the device.
    fn identity(&self, account: &BootstrapServerAccount) -> String {
        account.identity.as_deref().unwrap_or("{endpoint}").replace("{endpoint}", self.endpoint)
    }

    fn certificate(&self, pair: &KeyPair) -> Result<Vec<u8>, DeskError> {
        let authority = self.credentials.server().to_authority()?.ok_or_else(no_authority)?;
        let key = DeviceKey::of_pair(pair)?;
        Ok(authority.issue_for_device(self.endpoint, &key, limits::CERTIFICATE_DAYS, self.now_ms)?)
    }

    /// This server's own where none is given.
    fn server_key(&self, account: &BootstrapServerAccount) -> Result<Vec<u8>, DeskError> {
        if let Some(given) = &account.server_public_key {
            return bytes(given);
        }
        let keys = self.credentials.server();
        let keys = keys.of(server_of(account));
        match account.security_mode {
            SecurityMode::NoSec | SecurityMode::Psk => Ok(Vec::new()),
            SecurityMode::RawPublicKey => Ok(keys.raw.public.clone()),
            SecurityMode::Certificate => {
                keys.certificate.as_ref().map(|own| own.public.clone()).ok_or_else(no_authority)
            }
        }
    }

    fn security(&self, account: &BootstrapServerAccount, keys: Keys) -> Result<Resources, DeskError> {
        let mode = match account.security_mode {
            SecurityMode::Psk => 0,
            SecurityMode::RawPublicKey => 1,
            SecurityMode::Certificate => 2,
            SecurityMode::NoSec => 3,
        };
        let mut resources = values([
            (0, Value::string(account.uri.as_str())),
            (1, Value::Boolean(account.bootstrap_server)),
            (2, Value::Integer(mode)),
            (3, Value::opaque(keys.identity)),
            (4, Value::opaque(keys.server)),
            (5, Value::opaque(keys.secret)),
        ]);
        if !account.bootstrap_server {
            resources.insert(10, Node::Value(Value::Integer(account.short_server_id.into())));
        }
        self.further(0, &account.security_resources, &mut resources)?;
        Ok(resources)
    }

    fn server(&self, account: &BootstrapServerAccount) -> Result<Resources, DeskError> {
        let mut resources = values([
            (0, Value::Integer(account.short_server_id.into())),
            (1, Value::Integer(account.lifetime_s.into())),
            (6, Value::Boolean(account.notification_storing)),
            (7, Value::string(account.binding.as_str())),
        ]);
        let optional = [
            (2, account.default_minimum_period_s),
            (3, account.default_maximum_period_s),
            (5, account.disable_timeout_s),
        ];
        for (resource, seconds) in optional {
            resources.extend(seconds.map(|seconds| (resource, Node::Value(Value::Integer(seconds.into())))));
        }
        self.further(1, &account.server_resources, &mut resources)?;
        Ok(resources)
    }

    fn further<'a>(
        &self,
        object: u16,
        given: impl IntoIterator<Item = (&'a u16, &'a ValueContent)>,
        resources: &mut Resources,
    ) -> Result<(), DeskError> {
        for (number, content) in given {
            let value = resource(object, *number, content, self.registry).map_err(|wrong| {
                let what = format!("Resource {number} of Object {object}");
                DeskError::Failed(format!("{what}: expected {}, got {}", wrong.expected, wrong.got))
            })?;
            resources.insert(*number, value);
        }
        Ok(())
    }
}

fn values<const N: usize>(values: [(u16, Value); N]) -> Resources {
    values.into_iter().map(|(resource, value)| (resource, Node::Value(value))).collect()
}

fn private(pair: &KeyPair) -> Result<Secret, DeskError> {
    pair.to_pkcs8().map_err(|error| failed(&error))
}

fn bytes(hex: &str) -> Result<Vec<u8>, DeskError> {
    hex_decode(hex)
        .ok_or_else(|| DeskError::Failed("a key of the configuration is not hexadecimal".to_owned()))
}

fn failed(error: &dyn std::fmt::Display) -> DeskError {
    DeskError::Failed(error.to_string())
}

fn no_authority() -> DeskError {
    DeskError::Failed("there is no certificate authority yet: page Security makes one".to_owned())
}
