use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use coap::Usage;
use lwm2m_core::server::{
    Answer, ClientConfig, Command, CommandId, Operation, OperationError, Outcome, ServerUsage,
};
use store::{Audit, DocumentChange, DocumentOutcome, SecurityChange};
use tokio::sync::{mpsc, oneshot};

use super::{
    limits,
    store_thread::{Keeping, Labelling, Securing},
};

pub(super) type OperationResult = Result<Answer, OperationError>;

/// An operation that somebody wants performed.
pub(crate) struct Order {
    pub(crate) endpoint: String,
    pub(crate) operation: Operation,
    pub(crate) author: String,
    /// Also if the client cannot be expected to know the operation, or has refused it.
    pub(crate) force: bool,
    /// How long the client's answer is waited for once it is sent.
    pub(crate) timeout: Duration,
    /// How long it may wait to be sent.
    pub(crate) deadline: Duration,
}

/// A command that is stored.
pub(crate) struct Accepted {
    pub(crate) command: Arc<Command>,
    /// Brings it once more when it is over. Who drops this does not stop it.
    pub(crate) over: oneshot::Receiver<Arc<Command>>,
}

/// What REST asks of the worker.
pub(super) enum Asked {
    Command {
        order: Order,
        accepted: oneshot::Sender<Result<Accepted, OperationError>>,
    },
    Cancel {
        author: String,
        endpoint: String,
        id: CommandId,
        answer: oneshot::Sender<OperationResult>,
    },
    Configure {
        author: String,
        endpoint: String,
        config: ClientConfig,
        answer: oneshot::Sender<OperationResult>,
    },
    ForgetRefusals {
        endpoint: String,
    },
    /// Everything about a client goes.
    Forget {
        author: String,
        endpoint: String,
        answer: oneshot::Sender<OperationResult>,
    },
    Label(Labelling),
    Secure(Securing),
    Keep(Keeping),
    /// Something was changed that is stored elsewhere.
    Audit(Audit),
    Usage(oneshot::Sender<RuntimeUsage>),
}

/// How much of the bounds of this thread is in use.
pub(crate) struct RuntimeUsage {
    pub(crate) server: ServerUsage,
    pub(crate) dtls: Option<dtls::Usage>,
    pub(crate) store_queue: Usage,
    pub(crate) operation_queue: Usage,
}

/// Where operations for clients go in.
#[derive(Clone)]
pub(crate) struct Operations {
    asked: mpsc::Sender<Asked>,
    /// Those that had to wait for room in the queue.
    delayed: Arc<AtomicU64>,
}

impl Operations {
    pub(super) fn new() -> (Self, mpsc::Receiver<Asked>) {
        let (asked, asking) = mpsc::channel(limits::OPERATION_QUEUE);
        (Self { asked, delayed: Arc::default() }, asking)
    }

    /// Waits until the command is stored. `None` when the server is stopping.
    pub(crate) async fn command(&self, order: Order) -> Option<Result<Accepted, OperationError>> {
        let (accepted, told) = oneshot::channel();
        self.ask(Asked::Command { order, accepted }).await?;
        told.await.ok()
    }

    /// Waits until it is stored that the command is cancelled. `None` when the server is stopping.
    pub(crate) async fn cancel(
        &self,
        author: String,
        endpoint: String,
        id: CommandId,
    ) -> Option<OperationResult> {
        let (answer, answered) = oneshot::channel();
        self.ask(Asked::Cancel { author, endpoint, id, answer }).await?;
        answered.await.ok()
    }

    /// Waits until it is stored. `None` when the server is stopping.
    pub(crate) async fn configure(
        &self,
        author: String,
        endpoint: String,
        config: ClientConfig,
    ) -> Option<OperationResult> {
        let (answer, answered) = oneshot::channel();
        self.ask(Asked::Configure { author, endpoint, config, answer }).await?;
        answered.await.ok()
    }

    /// `None` when the server is stopping.
    pub(crate) async fn forget_refusals(&self, endpoint: String) -> Option<()> {
        self.ask(Asked::ForgetRefusals { endpoint }).await
    }

    /// Waits until nothing of the client is stored any more. `None` when the server is stopping.
    pub(crate) async fn forget(&self, author: String, endpoint: String) -> Option<OperationResult> {
        let (answer, answered) = oneshot::channel();
        self.ask(Asked::Forget { author, endpoint, answer }).await?;
        answered.await.ok()
    }

    /// Waits until the label is stored. `None` when the server is stopping.
    pub(crate) async fn label(
        &self,
        author: String,
        endpoint: String,
        label: store::Label,
    ) -> Option<Outcome> {
        let (stored, outcome) = oneshot::channel();
        self.ask(Asked::Label(Labelling { author, endpoint, label, stored })).await?;
        outcome.await.ok()
    }

    /// Waits until changes of security are stored, all or none. `None` when the server is stopping.
    pub(crate) async fn secure(&self, changes: Vec<SecurityChange>, audits: Vec<Audit>) -> Option<Outcome> {
        let (stored, outcome) = oneshot::channel();
        self.ask(Asked::Secure(Securing { changes, audits, stored })).await?;
        outcome.await.ok()
    }

    /// Waits until documents are stored, all or none. `None` when the server is stopping.
    pub(crate) async fn keep(
        &self,
        changes: Vec<DocumentChange>,
        audits: Vec<Audit>,
    ) -> Option<DocumentOutcome> {
        let (kept, outcome) = oneshot::channel();
        self.ask(Asked::Keep(Keeping { changes, audits, kept })).await?;
        outcome.await.ok()
    }

    /// Remembers who changed something that is stored elsewhere. `None` when the server is stopping.
    pub(crate) async fn audit(&self, audit: Audit) -> Option<()> {
        self.ask(Asked::Audit(audit)).await
    }

    /// `None` when the server is stopping.
    pub(crate) async fn usage(&self) -> Option<RuntimeUsage> {
        let (answer, answered) = oneshot::channel();
        let used = self.asked.max_capacity() - self.asked.capacity();
        self.ask(Asked::Usage(answer)).await?;
        let usage = answered.await.ok()?;
        let reached = self.delayed.load(Ordering::Relaxed);
        let operation_queue = Usage { used, limit: limits::OPERATION_QUEUE, reached };
        Some(RuntimeUsage { operation_queue, ..usage })
    }

    async fn ask(&self, asked: Asked) -> Option<()> {
        if self.asked.capacity() == 0 {
            self.delayed.fetch_add(1, Ordering::Relaxed);
        }
        self.asked.send(asked).await.ok()
    }
}
