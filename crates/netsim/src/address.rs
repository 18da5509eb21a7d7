use std::net::{Ipv4Addr, SocketAddr};

/// What a [`Network`](crate::Network) carries datagrams between.
pub trait Address: Copy + Ord {
    /// How the address looks in a capture.
    fn in_capture(self) -> SocketAddr;
}

/// A port of this machine.
impl Address for u16 {
    fn in_capture(self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self).into()
    }
}

/// A machine of its own, on the port of CoAP.
impl Address for char {
    fn in_capture(self) -> SocketAddr {
        let [_, a, b, c] = u32::from(self).to_be_bytes();
        (Ipv4Addr::new(10, a, b, c), 5683).into()
    }
}

impl Address for SocketAddr {
    fn in_capture(self) -> SocketAddr {
        self
    }
}
