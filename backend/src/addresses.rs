//! Which addresses of this machine devices reach the server at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// What devices can be told to register at, best first. Where we listen on all addresses, that is each that this
/// machine has, its own network last.
pub(crate) fn reachable(listening: SocketAddr) -> Vec<SocketAddr> {
    if !listening.ip().is_unspecified() {
        return vec![listening];
    }
    let on_wire = |ip: &IpAddr| listening.is_ipv6() || ip.is_ipv4();
    let mut ips: Vec<IpAddr> = own_addresses().into_iter().filter(on_wire).filter(can_be_told).collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    ips.dedup();
    ips.into_iter().map(|ip| SocketAddr::new(ip, listening.port())).collect()
}

fn own_addresses() -> Vec<IpAddr> {
    let interfaces = match nix::ifaddrs::getifaddrs() {
        Ok(interfaces) => interfaces,
        Err(error) => {
            tracing::warn!("cannot list the addresses of this machine: {error}");
            return Vec::new();
        }
    };
    let address = |interface: nix::ifaddrs::InterfaceAddress| {
        let address = interface.address?;
        let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
    };
    interfaces.filter_map(address).collect()
}

/// An address of the link only means something together with an interface of the device.
fn can_be_told(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

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
    fn all_addresses_are_told_one_by_one() {
        let told = |text: &str| reachable(text.parse().unwrap());
        assert_eq!(told("127.0.0.1:5683"), ["127.0.0.1:5683".parse().unwrap()]);
        let all = told("0.0.0.0:5683");
        assert_eq!(all.last(), Some(&"127.0.0.1:5683".parse().unwrap()));
        assert!(all.iter().all(|address| address.is_ipv4() && address.port() == 5683), "{all:?}");
    }

    #[test]
    fn on_all_addresses_the_route_decides() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let towards = |peer, listening| local_address_towards(address(peer), address(listening)).to_string();
        assert_eq!(towards("127.0.0.9:4000", "127.0.0.1:5683"), "127.0.0.1:5683");
        let answers_from = towards("127.0.0.1:4000", "0.0.0.0:5683");
        assert_eq!(answers_from, "127.0.0.1:5683");
    }
}
