use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, thread::JoinHandle};

use coap::{TransmissionParameters, Usage};
use console_api::Direction;
use lwm2m_core::{
    Peer,
    server::{Command, CommandState, Event, OperationId, Outcome, Output, Server, ServerConfig},
};
use store::Store;
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot, watch},
};

use super::{
    acting::Acting,
    command_desk::CommandDesk,
    limits,
    operations::{Asked, OperationResult, Operations, RuntimeUsage},
    refusals::Refusals,
    restore::restore,
    sessions::{DEVICES, Secure, SecurityStart},
    socket::{Listen, readable, sleep_until},
    storage::Storage,
    store_thread::{Labelling, Reply, StoreThread},
};
use crate::{
    bootstrap::Sessions,
    clock::Clock,
    credentials::{Change, Changes, Credentials},
    fleet::Fleet,
    observations::Observations,
    trace::Trace,
};

/// Who is told what happens.
pub(crate) struct Told {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) observations: Arc<Observations>,
    pub(crate) storage: Arc<Storage>,
    pub(crate) bootstraps: Arc<Sessions>,
    /// Whoever compares what devices answer with what they should.
    pub(crate) answered: mpsc::Sender<Arc<Command>>,
}

/// The thread that drives the server role.
pub(crate) struct Worker {
    /// The address that devices use, if they are managed here.
    pub(crate) coap: Option<SocketAddr>,
    /// The address that devices with security use.
    pub(crate) coaps: Option<SocketAddr>,
    pub(crate) operations: Operations,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(crate) fn start(
        listen: Option<Listen>,
        config: ServerConfig,
        clock: Clock,
        told: Told,
        mut store: Box<dyn Store>,
        security: SecurityStart,
        stopped: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let socket = {
            let _entered = tokio.enter();
            listen.map(Listen::bind).transpose()?.flatten()
        };
        let coap = socket.as_ref().map(UdpSocket::local_addr).transpose()?;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let mut server = Server::with_config(TransmissionParameters::default(), seed, config);
        let credentials = Arc::clone(&security.credentials);
        let changes = credentials.changes();
        let secure = Self::secure(security, &tokio, &mut *store, &mut server, &told, clock)?;
        let coaps = secure.as_ref().map(|secure| secure.socket.local_addr()).transpose()?;
        // Where no device is managed, what is known of devices waits for a server that does.
        if listen.is_some() {
            restore(&*store, &mut server, &told, &credentials, clock.now()).map_err(io::Error::other)?;
        }
        let commands = CommandDesk::new(store.last_command().map_err(io::Error::other)?);
        let store = StoreThread::start(store, clock, Arc::clone(&told.storage))?;
        let (operations, asking) = Operations::new();
        let thread = std::thread::Builder::new().name("coap".into()).spawn(move || {
            let drive = Drive {
                socket,
                secure,
                credentials,
                server,
                store,
                told,
                clock,
                waiting: BTreeMap::new(),
                next_operation: 0,
                commands,
                acting: Acting::default(),
                refusals: Refusals::new(),
            };
            tokio.block_on(drive.run(asking, changes, stopped));
        })?;
        Ok(Self { coap, coaps, operations, thread })
    }

    fn secure(
        start: SecurityStart,
        tokio: &tokio::runtime::Runtime,
        store: &mut dyn Store,
        server: &mut Server,
        told: &Told,
        clock: Clock,
    ) -> io::Result<Option<Secure>> {
        let _entered = tokio.enter();
        let Some(socket) = start.listen.map(Listen::bind).transpose()?.flatten() else { return Ok(None) };
        Secure::start(start, socket, store, server, told, clock).map(Some).map_err(io::Error::other)
    }

    pub(crate) fn join(self) {
        drop(self.operations);
        if self.thread.join().is_err() {
            tracing::error!("the CoAP thread failed");
        }
    }
}

/// The drive loop: one input, then all outputs, then wait for the next input.
pub(super) struct Drive {
    socket: Option<UdpSocket>,
    pub(super) secure: Option<Secure>,
    pub(super) credentials: Arc<Credentials>,
    pub(super) server: Server,
    pub(super) store: StoreThread,
    pub(super) told: Told,
    pub(super) clock: Clock,
    waiting: BTreeMap<OperationId, oneshot::Sender<OperationResult>>,
    next_operation: u64,
    commands: CommandDesk,
    acting: Acting,
    refusals: Refusals,
}

