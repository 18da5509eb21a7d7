//! What a device receives as Writes: accounts, access control, other instances, in this order.

use std::collections::BTreeMap;

use lwm2m_codec::{ContentFormat, Level, Node, Path, Record, Value, registration::LwM2mVersion};
use lwm2m_model::{ClientModel, Registry, core_version};

use super::{
    AccessControl, Account, BootstrapInformation, Failure, Resources, command::Command,
    discovered::Discovered, failure, instance_ids, limits,
};

const SECURITY: u16 = 0;
const SERVER: u16 = 1;
const ACCESS_CONTROL: u16 = 2;
const BINDING: u16 = 7;

/// What is known of the device that the Writes are for.
pub(super) struct Receiver<'a> {
    pub(super) version: LwM2mVersion,
    /// What it still has.
    pub(super) left: &'a Discovered,
    pub(super) format: ContentFormat,
    pub(super) definitions: &'a Registry,
}

/// A target and its values, and what of them is left out.
pub(super) struct Write {
    pub(super) path: Path,
    pub(super) records: Vec<Record>,
    remark: String,
}

/// All Writes as commands.
pub(super) fn commands(
    information: &BootstrapInformation,
    receiver: &Receiver<'_>,
) -> Result<Vec<Command>, Failure> {
    let writes = writes(information, receiver)?.into_iter();
    let commands = writes.map(|Write { path, records, remark }| {
        let command = Command::write(path, receiver.format, records, receiver.definitions)
            .map_err(|error| failure::not_encoded(&path, receiver.format, &error))?;
        match command.payload_bytes() {
            bytes if bytes > limits::PAYLOAD_BYTES => Err(failure::too_large(&path, bytes)),
            _ => Ok(command.remark(remark)),
        }
    });
    commands.collect()
}

/// All targets with their values.
pub(super) fn writes(
    information: &BootstrapInformation,
    receiver: &Receiver<'_>,
) -> Result<Vec<Write>, Failure> {
    let model = receiver.model();
    let mut writes = Vec::new();
    let instances = instance_ids::of_accounts(&information.accounts, receiver.left)?;
    for (account, chosen) in information.accounts.iter().zip(instances) {
        let path = Path::instance(SECURITY, chosen.security);
        writes.push(receiver.known(path, values(&path, &account.security), &model));
        if let Some(server) = chosen.server {
            let path = Path::instance(SERVER, server);
            writes.push(receiver.known(path, values(&path, &receiver.server_resources(account)), &model));
        }
    }
    let instances = instance_ids::of_access_control(&information.access_control, receiver.left)?;
    for (access_control, instance) in information.access_control.iter().zip(instances) {
        let path = Path::instance(ACCESS_CONTROL, instance);
        let records = access_control_records(instance, access_control);
        writes.push(Write { path, records, remark: String::new() });
    }
    for (path, records) in &information.instances {
        receiver.spare_own_account(path, records)?;
        writes.push(receiver.known(*path, records.clone(), &model));
    }
    Ok(writes)
}

impl Receiver<'_> {
    fn model(&self) -> ClientModel<'_> {
        let announced = self.left.object_versions.iter().map(|(object, text)| (*object, text.as_str()));
        self.definitions.for_client(self.version, announced)
    }

    /// Without the Resources that the Object does not have in the version of the device.
    fn known(&self, path: Path, records: Vec<Record>, model: &ClientModel<'_>) -> Write {
        let object = path.object_id().filter(|object| self.version_is_known(*object));
        let definition = object.and_then(|object| model.object(object));
        let Some(definition) = definition else { return Write { path, records, remark: String::new() } };
        let known = |record: &Record| {
            record.path.resource_id().is_none_or(|resource| definition.resource(resource).is_some())
        };
        let (records, unknown): (Vec<_>, Vec<_>) = records.into_iter().partition(known);
        let mut left_out: Vec<String> =
            unknown.iter().map(|record| record.path.truncate(Level::Resource).to_string()).collect();
        left_out.dedup();
        let remark = match left_out.as_slice() {
            [] => String::new(),
            left_out => format!(
                "left out, as {} in version {} has no such Resource: {}",
                definition.name,
                definition.version,
                left_out.join(", ")
            ),
        };
        Write { path, records, remark }
    }

    /// Of core Objects by the version of the enabler, of others only where the device has said it.
    fn version_is_known(&self, object: u16) -> bool {
        core_version(self.version, object).is_some() || self.left.object_versions.contains_key(&object)
    }

    /// `/1/x/7` as the version of the device has it: in 1.0 queue mode is part of it, and there are U and S only
    /// (LwM2M 1.0 TS §5.3.1.1); since 1.1 it names transports (Core §6.2.1.2).
    fn server_resources(&self, account: &Account) -> Resources {
        let mut resources = account.server.clone();
        let Some(Node::Value(Value::String(binding))) = resources.get(&BINDING) else { return resources };
        let queue_mode = account.queue_mode || binding.contains('Q');
        let with_queue = if queue_mode { "Q" } else { "" };
        let adapted = match self.version {
            LwM2mVersion::V1_0 => match (binding.contains('U'), binding.contains('S')) {
                (true, true) => format!("U{with_queue}S"),
                (false, true) => format!("S{with_queue}"),
                (_, false) => format!("U{with_queue}"),
            },
            LwM2mVersion::V1_1 | LwM2mVersion::V1_2 => binding.replace('Q', ""),
        };
        resources.insert(BINDING, Node::Value(Value::string(adapted)));
        resources
    }

    /// An instance of the Security Object outside of the accounts must not be the one of ours.
    fn spare_own_account(&self, path: &Path, records: &[Record]) -> Result<(), Failure> {
        let own = self.left.bootstrap_accounts().map(|instance| Path::instance(SECURITY, instance));
        let hit = own
            .into_iter()
            .find(|own| path.starts_with(own) || records.iter().any(|record| record.path.starts_with(own)));
        hit.map_or(Ok(()), |own| Err(failure::own_account(&own)))
    }
}

fn values(instance: &Path, resources: &Resources) -> Vec<Record> {
    let each = resources.iter().filter_map(|(id, node)| Some((instance.child(*id)?, node)));
    each.flat_map(|(path, node)| match node {
        Node::Value(value) => vec![Record::new(path, value.clone())],
        Node::Children(children) => several(&path, children),
    })
    .collect()
}

fn several(resource: &Path, children: &BTreeMap<u16, Node>) -> Vec<Record> {
    let each = children.iter().filter_map(|(id, node)| {
        let path = resource.child(*id)?;
        Some(Record::new(path, node.value()?.clone()))
    });
    each.collect()
}

/// LwM2M 1.0 TS Appendix E.3.
fn access_control_records(instance: u16, access_control: &AccessControl) -> Vec<Record> {
    let resource = |resource| Path::resource(ACCESS_CONTROL, instance, resource);
    let number = |path, number: u16| Record::new(path, Value::Integer(number.into()));
    let mut records =
        vec![number(resource(0), access_control.object), number(resource(1), access_control.object_instance)];
    let acl = access_control.acl.iter().map(|(server, rights)| {
        number(Path::resource_instance(ACCESS_CONTROL, instance, 2, *server), u16::from(*rights))
    });
    records.extend(acl);
    records.push(number(resource(3), access_control.owner));
    records
}
