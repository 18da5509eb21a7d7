//! The thread that drives the Bootstrap-Server role, with sockets of its own.
//!
//! Its datagrams are not traced, since they carry the secrets of devices: the steps of its sessions take that place.

use std::{io, net::SocketAddr, sync::Arc, thread::JoinHandle};

use coap::{Instant, TransmissionParameters, Usage};
use console_api::SecurityMode;
use credentials::Server;
use lwm2m_core::{
    Peer, PeerIdentity,
    bootstrap_server::{
        Beginning, BootstrapId, BootstrapInformation, BootstrapServer, BootstrapServerConfig, BootstrapUsage,
        Event, Failure, NoSession, NotConfigured, Output, Step,
    },
    server::Admission,
};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot, watch},
};

use super::{
    SecurityStart, limits,
    refusals::Refusals,
    sessions::Secure,
    socket::{Listen, readable, sleep_until},
};
use crate::{
    clock::Clock,
    credentials::{Change, Changes, Credentials},
    fleet::Fleet,
    objects::Objects,
};

/// Whose credentials count here.
pub(super) const BOOTSTRAP: Server = Server::Bootstrap;

/// What the thread is given.
pub(crate) struct BootstrapStart {
    /// Where devices bootstrap without security, if they do.
    pub(crate) listen: Option<Listen>,
    pub(crate) security: SecurityStart,
    /// What the Resources of an Object are.
    pub(crate) objects: Arc<Objects>,
    /// The id of the first session.
    pub(crate) first: BootstrapId,
    pub(crate) clock: Clock,
    /// Counts what is refused.
    pub(crate) fleet: Arc<Fleet>,
}

/// What the Bootstrap-Server tells who keeps its sessions, in order.
#[derive(Debug)]
pub(crate) enum Notice {
    Begun {
        session: BootstrapId,
        begun: Begun,
    },
    /// To be answered with [`Configured`] when it is stored that the session has begun.
    Configure {
        session: BootstrapId,
        endpoint: String,
        begun_by: Beginning,
    },
    Step {
        session: BootstrapId,
        step: Step,
    },
    Ended {
        session: BootstrapId,
        at: Instant,
        result: Result<(), Failure>,
    },
}

/// Which device, and how it came.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) endpoint: String,
    pub(crate) address: Option<SocketAddr>,
    /// None for a device that did not come far enough to show it.
    pub(crate) security: Option<SecurityMode>,
    pub(crate) begun_by: Beginning,
    pub(crate) at: Instant,
    pub(crate) attempt: u32,
    /// Of a session that goes on the number of its next step.
    pub(crate) first_step: u32,
}

/// What a device receives.
pub(crate) struct Configured {
    pub(crate) session: BootstrapId,
    pub(crate) result: Result<BootstrapInformation, NotConfigured>,
}

/// What comes back for a number of notices.
pub(crate) struct Kept {
    pub(crate) notices: usize,
    pub(crate) configured: Vec<Configured>,
}

/// How much of the bounds of this thread is in use.
pub(crate) struct BootstrapRuntimeUsage {
    pub(crate) role: BootstrapUsage,
    pub(crate) dtls: Option<dtls::Usage>,
    pub(crate) notices: Usage,
}

/// What REST asks of the Bootstrap-Server.
pub(super) enum Asked {
    Begin { endpoint: String, answer: oneshot::Sender<Result<BootstrapId, NoSession>> },
    Usage(oneshot::Sender<BootstrapRuntimeUsage>),
}

/// Where that goes in.
#[derive(Clone)]
pub(crate) struct Bootstrapping(mpsc::Sender<Asked>);

impl Bootstrapping {
    /// Bootstraps a device unasked. `None` when the server is stopping.
    pub(crate) async fn begin(&self, endpoint: String) -> Option<Result<BootstrapId, NoSession>> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Asked::Begin { endpoint, answer }).await.ok()?;
        answered.await.ok()
    }

    /// `None` when the server is stopping.
    pub(crate) async fn usage(&self) -> Option<BootstrapRuntimeUsage> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Asked::Usage(answer)).await.ok()?;
        answered.await.ok()
    }
}

/// The thread, where it listens, and how to speak with it.
pub(crate) struct BootstrapWorker {
    pub(crate) coap: Option<SocketAddr>,
    pub(crate) coaps: Option<SocketAddr>,
    pub(crate) bootstrapping: Bootstrapping,
    pub(crate) notices: mpsc::UnboundedReceiver<Vec<Notice>>,
    pub(crate) kept: mpsc::UnboundedSender<Kept>,
    thread: JoinHandle<()>,
}

/// The thread, when everything else has been taken out.
pub(crate) struct BootstrapThread(JoinHandle<()>);

