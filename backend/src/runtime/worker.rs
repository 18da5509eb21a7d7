use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, UdpSocket as StdUdpSocket},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use coap::{TransmissionParameters, Usage};
use console_api::Direction;
use lwm2m_core::{
    Peer,
    server::{
        Answer, Event, Operation, OperationError, OperationId, OperationRequest, Outcome, Output, Server,
        ServerConfig, ServerUsage,
    },
};
use socket2::{Domain, Protocol, Socket, Type};
use store::Store;
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot, watch},
};

use super::{
    limits,
    refusals::Refusals,
    restore::restore,
    storage::Storage,
    store_thread::{Labelling, Reply, StoreThread},
};
use crate::{clock::Clock, fleet::Fleet, observations::Observations, trace::Trace};

type OperationResult = Result<Answer, OperationError>;

/// What REST asks of the worker.
pub(crate) enum Asked {
    Operation {
        endpoint: String,
        operation: Operation,
        timeout: Duration,
        force: bool,
        answer: oneshot::Sender<OperationResult>,
    },
    ForgetRefusals {
        endpoint: String,
    },
    /// Everything about a client goes.
    Forget {
        endpoint: String,
        answer: oneshot::Sender<OperationResult>,
    },
    Label(Labelling),
    Usage(oneshot::Sender<RuntimeUsage>),
}

/// How much of the bounds of this thread is in use.
pub(crate) struct RuntimeUsage {
    pub(crate) server: ServerUsage,
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
    /// Waits for the client's answer. `None` when the server is stopping.
    pub(crate) async fn operate(
        &self,
        endpoint: String,
        operation: Operation,
        timeout: Duration,
        force: bool,
    ) -> Option<OperationResult> {
        let (answer, answered) = oneshot::channel();
        self.ask(Asked::Operation { endpoint, operation, timeout, force, answer }).await?;
        answered.await.ok()
    }

    /// `None` when the server is stopping.
    pub(crate) async fn forget_refusals(&self, endpoint: String) -> Option<()> {
        self.ask(Asked::ForgetRefusals { endpoint }).await
    }

    /// Waits until nothing of the client is stored any more. `None` when the server is stopping.
    pub(crate) async fn forget(&self, endpoint: String) -> Option<OperationResult> {
        let (answer, answered) = oneshot::channel();
        self.ask(Asked::Forget { endpoint, answer }).await?;
        answered.await.ok()
    }

    /// Waits until the label is stored. `None` when the server is stopping.
    pub(crate) async fn label(&self, endpoint: String, label: store::Label) -> Option<Outcome> {
        let (stored, outcome) = oneshot::channel();
        self.ask(Asked::Label(Labelling { endpoint, label, stored })).await?;
        outcome.await.ok()
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

/// Who is told what happens.
pub(crate) struct Told {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) observations: Arc<Observations>,
    pub(crate) storage: Arc<Storage>,
}

/// The thread that drives the server role.
pub(crate) struct Worker {
    /// The address that devices use.
    pub(crate) coap: SocketAddr,
    pub(crate) operations: Operations,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn start(
        address: SocketAddr,
        config: ServerConfig,
        clock: Clock,
        told: Told,
        store: Box<dyn Store>,
        stopped: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let socket = bind(address)?;
        let coap = socket.local_addr()?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let mut server = Server::with_config(TransmissionParameters::default(), seed, config);
        restore(&*store, &mut server, &told, clock.now()).map_err(io::Error::other)?;
        let store = StoreThread::start(store, clock, Arc::clone(&told.storage))?;
        let (asked, asking) = mpsc::channel(limits::OPERATION_QUEUE);
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("coap".into()).spawn(move || {
            tokio.block_on(async move {
                match UdpSocket::from_std(socket) {
                    Ok(socket) => {
                        let drive = Drive {
                            socket,
                            server,
                            store,
                            told,
                            clock,
                            waiting: BTreeMap::new(),
                            next_operation: 0,
                            refusals: Refusals::new(),
                        };
                        drive.run(asking, stopped).await;
                    }
                    Err(error) => tracing::error!("the CoAP socket cannot be used: {error}"),
                }
            });
        })?;
        Ok(Self { coap, operations: Operations { asked, delayed: Arc::default() }, thread })
    }

