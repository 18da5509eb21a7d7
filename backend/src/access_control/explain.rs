//! What the rules say to the answers of devices, by what is known of their access control without asking them.

use std::sync::Arc;

use console_api::{
    AccessAnswer, AccessControl, AccessControlState, AccessDisagreement, AccessExplanation, AccessOperation,
};
use lwm2m_codec::{Decoder, NoDefinitions, Path};
use lwm2m_core::server::{Answer, Command, CommandState, Operation};
use lwm2m_model::access_control::{AccessControlContext, Operation as AskedOperation, Registered, Requester};
use tokio::sync::mpsc;

use super::{AccessControlError, Desk, limits, told};
use crate::{documents::DocumentError, http};

/// By endpoint; they go with the client.
const DISAGREEMENTS: &str = "client.access_disagreements";

const REFUSED: &str = "4.01";
const NOT_SUPPORTED: &str = "4.05";

impl Desk {
    /// Of a command that was answered with 4.01 or 4.05. `None` where nothing is known.
    pub(crate) fn explain(&self, command: &Command) -> Option<AccessExplanation> {
        let got = answered(command)?.code.to_string();
        if got != REFUSED && got != NOT_SUPPORTED {
            return None;
        }
        let asked = match asked(&command.operation) {
            Some((operation, path)) => told::operation(operation, path).ok()?,
            None => self.asked_of_several(command)?,
        };
        let rights = self.read_unless_written(&command.endpoint)?;
        let answer = self.decide(&command.endpoint, &rights, &asked)?;
        let AccessAnswer { code: expected, reason, may_differ, .. } = answer;
        let agrees = expected == got;
        Some(AccessExplanation { expected, reason, agrees, may_differ, read_at_ms: rights.read_at_ms })
    }

    /// Compares what devices answer with the rules, and remembers where they do otherwise.
    pub(crate) async fn compare_all(self, mut answered: mpsc::Receiver<Arc<Command>>) {
        while let Some(command) = answered.recv().await {
            match self.compare(&command).await {
                Ok(()) => {}
                Err(error) if error.is_stopping() => return,
                Err(error) => tracing::error!("access control of {}: {error}", command.endpoint),
            }
        }
    }

    /// Where the device answered otherwise than these rights say, newest first. What other rights explain is none.
    pub(super) fn disagreements(
        &self,
        endpoint: &str,
        rights: &AccessControl,
    ) -> Result<Vec<AccessDisagreement>, AccessControlError> {
        let kept = self.documents.one::<Vec<AccessDisagreement>>(DISAGREEMENTS, endpoint)?;
        let by_these = |told: AccessDisagreement| {
            let path = told.path.parse().ok()?;
            let decided = told::operation(told.operation, path).ok();
            match decided.and_then(|asked| self.decide(endpoint, rights, &asked)) {
                Some(answer) if (answer.code == REFUSED) == (told.got == REFUSED) => None,
                Some(answer) => {
                    Some(AccessDisagreement { expected: answer.code, reason: answer.reason, ..told })
                }
                None => Some(told),
            }
        };
        Ok(kept.map(|kept| kept.content).unwrap_or_default().into_iter().filter_map(by_these).collect())
    }