impl BootstrapWorker {
    pub(crate) fn start(start: BootstrapStart, stopped: watch::Receiver<bool>) -> io::Result<Self> {
        let BootstrapStart { listen, security, objects, first, clock, fleet } = start;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        let definitions = objects.registry();
        let config = BootstrapServerConfig { definitions, admission: Admission::default(), first };
        let role = BootstrapServer::new(TransmissionParameters::default(), seed, config);
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = tokio.enter();
        let socket = listen.map(Listen::bind).transpose()?.flatten();
        let coap = socket.as_ref().map(UdpSocket::local_addr).transpose()?;
        let credentials = Arc::clone(&security.credentials);
        let secure = match security.listen.map(Listen::bind).transpose()?.flatten() {
            // No session goes on after a restart, so that their numbers may begin anew: their keys are others.
            Some(socket) => {
                Some(Secure::new(security, BOOTSTRAP, socket, 1, clock).map_err(io::Error::other)?)
            }
            None => None,
        };
        let coaps = secure.as_ref().map(|secure| secure.socket.local_addr()).transpose()?;
        drop(entered);
        let (told, notices) = mpsc::unbounded_channel();
        let (kept, keeping) = mpsc::unbounded_channel();
        let (asking, asked) = mpsc::channel(limits::BOOTSTRAP_QUEUE);
        let drive = Drive {
            socket,
            secure,
            credentials,
            role,
            objects,
            fleet,
            clock,
            told,
            untold: Vec::new(),
            under_way: 0,
            turned_away: 0,
            refusals: Refusals::new(),
        };
        let thread = std::thread::Builder::new()
            .name("bootstrap".into())
            .spawn(move || tokio.block_on(drive.run(asked, keeping, stopped)))?;
        Ok(Self { coap, coaps, bootstrapping: Bootstrapping(asking), notices, kept, thread })
    }

    /// Its channels and, apart from them, the thread.
    pub(crate) fn into_parts(
        self,
    ) -> (mpsc::UnboundedReceiver<Vec<Notice>>, mpsc::UnboundedSender<Kept>, BootstrapThread) {
        (self.notices, self.kept, BootstrapThread(self.thread))
    }
}

impl BootstrapThread {
    pub(crate) fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the bootstrap thread failed");
        }
    }
}

/// One input, then all outputs, then wait for the next input.
pub(super) struct Drive {
    socket: Option<UdpSocket>,
    pub(super) secure: Option<Secure>,
    pub(super) credentials: Arc<Credentials>,
    pub(super) role: BootstrapServer,
    objects: Arc<Objects>,
    pub(super) fleet: Arc<Fleet>,
    pub(super) clock: Clock,
    told: mpsc::UnboundedSender<Vec<Notice>>,
    pub(super) untold: Vec<Notice>,
    /// Notices that are told and not kept yet.
    under_way: usize,
    /// How often there was no room for more.
    turned_away: u64,
    refusals: Refusals,
}

