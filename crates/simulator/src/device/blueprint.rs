use std::{net::SocketAddr, sync::Arc, time::Duration};

use lwm2m_codec::Path;
use lwm2m_core::client::{Client, ClientConfig, ObjectTree, Retry, TreeError};
use lwm2m_model::Registry;

use super::{Condition, Device};
use crate::{
    dice::Dice,
    objects::{
        Behaviour, ConnectivityStatistics, FirmwareUpdate, RegistryObject, insert_security_object,
        insert_server_object, permission,
    },
    profile,
    scenario::Group,
    security::SecureLine,
};

/// What all devices of a group have in common.
pub(crate) struct Blueprint<'a> {
    pub(crate) group: &'a Group,
    pub(crate) registry: Arc<Registry>,
    pub(crate) server: SocketAddr,
    /// The host that the server was given by, unless that is an address.
    pub(crate) server_name: Option<&'a str>,
    pub(crate) seed: u64,
}

/// A registration may take this long before it is tried again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Short, so that a fleet is back soon after its server is.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_LONGEST: Duration = Duration::from_secs(8);

impl Blueprint<'_> {
    /// Builds device number `number` of the group, counted from 0.
    pub(crate) fn build(&self, number: u32) -> anyhow::Result<Device> {
        let Self { group, server, .. } = *self;
        let version = group.lwm2m.version(number);
        let mut dice = Dice::new(self.seed, number.into());
        let design = profile::design(group.profile.kind(number), version, &mut dice);
        let firmware_version = design.device.identity().firmware;
        let mut firmware = FirmwareUpdate::new(version, firmware_version);
        firmware.set_fault(group.firmware_fault);
        let statistics = ConnectivityStatistics::default();

        let mut tree = ObjectTree::new(self.registry.clone());
        tree.set_permission(permission);
        let scheme = if group.security.is_some() { "coaps" } else { "coap" };
        insert_security_object(&mut tree, &format!("{scheme}://{server}"))?;
        insert_server_object(&mut tree, version, group.lifetime_s, group.queue_mode)?;
        design.device.insert_into(&mut tree)?;
        firmware.insert_into(&mut tree)?;
        statistics.insert_into(&mut tree)?;
        let mut others = design.objects;
        for object in &others {
            object.insert_into(&mut tree)?;
        }
        for id in &group.objects {
            let path = Path::object(*id);
            let definition = self.registry.object(*id).ok_or(TreeError::Undefined(path))?;
            // What the profile has anyway stays as it is.
            if !tree.contains(&path) {
                let object = RegistryObject::new(&mut dice, definition);
                object.insert_into(&mut tree)?;
                if let Some(template) = object.template(&self.registry, definition)? {
                    tree.allow_create(template)?;
                }
                others.push(Box::new(object));
            }
        }
        let endpoint = match &group.prefix {
            Some(prefix) => numbered(prefix, number, group.count),
            None => design.endpoint,
        };
        let secure = match &group.security {
            Some(security) => {
                let config = security.config(&endpoint, self.server_name)?;
                Some(Box::new(SecureLine::new(&endpoint, config)?))
            }
            None => None,
        };
        let config = ClientConfig {
            version,
            queue_mode: group.queue_mode,
            request_timeout: REQUEST_TIMEOUT,
            retry: Retry::Doubling { first: RETRY_FIRST, longest: RETRY_LONGEST },
            ..ClientConfig::new(&endpoint)
        };
        Ok(Device {
            client: Client::new(config, tree, dice.bytes()),
            server,
            secure,
            period: group.period(),
            object: design.device,
            statistics,
            firmware,
            others,
            download: None,
            closes_download: false,
            disturbances: Vec::new(),
            condition: Condition::new(
                group.queue_mode.then(|| Duration::from_secs(u64::from(group.awake_s))),
            ),
            advanced_at: None,
            dice,
        })
    }
}

/// The prefix with a number, counted from 1 and as wide as the largest one, so that names sort.
fn numbered(prefix: &str, number: u32, clients: u32) -> String {
    let width = clients.to_string().len();
    format!("{prefix}{:0width$}", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_wide_as_the_largest() {
        assert_eq!(numbered("urn:dev:ops:32473-", 0, 9), "urn:dev:ops:32473-1");
        assert_eq!(numbered("a", 4, 24), "a05");
        assert_eq!(numbered("a", 1999, 2000), "a2000");
    }
}
