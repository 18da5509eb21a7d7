//! Object 2 of a device, read and written by commands as any operator's are.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use console_api::{AccessControl, AccessControlState};
use lwm2m_codec::{ContentFormat, Decoder, Path, Record};
use lwm2m_core::server::{Answer, CommandState, Operation, Registration, WriteMode};
use lwm2m_model::access_control::{AccessControlContext, AccessControlInstance, accounts_in, instances_in};

use super::{AccessControlError, Desk, told};
use crate::{
    http::model,
    runtime::{Accepted, Order},
};

/// How long a device may take for each request: it is awake, or nothing is begun.
const TIMEOUT: Duration = Duration::from_secs(30);

const SERVER: u16 = 1;
pub(super) const ACCESS_CONTROL: u16 = 2;

pub(super) struct Device<'a> {
    pub(super) desk: &'a Desk,
    pub(super) registration: Arc<Registration>,
    author: String,
}

/// What a device says of its access control.
pub(super) struct Looked {
    pub(super) told: AccessControl,
    pub(super) context: AccessControlContext,
}

impl<'a> Device<'a> {
    pub(super) fn new(desk: &'a Desk, endpoint: &str, author: String) -> Result<Self, AccessControlError> {
        let view = desk.fleet.view();
        let unknown = || AccessControlError::UnknownClient(endpoint.to_owned());
        let registration = view.registration(endpoint).ok_or_else(unknown)?;
        if view.sleeper(endpoint).asleep {
            return Err(AccessControlError::Asleep);
        }
        drop(view);
        Ok(Self { desk, registration, author })
    }

    /// `server`: the Short Server ID of this server, where the caller knows it.
    pub(super) async fn look(&self, server: Option<u16>) -> Result<Looked, AccessControlError> {
        let mut told = AccessControl { server, ..AccessControl::default() };
        let accounts = self.read(Path::object(SERVER), &mut told.remarks).await?;
        let accounts = accounts_in(&accounts.unwrap_or_default());
        let mut instances = Vec::new();
        told.state = if !self.registration.links.objects.contains_key(&ACCESS_CONTROL) {
            AccessControlState::Missing
        } else {
            match self.read(Path::object(ACCESS_CONTROL), &mut told.remarks).await? {
                None => AccessControlState::Unreadable,
                Some(records) => {
                    let (read, incomplete) = instances_in(&records);
                    let remark = |id| format!("/2/{id} does not say what it guards, and is left out");
                    told.remarks.extend(incomplete.into_iter().map(remark));
                    instances = read;
                    if instances.is_empty() {
                        AccessControlState::Disabled
                    } else {
                        AccessControlState::Enabled
                    }
                }
            }
        };
        told.server = server.or_else(|| this_server(&accounts, &instances));
        let by_id = accounts.iter().map(|(instance, server)| (*server, Some(*instance)));
        told.servers = named_in(&instances).into_iter().map(|server| (server, None)).chain(by_id).collect();
        told.instances = instances.iter().map(told::instance).collect();
        told.read_at_ms = self.desk.clock.now().as_millis();
        self.desk.remember(&self.registration.endpoint, &self.author, &told).await?;
        told.disagreements = self.desk.disagreements(&self.registration.endpoint, &told)?;
        let servers = told.servers.keys().copied().collect();
        let enabled = told.state == AccessControlState::Enabled;
        Ok(Looked { told, context: AccessControlContext { enabled, servers, instances } })
    }

    /// PUT, and the code of the answer.
    pub(super) async fn write(
        &self,
        path: Path,
        content_format: ContentFormat,
        payload: Vec<u8>,
    ) -> Result<Answer, AccessControlError> {
        self.ask(Operation::Write { path, mode: WriteMode::Replace, content_format, payload }).await
    }

