use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coap::Instant;
use lwm2m_core::server::{Command, CommandId, CommandState, Operation, OperationError};

use crate::store::Store;

/// Those who ask, and what they were told.
#[derive(Default)]
pub(crate) struct Operators {
    last: u64,
    pub(crate) asked: BTreeMap<CommandId, Command>,
    pub(crate) accepted: BTreeSet<CommandId>,
    pub(crate) refused: u64,
    /// The end that was told of each command.
    pub(crate) ended: BTreeMap<CommandId, CommandState>,
}

impl Operators {
    pub(crate) fn command(
        &mut self,
        now: Instant,
        endpoint: String,
        operation: Operation,
        deadline: Duration,
        timeout: Duration,
    ) -> Command {
        self.last += 1;
        let command = Command {
            id: CommandId(self.last),
            endpoint,
            operation,
            author: "operator".into(),
            force: false,
            created_at: now,
            deadline: now + deadline,
            timeout,
            attempts: 0,
            state: CommandState::Queued,
            changed_at: now,
        };
        self.asked.insert(command.id, command.clone());
        command
    }

    /// The number that the next command has.
    pub(crate) const fn next(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn told(&mut self, id: CommandId, result: &Result<(), OperationError>, store: &Store) {
        match result {
            Ok(()) => {
                assert!(store.stored.commands.contains_key(&id), "{id:?} is accepted and not stored");
                assert!(self.accepted.insert(id), "{id:?} is accepted twice");
            }
            Err(_) => self.refused += 1,
        }
    }

    pub(crate) fn told_state(&mut self, command: &Command, store: &Store) {
        let stored = store.stored.commands.get(&command.id).map(|stored| &stored.state);
        assert_eq!(stored, Some(&command.state), "{:?} is told and not stored", command.id);
        if command.state.is_over() {
            let before = self.ended.insert(command.id, command.state.clone());
            assert_eq!(before, None, "{:?} ends twice", command.id);
        }
    }
}
