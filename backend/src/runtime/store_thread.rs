use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant as Monotonic},
};

use coap::{Instant, Usage};
use lwm2m_core::server::{ActiveObservation, Change, Key, Outcome, Ticket};
use store::{Audit, DocumentChange, DocumentOutcome, KeptSession, Label, SecurityChange, Store};
use tokio::sync::{mpsc, oneshot};

use super::{acting, limits, storage::Storage};
use crate::clock::Clock;

/// What the worker asks of the store.
enum Request {
    Commit(Ticket, Change, Option<Box<Audit>>),
    Lookup(Ticket, Key),
    Label(Labelling, Instant),
    Secure(Securing),
    Keep(Keeping),
    Sessions(Sessions),
    Audit(Audit),
}

/// A label on its way into the store, and who waits for that.
pub(super) struct Labelling {
    pub(super) author: String,
    pub(super) endpoint: String,
    pub(super) label: Label,
    pub(super) stored: oneshot::Sender<Outcome>,
}

/// Changes of security on their way into the store, and who waits for that.
pub(super) struct Securing {
    pub(super) changes: Vec<SecurityChange>,
    pub(super) audits: Vec<Audit>,
    pub(super) stored: oneshot::Sender<Outcome>,
}

/// Documents on their way into the store, and who waits for that.
pub(super) struct Keeping {
    pub(super) changes: Vec<DocumentChange>,
    pub(super) audits: Vec<Audit>,
    pub(super) kept: oneshot::Sender<DocumentOutcome>,
}

/// Changes of sessions, and of which more records can be sent when they are stored.
#[derive(Default)]
pub(super) struct Sessions {
    changes: Vec<SecurityChange>,
    reserved: Vec<u64>,
}

/// What the store answers.
pub(super) enum Reply {
    Persisted(Ticket, Outcome),
    Found(Ticket, Option<Box<ActiveObservation>>),
    Labelled(Box<Labelling>, Outcome),
    Secured(oneshot::Sender<Outcome>, Outcome),
    Kept(oneshot::Sender<DocumentOutcome>, DocumentOutcome),
    /// These sessions can go on.
    Sessions(Vec<u64>, Outcome),
    Audited(Outcome),
}

/// The thread that owns the store: changes that wait together are committed together.
///
/// Waking a thread costs more than most changes do, so that what the worker asks in one turn goes over in one piece,
/// and so do the replies.
pub(super) struct StoreThread {
    asked: Vec<Request>,
    sessions: Sessions,
    /// No session has a number beyond, for all that the store knows.
    session_numbers: u64,
    /// Given to the thread and not answered yet, which is what the queue between the threads holds.
    under_way: usize,
    requests: Sender<Vec<Request>>,
    replies: mpsc::UnboundedReceiver<Vec<Reply>>,
    thread: JoinHandle<()>,
    /// Changes and questions for which there was no room.
    turned_away: u64,
}

impl StoreThread {
    pub(super) fn start(store: Box<dyn Store>, clock: Clock, storage: Arc<Storage>) -> std::io::Result<Self> {
        let session_numbers = store.last_session().map_err(std::io::Error::other)?;
        let (requests, incoming) = channel();
        let (outgoing, replies) = mpsc::unbounded_channel();
        let writing = Writing { store, replies: outgoing, clock, storage, tended: Monotonic::now() };
        let thread =
            std::thread::Builder::new().name("store".into()).spawn(move || writing.run(&incoming))?;
        Ok(Self {
            asked: Vec::new(),
            sessions: Sessions::default(),
            session_numbers,
            under_way: 0,
            requests,
            replies,
            thread,
            turned_away: 0,
        })
    }

    /// Takes a change in, until the next [`Self::flush`]. What there is no room for fails at once.
    pub(super) fn commit(
        &mut self,
        ticket: Ticket,
        change: Change,
        audit: Option<Audit>,
    ) -> Result<(), Reply> {
        if !self.has_room() {
            return Err(Reply::Persisted(ticket, Outcome::Failed("the store is behind".to_owned())));
        }
        self.asked.push(Request::Commit(ticket, change, audit.map(Box::new)));
        Ok(())
    }

    /// Takes a question in, until the next [`Self::flush`]. What there is no room for is not found.
    pub(super) fn lookup(&mut self, ticket: Ticket, key: Key) -> Result<(), Reply> {
        if !self.has_room() {
            return Err(Reply::Found(ticket, None));
        }
        self.asked.push(Request::Lookup(ticket, key));
        Ok(())
    }

