use std::{
    io,
    net::{SocketAddr, UdpSocket as StdUdpSocket},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::UdpSocket, time::Instant};

use super::limits;

/// Where devices are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    /// An operator has asked for this address. Otherwise the server also starts when somebody else has it.
    pub(crate) asked: bool,
    /// What it is chosen with.
    pub(crate) option: &'static str,
}

impl Listen {
    /// `None` when another program has the address and nobody has asked for it. To be called within a runtime.
    pub(super) fn bind(self) -> io::Result<Option<UdpSocket>> {
        let Self { address, asked, option } = self;
        match bind(address) {
            Err(error) if !asked && error.kind() == io::ErrorKind::AddrInUse => {
                tracing::warn!(
                    "another program has {address}: no device is served there (choose an address with {option})"
                );
                Ok(None)
            }
            Err(error) => Err(io::Error::new(error.kind(), format!("{address} ({option}): {error}"))),
            Ok(socket) => UdpSocket::from_std(socket).map(Some),
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

/// Never without a socket.
pub(super) async fn readable(socket: Option<&UdpSocket>) -> io::Result<()> {
    match socket {
        Some(socket) => socket.readable().await,
        None => std::future::pending().await,
    }
}

pub(super) async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
