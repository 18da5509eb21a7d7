//! The sockets of a fleet.
//!
//! Ports and addresses are all that tells NoSec clients apart. A server on the loopback network of Linux sees every
//! device under an address of its own, although [`loopback`] needs only a few sockets for all of them. Any other
//! server sees one host, so that each device has a port of its own, and a socket ([`separate`]).

#[cfg(target_os = "linux")]
mod loopback;
mod separate;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use mio::{Events, Interest, Poll, Token, Waker, net::UdpSocket};

#[cfg(target_os = "linux")]
use loopback::Loopback;
use separate::Separate;

/// Which CoAP endpoint of a device a datagram belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The LwM2M Client.
    Management,
    /// What fetches firmware. It has a port of its own, so that no token can be mistaken.
    Download,
}

/// What the network says to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival<'a> {
    Datagram(&'a [u8]),
    /// An ICMP error. It may be wrong or forged, so it proves nothing.
    Unreachable,
}

pub(crate) struct Network {
    poll: Poll,
    events: Events,
    management: Management,
    /// Sockets of the downloads that are under way.
    downloads: BTreeMap<u32, UdpSocket>,
    /// Sockets that may have something to be received.
    ready: BTreeSet<Token>,
    buffer: Vec<u8>,
}

/// Where the CoAP endpoints of the devices are.
struct Management {
    /// For servers of the loopback network, if that is where the first one is.
    #[cfg(target_os = "linux")]
    loopback: Option<Loopback>,
    separate: Separate,
}

const WAKER: Token = Token(usize::MAX);
/// Tokens from here on are downloads; those below belong to the management.
const FIRST_DOWNLOAD: usize = 1 << 24;
const EVENTS: usize = 1024;
/// What UDP can carry.
const LONGEST_DATAGRAM: usize = 65_536;
/// Datagrams received from one socket before the others and the timers have their turn.
const TURN: usize = 64;

impl Network {
    pub(crate) fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot wait for sockets")?;
        let management = Management::open(&poll, server)?;
        Ok(Self::with(poll, management))
    }

    fn with(poll: Poll, management: Management) -> Self {
        Self {
            poll,
            events: Events::with_capacity(EVENTS),
            management,
            downloads: BTreeMap::new(),
            ready: BTreeSet::new(),
            buffer: vec![0; LONGEST_DATAGRAM],
        }
    }

    /// What ends [`Network::wait`] from another thread.
    pub(crate) fn waker(&self) -> io::Result<Arc<Waker>> {
        Waker::new(self.poll.registry(), WAKER).map(Arc::new)
    }

    /// Whether every device takes a file descriptor.
    pub(crate) fn has_a_socket_for_each(&self) -> bool {
        !self.management.has_loopback()
    }

    /// Sends a datagram of `device`. An error that [`is_icmp`] is about an earlier datagram; this one was sent.
    pub(crate) fn send(
        &mut self,
        device: u32,
        line: Line,
        to: SocketAddr,
        datagram: &[u8],
    ) -> io::Result<()> {
        match line {
            Line::Management => self.management.send(&self.poll, device, to, datagram),
            Line::Download => {
                let socket = match self.downloads.entry(device) {
                    std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::btree_map::Entry::Vacant(entry) => {
                        let mut socket = connected(self.management.address(device, to), to)?;
                        let token = Token(FIRST_DOWNLOAD + device as usize);
                        self.poll.registry().register(&mut socket, token, Interest::READABLE)?;
                        entry.insert(socket)
                    }
                };
                send_again(|| socket.send(datagram))
            }
        }
    }

    /// The download of `device` is over.
    pub(crate) fn close_download(&mut self, device: u32) {
        // The system forgets a socket that is closed.
        self.downloads.remove(&device);
    }

    /// `device` has nothing to say to `to` any more.
    pub(crate) fn close(&mut self, device: u32, to: SocketAddr) {
        self.management.separate.close(device, to);
    }

    /// Waits until a socket has something, [`Network::waker`] was used or `timeout` is over.
    pub(crate) fn wait(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = if self.ready.is_empty() { timeout } else { Some(Duration::ZERO) };
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        self.ready.extend(self.events.iter().map(mio::event::Event::token).filter(|token| *token != WAKER));
        Ok(())
    }

    /// Receives a turn from every socket that has something, and says from whom it is. What is left waits for the next
    /// turn.
    pub(crate) fn receive(&mut self, mut take: impl FnMut(u32, Line, SocketAddr, Arrival<'_>)) {
        for token in std::mem::take(&mut self.ready) {
            let more = if token.0 >= FIRST_DOWNLOAD {
                let Ok(device) = u32::try_from(token.0 - FIRST_DOWNLOAD) else { continue };
                let Some(socket) = self.downloads.get(&device) else { continue };
                let Ok(from) = socket.peer_addr() else { continue };
                receive_turn(
                    |buffer| socket.recv(buffer),
                    &mut self.buffer,
                    |arrival| {
                        take(device, Line::Download, from, arrival);
                    },
                )
            } else {
                self.management.receive(token, &mut self.buffer, &mut |device, from, arrival| {
                    take(device, Line::Management, from, arrival);
                })
            };
            if more {
                self.ready.insert(token);
            }
        }
    }
}

