use std::collections::BTreeMap;

use coap::Code;
use lwm2m_codec::{ContentFormat, Node, Path, Record};

/// What a device receives, ready but for instance ids, version and format (LwM2M 1.0 TS §5.2.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BootstrapInformation {
    /// Whether the device is asked first what it has.
    pub discover: bool,
    pub on_refusal: OnRefusal,
    /// In place of the Content-Format that the device prefers.
    pub content_format: Option<ContentFormat>,
    /// What is deleted first, in this order: the root, Objects, Object Instances.
    pub delete: Vec<Path>,
    pub accounts: Vec<Account>,
    pub access_control: Vec<AccessControl>,
    /// Instances of any other Object. A path may also be an Object with several instances, or a Resource.
    pub instances: Vec<(Path, Vec<Record>)>,
    /// What the device is asked for before Finish, to compare: the root with Discover, `/1` and `/2` or an instance of
    /// them with Read, as far as its version has that.
    pub read: Vec<Path>,
    /// Whether a device may take it all at once (Bootstrap-Pack, LwM2M 1.2 Core §6.1.7.7).
    pub pack: bool,
}

/// What follows when the device refuses a Discover, Read, Write or Delete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefusal {
    /// The session has failed.
    #[default]
    Stop,
    /// What else there is follows, and the device says at Finish whether it can live with that.
    Continue,
}

/// Resources of an Object Instance by number: a value, or several by the ids of their Resource Instances.
pub type Resources = BTreeMap<u16, Node>;

/// An instance of the Security Object and, but for the Bootstrap-Server itself, one of the Server Object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The account of the Bootstrap-Server itself takes the place of the one that the device has.
    pub bootstrap_server: bool,
    /// A free one when absent.
    pub security_instance: Option<u16>,
    /// A free one when absent.
    pub server_instance: Option<u16>,
    pub security: Resources,
    /// Binding `/1/x/7` without `Q`.
    pub server: Resources,
    /// Before LwM2M 1.1 part of the binding.
    pub queue_mode: bool,
}

/// An instance of the Access Control Object (LwM2M 1.0 TS Appendix E.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessControl {
    /// A free one when absent.
    pub instance: Option<u16>,
    pub object: u16,
    pub object_instance: u16,
    /// Rights by Short Server ID.
    pub acl: Vec<(u16, u8)>,
    pub owner: u16,
}

/// Why a device receives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConfigured {
    /// 4.00 for an unknown endpoint, 5.03 when nothing could be stored. For a pack also 4.04 and 4.05.
    pub code: Code,
    pub what: String,
}
