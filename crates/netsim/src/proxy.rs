use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Network, NetworkConditions, limits};

/// How often a thread that reads a socket looks whether it should end.
const GLANCE: Duration = Duration::from_millis(50);
/// The largest payload of a UDP datagram over IPv4.
const DATAGRAM_BYTES: usize = 65_507;

/// What a [`Proxy`] is between and what it does to what passes.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// Where clients send to. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// The server.
    pub upstream: SocketAddr,
    /// Of both directions.
    pub conditions: NetworkConditions,
    /// After so long every client is seen under another port by the server, as behind a NAT that forgets.
    pub rebind_every: Option<Duration>,
    pub seed: u64,
    /// Where what has passed is recorded, for Wireshark.
    pub pcap: Option<PathBuf>,
}

/// A bad network between real processes: clients send to it, and the server sees each under an address of its own.
/// It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub fn start(config: ProxyConfig) -> io::Result<Self> {
        let listening = Arc::new(UdpSocket::bind(config.listen)?);
        let address = listening.local_addr()?;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&config.seed.to_be_bytes());
        let mut network = Network::new(config.conditions, seed);
        if let Some(file) = &config.pcap {
            network.record(file)?;
        }
        let (arrivals, received) = sync_channel(limits::PROXY_BACKLOG);
        let stop = Arc::new(AtomicBool::new(false));
        read(Arc::clone(&listening), Side::Clients, arrivals.clone(), Arc::clone(&stop))?;
        let carrier = Carrier {
            upstream: config.upstream,
            rebind_every: config.rebind_every,
            listening,
            network,
            started: Instant::now(),
            mappings: BTreeMap::new(),
            arrivals,
            stop: Arc::clone(&stop),
        };
        let thread = thread::Builder::new().name("proxy".into()).spawn(move || carrier.run(&received))?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where clients send to.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it ends, which it does not by itself.
    pub fn wait(mut self) {
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic in it has been shown already.
            let _ = thread.join();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.join();
    }
}

/// Where a datagram came in.
#[derive(Clone, Copy)]
enum Side {
    Clients,
    /// From the server, for the client that has this socket.
    Server {
        socket: SocketAddr,
    },
}

struct Arrival {
    side: Side,
    from: SocketAddr,
    datagram: Vec<u8>,
}

/// How the server sees a client.
struct Mapping {
    socket: Arc<UdpSocket>,
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

struct Carrier {
    upstream: SocketAddr,
    rebind_every: Option<Duration>,
    listening: Arc<UdpSocket>,
    network: Network<SocketAddr>,
    started: Instant,
    mappings: BTreeMap<SocketAddr, Mapping>,
    arrivals: SyncSender<Arrival>,
    stop: Arc<AtomicBool>,
}

impl Carrier {
    fn run(mut self, received: &Receiver<Arrival>) {
        let mut rebind_at = self.rebind_every.map(|period| self.started + period);
        while !self.stop.load(Ordering::Relaxed) {
            match received.recv_timeout(self.pause(rebind_at)) {
                Ok(arrival) => self.carry(arrival),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.deliver();
            if let Some((at, period)) = rebind_at.zip(self.rebind_every)
                && Instant::now() >= at
            {
                self.rebind_all();
                rebind_at = Some(at + period);
            }
        }
    }

    /// How long nothing has to be done unless a datagram comes.
    fn pause(&self, rebind_at: Option<Instant>) -> Duration {
        let delivery = self.network.next_delivery().map(|at_ms| self.started + Duration::from_millis(at_ms));
        let next = [delivery, rebind_at].into_iter().flatten().min();
        next.map_or(GLANCE, |at| at.saturating_duration_since(Instant::now()).min(GLANCE))
    }

    fn carry(&mut self, arrival: Arrival) {
        let now_ms = self.now_ms();
        match arrival.side {
            Side::Clients => {
                if self.has_mapping(arrival.from) {
                    self.network.send(now_ms, arrival.from, self.upstream, arrival.datagram);
                }
            }
            Side::Server { socket } => {
                self.network.send(now_ms, self.upstream, socket, arrival.datagram);
            }
        }
    }

    fn has_mapping(&mut self, client: SocketAddr) -> bool {
        if self.mappings.contains_key(&client) {
            return true;
        }
        if self.mappings.len() >= limits::PROXY_CLIENTS {
            return false;
        }
        self.bind(client)
    }

    /// Gives a client a new address towards the server; the one before is closed.
    fn bind(&mut self, client: SocketAddr) -> bool {
        match self.mapping() {
            Ok(mapping) => {
                self.network.rebind(client, mapping.address);
                self.mappings.insert(client, mapping);
                true
            }
            Err(error) => {
                eprintln!("no socket for {client}: {error}");
                false
            }
        }
    }

    fn mapping(&self) -> io::Result<Mapping> {
        let any: SocketAddr = match self.upstream {
            SocketAddr::V4(_) if self.upstream.ip().is_loopback() => (Ipv4Addr::LOCALHOST, 0).into(),
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => ([0; 8], 0).into(),
        };
        let socket = Arc::new(UdpSocket::bind(any)?);
        // What others send to this port is nothing for the client.
        socket.connect(self.upstream)?;
        let address = socket.local_addr()?;
        let closed = Arc::new(AtomicBool::new(false));
        let side = Side::Server { socket: address };
        read(Arc::clone(&socket), side, self.arrivals.clone(), Arc::clone(&closed))?;
        Ok(Mapping { socket, address, closed })
    }

    fn rebind_all(&mut self) {
        for client in self.mappings.keys().copied().collect::<Vec<_>>() {
            self.bind(client);
        }
    }

    fn deliver(&mut self) {
        for (from, to, datagram) in self.network.deliver(self.now_ms()) {
            // What cannot be sent is lost, as anything may be on this network.
            if to == self.upstream {
                let mapping = self.mappings.values().find(|mapping| mapping.address == from);
                let _ = mapping.map(|mapping| mapping.socket.send(&datagram));
            } else if self.mappings.contains_key(&to) {
                let _ = self.listening.send_to(&datagram, to);
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Reads a socket until `stop`.
fn read(
    socket: Arc<UdpSocket>,
    side: Side,
    arrivals: SyncSender<Arrival>,
    stop: Arc<AtomicBool>,
) -> io::Result<()> {
    socket.set_read_timeout(Some(GLANCE))?;
    thread::Builder::new().name("proxy socket".into()).spawn(move || {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        while !stop.load(Ordering::Relaxed) {
            // An error is the timeout, or the news that nobody listens at the other end.
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
            let datagram = buffer.get(..length).unwrap_or_default().to_vec();
            // With a full backlog it is dropped, as by any router.
            let _ = arrivals.try_send(Arrival { side, from, datagram });
        }
    })?;
    Ok(())
}
