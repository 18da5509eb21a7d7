//! IP and UDP headers around a datagram.

use std::net::{IpAddr, SocketAddr};

const UDP_HEADER_BYTES: usize = 8;
const UDP: u8 = 17;
const HOPS: u8 = 64;

/// The IP packet of a datagram; `None` when it is too long for one.
pub(crate) fn packet(from: SocketAddr, to: SocketAddr, datagram: &[u8]) -> Option<Vec<u8>> {
    let addresses = Addresses::between(from.ip(), to.ip());
    let length = u16::try_from(UDP_HEADER_BYTES + datagram.len()).ok()?;
    let mut packet = match &addresses {
        Addresses::V4(from, to) => ipv4_header(*from, *to, length)?,
        Addresses::V6(from, to) => ipv6_header(*from, *to, length),
    };
    packet.extend(udp_header(&addresses, from.port(), to.port(), length, datagram));
    packet.extend(datagram);
    Some(packet)
}

/// Sender and receiver, of one family.
enum Addresses {
    V4([u8; 4], [u8; 4]),
    V6([u8; 16], [u8; 16]),
}

impl Addresses {
    fn between(from: IpAddr, to: IpAddr) -> Self {
        let sixteen = |address: IpAddr| match address {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => address.octets(),
        };
        match (from.to_canonical(), to.to_canonical()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => Self::V4(from.octets(), to.octets()),
            (from, to) => Self::V6(sixteen(from), sixteen(to)),
        }
    }

    /// What the checksum of UDP covers besides the datagram (RFC 768, RFC 8200 §8.1).
    fn pseudo_header(&self, length: u16) -> Vec<u8> {
        let [high, low] = length.to_be_bytes();
        match self {
            Self::V4(from, to) => [&from[..], &to[..], &[0, UDP, high, low]].concat(),
            Self::V6(from, to) => [&from[..], &to[..], &[0, 0, high, low, 0, 0, 0, UDP]].concat(),
        }
    }
}

/// RFC 791 §3.1
fn ipv4_header(from: [u8; 4], to: [u8; 4], payload_length: u16) -> Option<Vec<u8>> {
    const VERSION_AND_LENGTH: u8 = 0x45;
    const HEADER_BYTES: u16 = 20;
    const DO_NOT_FRAGMENT: u8 = 0x40;
    let [high, low] = payload_length.checked_add(HEADER_BYTES)?.to_be_bytes();
    let before = [VERSION_AND_LENGTH, 0, high, low, 0, 0, DO_NOT_FRAGMENT, 0, HOPS, UDP];
    let checksum = checksum(&[&before, &from, &to]).to_be_bytes();
    Some([&before[..], &checksum, &from, &to].concat())
}

/// RFC 8200 §3
fn ipv6_header(from: [u8; 16], to: [u8; 16], payload_length: u16) -> Vec<u8> {
    const VERSION: u8 = 0x60;
    let [high, low] = payload_length.to_be_bytes();
    [&[VERSION, 0, 0, 0, high, low, UDP, HOPS][..], &from, &to].concat()
}

/// RFC 768
fn udp_header(addresses: &Addresses, from: u16, to: u16, length: u16, datagram: &[u8]) -> [u8; 8] {
    let [from, to, length_bytes] = [from, to, length].map(u16::to_be_bytes);
    let mut header = [from[0], from[1], to[0], to[1], length_bytes[0], length_bytes[1], 0, 0];
    // Zero would say that there is none.
    let checksum = match checksum(&[&addresses.pseudo_header(length), &header, datagram]) {
        0 => u16::MAX,
        checksum => checksum,
    };
    header[6..8].copy_from_slice(&checksum.to_be_bytes());
    header
}

/// RFC 1071, over parts of which only the last may have an odd length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let folded = (folded & 0xFFFF) + (folded >> 16);
    !u16::try_from(folded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, to: &str, datagram: &[u8]) -> Vec<u8> {
        packet(from.parse().unwrap(), to.parse().unwrap(), datagram).unwrap()
    }

    fn be(bytes: &[u8]) -> usize {
        bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    #[test]
    fn addresses_and_lengths_stand_where_they_belong() {
        let ip = of("10.0.0.1:40000", "10.0.0.2:5683", b"hello");
        assert_eq!((ip[0], be(&ip[2..4]), ip[9]), (0x45, 33, 17));
        assert_eq!((&ip[12..16], &ip[16..20]), (&[10, 0, 0, 1][..], &[10, 0, 0, 2][..]));
        let udp = &ip[20..];
        assert_eq!((be(&udp[0..2]), be(&udp[2..4]), be(&udp[4..6])), (40_000, 5683, 13));
        assert_eq!(&udp[8..], b"hello");

        let ip = of("[::1]:40000", "[2001:db8::2]:5683", b"hello");
        assert_eq!((ip[0], be(&ip[4..6]), ip[6]), (0x60, 13, 17));
        assert_eq!((ip[23], &ip[24..28], ip[39]), (1, &[0x20, 1, 0x0d, 0xb8][..], 2));
        assert_eq!((be(&ip[40..42]), be(&ip[42..44]), &ip[48..]), (40_000, 5683, &b"hello"[..]));
    }

    #[test]
    fn an_address_of_version_4_within_version_6_is_one_of_version_4() {
        let plain = of("10.0.0.1:1", "10.0.0.2:2", b"x");
        assert_eq!(of("[::ffff:10.0.0.1]:1", "10.0.0.2:2", b"x"), plain);
        assert_eq!(of("[::1]:1", "10.0.0.2:2", b"x")[0], 0x60, "no header of version 4 has room for both");
    }

    #[test]
    fn checksums_add_up() {
        for datagram in [&b"hello"[..], b"even", b"", &[0xFF; 1_000]] {
            let ip = of("192.168.1.7:1", "192.168.1.8:65535", datagram);
            assert_eq!(checksum(&[&ip[..20]]), 0, "what is right sums up to zero");
            let length = (8 + datagram.len()) as u16;
            let pseudo_header = [&ip[12..20], &[0, 17], &length.to_be_bytes()].concat();
            assert_eq!(checksum(&[&pseudo_header, &ip[20..]]), 0, "{} bytes", datagram.len());
            let ip = of("[fe80::1]:1", "[fe80::2]:65535", datagram);
            let pseudo_header = [&ip[8..40], &[0, 0], &length.to_be_bytes(), &[0, 0, 0, 17]].concat();
            assert_eq!(checksum(&[&pseudo_header, &ip[40..]]), 0, "{} bytes", datagram.len());
        }
        // RFC 1071 §3
        assert_eq!(checksum(&[&[0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]]), !0xDDF2);
    }
}