    /// Takes a label in, until the next [`Self::flush`]. What there is no room for fails at once.
    pub(super) fn label(&mut self, labelling: Labelling, now: Instant) -> Result<(), Reply> {
        if !self.has_room() {
            return Err(Reply::Labelled(
                Box::new(labelling),
                Outcome::Failed("the store is behind".to_owned()),
            ));
        }
        self.asked.push(Request::Label(labelling, now));
        Ok(())
    }

    /// Takes changes of security in, until the next [`Self::flush`]. What there is no room for fails at once.
    pub(super) fn secure(&mut self, securing: Securing) -> Result<(), Reply> {
        if !self.has_room() {
            return Err(Reply::Secured(securing.stored, Outcome::Failed("the store is behind".to_owned())));
        }
        self.asked.push(Request::Secure(securing));
        Ok(())
    }

    /// Takes documents in, until the next [`Self::flush`]. What there is no room for fails at once.
    pub(super) fn keep(&mut self, keeping: Keeping) -> Result<(), Reply> {
        if !self.has_room() {
            let behind = DocumentOutcome::Failed("the store is behind".to_owned());
            return Err(Reply::Kept(keeping.kept, behind));
        }
        self.asked.push(Request::Keep(keeping));
        Ok(())
    }

    /// Takes a session in as it is, until the next [`Self::flush`]: it is stored before anything else that is asked
    /// meanwhile. With `reserves` its number comes back. There is room for every session once.
    pub(super) fn session(&mut self, kept: KeptSession, reserves: bool) {
        self.session_number(kept.id);
        if reserves {
            self.sessions.reserved.push(kept.id);
        }
        self.sessions.changes.push(SecurityChange::Session(kept));
    }

    pub(super) fn session_ended(&mut self, id: u64) {
        self.sessions.changes.push(SecurityChange::SessionEnded(id));
    }

    /// This number is not given again.
    pub(super) fn session_number(&mut self, id: u64) {
        if id >= self.session_numbers {
            self.session_numbers = id + limits::SESSION_NUMBERS;
            self.sessions.changes.push(SecurityChange::SessionsReserved(self.session_numbers));
        }
    }

    /// Takes in what an operator has changed elsewhere. What there is no room for is only in the log.
    pub(super) fn audit(&mut self, audit: Audit) {
        if self.has_room() {
            self.asked.push(Request::Audit(audit));
        } else {
            tracing::warn!("not remembered, since the store is behind: {audit:?}");
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let used = self.under_way + self.asked.len();
        Usage { used, limit: limits::STORE_QUEUE, reached: self.turned_away }
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.under_way + self.asked.len() < limits::STORE_QUEUE;
        self.turned_away += u64::from(!has_room);
        has_room
    }

    /// Hands over what was asked. Never blocks.
    pub(super) fn flush(&mut self) {
        if !self.sessions.changes.is_empty() {
            self.asked.push(Request::Sessions(core::mem::take(&mut self.sessions)));
        }
        if self.asked.is_empty() {
            return;
        }
        self.under_way += self.asked.len();
        if self.requests.send(core::mem::take(&mut self.asked)).is_err() {
            // Nothing is acknowledged any more, and every request is answered by its timeout.
            tracing::error!("the store has stopped");
        }
    }

    /// The next replies; never when the thread has stopped.
    pub(super) async fn replies(&mut self) -> Vec<Reply> {
        match self.replies.recv().await {
            Some(replies) => {
                self.under_way -= replies.len();
                replies
            }
            None => core::future::pending().await,
        }
    }

    /// Whether something is to be stored still.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way > 0 || !self.asked.is_empty() || !self.sessions.changes.is_empty()
    }

    /// Lets the thread finish what it was given.
    pub(super) fn join(mut self) {
        self.flush();
        drop(self.requests);
        if self.thread.join().is_err() {
            tracing::error!("the store thread failed");
        }
    }
}

/// What the thread has.
struct Writing {
    store: Box<dyn Store>,
    replies: mpsc::UnboundedSender<Vec<Reply>>,
    clock: Clock,
    storage: Arc<Storage>,
    /// When the store did last what nobody waits for.
    tended: Monotonic,
}

