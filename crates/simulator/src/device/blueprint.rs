use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use coap::Instant;
use lwm2m_codec::{ContentFormat, Path, registration::LwM2mVersion};
use lwm2m_core::client::{Client, ClientConfig, ObjectTree, Retry, TreeError};
use lwm2m_model::Registry;

use super::{Condition, Device, Lines};
use crate::{
    dice::Dice,
    objects::{
        Behaviour, ConnectivityStatistics, FirmwareUpdate, RegistryObject, insert_bootstrap_account,
        insert_security_object, insert_server_object, permission,
    },
    profile,
    provision::{factory, smartcard},
    scenario::{Group, Transmission},
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
        let endpoint = self.endpoint(number, design.endpoint);
        design.device.insert_into(&mut tree)?;
        firmware.insert_into(&mut tree)?;
        statistics.insert_into(&mut tree)?;
        let mut others = design.objects;
        for object in &others {
            object.insert_into(&mut tree)?;
        }
        // Who may do what is said of Object Instances that there are.
        let lines = self.insert_accounts(&mut tree, version, &endpoint)?;
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
        let config = ClientConfig {
            version,
            queue_mode: group.queue_mode,
            request_timeout: REQUEST_TIMEOUT,
            retry: Retry::Doubling { first: RETRY_FIRST, longest: RETRY_LONGEST },
            preferred_content_format: preferred_content_format(version),
            bootstrap_pack: true,
            transmission: group.transmission.map(Transmission::parameters).unwrap_or_default(),
            ..ClientConfig::new(&endpoint)
        };
        let mut client = Client::new(config, tree, dice.bytes());
        if let Some(file) = group.smartcard_of(&endpoint) {
            client.insert_smartcard(Instant::default(), smartcard::read(&file, &self.registry)?);
        }
        Ok(Device {
            client,
            server: (!group.follows_sequence()).then_some(server),
            lines,
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

    fn endpoint(&self, number: u32, designed: String) -> String {
        match (&self.group.endpoint, &self.group.prefix) {
            (Some(endpoint), _) => endpoint.clone(),
            (None, Some(prefix)) => numbered(prefix, number, self.group.count),
            (None, None) => designed,
        }
    }

    /// With the one server, or with the Bootstrap-Server that gives others.
    fn insert_accounts(
        &self,
        tree: &mut ObjectTree,
        version: LwM2mVersion,
        endpoint: &str,
    ) -> anyhow::Result<Lines> {
        let Self { group, server, .. } = *self;
        if let Some(bootstrap) = &group.bootstrap {
            let keys = group.security.as_ref().map(|security| security.account(endpoint)).transpose()?;
            insert_bootstrap_account(tree, &bootstrap.to_string(), keys)?;
        }
        if let Some(file) = &group.factory {
            let records = factory::read(file, endpoint, &self.registry)?;
            tree.provision(version, records).with_context(|| file.display().to_string())?;
        }
        if group.follows_sequence() {
            return Ok(Lines::default());
        }
        let scheme = if group.security.is_some() { "coaps" } else { "coap" };
        insert_security_object(tree, &format!("{scheme}://{server}"))?;
        insert_server_object(tree, version, group.lifetime_s, group.queue_mode)?;
        let secure = match &group.security {
            Some(security) => {
                let config = security.config(endpoint, self.server_name)?;
                Some(Box::new(SecureLine::new(endpoint, config)?))
            }
            None => None,
        };
        Ok(Lines::to_server(server, secure))
    }
}

/// What a device of that version wants to be bootstrapped in.
const fn preferred_content_format(version: LwM2mVersion) -> Option<ContentFormat> {
    match version {
        LwM2mVersion::V1_0 => None,
        LwM2mVersion::V1_1 => Some(ContentFormat::SENML_CBOR),
        LwM2mVersion::V1_2 => Some(ContentFormat::LWM2M_CBOR),
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