impl Drive {
    async fn run(
        mut self,
        mut asked: mpsc::Receiver<Asked>,
        mut keeping: mpsc::UnboundedReceiver<Kept>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut buffer = vec![0; limits::DATAGRAM_BYTES];
        let mut changes = self.credentials.changes();
        self.credentials_changed(&Change::Everything);
        loop {
            let deadline = self.poll_timeout().map(|at| self.clock.monotonic(at));
            let has_room = self.under_way < limits::BOOTSTRAP_NOTICES;
            self.turned_away += u64::from(!has_room);
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                Some(kept) = keeping.recv() => self.take(kept),
                Some(asked) = asked.recv() => self.ask(asked),
                ready = readable(self.socket.as_ref()), if has_room => match ready {
                    Ok(()) => {
                        self.heed(&mut changes);
                        self.receive(&mut buffer);
                    }
                    Err(error) => tracing::error!("the CoAP socket for bootstrap failed: {error}"),
                },
                ready = readable(self.secure.as_ref().map(|secure| &secure.socket)), if has_room => match ready {
                    Ok(()) => {
                        self.heed(&mut changes);
                        self.receive_secure(&mut buffer);
                    }
                    Err(error) => tracing::error!("the coaps socket for bootstrap failed: {error}"),
                },
                change = changes.next() => self.credentials_changed(&change),
                () = sleep_until(deadline) => self.timeout(),
            }
            self.drain();
            self.tell();
        }
        // Sessions that run are known as such, and count as interrupted at the next start.
        self.stop_secure();
    }

    /// What has been told of credentials counts for what comes after it: who was given one cannot come without it, and
    /// who lost one not with it.
    fn heed(&mut self, changes: &mut Changes) {
        while let Some(change) = changes.at_hand() {
            self.credentials_changed(&change);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let role = self.role.poll_timeout().map(|(at, _)| at);
        role.into_iter().chain(self.secure.as_ref().and_then(Secure::poll_timeout)).min()
    }

    fn take(&mut self, Kept { notices, configured }: Kept) {
        self.under_way = self.under_way.saturating_sub(notices);
        if !configured.is_empty() {
            // What is written may need a definition that has just been uploaded.
            self.role.set_definitions(self.objects.registry());
        }
        for Configured { session, result } in configured {
            self.role.configured(self.clock.now(), session, result);
        }
    }

    fn ask(&mut self, asked: Asked) {
        // A caller that has gone no longer wants its answer.
        match asked {
            Asked::Begin { endpoint, answer } => {
                let _ = answer.send(self.role.begin(self.clock.now(), &endpoint));
            }
            Asked::Usage(answer) => {
                let dtls = self.secure.as_ref().map(|secure| secure.dtls.usage());
                let notices = Usage {
                    used: self.under_way,
                    limit: limits::BOOTSTRAP_NOTICES,
                    reached: self.turned_away,
                };
                let _ = answer.send(BootstrapRuntimeUsage { role: self.role.usage(), dtls, notices });
            }
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) {
        for _ in 0..limits::RECEIVE_BATCH {
            let Some(socket) = &self.socket else { return };
            match socket.try_recv_from(buffer) {
                Ok((len, from)) => {
                    let Some(datagram) = buffer.get(..len) else { continue };
                    self.role.handle_datagram(self.clock.now(), Peer::NoSec(from), datagram);
                    self.drain();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // An ICMP message about an earlier datagram: a hint, and retransmission deals with it.
                Err(error) => tracing::trace!("receive: {error}"),
            }
        }
    }

    fn timeout(&mut self) {
        self.role.handle_timeout(self.clock.now());
        if let Some(change) = self.secure.as_mut().and_then(Secure::handle_timeout) {
            self.credentials_changed(&change);
        }
    }

    /// An endpoint with a credential for bootstrap cannot bootstrap without security.
    pub(super) fn credentials_changed(&mut self, change: &Change) {
        if let Some(secure) = &mut self.secure {
            secure.credentials_changed(change);
        }
        change.secure(&self.credentials.tables(), BOOTSTRAP, self.role.admission_mut());
    }

    /// What the role wants done, and what the sessions make of it.
    pub(super) fn drain(&mut self) {
        loop {
            while let Some(output) = self.role.poll() {
                self.perform(output);
            }
            if !self.drain_secure() {
                return;
            }
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Transmit { peer: Peer::NoSec(address), datagram } => {
                let Some(socket) = &self.socket else { return };
                // What cannot be sent now is as good as lost on the way, and retransmission deals with that.
                if let Err(error) = socket.try_send_to(&datagram, address) {
                    tracing::debug!(%address, "send: {error}");
                }
            }
            Output::Transmit { peer: Peer::Session(session), datagram } => {
                self.send_secure(session, &datagram);
            }
            Output::Configure { session, endpoint, begun_by, .. } => {
                self.untold.push(Notice::Configure { session, endpoint, begun_by });
            }
            Output::Event(Event::Begun { session, endpoint, peer, begun_by, at, attempt, first_step }) => {
                let (address, security) = self.whereabouts(peer);
                let begun = Begun { endpoint, address, security, begun_by, at, attempt, first_step };
                self.untold.push(Notice::Begun { session, begun });
            }
            Output::Event(Event::Step { session, step }) => self.untold.push(Notice::Step { session, step }),
            Output::Event(Event::Ended { session, at, result }) => {
                self.untold.push(Notice::Ended { session, at, result });
            }
            Output::Event(Event::Refused { peer, what }) => {
                self.fleet.count_refused();
                self.refusals.log(peer, &what);
            }
        }
    }

    fn whereabouts(&self, peer: Peer) -> (Option<SocketAddr>, Option<SecurityMode>) {
        let session = match peer {
            Peer::NoSec(address) => return (Some(address), Some(SecurityMode::NoSec)),
            Peer::Session(session) => session,
        };
        let open = self.secure.as_ref().and_then(|secure| secure.open.get(&session));
        let Some(open) = open else { return (None, None) };
        let security = match open.proven.identity {
            PeerIdentity::NoSec => SecurityMode::NoSec,
            PeerIdentity::Psk(_) => SecurityMode::Psk,
            PeerIdentity::RawPublicKey(_) => SecurityMode::RawPublicKey,
            PeerIdentity::Certificate(_) => SecurityMode::Certificate,
        };
        (Some(open.address), Some(security))
    }

    fn tell(&mut self) {
        if self.untold.is_empty() {
            return;
        }
        self.under_way += self.untold.len();
        // Nobody keeps them any more when the server is stopping, and then nothing is configured either.
        let _ = self.told.send(core::mem::take(&mut self.untold));
    }
}