impl Management {
    fn open(poll: &Poll, server: SocketAddr) -> anyhow::Result<Self> {
        let _ = poll;
        Ok(Self {
            #[cfg(target_os = "linux")]
            loopback: in_loopback(server).then(|| Loopback::open(poll)).transpose()?,
            separate: Separate::default(),
        })
    }

    fn has_loopback(&self) -> bool {
        #[cfg(target_os = "linux")]
        return self.loopback.is_some();
        #[cfg(not(target_os = "linux"))]
        return false;
    }

    fn send(&mut self, poll: &Poll, device: u32, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let (Some(loopback), SocketAddr::V4(to)) = (&self.loopback, to)
            && in_loopback(to.into())
        {
            return loopback.send(device, to, datagram);
        }
        self.separate.send(poll, device, to, datagram)
    }

    /// Receives a turn; whether there may be more.
    fn receive(&self, token: Token, buffer: &mut [u8], take: &mut Take<'_>) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(loopback) = &self.loopback
            && token.0 < separate::FIRST_TOKEN
        {
            return loopback.receive(token, buffer, take);
        }
        self.separate.receive(token, buffer, take)
    }

    /// Where a device sends from to reach a host: its own address, if both are in the loopback network.
    fn address(&self, device: u32, to: SocketAddr) -> SocketAddr {
        let any = if to.is_ipv4() { IpAddr::from(Ipv4Addr::UNSPECIFIED) } else { [0; 16].into() };
        #[cfg(target_os = "linux")]
        let any =
            if self.loopback.is_some() && in_loopback(to) { loopback::address(device).into() } else { any };
        let _ = device;
        SocketAddr::new(any, 0)
    }
}

/// What takes what came: for which device, from whom.
type Take<'a> = dyn FnMut(u32, SocketAddr, Arrival<'_>) + 'a;

/// Only IPv4 has a whole network there.
#[cfg(target_os = "linux")]
fn in_loopback(address: SocketAddr) -> bool {
    address.is_ipv4() && address.ip().is_loopback()
}

/// An ICMP error about an earlier datagram.
pub(crate) fn is_icmp(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
    )
}

/// A socket that hears only `to`, and that ICMP errors are reported to.
fn connected(from: SocketAddr, to: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(from)?;
    socket.connect(to)?;
    Ok(socket)
}

/// Sends once more where the first attempt only told about an earlier datagram, and passes that on.
fn send_again(send: impl Fn() -> io::Result<usize>) -> io::Result<()> {
    match send() {
        Err(error) if is_icmp(&error) => send().and(Err(error)),
        result => result.map(drop),
    }
}

/// Receives a turn from a socket of one device; whether there may be more.
fn receive_turn(
    receive: impl Fn(&mut [u8]) -> io::Result<usize>,
    buffer: &mut [u8],
    mut take: impl FnMut(Arrival<'_>),
) -> bool {
    for _ in 0..TURN {
        match receive(buffer) {
            Ok(length) => take(Arrival::Datagram(&buffer[..length])),
            Err(error) if is_icmp(&error) => take(Arrival::Unreachable),
            Err(_) => return false,
        }
    }
    true
}