    async fn compare(&self, command: &Command) -> Result<(), AccessControlError> {
        let Some(answer) = answered(command) else { return Ok(()) };
        let got = answer.code.to_string();
        if !answer.code.is_success() && got != REFUSED {
            return Ok(());
        }
        let Some((operation, path)) = asked(&command.operation) else { return Ok(()) };
        let Ok(decided) = told::operation(operation, path) else { return Ok(()) };
        let Some(rights) = self.read_unless_written(&command.endpoint) else { return Ok(()) };
        let Some(decided) = self.decide(&command.endpoint, &rights, &decided) else { return Ok(()) };
        // Which code says success is up to the operation.
        if (decided.code == REFUSED) == (got == REFUSED) {
            return Ok(());
        }
        let disagreement = AccessDisagreement {
            at_ms: command.changed_at.as_millis(),
            command: command.id.0,
            operation,
            path: path.to_string(),
            expected: decided.code,
            reason: decided.reason,
            got,
        };
        let endpoint = &command.endpoint;
        let kept = self.documents.one::<Vec<AccessDisagreement>>(DISAGREEMENTS, endpoint)?;
        let (version, mut all) = kept.map_or((0, Vec::new()), |kept| (kept.version, kept.content));
        remember(&mut all, disagreement);
        let saved = self.documents.saved(DISAGREEMENTS, endpoint, version + 1, &command.author, &all)?;
        match self.documents.keep(vec![saved], Vec::new()).await {
            Err(DocumentError::Outdated { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The composite operations have a decision for all of their targets together.
    fn asked_of_several(&self, command: &Command) -> Option<AskedOperation> {
        match &command.operation {
            Operation::ReadComposite { paths, .. } => Some(AskedOperation::ReadComposite(paths.clone())),
            Operation::ObserveComposite { paths, .. } => {
                Some(AskedOperation::ObserveComposite(paths.clone()))
            }
            Operation::WriteComposite { content_format, payload } => {
                let registration = self.fleet.view().registration(&command.endpoint)?;
                let decoder = Decoder::new(*content_format, &Path::ROOT, &NoDefinitions);
                let records = decoder.root(&registration.links.root).decode(payload).ok()?;
                Some(AskedOperation::WriteComposite(records.into_iter().map(|it| it.path).collect()))
            }
            _ => None,
        }
    }

    /// What these rights lead to for this server.
    fn decide(&self, endpoint: &str, rights: &AccessControl, asked: &AskedOperation) -> Option<AccessAnswer> {
        let server = rights.server?;
        let mut context = context(rights)?;
        context.servers.insert(server);
        let registration = self.fleet.view().registration(endpoint)?;
        let registry = self.objects.registry();
        let model = http::model(&registry, Some(&registration));
        let presence = Registered { objects: &registration.links.objects, model: &model };
        Some(told::answer(server, &context.decide(Requester::Server(server), asked, &presence)))
    }

    /// Whoever writes Object 2 outdates what was read before.
    fn read_unless_written(&self, endpoint: &str) -> Option<AccessControl> {
        let known = self.last_read(endpoint).ok().flatten()?;
        let view = self.fleet.view();
        let writes = view.commands().of_client(endpoint).any(|command| {
            changes_access_control(command) && command.changed_at.as_millis() >= known.read_at_ms
        });
        (!writes).then_some(known)
    }
}

fn context(known: &AccessControl) -> Option<AccessControlContext> {
    let enabled = match known.state {
        AccessControlState::Enabled => true,
        AccessControlState::Disabled | AccessControlState::Missing => false,
        AccessControlState::Unreadable => return None,
    };
    let instances = told::wanted(&known.instances).ok()?;
    Some(AccessControlContext { enabled, servers: known.servers.keys().copied().collect(), instances })
}

fn answered(command: &Command) -> Option<&Answer> {
    match &command.state {
        CommandState::Answered(answer) => Some(answer),
        _ => None,
    }
}

fn changes_access_control(command: &Command) -> bool {
    let writes = matches!(
        command.operation,
        Operation::Write { .. }
            | Operation::WriteComposite { .. }
            | Operation::Create { .. }
            | Operation::Delete { .. }
    );
    let succeeded = answered(command).is_some_and(|answer| answer.code.is_success());
    // What a Write-Composite names is in its payload.
    let is_about = matches!(command.operation.path().object_id(), None | Some(super::device::ACCESS_CONTROL))
        || matches!(command.operation, Operation::Create { .. } | Operation::Delete { .. });
    writes && succeeded && is_about
}

/// What has one target.
fn asked(operation: &Operation) -> Option<(AccessOperation, Path)> {
    let asked = match operation {
        Operation::Read { .. } => AccessOperation::Read,
        Operation::Discover { .. } => AccessOperation::Discover,
        Operation::Write { .. } => AccessOperation::Write,
        Operation::WriteAttributes { .. } => AccessOperation::WriteAttributes,
        Operation::Execute { .. } => AccessOperation::Execute,
        Operation::Create { .. } => AccessOperation::Create,
        Operation::Delete { .. } => AccessOperation::Delete,
        Operation::Observe { .. } => AccessOperation::Observe,
        _ => return None,
    };
    Some((asked, operation.path()))
}

/// The same again takes the place of the earlier one.
fn remember(all: &mut Vec<AccessDisagreement>, disagreement: AccessDisagreement) {
    let is_same = |other: &AccessDisagreement| {
        (other.operation, &other.path, &other.got)
            == (disagreement.operation, &disagreement.path, &disagreement.got)
    };
    all.retain(|other| !is_same(other));
    all.insert(0, disagreement);
    all.truncate(limits::DISAGREEMENTS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disagreements_are_told_once_and_bounded() {
        let disagreement = |path: usize, command| AccessDisagreement {
            path: format!("/3303/{path}"),
            command,
            got: "2.05".into(),
            ..AccessDisagreement::default()
        };
        let mut all = Vec::new();
        for path in 0..limits::DISAGREEMENTS + 1 {
            remember(&mut all, disagreement(path, 1));
        }
        remember(&mut all, disagreement(5, 2));
        assert_eq!((all.len(), all[0].command), (limits::DISAGREEMENTS, 2));
        assert_eq!(all.iter().filter(|other| other.path == "/3303/5").count(), 1);
        assert!(all.iter().all(|other| other.path != "/3303/0"), "the oldest goes");
    }
}
