use std::{collections::BTreeMap, io, net::SocketAddr};

use mio::{Interest, Poll, Token, net::UdpSocket};

use super::{Arrival, connected, receive_turn, send_again};

/// A socket for each device, opened with its first datagram, on a port that the system chooses.
pub(super) struct Separate {
    server: SocketAddr,
    sockets: BTreeMap<u32, UdpSocket>,
}

impl Separate {
    pub(super) fn new(server: SocketAddr) -> Self {
        Self { server, sockets: BTreeMap::new() }
    }

    pub(super) fn send(&mut self, poll: &Poll, device: u32, datagram: &[u8]) -> io::Result<()> {
        if !self.sockets.contains_key(&device) {
            let any = if self.server.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
            let mut socket = connected(SocketAddr::new(any, 0), self.server)?;
            poll.registry().register(&mut socket, Token(device as usize), Interest::READABLE)?;
            self.sockets.insert(device, socket);
        }
        self.sockets.get(&device).map_or(Ok(()), |socket| send_again(|| socket.send(datagram)))
    }

    pub(super) fn receive(
        &self,
        token: Token,
        buffer: &mut [u8],
        take: &mut dyn FnMut(u32, Arrival<'_>),
    ) -> bool {
        let Ok(device) = u32::try_from(token.0) else { return false };
        let Some(socket) = self.sockets.get(&device) else { return false };
        receive_turn(|buffer| socket.recv(buffer), buffer, |arrival| take(device, arrival))
    }
}
