//! One device and what it receives, step by step.

use std::collections::VecDeque;

use coap::{Code, ExchangeId, Instant, Message, RequestId, Token};
use lwm2m_codec::{ContentFormat, Path, Record, registration::LwM2mVersion};
use lwm2m_model::Registry;

use super::{
    Beginning, BootstrapId, BootstrapInformation, BootstrapOperation, Failure, OnRefusal,
    command::Command,
    consistency,
    discovered::Discovered,
    failure, limits, read_back,
    writes::{self, Receiver},
};
use crate::Peer;

pub(super) struct Session {
    pub(super) id: BootstrapId,
    pub(super) endpoint: String,
    pub(super) peer: Peer,
    pub(super) begun_by: Beginning,
    pub(super) attempt: u32,
    /// What the device prefers to be written in (LwM2M 1.2 Core §6.1.7.1).
    pub(super) preferred: Option<ContentFormat>,
    pub(super) steps: u32,
    /// When it has failed unless something happens.
    pub(super) deadline: Instant,
    pub(super) phase: Phase,
}

pub(super) enum Phase {
    /// What the device receives is being found out.
    Configuring {
        request: Option<RequestId>,
    },
    Commanding(Box<Conversation>),
}

/// The commands of a session.
pub(super) struct Conversation {
    information: BootstrapInformation,
    preferred: Option<ContentFormat>,
    commands: VecDeque<Command>,
    stage: Stage,
    pub(super) waiting: Option<Waiting>,
    /// What the device had in the beginning.
    discovered: Discovered,
    deleted: Vec<Path>,
    written: Vec<Record>,
}

/// The command under way.
pub(super) struct Waiting {
    pub(super) command: Command,
    pub(super) token: Token,
    /// None when it is not sent any more, but may still be answered.
    pub(super) exchange: Option<ExchangeId>,
    pub(super) step: u32,
    pub(super) since: Instant,
}

/// What comes when the commands there are have been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Deletes,
    Writes,
    ReadBack,
    Finish,
    Over,
}

/// What an answer means.
pub(super) struct Verdict {
    pub(super) failed: bool,
    pub(super) remark: String,
    pub(super) result: Result<(), Failure>,
}

impl Session {
    /// Of the command that is under way.
    pub(super) fn token(&self) -> Option<Token> {
        match &self.phase {
            Phase::Configuring { .. } => None,
            Phase::Commanding(conversation) => Some(conversation.waiting.as_ref()?.token),
        }
    }
}

impl Conversation {
    pub(super) fn new(
        information: BootstrapInformation,
        preferred: Option<ContentFormat>,
    ) -> Result<Self, Failure> {
        let steps = 2 * most_commands(&information) + 2;
        if steps > limits::STEPS_PER_SESSION {
            return Err(failure::too_many_steps(steps));
        }
        let commands = information.discover.then(Command::discover).into_iter().collect();
        Ok(Self {
            information,
            preferred,
            commands,
            stage: Stage::Deletes,
            waiting: None,
            discovered: Discovered::default(),
            deleted: Vec::new(),
            written: Vec::new(),
        })
    }

    /// The command that is next; none when all are answered.
    pub(super) fn next_command(&mut self, definitions: &Registry) -> Result<Option<Command>, Failure> {
        loop {
            if let Some(command) = self.commands.pop_front() {
                return Ok(Some(command));
            }
            match self.stage {
                Stage::Deletes => {
                    // What cannot be written is found out before anything is deleted.
                    self.writes(&self.information.delete, definitions)?;
                    let deletes = self.information.delete.iter().copied();
                    self.commands =
                        deletes.filter(|path| !self.is_own_account(path)).map(Command::delete).collect();
                    self.stage = Stage::Writes;
                }
                Stage::Writes => {
                    self.commands = self.writes(&self.deleted, definitions)?.into();
                    self.stage = Stage::ReadBack;
                }
                Stage::ReadBack => {
                    self.commands =
                        read_back::commands(self.version(), self.format(), &self.information.read).collect();
                    self.stage = Stage::Finish;
                }
                Stage::Finish => {
                    self.commands.push_back(Command::finish());
                    self.stage = Stage::Over;
                }
                Stage::Over => return Ok(None),
            }
        }
    }