impl Drive {
    async fn run(
        mut self,
        mut asking: mpsc::Receiver<Asked>,
        mut credentials: Changes,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut buffer = vec![0; limits::DATAGRAM_BYTES];
        // What follows from what was restored.
        self.credentials_changed(&Change::Everything);
        self.drain();
        self.drain_secure();
        self.store.flush();
        loop {
            let deadline = self.poll_timeout().map(|at| self.clock.monotonic(at));
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                replies = self.store.replies() => self.take(replies),
                Some(asked) = asking.recv() => self.ask(asked),
                ready = readable(self.socket.as_ref()) => match ready {
                    Ok(()) => {
                        self.heed(&mut credentials);
                        self.receive(&mut buffer);
                    }
                    Err(error) => tracing::error!("the CoAP socket failed: {error}"),
                },
                ready = readable(self.secure.as_ref().map(|secure| &secure.socket)) => match ready {
                    Ok(()) => {
                        self.heed(&mut credentials);
                        self.receive_secure(&mut buffer);
                    }
                    Err(error) => tracing::error!("the coaps socket failed: {error}"),
                },
                change = credentials.next() => self.credentials_changed(&change),
                () = sleep_until(deadline) => self.timeout(),
            }
            // What the role has sent over sessions.
            self.drain_secure();
            self.store.flush();
        }
        // Nothing that happens from now on is waited for.
        if tokio::time::timeout(limits::LAST_CHANGES, self.finish()).await.is_err() {
            tracing::warn!("the store is slow: what it has not confirmed is not acknowledged");
        }
        self.stop_secure();
        self.store.join();
    }

    /// What has been told of credentials counts for what comes after it: who was given one cannot come without it, and
    /// who lost one not with it.
    fn heed(&mut self, changes: &mut Changes) {
        while let Some(change) = changes.at_hand() {
            self.credentials_changed(&change);
        }
    }

    fn poll_timeout(&self) -> Option<coap::Instant> {
        let role = self.server.poll_timeout().map(|(at, _)| at);
        role.into_iter().chain(self.secure.as_ref().and_then(Secure::poll_timeout)).min()
    }

    /// Acknowledges what is being stored.
    async fn finish(&mut self) {
        while self.store.is_busy() {
            self.store.flush();
            let replies = self.store.replies().await;
            self.take(replies);
            self.drain_secure();
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
            let Some(socket) = &self.socket else { return };
            match socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let Some(datagram) = buffer.get(..len) else { continue };
                    self.trace(Direction::Received, Peer::NoSec(from), from, datagram);
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
            Asked::Command { order, accepted } => {
                let now = self.clock.now();
                let command = self.commands.command(now, order, accepted);
                self.acting.command(&command);
                self.server.command(now, command);
                self.drain();
            }
            Asked::Cancel { author, endpoint, id, answer } => {
                let operation = self.operation_for(answer);
                self.acting.cancel(self.clock.now(), &author, &endpoint, id);
                self.server.cancel_command(self.clock.now(), operation, id);
                self.drain();
            }
            Asked::Configure { author, endpoint, config, answer } => {
                let operation = self.operation_for(answer);
                self.acting.configure(self.clock.now(), &author, &endpoint, &config);
                self.server.configure(self.clock.now(), operation, endpoint, config);
                self.drain();
            }
            Asked::ForgetRefusals { endpoint } => self.server.forget_refusals(&endpoint),
            Asked::Forget { author, endpoint, answer } => {
                let id = self.operation_for(answer);
                self.acting.forget(self.clock.now(), &author, &endpoint);
                self.server.forget(self.clock.now(), id, endpoint);
                self.drain();
            }
            Asked::Label(labelling) => {
                if let Err(refused) = self.store.label(labelling, self.clock.now()) {
                    self.give(refused);
                }
            }
            Asked::Secure(securing) => {
                if let Err(refused) = self.store.secure(securing) {
                    self.give(refused);
                }
            }
            Asked::Keep(keeping) => {
                if let Err(refused) = self.store.keep(keeping) {
                    self.give(refused);
                }
            }
            Asked::Audit(audit) => self.store.audit(audit),
            Asked::Usage(answer) => {
                let (server, store_queue) = (self.server.usage(), self.store.usage());
                // A caller that has gone no longer wants its answer.
                let dtls = self.secure.as_ref().map(|secure| secure.dtls.usage());
                let _ = answer.send(RuntimeUsage {
                    server,
                    dtls,
                    store_queue,
                    operation_queue: Usage::default(),
                });
            }
        }
        self.acting.end();
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
        self.secure_timeout();
    }

    fn give(&mut self, reply: Reply) {
        let now = self.clock.now();
        match reply {
            Reply::Persisted(ticket, outcome) => self.server.persisted(now, ticket, outcome),
            Reply::Found(ticket, found) => self.server.found(now, ticket, found.map(|found| *found)),
            Reply::Sessions(reserved, Outcome::Stored | Outcome::Known) => self.sessions_stored(&reserved),
            Reply::Sessions(_, Outcome::Failed(why)) => tracing::error!("sessions are not stored: {why}"),
            Reply::Secured(stored, outcome) => {
                // A caller that has gone no longer wants its answer.
                let _ = stored.send(outcome);
            }
            Reply::Kept(kept, outcome) => {
                // A caller that has gone no longer wants its answer.
                let _ = kept.send(outcome);
            }
            Reply::Audited(Outcome::Failed(why)) => tracing::error!("not remembered who changed it: {why}"),
            Reply::Audited(_) => {}
            Reply::Labelled(labelling, outcome) => {
                let Labelling { endpoint, label, stored, .. } = *labelling;
                if outcome == Outcome::Stored {
                    let store::Label { name, tags, notes } = label;
                    self.told.fleet.label(&endpoint, console_api::Label { name, tags, notes });
                }
                // A caller that has gone no longer wants its answer.
                let _ = stored.send(outcome);
            }
        }
    }

    pub(super) fn drain(&mut self) {
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit { peer, datagram } => self.transmit(peer, &datagram),
                Output::Persist { ticket, change } => {
                    let audit = self.acting.take_for(&change);
                    if let Err(refused) = self.store.commit(ticket, change, audit) {
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
                // That it is accepted is told with the state in which it is.
                Output::Accepted { command, result } => {
                    result.err().into_iter().for_each(|error| self.commands.refuse(command, error));
                }
                Output::Event(Event::Refused { peer, what }) => {
                    self.told.fleet.count_refused();
                    self.refusals.log(peer, &what);
                }
                Output::Event(event) => {
                    log(&event);
                    self.name_in_trace(&event);
                    self.note_bootstrapped(&event);
                    self.told.observations.apply(&event, self.clock.now().as_millis());
                    self.told.fleet.apply(&event);
                    if let Event::Command(command) = &event {
                        self.commands.tell(command);
                        if matches!(command.state, CommandState::Answered(_)) {
                            // What there is no room for is not compared.
                            let _ = self.told.answered.try_send(Arc::clone(command));
                        }
                    }
                }
            }
        }
    }

    fn transmit(&mut self, peer: Peer, datagram: &[u8]) {
        let address = match peer {
            Peer::NoSec(address) => address,
            Peer::Session(session) => return self.send_secure(session, datagram),
        };
        let Some(socket) = &self.socket else { return };
        self.trace(Direction::Sent, peer, address, datagram);
        // What cannot be sent now is as good as lost on the way, and retransmission deals with that.
        if let Err(error) = socket.try_send_to(datagram, address) {
            tracing::debug!(%address, "send: {error}");
        }
    }

    /// What is traced of a session is what it carries.
    pub(super) fn trace(&self, direction: Direction, peer: Peer, address: SocketAddr, datagram: &[u8]) {
        let at_ms = self.clock.now().as_millis();
        let registered = || self.server.registered_at(peer);
        let named = || registered().map(|registration| registration.endpoint.as_str());
        self.told.trace.record(at_ms, direction, address, datagram, named);
    }

    fn address(&self, peer: Peer) -> Option<SocketAddr> {
        match peer {
            Peer::NoSec(address) => Some(address),
            Peer::Session(session) => self.secure.as_ref()?.address(session),
        }
    }

    /// Who registers with what bootstrap has made for it has come to the end of that.
    fn note_bootstrapped(&self, event: &Event) {
        let Event::Registered(registration) = event else { return };
        let open = match registration.peer {
            Peer::NoSec(_) => None,
            Peer::Session(session) => {
                self.secure.as_ref().and_then(|secure| secure.open.get(&session)).map(|open| open.credential)
            }
        };
        let tables = self.credentials.tables();
        let credential = open.and_then(|id| tables.of(DEVICES).credential(id));
        let made_in = credential.and_then(|credential| credential.made_in);
        let at_ms = self.clock.now().as_millis();
        self.told.bootstraps.registered(&registration.endpoint, made_in, at_ms);
    }

    /// Only with its Register it is known whose datagram that was.
    fn name_in_trace(&self, event: &Event) {
        if let Event::Registered(registration) | Event::Updated(registration) = event
            && let Some(address) = self.address(registration.peer)
        {
            self.told.trace.name(address, &registration.endpoint);
        }
    }
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
