//! Which addresses of this machine devices reach the server at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Our address as `peer` sees it. Where we listen on all of them, the one that the system would send from.
pub(crate) fn local_address_towards(peer: SocketAddr, listening: SocketAddr) -> SocketAddr {
    if !listening.ip().is_unspecified() {
        return listening;
    }
    let ip = route_from(peer).unwrap_or(listening.ip());
    SocketAddr::new(ip, listening.port())
}

/// Nothing is sent: connecting a UDP socket only looks up the route.
fn route_from(peer: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if peer.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_all_addresses_the_route_decides() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let towards = |peer, listening| local_address_towards(address(peer), address(listening)).to_string();
        assert_eq!(towards("127.0.0.9:4000", "127.0.0.1:5683"), "127.0.0.1:5683");
        let answers_from = towards("127.0.0.1:4000", "0.0.0.0:5683");
        assert_eq!(answers_from, "127.0.0.1:5683");
    }
}
