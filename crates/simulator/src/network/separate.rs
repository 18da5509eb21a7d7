use std::{collections::BTreeMap, io, net::SocketAddr};

use mio::{Interest, Poll, Token, net::UdpSocket};

use super::{FIRST_DOWNLOAD, Take, connected, receive_turn, send_again};

/// A socket for each device and server, opened with its first datagram, on a port that the system chooses.
#[derive(Default)]
pub(super) struct Separate {
    sockets: BTreeMap<usize, Own>,
    tokens: BTreeMap<(u32, SocketAddr), usize>,
    /// Where to look for a token that is free.
    next: usize,
}

struct Own {
    device: u32,
    to: SocketAddr,
    socket: UdpSocket,
}

/// Those below belong to sockets that all devices share.
pub(super) const FIRST_TOKEN: usize = 16;

impl Separate {
    pub(super) fn send(
        &mut self,
        poll: &Poll,
        device: u32,
        to: SocketAddr,
        datagram: &[u8],
    ) -> io::Result<()> {
        let token = match self.tokens.get(&(device, to)) {
            Some(token) => *token,
            None => self.open(poll, device, to)?,
        };
        self.sockets.get(&token).map_or(Ok(()), |own| send_again(|| own.socket.send(datagram)))
    }

    pub(super) fn receive(&self, token: Token, buffer: &mut [u8], take: &mut Take<'_>) -> bool {
        let Some(Own { device, to, socket }) = self.sockets.get(&token.0) else { return false };
        receive_turn(|buffer| socket.recv(buffer), buffer, |arrival| take(*device, *to, arrival))
    }

    pub(super) fn close(&mut self, device: u32, to: SocketAddr) {
        // The system forgets a socket that is closed.
        if let Some(token) = self.tokens.remove(&(device, to)) {
            self.sockets.remove(&token);
        }
    }

    fn open(&mut self, poll: &Poll, device: u32, to: SocketAddr) -> io::Result<usize> {
        let any = if to.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
        let mut socket = connected(SocketAddr::new(any, 0), to)?;
        let token = self.free_token();
        poll.registry().register(&mut socket, Token(token), Interest::READABLE)?;
        self.sockets.insert(token, Own { device, to, socket });
        self.tokens.insert((device, to), token);
        Ok(token)
    }

    fn free_token(&mut self) -> usize {
        loop {
            self.next = if (FIRST_TOKEN..FIRST_DOWNLOAD - 1).contains(&self.next) {
                self.next + 1
            } else {
                FIRST_TOKEN
            };
            if !self.sockets.contains_key(&self.next) {
                return self.next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, net::UdpSocket as Blocking, time::Duration};

    use super::{super::*, *};

    #[test]
    fn every_device_has_its_port_and_hears_only_what_is_for_it() {
        let server = Blocking::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let management = Management {
            #[cfg(target_os = "linux")]
            loopback: None,
            separate: Separate::default(),
        };
        let mut network = Network::with(Poll::new().unwrap(), management);
        let mut peers = BTreeSet::new();
        for device in [0_u32, 1, 500] {
            network.send(device, Line::Management, address, &device.to_be_bytes()).unwrap();
            let mut buffer = [0; 4];
            let (_, peer) = server.recv_from(&mut buffer).unwrap();
            server.send_to(&buffer, peer).unwrap();
            peers.insert(peer);
        }
        assert_eq!(peers.len(), 3);
        let mut seen = BTreeSet::new();
        while seen.len() < 3 {
            network.wait(Some(Duration::from_secs(10))).unwrap();
            network.receive(|device, _, from, arrival| {
                assert_eq!(from, address);
                assert_eq!(arrival, Arrival::Datagram(&device.to_be_bytes()));
                seen.insert(device);
            });
        }
        drop(server);
        network.send(1, Line::Management, address, b"anybody?").unwrap();
        network.wait(Some(Duration::from_secs(10))).unwrap();
        let mut unreachable = Vec::new();
        network.receive(|device, _, _, arrival| unreachable.push((device, arrival == Arrival::Unreachable)));
        assert_eq!(unreachable, [(1, true)]);
    }
}
