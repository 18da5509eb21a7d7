use std::{collections::BTreeMap, sync::Arc};

use coap::{Message, NotificationId, RequestId, Usage};

use super::{
    ActiveObservation, Answer, Change, ClientConfig, Command, OperationId, Registration, RegistrationId,
    Reported, Ticket, commands::Asker, limits,
};
use crate::Peer;

/// What waits for a ticket: the rest of an operation once the store has spoken.
#[derive(Debug)]
pub(super) enum Flow {
    Register {
        request: RequestId,
        registration: Arc<Registration>,
    },
    Update {
        request: RequestId,
        registration: Arc<Registration>,
    },
    /// A registration goes on over a session that resumes an earlier one.
    Resume {
        registration: Arc<Registration>,
    },
    Deregister {
        request: RequestId,
        id: RegistrationId,
    },
    /// A notification is acknowledged when its payload is stored.
    Notification {
        notification: NotificationId,
        reported: Arc<Reported>,
    },
    /// A Send is answered when its payload is stored.
    Send {
        request: RequestId,
        peer: Peer,
        reported: Arc<Reported>,
    },
    /// Nobody in memory asked for this notification; the store may know better.
    UnknownNotification {
        notification: NotificationId,
        peer: Peer,
        message: Message,
        confirmable: bool,
    },
    /// The operator is told of an observation when it is stored.
    Observe {
        asker: Option<Asker>,
        answer: Answer,
        endpoint: String,
        observation: ActiveObservation,
    },
    /// The operator is told when nothing of the client is stored any more.
    Forget {
        operation: OperationId,
        endpoint: String,
    },
    CancelObservation {
        asker: Asker,
        answer: Answer,
    },
    /// A state of a command is told when it is stored.
    Command {
        command: Arc<Command>,
        /// Who is told that it was withdrawn.
        cancelled: Option<OperationId>,
    },
    /// A value that a client gave when it was asked is told when it is stored.
    Report {
        reported: Arc<Reported>,
    },
    Unwaited {
        change: Change,
    },
    Configure {
        operation: OperationId,
        endpoint: String,
        config: ClientConfig,
    },
}

/// The open flows by ticket.
#[derive(Default)]
pub(super) struct Flows {
    next: u64,
    open: BTreeMap<Ticket, Flow>,
    turned_away: u64,
}

impl Flows {
    /// Whether there is room for another flow. What there is none for has to be turned away, and is counted.
    pub(super) fn has_room(&mut self) -> bool {
        let has_room = self.open.len() < limits::OPEN_FLOWS;
        self.turned_away += u64::from(!has_room);
        has_room
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.open.len(), limit: limits::OPEN_FLOWS, reached: self.turned_away }
    }

    pub(super) fn open(&mut self, flow: Flow) -> Ticket {
        self.next += 1;
        let ticket = Ticket(self.next);
        self.open.insert(ticket, flow);
        ticket
    }

    pub(super) fn close(&mut self, ticket: Ticket) -> Option<Flow> {
        self.open.remove(&ticket)
    }
}