    pub(crate) fn join(self) {
        drop(self.operations);
        if self.thread.join().is_err() {
            tracing::error!("the CoAP thread failed");
        }
    }
}

/// The drive loop: one input, then all outputs, then wait for the next input.
struct Drive {
    socket: UdpSocket,
    server: Server,
    store: StoreThread,
    told: Told,
    clock: Clock,
    waiting: BTreeMap<OperationId, oneshot::Sender<OperationResult>>,
    next_operation: u64,
    refusals: Refusals,
}

impl Drive {
    async fn run(mut self, mut asking: mpsc::Receiver<Asked>, mut stopped: watch::Receiver<bool>) {
        let mut buffer = vec![0; limits::DATAGRAM_BYTES];
        // What follows from what was restored.
        self.drain();
        self.store.flush();
        loop {
            let deadline = self.server.poll_timeout().map(|(at, _)| self.clock.monotonic(at));
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                replies = self.store.replies() => self.take(replies),
                Some(asked) = asking.recv() => self.ask(asked),
                ready = self.socket.readable() => match ready {
                    Ok(()) => self.receive(&mut buffer),
                    Err(error) => tracing::error!("the CoAP socket failed: {error}"),
                },
                () = sleep_until(deadline) => self.timeout(),
            }
            self.store.flush();
        }
        // Nothing that happens from now on is waited for.
        if tokio::time::timeout(limits::LAST_CHANGES, self.finish()).await.is_err() {
            tracing::warn!("the store is slow: what it has not confirmed is not acknowledged");
        }
        self.store.join();
    }

    /// Acknowledges what is being stored.
    async fn finish(&mut self) {
        while self.store.is_busy() {
            self.store.flush();
            let replies = self.store.replies().await;
            self.take(replies);
        }
    }

    fn take(&mut self, replies: Vec<Reply>) {
        for reply in replies {
            self.give(reply);
        }
        self.drain();
    }

