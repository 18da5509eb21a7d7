use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

use lwm2m_core::server::{ActiveObservation, Change, Key, Outcome, Ticket};
use store::Store;
use tokio::sync::mpsc;

use super::limits;

/// What the worker asks of the store.
enum Request {
    Commit(Ticket, Change),
    Lookup(Ticket, Key),
}

/// What the store answers.
pub(super) enum Reply {
    Persisted(Ticket, Outcome),
    Found(Ticket, Option<Box<ActiveObservation>>),
}

/// The thread that owns the store: changes that wait together are committed together.
pub(super) struct StoreThread {
    requests: SyncSender<Request>,
    thread: JoinHandle<()>,
}

impl StoreThread {
    pub(super) fn start(store: Box<dyn Store>) -> std::io::Result<(Self, mpsc::Receiver<Reply>)> {
        let (requests, incoming) = sync_channel(limits::STORE_QUEUE);
        let (replies, outgoing) = mpsc::channel(limits::STORE_QUEUE);
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || write(store, &incoming, &replies))?;
        Ok((Self { requests, thread }, outgoing))
    }

    /// Never blocks. What the queue has no room for fails at once.
    pub(super) fn commit(&self, ticket: Ticket, change: Change) -> Result<(), Reply> {
        self.requests.try_send(Request::Commit(ticket, change)).map_err(|error| {
            let why = match error {
                TrySendError::Full(_) => "the store is behind",
                TrySendError::Disconnected(_) => "the store has stopped",
            };
            Reply::Persisted(ticket, Outcome::Failed(why.to_owned()))
        })
    }

    /// Never blocks. What the queue has no room for is not found.
    pub(super) fn lookup(&self, ticket: Ticket, key: Key) -> Result<(), Reply> {
        self.requests.try_send(Request::Lookup(ticket, key)).map_err(|_| Reply::Found(ticket, None))
    }

    /// Lets the thread finish what it was given.
    pub(super) fn join(self) {
        drop(self.requests);
        if self.thread.join().is_err() {
            tracing::error!("the store thread failed");
        }
    }
}

fn write(mut store: Box<dyn Store>, requests: &Receiver<Request>, replies: &mpsc::Sender<Reply>) {
    let mut batch = Vec::new();
    while let Ok(first) = requests.recv() {
        batch.push(first);
        batch.extend(requests.try_iter().take(limits::COMMIT_BATCH - 1));
        for reply in answer(&mut *store, &mut batch) {
            // The worker is gone; what it was promised is stored all the same.
            let _ = replies.blocking_send(reply);
        }
    }
}

/// Commits the changes of a batch together, then looks up: a lookup sees everything that was asked before it.
fn answer(store: &mut dyn Store, batch: &mut Vec<Request>) -> Vec<Reply> {
    let (mut tickets, mut changes, mut lookups) = (Vec::new(), Vec::new(), Vec::new());
    for request in batch.drain(..) {
        match request {
            Request::Commit(ticket, change) => {
                tickets.push(ticket);
                changes.push(change);
            }
            Request::Lookup(ticket, key) => lookups.push((ticket, key)),
        }
    }
    let outcomes = store.commit(&changes);
    let persisted =
        tickets.into_iter().zip(outcomes).map(|(ticket, outcome)| Reply::Persisted(ticket, outcome));
    let mut replies: Vec<Reply> = persisted.collect();
    for (ticket, Key::Observation(token)) in lookups {
        let found = store.active_observation(token).unwrap_or_else(|error| {
            tracing::error!("{error}");
            None
        });
        replies.push(Reply::Found(ticket, found.map(Box::new)));
    }
    replies
}
