//! The ways from a device to its servers.

use std::net::SocketAddr;

use coap::Instant;
use lwm2m_core::{Peer, SessionId, client::ObjectTree};

use crate::{
    security::{LineOutput, SecureLine, of_account},
    server_address::ServerAddress,
};

/// One line for each server the device has an account with.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<ServerLine>,
    /// The number of the next line with security.
    next: u64,
}

struct ServerLine {
    peer: Peer,
    address: SocketAddr,
    /// Without it nothing is encrypted.
    secure: Option<Box<SecureLine>>,
}

/// What comes from the servers, or goes to them.
pub(super) enum LinesOutput {
    Transmit {
        to: SocketAddr,
        datagram: Vec<u8>,
    },
    /// A CoAP message.
    Message {
        peer: Peer,
        datagram: Vec<u8>,
    },
    /// The session is another one and not the one before resumed: the device has to register again.
    Anew {
        peer: Peer,
    },
}

impl Lines {
    /// To the one server of a device that is not bootstrapped: its peer is the address also with security.
    pub(super) fn to_server(address: SocketAddr, secure: Option<Box<SecureLine>>) -> Self {
        Self { lines: vec![ServerLine { peer: Peer::NoSec(address), address, secure }], next: 0 }
    }

    /// As `/0/{instance}` says.
    pub(super) fn open(
        &mut self,
        endpoint: &str,
        tree: &ObjectTree,
        instance: u16,
        uri: &str,
    ) -> anyhow::Result<Peer> {
        let server: ServerAddress = uri.parse().map_err(anyhow::Error::msg)?;
        let address = server.without_lookup().map_or_else(|| server.resolve(), Ok)?;
        let secure = match server.is_secure() {
            true => {
                let config = of_account(tree, instance, server.name())?;
                Some(Box::new(SecureLine::new(endpoint, config)?))
            }
            false => None,
        };
        let peer = match secure {
            Some(_) => {
                self.next += 1;
                Peer::Session(SessionId(self.next))
            }
            None => Peer::NoSec(address),
        };
        self.lines.push(ServerLine { peer, address, secure });
        Ok(peer)
    }

    /// Where the line led that is closed now, if no other one goes there.
    pub(super) fn close(&mut self, peer: Peer) -> Option<SocketAddr> {
        let position = self.lines.iter().position(|line| line.peer == peer)?;
        let address = self.lines.swap_remove(position).address;
        self.lines.iter().all(|line| line.address != address).then_some(address)
    }

    /// As after a power failure.
    pub(super) fn reset(&mut self) {
        self.lines.iter_mut().filter_map(|line| line.secure.as_mut()).for_each(|secure| secure.reset());
    }

    /// What goes to `peer`, or what of it can be sent at once.
    pub(super) fn send(&mut self, now: Instant, peer: Peer, datagram: Vec<u8>) -> Option<LinesOutput> {
        let line = self.lines.iter_mut().find(|line| line.peer == peer)?;
        match &mut line.secure {
            None => Some(LinesOutput::Transmit { to: line.address, datagram }),
            Some(secure) => {
                secure.send(now, datagram);
                None
            }
        }
    }

    pub(super) fn is_secure(&self, peer: Peer) -> bool {
        self.lines.iter().any(|line| line.peer == peer && line.secure.is_some())
    }

    /// The message in a datagram, where it needs no decryption.
    pub(super) fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Option<Peer> {
        // Several accounts may be with one server; who has no session there ignores what it cannot decrypt.
        for line in self.lines.iter_mut().filter(|line| line.address == from) {
            match &mut line.secure {
                None => return Some(line.peer),
                Some(secure) => secure.handle_datagram(now, datagram),
            }
        }
        None
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let secure = self.lines.iter_mut().filter_map(|line| line.secure.as_mut());
        secure.for_each(|secure| secure.handle_timeout(now));
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.lines.iter().filter_map(|line| line.secure.as_ref()?.poll_timeout()).min()
    }

    pub(super) fn poll(&mut self) -> Option<LinesOutput> {
        self.lines.iter_mut().find_map(|line| {
            let peer = line.peer;
            Some(match line.secure.as_mut()?.poll()? {
                LineOutput::Transmit(datagram) => LinesOutput::Transmit { to: line.address, datagram },
                LineOutput::Data(datagram) => LinesOutput::Message { peer, datagram },
                LineOutput::Anew => LinesOutput::Anew { peer },
            })
        })
    }
}