impl Writing {
    /// A change is committed as soon as the one before is; what came meanwhile goes together.
    fn run(mut self, requests: &Receiver<Vec<Request>>) {
        let mut pause = limits::TEND_EVERY;
        loop {
            match requests.recv_timeout(pause) {
                Ok(mut batch) => {
                    while batch.len() < limits::COMMIT_BATCH
                        && let Ok(more) = requests.try_recv()
                    {
                        batch.extend(more);
                    }
                    // The worker is gone when this fails; what it was promised is stored all the same.
                    let _ = self.replies.send(answer(&mut *self.store, &mut batch));
                    if self.tended.elapsed() >= limits::TEND_EVERY {
                        self.tend(false);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    let more = self.tend(true);
                    pause = if more { Duration::ZERO } else { limits::TEND_EVERY };
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.storage.note(self.clock.now(), self.store.fault());
        }
    }

    /// Whether there is more to do at once.
    fn tend(&mut self, idle: bool) -> bool {
        let tended = self.store.tend(self.clock.now(), idle);
        for notice in tended.notices {
            tracing::warn!("{notice}");
        }
        self.tended = Monotonic::now();
        tended.more
    }
}

/// Stores all sessions of a batch at once, before the registrations that were made over them.
fn store_sessions(store: &mut dyn Store, batch: &mut [Request], replies: &mut Vec<Reply>) {
    let (mut all, mut reserved) = (Vec::new(), Vec::new());
    for request in batch.iter_mut() {
        if let Request::Sessions(sessions) = request {
            all.append(&mut sessions.changes);
            reserved.push(core::mem::take(&mut sessions.reserved));
        }
    }
    if !reserved.is_empty() {
        let outcome = store.secure(&all, &[]);
        replies.extend(reserved.into_iter().map(|reserved| Reply::Sessions(reserved, outcome.clone())));
    }
}

/// Commits changes that follow each other together, then looks up: a lookup sees everything that was asked before
/// it.
fn answer(store: &mut dyn Store, batch: &mut Vec<Request>) -> Vec<Reply> {
    let (mut replies, mut lookups, mut changes) = (Vec::new(), Vec::new(), Changes::default());
    store_sessions(store, batch, &mut replies);
    for request in batch.drain(..) {
        match request {
            Request::Commit(ticket, change, audit) => changes.add(ticket, change, audit.map(|audit| *audit)),
            Request::Lookup(ticket, key) => lookups.push((ticket, key)),
            Request::Label(labelling, now) => {
                changes.commit(store, &mut replies);
                let Labelling { author, endpoint, label, .. } = &labelling;
                let audit = acting::labelled(now, author, endpoint, label);
                let outcome = store.label(endpoint, label.clone(), Some(audit));
                replies.push(Reply::Labelled(Box::new(labelling), outcome));
            }
            Request::Secure(Securing { changes: secured, audits, stored }) => {
                changes.commit(store, &mut replies);
                replies.push(Reply::Secured(stored, store.secure(&secured, &audits)));
            }
            Request::Keep(Keeping { changes: kept_changes, audits, kept }) => {
                changes.commit(store, &mut replies);
                replies.push(Reply::Kept(kept, store.keep(&kept_changes, &audits)));
            }
            // Stored already.
            Request::Sessions(_) => {}
            Request::Audit(audit) => {
                changes.commit(store, &mut replies);
                replies.push(Reply::Audited(store.audit(audit)));
            }
        }
    }
    changes.commit(store, &mut replies);
    for (ticket, Key::Observation(token)) in lookups {
        let found = store.active_observation(token).unwrap_or_else(|error| {
            tracing::error!("{error}");
            None
        });
        replies.push(Reply::Found(ticket, found.map(Box::new)));
    }
    replies
}

/// Changes that go into one commit.
#[derive(Default)]
struct Changes {
    tickets: Vec<Ticket>,
    changes: Vec<Change>,
    audits: Vec<(usize, Audit)>,
}

impl Changes {
    fn add(&mut self, ticket: Ticket, change: Change, audit: Option<Audit>) {
        self.audits.extend(audit.map(|audit| (self.changes.len(), audit)));
        self.tickets.push(ticket);
        self.changes.push(change);
    }

    fn commit(&mut self, store: &mut dyn Store, replies: &mut Vec<Reply>) {
        let outcomes = store.commit_audited(&self.changes, &self.audits);
        let persisted = self.tickets.drain(..).zip(outcomes);
        replies.extend(persisted.map(|(ticket, outcome)| Reply::Persisted(ticket, outcome)));
        self.changes.clear();
        self.audits.clear();
    }
}
