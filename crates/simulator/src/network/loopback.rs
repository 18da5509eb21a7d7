use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::AsRawFd,
};

use anyhow::Context;
use mio::{Interest, Poll, Token, net::UdpSocket};
use nix::{
    cmsg_space,
    errno::Errno,
    libc::{in_addr, in_pktinfo, sock_extended_err, sockaddr_in},
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt, sockopt,
    },
};

use super::{Arrival, TURN, Take};

/// A few sockets for all devices, each of which has an address of its own: all of 127.0.0.0/8 belongs to this
/// machine, and with every datagram goes the address it is from or came to (`IP_PKTINFO`, ip(7)).
pub(super) struct Loopback {
    sockets: [UdpSocket; SOCKETS as usize],
}

/// More sockets have more room for what comes while the fleet is busy.
const SOCKETS: u32 = 4;
/// Room for so many bytes that came and were not received yet, if the system grants it.
const RECEIVE_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// The address of the first device, 127.16.0.1: far from those that services listen on.
const FIRST_ADDRESS: u32 = 0x7f10_0001;
/// A shared socket serves as many devices as this many turns would.
const SHARED_TURN: usize = 4 * TURN;

pub(super) fn address(device: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST_ADDRESS.saturating_add(device))
}

fn device(address: Ipv4Addr) -> Option<u32> {
    u32::from(address).checked_sub(FIRST_ADDRESS)
}

impl Loopback {
    pub(super) fn open(poll: &Poll) -> anyhow::Result<Self> {
        let open = |index: usize| -> io::Result<UdpSocket> {
            let mut socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0).into())?;
            setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
            // So that ICMP errors are told although the socket is not connected, and to whom.
            setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
            setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER_BYTES)?;
            poll.registry().register(&mut socket, Token(index), Interest::READABLE)?;
            Ok(socket)
        };
        let sockets = [open(0), open(1), open(2), open(3)];
        let [first, second, third, fourth] = sockets.map(|socket| socket.context("cannot open a UDP socket"));
        Ok(Self { sockets: [first?, second?, third?, fourth?] })
    }

    pub(super) fn send(&self, device: u32, to: SocketAddrV4, datagram: &[u8]) -> io::Result<()> {
        let from = in_addr { s_addr: u32::from(address(device)).to_be() };
        let info = in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: from, ipi_addr: in_addr { s_addr: 0 } };
        let socket = &self.sockets[(device % SOCKETS) as usize];
        let send = || {
            sendmsg(
                socket.as_raw_fd(),
                &[IoSlice::new(datagram)],
                &[ControlMessage::Ipv4PacketInfo(&info)],
                MsgFlags::MSG_DONTWAIT,
                Some(&SockaddrIn::from(to)),
            )
        };
        match send() {
            // That was about an earlier datagram, perhaps of another device; the error queue knows.
            Err(Errno::ECONNREFUSED) => send(),
            result => result,
        }?;
        Ok(())
    }

    pub(super) fn receive(&self, token: Token, buffer: &mut [u8], take: &mut Take<'_>) -> bool {
        let Some(socket) = self.sockets.get(token.0) else { return false };
        // Its address is the one that cannot be reached.
        while let Ok((_, Some(to), Some(device))) = receive_one(socket, buffer, MsgFlags::MSG_ERRQUEUE) {
            take(device, to.into(), Arrival::Unreachable);
        }
        for _ in 0..SHARED_TURN {
            match receive_one(socket, buffer, MsgFlags::empty()) {
                Ok((length, Some(from), Some(device))) => {
                    take(device, from.into(), Arrival::Datagram(&buffer[..length]));
                }
                // For nobody, or an error that the error queue explains.
                Ok(_) | Err(Errno::ECONNREFUSED) => {}
                Err(_) => return false,
            }
        }
        true
    }
}

/// Length, sender and addressed device of a datagram, or of the one that an entry of the error queue is about.
fn receive_one(
    socket: &UdpSocket,
    buffer: &mut [u8],
    flags: MsgFlags,
) -> nix::Result<(usize, Option<SocketAddrV4>, Option<u32>)> {
    let mut control = cmsg_space!(in_pktinfo, sock_extended_err, sockaddr_in);
    let mut slices = [IoSliceMut::new(buffer)];
    let flags = flags | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags)?;
    let device = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            device(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)))
        }
        _ => None,
    });
    Ok((
        message.bytes,
        message.address.map(|address| SocketAddrV4::new(address.ip(), address.port())),
        device,
    ))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, net::UdpSocket as Blocking, time::Duration};

    use super::{super::*, *};

    fn collect(network: &mut Network, wanted: usize) -> BTreeSet<(u32, Option<Vec<u8>>)> {
        let mut seen = BTreeSet::new();
        while seen.len() < wanted {
            network.wait(Some(Duration::from_secs(10))).unwrap();
            let before = seen.len();
            network.receive(|device, _, _, arrival| {
                let bytes = match arrival {
                    Arrival::Datagram(bytes) => Some(bytes.to_vec()),
                    Arrival::Unreachable => None,
                };
                seen.insert((device, bytes));
            });
            assert!(seen.len() > before, "nothing came");
        }
        seen
    }

    #[test]
    fn every_device_has_its_address_and_hears_only_what_is_for_it() {
        let server = Blocking::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = server.local_addr().unwrap();
        let mut network = Network::open(address).unwrap();
        let mut peers = BTreeSet::new();
        for device in [0, 1, 255, 9_999] {
            network.send(device, Line::Management, address, &device.to_be_bytes()).unwrap();
            let mut buffer = [0; 4];
            let (_, peer) = server.recv_from(&mut buffer).unwrap();
            assert_eq!(u32::from_be_bytes(buffer), device);
            server.send_to(&buffer, peer).unwrap();
            peers.insert(peer.ip());
        }
        assert_eq!(peers.len(), 4);
        let expected = [0_u32, 1, 255, 9_999].map(|device| (device, Some(device.to_be_bytes().to_vec())));
        assert_eq!(collect(&mut network, 4), BTreeSet::from(expected));
    }

    #[test]
    fn an_icmp_error_finds_the_device_it_is_about() {
        let gone = Blocking::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        let mut network = Network::open(address).unwrap();
        network.send(77, Line::Management, address, b"anybody?").unwrap();
        assert_eq!(collect(&mut network, 1), BTreeSet::from([(77, None)]));
    }
}
