use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ApiError, NamedValue, SecretText, SecurityMode, ValueContent};

/// What a device receives from the Bootstrap-Server (LwM2M 1.0 TS §5.2). Also the file of an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapConfiguration {
    /// No two have the same.
    pub name: String,
    pub note: String,
    /// Which devices receive it: the most specific of all configurations wins.
    pub assigned: Vec<BootstrapAssignment>,
    /// Whether the device is first asked what it has (Bootstrap-Discover), so that its own account with the
    /// Bootstrap-Server is never written over and the instance ids are free.
    pub discover: bool,
    pub on_refusal: OnRefusal,
    /// In place of the Content-Format that the device prefers (`pct`).
    pub content_format: Option<u16>,
    /// What is deleted first: `/`, an Object or an Object Instance.
    pub delete: Vec<String>,
    pub servers: Vec<BootstrapServerAccount>,
    pub access_control: Vec<BootstrapAccessControl>,
    /// Instances of any other Object.
    pub instances: Vec<BootstrapInstance>,
    /// What the device is asked for before Finish, and compared with what was written: `/` with Bootstrap-Discover, `/1`
    /// (LwM2M 1.2) and `/2` (1.1) or one of their instances with Bootstrap-Read. Only remarks come of it.
    pub read: Vec<String>,
    /// Whether a device may take it all at once (Bootstrap-Pack-Request, LwM2M 1.2); otherwise that gets 4.04, and the
    /// device asks with a Bootstrap-Request.
    pub pack: bool,
}

/// Which devices a configuration is for, by Endpoint Client Name; from most to least specific.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BootstrapAssignment {
    /// The one with this name.
    Endpoint(String),
    /// Those whose name fits. One `*` stands for any text; the longer the rest, the more specific.
    Pattern(String),
    /// Whoever nothing else fits.
    Default,
}

/// What follows when the device refuses a Write or a Delete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnRefusal {
    /// The session has failed.
    #[default]
    Stop,
    /// The rest is written, and the device says at Finish whether it can live with that.
    Continue,
}

/// An account with a server: an instance of the Security Object and one of the Server Object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapServerAccount {
    /// `/0/x/1`: the account of the Bootstrap-Server itself, in place of the one that the device has. It has neither
    /// Short Server ID nor an instance of the Server Object.
    pub bootstrap_server: bool,
    /// Chosen among the free ones when absent.
    pub security_instance: Option<u16>,
    /// Chosen among the free ones when absent.
    pub server_instance: Option<u16>,
    /// `/0/x/0`: `coaps://host:port`
    pub uri: String,
    /// `/0/x/10` and `/1/x/0`: 1 to 65534
    pub short_server_id: u16,
    /// `/0/x/2`
    pub security_mode: SecurityMode,
    pub credentials: AccountCredentials,
    /// The same for all. PSK: the identity, as text; `{endpoint}` in it stands for the name of the device.
    pub identity: Option<String>,
    /// The same for all. Raw public key or certificate of the device, DER in hexadecimal.
    pub public_key: Option<String>,
    /// `/0/x/4`: raw public key or certificate of the server, DER in hexadecimal. This server's own when absent.
    pub server_public_key: Option<String>,
    /// The same for all: `/0/x/5` in hexadecimal. It is never told; when it is absent, what was saved before is kept.
    pub secret_key: Option<SecretText>,
    /// Told only: whether a secret key is saved.
    pub has_secret_key: bool,
    /// Further Resources of the Security Object by number, such as 11 Client Hold Off Time.
    pub security_resources: BTreeMap<u16, ValueContent>,
    /// `/1/x/1`
    pub lifetime_s: u32,
    /// `/1/x/7`: `U`, `UQ` …; since 1.1 without `Q`, which a device of 1.0 is given where `queue_mode` says so.
    pub binding: String,
    pub queue_mode: bool,
    /// `/1/x/2`
    pub default_minimum_period_s: Option<u32>,
    /// `/1/x/3`
    pub default_maximum_period_s: Option<u32>,
    /// `/1/x/5`
    pub disable_timeout_s: Option<u32>,
    /// `/1/x/6`
    pub notification_storing: bool,
    /// Further Resources of the Server Object by number, such as 13 Registration Priority Order.
    pub server_resources: BTreeMap<u16, ValueContent>,
}

