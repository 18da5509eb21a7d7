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

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, net::UdpSocket as Blocking, time::Duration};

    use super::{super::*, *};

    #[test]
    fn every_device_has_its_port_and_hears_only_what_is_for_it() {
        let server = Blocking::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let management = Management::Separate(Separate::new(address));
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
            network.receive(|device, _, arrival| {
                assert_eq!(arrival, Arrival::Datagram(&device.to_be_bytes()));
                seen.insert(device);
            });
        }
        drop(server);
        network.send(1, Line::Management, address, b"anybody?").unwrap();
        network.wait(Some(Duration::from_secs(10))).unwrap();
        let mut unreachable = Vec::new();
        network.receive(|device, _, arrival| unreachable.push((device, arrival == Arrival::Unreachable)));
        assert_eq!(unreachable, [(1, true)]);
    }
}
