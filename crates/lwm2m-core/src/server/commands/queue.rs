use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use coap::{Instant, Usage};

use super::Ended;
use crate::server::{Answer, Command, CommandId, CommandState, Operation, OperationError, limits};

/// Where a command is on its way. What is stored of it may still be the state before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its first state, queued or sent, is being stored; nobody has been promised anything.
    Accepting,
    /// Waits for its turn, and after a failure of the store until then.
    Queued { not_before: Option<Instant> },
    /// [`CommandState::Sent`] is being stored.
    Sending,
    /// The request has left.
    Sent,
    /// Its last state is being stored.
    Ending,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) command: Arc<Command>,
    pub(super) phase: Phase,
    timer: Option<Instant>,
}

/// The commands that are not over, by client in the order of acceptance.
#[derive(Default)]
pub(in crate::server) struct Commands {
    entries: BTreeMap<CommandId, Entry>,
    queues: BTreeMap<String, VecDeque<CommandId>>,
    timers: BTreeSet<(Instant, CommandId)>,
    payload_bytes: usize,
    turned_away: u64,
    /// Attempts that have ended and were not looked at yet.
    pub(super) ended: VecDeque<Ended>,
    /// Clients whose next command may have its turn.
    pub(super) ready: BTreeSet<String>,
}

impl Commands {
    /// Whether another command of a client has room. One that has none is turned away, and is counted.
    pub(super) fn has_room(&mut self, command: &Command) -> bool {
        let queued = self.queues.get(&command.endpoint).map_or(0, VecDeque::len);
        let has_room = queued < limits::COMMANDS_PER_CLIENT
            && self.entries.len() < limits::COMMANDS
            && self.payload_bytes + payload_bytes(&command.operation) <= limits::COMMAND_PAYLOAD_BYTES;
        self.turned_away += u64::from(!has_room);
        has_room
    }

    /// The answer to the request of a command came, or there is none.
    pub(in crate::server) fn ended(&mut self, id: CommandId, result: Result<Answer, OperationError>) {
        self.ended.push_back((id, result));
    }

    pub(in crate::server) fn usage(&self) -> Usage {
        Usage { used: self.entries.len(), limit: limits::COMMANDS, reached: self.turned_away }
    }

    pub(super) fn insert(&mut self, command: Arc<Command>, phase: Phase) {
        let id = command.id;
        self.payload_bytes += payload_bytes(&command.operation);
        self.queues.entry(command.endpoint.clone()).or_default().push_back(id);
        self.entries.insert(id, Entry { command, phase, timer: None });
    }

    pub(super) fn contains(&self, id: CommandId) -> bool {
        self.entries.contains_key(&id)
    }

    pub(super) fn entry(&self, id: CommandId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Moves a command on; gives what is to be stored.
    pub(super) fn change(
        &mut self,
        now: Instant,
        id: CommandId,
        phase: Phase,
        change: impl FnOnce(&mut Command),
    ) -> Option<Arc<Command>> {
        self.enter(id, phase);
        let entry = self.entries.get_mut(&id)?;
        let mut command = Command::clone(&entry.command);
        command.changed_at = now;
        change(&mut command);
        entry.command = Arc::new(command);
        Some(Arc::clone(&entry.command))
    }

    /// The phase alone: what is stored is up to date.
    pub(super) fn enter(&mut self, id: CommandId, phase: Phase) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.phase = phase;
        let deadline = entry.command.deadline;
        let timer = match phase {
            Phase::Queued { not_before } => Some(not_before.map_or(deadline, |at| at.min(deadline))),
            _ => None,
        };
        self.arm(id, timer);
    }

    /// When a command has to be looked at again.
    pub(super) fn arm(&mut self, id: CommandId, timer: Option<Instant>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Some(at) = core::mem::replace(&mut entry.timer, timer) {
            self.timers.remove(&(at, id));
        }
        self.timers.extend(timer.map(|at| (at, id)));
    }

    pub(super) fn remove(&mut self, id: CommandId) -> Option<Arc<Command>> {
        self.arm(id, None);
        let Entry { command, .. } = self.entries.remove(&id)?;
        self.payload_bytes -= payload_bytes(&command.operation);
        if let Some(queue) = self.queues.get_mut(&command.endpoint) {
            queue.retain(|queued| *queued != id);
            if queue.is_empty() {
                self.queues.remove(&command.endpoint);
            }
        }
        Some(command)
    }

    /// All of a client, in the order of acceptance.
    pub(super) fn of(&self, endpoint: &str) -> impl Iterator<Item = &Entry> {
        let queue = self.queues.get(endpoint).into_iter().flatten();
        queue.filter_map(|id| self.entries.get(id))
    }

    /// The command whose turn it is: the first that is not over, if nothing of the client is under way.
    pub(super) fn next(&self, endpoint: &str, now: Instant) -> Option<&Arc<Command>> {
        let first = self.of(endpoint).find(|entry| entry.phase != Phase::Ending)?;
        match first.phase {
            Phase::Queued { not_before } if not_before.is_none_or(|at| at <= now) => Some(&first.command),
            _ => None,
        }
    }

    /// Whether a new command would have its turn at once.
    pub(super) fn is_idle(&self, endpoint: &str) -> bool {
        self.of(endpoint).all(|entry| entry.phase == Phase::Ending)
    }

    /// The next command of this client may have its turn.
    pub(in crate::server) fn touch(&mut self, endpoint: &str) {
        if self.queues.contains_key(endpoint) {
            self.ready.insert(endpoint.to_owned());
        }
    }

    pub(in crate::server) fn next_timer(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The first command that has to be looked at. It has no timer any more.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<CommandId> {
        let (_, id) = *self.timers.first().filter(|(at, _)| *at <= now)?;
        self.arm(id, None);
        Some(id)
    }
}

impl Command {
    /// Whether it makes no difference how often it is performed. An Execute does something each time, and a Create
    /// makes an Object Instance each time (LwM2M 1.0 TS §5.4.5, §5.4.7).
    pub(in crate::server) const fn is_idempotent(&self) -> bool {
        !matches!(self.operation, Operation::Execute { .. } | Operation::Create { .. })
    }

    pub(super) fn may_be_sent_again(&self, now: Instant) -> bool {
        self.is_idempotent() && self.attempts < limits::ATTEMPTS_PER_COMMAND && now < self.deadline
    }

    /// As it is once more before it is sent.
    pub(super) fn unsend(&mut self) {
        self.state = CommandState::Queued;
        self.attempts = self.attempts.saturating_sub(1);
    }

    pub(super) fn send(&mut self) {
        self.state = CommandState::Sent;
        self.attempts += 1;
    }
}

const fn payload_bytes(operation: &Operation) -> usize {
    match operation {
        Operation::Write { payload, .. }
        | Operation::Create { payload, .. }
        | Operation::WriteComposite { payload, .. } => payload.len(),
        _ => 0,
    }
}
