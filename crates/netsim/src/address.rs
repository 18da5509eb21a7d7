use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// What a [`Network`](crate::Network) carries datagrams between.
pub trait Address: Copy + Ord {
    /// How the address looks in a capture; `None` leaves its datagrams out.
    fn in_capture(self) -> Option<SocketAddrV4>;
}

/// A port of this machine.
impl Address for u16 {
    fn in_capture(self) -> Option<SocketAddrV4> {
        Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, self))
    }
}

/// A machine of its own, on the port of CoAP.
impl Address for char {
    fn in_capture(self) -> Option<SocketAddrV4> {
        let [_, a, b, c] = u32::from(self).to_be_bytes();
        Some(SocketAddrV4::new(Ipv4Addr::new(10, a, b, c), 5683))
    }
}

impl Address for SocketAddr {
    fn in_capture(self) -> Option<SocketAddrV4> {
        match self {
            Self::V4(address) => Some(address),
            Self::V6(_) => None,
        }
    }
}
