use std::collections::BTreeMap;

use coap::{ExchangeId, Instant};
use lwm2m_codec::{
    Path, Value,
    attributes::AttachedAttributes,
    limits::DEFAULT_LIFETIME_S,
    registration::{Binding, LwM2mVersion},
};

use super::{
    event::{SendId, TimeoutReason},
    object_tree::ObjectTree,
    observations::Observations,
    registration::{Announcement, Registered, State},
    registration_order::Turn,
    retry::Attempts,
    shared::Shared,
};
use crate::Peer;

const SECURITY: u16 = 0;
const SERVER: u16 = 1;

/// What the Server object (and, where there is one, the Security object) of a client says about a server, to be
/// resolved and given to [`super::Client::start_with`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUri {
    pub short_server_id: u16,
    /// `/0/x/0` of the Security instance with the same Short Server ID.
    pub uri: Option<String>,
}

/// The servers of a tree in the order of their instances of the Server object.
pub fn server_uris(tree: &ObjectTree) -> Vec<ServerUri> {
    let mut servers = Vec::new();
    for instance in tree.instances(SERVER).into_iter().flatten() {
        if let Some(short_server_id) = short_server_id(tree, instance) {
            servers.push(ServerUri { short_server_id, uri: security_uri(tree, short_server_id) });
        }
    }
    servers
}

/// The instance of the Server object with this Short Server ID.
pub(super) fn instance_of(tree: &ObjectTree, wanted: u16) -> Option<u16> {
    tree.instances(SERVER)?.find(|instance| short_server_id(tree, *instance) == Some(wanted))
}

fn short_server_id(tree: &ObjectTree, instance: u16) -> Option<u16> {
    number(tree, Path::resource(SERVER, instance, 0))?.try_into().ok()
}

fn security_uri(tree: &ObjectTree, short_server_id: u16) -> Option<String> {
    let of_server = |instance: &u16| {
        let is_bootstrap = tree.value(&Path::resource(SECURITY, *instance, 1)) == Some(&Value::Boolean(true));
        !is_bootstrap && number(tree, Path::resource(SECURITY, *instance, 10)) == Some(short_server_id.into())
    };
    let instance = tree.instances(SECURITY)?.find(of_server)?;
    match tree.value(&Path::resource(SECURITY, instance, 0)) {
        Some(Value::String(uri)) => Some(uri.to_string()),
        _ => None,
    }
}

fn number(tree: &ObjectTree, path: Path) -> Option<u64> {
    match tree.value(&path)? {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::Unsigned(number) => Some(*number),
        _ => None,
    }
}

/// One server of the client: the registration with it, and what it has asked for. Accounts know nothing of each other
/// (LwM2M 1.1 Core §5.1.1, §6.2).
pub(super) struct ServerAccount {
    pub(super) short_server_id: u16,
    /// Which instance of the Server object holds the account.
    pub(super) instance: u16,
    pub(super) peer: Peer,
    /// Whether the server can be reached; what is between is for the application to know.
    pub(super) online: bool,
    pub(super) state: State,
    pub(super) turn: Turn,
    pub(super) attempts: Attempts,
    /// What the server knows since the last Register or successful Update.
    pub(super) announced: Announcement,
    /// An Update is wanted although nothing changed.
    pub(super) update_requested: bool,
    pub(super) observations: Observations,
    /// What the server wrote with Write-Attributes.
    pub(super) attached: AttachedAttributes,
    /// Sends under way.
    pub(super) sends: BTreeMap<ExchangeId, SendId>,
}

impl ServerAccount {
    pub(super) fn new(short_server_id: u16, instance: u16, peer: Peer) -> Self {
        Self {
            short_server_id,
            instance,
            peer,
            online: true,
            state: State::InLine,
            turn: Turn::Ahead,
            attempts: Attempts::default(),
            announced: Announcement::default(),
            update_requested: false,
            observations: Observations::default(),
            attached: AttachedAttributes::default(),
            sends: BTreeMap::new(),
        }
    }

    /// Ends everything without a word to the server, as a reboot does.
    pub(super) fn forget(&mut self, shared: &mut Shared) {
        self.abandon_exchange(shared);
        self.end_observations(shared);
        for (exchange, send) in core::mem::take(&mut self.sends) {
            shared.endpoint.cancel_exchange(shared.now, exchange);
            self.send_ended(shared, send, Err("the client was started anew".to_owned()));
        }
    }

    /// When the account wants to be looked at again, and why.
    pub(super) fn poll_timeout(&self, shared: &Shared) -> Option<(Instant, TimeoutReason)> {
        let registration = match &self.state {
            _ if !self.online || shared.bootstrapping => None,
            State::Waiting { until } => Some((*until, TimeoutReason::Register)),
            State::Registered(Registered { update_due, update: None, .. }) => {
                Some((*update_due, TimeoutReason::Update))
            }
            _ => None,
        };
        let notify = self
            .next_report(shared)
            .filter(|_| !shared.bootstrapping)
            .map(|due| (due, TimeoutReason::Notify));
        registration.into_iter().chain(notify).min_by_key(|(due, _)| *due)
    }

    pub(super) fn handle_timeout(&mut self, shared: &mut Shared) {
        match &self.state {
            _ if !self.online || shared.bootstrapping => {}
            State::Waiting { until } if *until <= shared.now => self.register(shared),
            State::Registered(registered)
                if registered.update.is_none() && registered.update_due <= shared.now =>
            {
                self.update_requested = true;
                self.update_if_wanted(shared);
            }
            _ => {}
        }
    }

    pub(super) fn lifetime_s(&self, tree: &ObjectTree) -> u32 {
        self.number(tree, 1).unwrap_or(DEFAULT_LIFETIME_S)
    }

    /// The binding to announce, and whether in Queue Mode.
    pub(super) fn binding(&self, shared: &Shared) -> (Binding, bool) {
        let config = &shared.config;
        // LwM2M 1.0 TS §5.3.1.1: the current mode, which is /1/x/7; later versions tell what the client supports.
        let in_use = match shared.tree.value(&self.resource(7)) {
            Some(Value::String(letters)) if config.version == LwM2mVersion::V1_0 => {
                Binding::parse(letters, config.version).ok()
            }
            _ => None,
        };
        let binding = in_use.unwrap_or_else(|| config.binding.clone());
        let queue_mode = config.queue_mode || binding.queue_mode();
        (binding, queue_mode)
    }

    /// A number of the account that fits 32 bits; a larger one is as good as the largest of them.
    pub(super) fn number(&self, tree: &ObjectTree, resource: u16) -> Option<u32> {
        number(tree, self.resource(resource)).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }

    pub(super) fn flag(&self, tree: &ObjectTree, resource: u16) -> Option<bool> {
        match tree.value(&self.resource(resource)) {
            Some(Value::Boolean(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The instance of the Server object.
    pub(super) const fn path(&self) -> Path {
        Path::instance(SERVER, self.instance)
    }

    const fn resource(&self, resource: u16) -> Path {
        Path::resource(SERVER, self.instance, resource)
    }
}