    /// What the answer to a command means, which is noted.
    pub(super) fn answered(
        &mut self,
        command: &Command,
        message: &Message,
        definitions: &Registry,
    ) -> Verdict {
        if !message.code.is_success() {
            return self.refused(command, message);
        }
        let remark = match command.operation {
            BootstrapOperation::Discover if self.stage == Stage::Deletes => {
                match Discovered::parse(&message.payload) {
                    Ok(discovered) => self.discovered = discovered,
                    Err(error) => return self.unreadable(failure::unreadable(&error)),
                }
                self.remark_on_discovered()
            }
            BootstrapOperation::Discover => {
                read_back::compare_instances(&message.payload, &self.discovered, &self.written)
            }
            BootstrapOperation::Read => {
                let model = definitions.for_client(self.version(), self.announced());
                read_back::compare(command.path, message, &self.written, &model)
            }
            BootstrapOperation::Delete => {
                self.deleted.push(command.path);
                String::new()
            }
            BootstrapOperation::Write => {
                self.written.extend(command.records.iter().cloned());
                String::new()
            }
            BootstrapOperation::Finish | BootstrapOperation::Request | BootstrapOperation::Pack => {
                String::new()
            }
        };
        Verdict { failed: false, remark: with_unusual_code(remark, command, message.code), result: Ok(()) }
    }

    /// Of the enabler, as far as the device lets it be known: `pct` came with LwM2M 1.1, and with 1.2 its format.
    pub(super) fn version(&self) -> LwM2mVersion {
        self.discovered.version.unwrap_or(match self.preferred {
            Some(ContentFormat::LWM2M_CBOR) => LwM2mVersion::V1_2,
            Some(_) => LwM2mVersion::V1_1,
            None => LwM2mVersion::V1_0,
        })
    }

    /// TLV is what every device reads that does not say what it prefers.
    fn format(&self) -> ContentFormat {
        self.information.content_format.or(self.preferred).unwrap_or(ContentFormat::TLV)
    }

    fn announced(&self) -> impl Iterator<Item = (u16, &str)> {
        self.discovered.object_versions.iter().map(|(object, version)| (*object, version.as_str()))
    }

    fn writes(&self, deleted: &[Path], definitions: &Registry) -> Result<Vec<Command>, Failure> {
        let left = self.discovered.without(deleted);
        let receiver = Receiver { version: self.version(), left: &left, format: self.format(), definitions };
        writes::commands(&self.information, &receiver)
    }

    /// The device spares its account with us anyway, and may refuse to delete it by name.
    fn is_own_account(&self, path: &Path) -> bool {
        self.discovered.bootstrap_accounts().any(|instance| *path == Path::instance(0, instance))
    }

    fn refused(&self, command: &Command, message: &Message) -> Verdict {
        let Message { code, payload, .. } = message;
        let failure = match (command.operation, *code) {
            (BootstrapOperation::Finish, Code::NOT_ACCEPTABLE) => {
                let left = self.discovered.without(&self.deleted);
                failure::inconsistent(payload, &consistency::inconsistencies(&left, &self.written))
            }
            _ => failure::refused(command, *code, payload),
        };
        let goes_on = match command.operation {
            BootstrapOperation::Finish => false,
            BootstrapOperation::Discover => self.goes_on_unknowing(),
            _ => self.information.on_refusal == OnRefusal::Continue,
        };
        let remark = failure.what.clone();
        let result = if goes_on || command.optional { Ok(()) } else { Err(failure) };
        Verdict { failed: true, remark, result }
    }

    fn unreadable(&self, failure: Failure) -> Verdict {
        let remark = failure.what.clone();
        let result = if self.goes_on_unknowing() { Ok(()) } else { Err(failure) };
        Verdict { failed: true, remark, result }
    }

    /// Without knowing what the device has, its account with us could be overwritten, unless all ids are given.
    fn goes_on_unknowing(&self) -> bool {
        let given = self.information.accounts.iter().all(|account| {
            account.security_instance.is_some()
                && (account.bootstrap_server || account.server_instance.is_some())
        });
        given || self.information.on_refusal == OnRefusal::Continue
    }

    fn remark_on_discovered(&self) -> String {
        let mut remarks = vec![match (&self.discovered.unknown_version, self.discovered.version) {
            (Some(unknown), _) => format!("LwM2M {unknown}, written to as {}", self.version()),
            (None, Some(version)) => format!("LwM2M {version}"),
            (None, None) => format!("it does not say its LwM2M version: taken for {}", self.version()),
        }];
        let own: Vec<String> =
            self.discovered.bootstrap_accounts().map(|instance| format!("/0/{instance}")).collect();
        remarks.push(match own.as_slice() {
            [] => "no account with this Bootstrap-Server among its instances".to_owned(),
            own => format!("its account with this Bootstrap-Server, which is left alone: {}", own.join(", ")),
        });
        remarks.join("; ")
    }
}

fn most_commands(information: &BootstrapInformation) -> usize {
    let BootstrapInformation { delete, accounts, access_control, instances, read, .. } = information;
    2 + delete.len() + 2 * accounts.len() + access_control.len() + instances.len() + read.len()
}

fn with_unusual_code(remark: String, command: &Command, code: Code) -> String {
    let expected = command.success();
    if code == expected {
        return remark;
    }
    let unusual = format!("expected {expected}, got {code}, which is taken for success");
    if remark.is_empty() { unusual } else { format!("{unusual}; {remark}") }
}