    fn receive(&mut self, buffer: &mut [u8]) {
        for _ in 0..limits::RECEIVE_BATCH {
            match self.socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let Some(datagram) = buffer.get(..len) else { continue };
                    self.trace(Direction::Received, from, datagram);
                    self.server.handle_datagram(self.clock.now(), Peer::NoSec(from), datagram);
                    self.drain();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // An ICMP message about an earlier datagram: a hint, and retransmission deals with it.
                Err(error) => tracing::trace!("receive: {error}"),
            }
        }
    }

    fn ask(&mut self, asked: Asked) {
        match asked {
            Asked::Operation { endpoint, operation, timeout, force, answer } => {
                let id = self.operation_for(answer);
                let request = OperationRequest { id, endpoint, operation, timeout, force };
                self.server.operate(self.clock.now(), request);
                self.drain();
            }
            Asked::ForgetRefusals { endpoint } => self.server.forget_refusals(&endpoint),
            Asked::Forget { endpoint, answer } => {
                let id = self.operation_for(answer);
                self.server.forget(self.clock.now(), id, endpoint);
                self.drain();
            }
            Asked::Label(labelling) => {
                if let Err(refused) = self.store.label(labelling) {
                    self.give(refused);
                }
            }
            Asked::Usage(answer) => {
                let (server, store_queue) = (self.server.usage(), self.store.usage());
                // A caller that has gone no longer wants its answer.
                let _ = answer.send(RuntimeUsage { server, store_queue, operation_queue: Usage::default() });
            }
        }
    }

    fn operation_for(&mut self, answer: oneshot::Sender<OperationResult>) -> OperationId {
        self.next_operation += 1;
        let id = OperationId(self.next_operation);
        self.waiting.insert(id, answer);
        id
    }

    fn timeout(&mut self) {
        self.server.handle_timeout(self.clock.now());
        self.drain();
    }

    fn give(&mut self, reply: Reply) {
        let now = self.clock.now();
        match reply {
            Reply::Persisted(ticket, outcome) => self.server.persisted(now, ticket, outcome),
            Reply::Found(ticket, found) => self.server.found(now, ticket, found.map(|found| *found)),
            Reply::Labelled(labelling, outcome) => {
                let Labelling { endpoint, label, stored } = *labelling;
                if outcome == Outcome::Stored {
                    let store::Label { name, tags, notes } = label;
                    self.told.fleet.label(&endpoint, console_api::Label { name, tags, notes });
                }
                // A caller that has gone no longer wants its answer.
                let _ = stored.send(outcome);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => self.transmit(peer, &datagram),
                Output::Persist { ticket, change } => {
                    if let Err(refused) = self.store.commit(ticket, change) {
                        self.give(refused);
                    }
                }
                Output::Lookup { ticket, key } => {
                    if let Err(refused) = self.store.lookup(ticket, key) {
                        self.give(refused);
                    }
                }
                Output::Answered { operation, result } => {
                    // A caller that has gone no longer wants its answer.
                    let _ = self.waiting.remove(&operation).map(|answer| answer.send(result));
                }
                Output::Accepted { .. } => {}
                Output::Event(Event::Refused { peer, what }) => {
                    self.told.fleet.count_refused();
                    self.refusals.log(peer, &what);
                }
                Output::Event(event) => {
                    log(&event);
                    self.name_in_trace(&event);
                    self.told.observations.apply(&event, self.clock.now().as_millis());
                    self.told.fleet.apply(&event);
                }
            }
        }
    }

    fn transmit(&self, peer: Peer, datagram: &[u8]) {
        let Peer::NoSec(address) = peer else { return };
        self.trace(Direction::Sent, address, datagram);
        // What cannot be sent now is as good as lost on the way, and retransmission deals with that.
        if let Err(error) = self.socket.try_send_to(datagram, address) {
            tracing::debug!(%address, "send: {error}");
        }
    }

    fn trace(&self, direction: Direction, peer: SocketAddr, datagram: &[u8]) {
        let at_ms = self.clock.now().as_millis();
        let registered = || self.server.registered_at(Peer::NoSec(peer));
        let named = || registered().map(|registration| registration.endpoint.as_str());
        self.told.trace.record(at_ms, direction, peer, datagram, named);
    }

    /// Only with its Register it is known whose datagram that was.
    fn name_in_trace(&self, event: &Event) {
        if let Event::Registered(registration) | Event::Updated(registration) = event
            && let Peer::NoSec(address) = registration.peer
        {
            self.told.trace.name(address, &registration.endpoint);
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<StdUdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // A fleet that comes back after a power cut comes all at once. The system may grant less.
    if let Err(error) = socket.set_recv_buffer_size(limits::RECEIVE_BUFFER_BYTES) {
        tracing::debug!("receive buffer: {error}");
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Changes in the state of a client are worth a line, its traffic is not.
fn log(event: &Event) {
    match event {
        Event::Registered(registration) => {
            tracing::info!(endpoint = registration.endpoint, peer = %registration.peer, "registered");
        }
        Event::Departed { registration, why } => {
            tracing::info!(endpoint = registration.endpoint, "{why}");
        }
        Event::ObservationStarted { endpoint, observation } => {
            tracing::info!(endpoint, target = %observation.asked.target, "observed");
        }
        Event::ObservationEnded { endpoint, target, why } => {
            tracing::info!(endpoint, %target, "observation ended: {why}");
        }
        Event::Forgotten { endpoint } => tracing::info!(endpoint, "forgotten"),
        Event::Updated(_)
        | Event::Reported(_)
        | Event::Command(_)
        | Event::Awake { .. }
        | Event::Asleep { .. }
        | Event::Configured { .. }
        | Event::ObservationPending { .. }
        | Event::Refuses { .. }
        | Event::Refused { .. } => {}
    }
}

async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