/// Where identity and key come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountCredentials {
    /// Made for each device, and from then on a credential of this server.
    #[default]
    Generate,
    /// All devices get what is given here.
    Same,
}

/// An instance of the Access Control Object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapAccessControl {
    /// Chosen among the free ones when absent.
    pub instance: Option<u16>,
    /// `/2/x/0`
    pub object: u16,
    /// `/2/x/1`: 65535 for the Object itself, which tells who may create.
    pub object_instance: u16,
    /// `/2/x/2`: rights by Short Server ID, 0 for everyone else: 1 Read, 2 Write, 4 Execute, 8 Delete, 16 Create.
    pub acl: BTreeMap<u16, u8>,
    /// `/2/x/3`
    pub owner: u16,
}

/// An instance of any Object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapInstance {
    /// `/3442/0`
    pub path: String,
    /// Paths below it: `10`, or `10/0` of a Resource with several instances.
    pub values: Vec<NamedValue>,
}

/// Something that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapProblem {
    /// Where: `servers/0/uri`
    pub field: String,
    pub expected: String,
    pub got: String,
}

/// A configuration as it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedBootstrapConfiguration {
    pub id: u64,
    /// Counted for each configuration, from 1.
    pub version: u32,
    pub saved_at_ms: u64,
    /// Who saved it: the console or another program, and from which address.
    pub author: String,
    pub configuration: BootstrapConfiguration,
    /// What is allowed and not advisable.
    pub warnings: Vec<BootstrapProblem>,
}

/// `GET /api/v1/bootstrap/configurations`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapConfigurationList {
    /// The newest version of each, by name.
    pub configurations: Vec<SavedBootstrapConfiguration>,
}

/// `GET /api/v1/bootstrap/configurations/{id}/versions`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapConfigurationVersions {
    /// The newest first.
    pub versions: Vec<SavedBootstrapConfiguration>,
}

/// `POST /api/v1/bootstrap/configurations/check`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapCheck {
    /// It cannot be saved until these are mended.
    pub problems: Vec<BootstrapProblem>,
    /// What is allowed and not advisable.
    pub warnings: Vec<BootstrapProblem>,
}

/// 422: a configuration that was not saved. It is an [`ApiError`] and a [`BootstrapCheck`] at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedConfiguration {
    #[serde(flatten)]
    pub error: ApiError,
    #[serde(flatten)]
    pub check: BootstrapCheck,
}

/// `POST /api/v1/bootstrap/sessions`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginBootstrap {
    pub endpoint: String,
}

/// `GET /api/v1/bootstrap/assignment?endpoint=`: what a device of this name would receive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapAssigned {
    pub endpoint: String,
    /// Nothing: the device is turned away.
    pub configuration: Option<SavedBootstrapConfiguration>,
    /// What in it fits the name.
    pub because: Option<BootstrapAssignment>,
    /// What fits too and is less specific: names of configurations.
    pub others: Vec<(String, BootstrapAssignment)>,
}

impl Default for BootstrapConfiguration {
    fn default() -> Self {
        Self {
            name: String::new(),
            note: String::new(),
            assigned: Vec::new(),
            discover: true,
            on_refusal: OnRefusal::Stop,
            content_format: None,
            delete: Vec::new(),
            read: Vec::new(),
            servers: Vec::new(),
            access_control: Vec::new(),
            instances: Vec::new(),
            pack: false,
        }
    }
}

impl Default for BootstrapServerAccount {
    fn default() -> Self {
        Self {
            bootstrap_server: false,
            security_instance: None,
            server_instance: None,
            uri: String::new(),
            short_server_id: 0,
            security_mode: SecurityMode::NoSec,
            credentials: AccountCredentials::Generate,
            identity: None,
            public_key: None,
            server_public_key: None,
            secret_key: None,
            has_secret_key: false,
            security_resources: BTreeMap::new(),
            lifetime_s: 86_400,
            binding: "U".to_owned(),
            queue_mode: false,
            default_minimum_period_s: None,
            default_maximum_period_s: None,
            disable_timeout_s: None,
            notification_storing: true,
            server_resources: BTreeMap::new(),
        }
    }
}