    /// What is below a path. `None` where the device does not give it, which is remarked.
    pub(super) async fn read(
        &self,
        path: Path,
        remarks: &mut Vec<String>,
    ) -> Result<Option<Vec<Record>>, AccessControlError> {
        let answer = self.ask(Operation::Read { path, accept: None }).await?;
        if !answer.code.is_success() {
            remarks.push(format!("the device answered {} to Read {path}", answer.code));
            return Ok(None);
        }
        if answer.payload.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let registry = self.desk.objects.registry();
        let model = model(&registry, Some(&self.registration));
        let format = answer.content_format.unwrap_or(ContentFormat::TEXT);
        let decoder = Decoder::new(format, &path, &model).root(&self.registration.links.root);
        match decoder.decode(&answer.payload) {
            Ok(records) => Ok(Some(records)),
            Err(error) => {
                remarks.push(format!("what the device answered to Read {path} cannot be read: {error}"));
                Ok(None)
            }
        }
    }

    async fn ask(&self, asked: Operation) -> Result<Answer, AccessControlError> {
        let order = Order {
            endpoint: self.registration.endpoint.clone(),
            operation: asked,
            author: self.author.clone(),
            force: false,
            timeout: TIMEOUT,
            deadline: TIMEOUT,
        };
        let accepted = self.desk.operations.command(order).await.ok_or(AccessControlError::Stopping)?;
        let Accepted { over, .. } = accepted.map_err(AccessControlError::Refused)?;
        let command = over.await.map_err(|_| AccessControlError::Stopping)?;
        match &command.state {
            CommandState::Answered(answer) => Ok(answer.clone()),
            _ => Err(AccessControlError::NotAnswered(command)),
        }
    }
}

/// The Short Server ID of the only account that this server can see, or of the only one of several that owns its
/// account: a server sees the account of another only where that was opened to it.
fn this_server(accounts: &BTreeMap<u16, u16>, instances: &[AccessControlInstance]) -> Option<u16> {
    let visible: Vec<_> = accounts.iter().collect();
    if let [(_, server)] = visible[..] {
        return Some(*server);
    }
    let is_open = |(instance, server): &&(&u16, &u16)| {
        let guard = instances.iter().find(|guard| (guard.object, guard.instance) == (SERVER, **instance));
        guard.is_some_and(|guard| guard.owner != **server || guard.acl.keys().any(|entry| entry != *server))
    };
    let mut own = visible.iter().filter(|account| !is_open(account));
    match (own.next(), own.next()) {
        (Some((_, server)), None) => Some(**server),
        _ => None,
    }
}

/// The servers that lists and owners name.
fn named_in(instances: &[AccessControlInstance]) -> BTreeSet<u16> {
    let named = instances.iter().flat_map(|guard| guard.acl.keys().copied().chain([guard.owner]));
    named.filter(|server| (1..u16::MAX).contains(server)).collect()
}

#[cfg(test)]
mod tests {
    use lwm2m_model::access_control::AccessRights;

    use super::*;

    fn guard(id: u16, owner: u16, entries: &[u16]) -> AccessControlInstance {
        let acl = entries.iter().map(|server| (*server, AccessRights::READ)).collect();
        AccessControlInstance { id, object: SERVER, instance: id, owner, acl }
    }

    #[test]
    fn a_server_is_known_by_the_account_that_nobody_else_sees() {
        assert_eq!(this_server(&[(0, 101)].into(), &[]), Some(101));
        let both = [(0, 101), (1, 102)].into();
        assert_eq!(this_server(&both, &[]), None);
        // 102 opened its account to 101.
        assert_eq!(this_server(&both, &[guard(0, 101, &[]), guard(1, 102, &[101])]), Some(101));
        assert_eq!(this_server(&both, &[guard(0, 101, &[]), guard(1, 102, &[])]), None);
    }

    #[test]
    fn whoever_is_named_is_a_server() {
        let named = named_in(&[guard(0, 101, &[0, 102]), guard(1, u16::MAX, &[103])]);
        assert_eq!(named, [101, 102, 103].into());
    }
}
