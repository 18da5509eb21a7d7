use std::collections::BTreeMap;

use console_api::{AccessControl, AccessControlState, Client, ObjectEntry};
use lwm2m_codec::registration::RegisteredObject;
use lwm2m_model::access_control::{AccessControlContext, AccessControlInstance, Presence};

use super::effective::refused;
use super::{Answer, Question, instances_from};

/// What is known of who may do what on a device, as far as it concerns this server.
#[derive(Clone, Debug)]
pub(crate) struct Rights {
    context: AccessControlContext,
    server: u16,
    pub(crate) read_at_ms: u64,
}

impl Rights {
    /// None when the device was not asked yet, did not tell, or knows this server by a Short Server ID that nobody
    /// knows here.
    pub(crate) fn known(access: &AccessControl) -> Option<Self> {
        let tells = matches!(access.state, AccessControlState::Enabled | AccessControlState::Disabled);
        if access.read_at_ms == 0 || !tells {
            return None;
        }
        let context = context(access, &instances_from(&access.instances));
        Some(Self { context, server: access.server?, read_at_ms: access.read_at_ms })
    }

    /// The answer to an operation that the device would refuse to this server for its access control.
    pub(crate) fn refusal(&self, question: Question, presence: &dyn Presence) -> Option<Answer> {
        refused(&self.context, self.server, question, presence)
    }
}

/// With these instances instead of those that the device has.
pub(crate) fn context(access: &AccessControl, instances: &[AccessControlInstance]) -> AccessControlContext {
    AccessControlContext {
        enabled: access.state == AccessControlState::Enabled,
        servers: access.servers.keys().copied().chain(access.server).collect(),
        instances: instances.to_vec(),
    }
}

/// What a client has announced, as the rules ask for it.
pub(crate) fn registered(client: &Client) -> BTreeMap<u16, RegisteredObject> {
    let object = |object: &ObjectEntry| {
        let instances = object.instances.iter().copied().collect();
        (object.id, RegisteredObject { version: object.version.clone(), instances })
    };
    client.objects.iter().map(object).collect()
}
