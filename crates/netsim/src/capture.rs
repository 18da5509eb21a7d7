//! What a network has carried, as a file for Wireshark.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    net::SocketAddrV4,
    path::{Path, PathBuf},
    thread,
};

/// The folder that captures of tests go to; without it there are none.
pub const FOLDER_VARIABLE: &str = "LWM2M_PCAP";

const IPV4_HEADER_BYTES: usize = 20;
const UDP_HEADER_BYTES: usize = 8;
const UDP: u8 = 17;

/// Writes a capture: the classic format of libpcap, in which a packet begins with its IP header.
#[derive(Debug)]
pub struct Capture<W: Write> {
    file: W,
}

impl Capture<File> {
    pub fn create(file: &Path) -> io::Result<Self> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        Self::new(File::create(file)?)
    }
}

impl<W: Write> Capture<W> {
    pub fn new(mut file: W) -> io::Result<Self> {
        const MAGIC: u32 = 0xA1B2_C3D4;
        const LONGEST_PACKET: u32 = 65_535;
        const LINKTYPE_RAW: u32 = 101;
        file.write_all(&MAGIC.to_le_bytes())?;
        for version in [2_u16, 4] {
            file.write_all(&version.to_le_bytes())?;
        }
        for field in [0, 0, LONGEST_PACKET, LINKTYPE_RAW] {
            file.write_all(&field.to_le_bytes())?;
        }
        Ok(Self { file })
    }

    /// Adds a datagram as an IPv4 packet. One that is too long for that is left out.
    pub fn record(
        &mut self,
        at_ms: u64,
        from: SocketAddrV4,
        to: SocketAddrV4,
        datagram: &[u8],
    ) -> io::Result<()> {
        let Ok(length) = u16::try_from(IPV4_HEADER_BYTES + UDP_HEADER_BYTES + datagram.len()) else {
            return Ok(());
        };
        // The field has 32 bits and wraps in 2106.
        let seconds = u32::try_from(at_ms / 1_000 % (1 << 32)).unwrap_or_default();
        let microseconds = u32::try_from(at_ms % 1_000 * 1_000).unwrap_or_default();
        let times_and_lengths = [seconds, microseconds, u32::from(length), u32::from(length)];
        let mut packet: Vec<u8> = times_and_lengths.into_iter().flat_map(u32::to_le_bytes).collect();
        packet.extend(ipv4_header(from, to, length));
        packet.extend(udp_header(from, to, datagram));
        packet.extend(datagram);
        // Whole, so that the file can be read even after a program was killed.
        self.file.write_all(&packet)
    }
}

/// The file for a network of the running test, where captures are asked for.
pub(crate) fn file_of_test(seed: &[u8; 32]) -> Option<PathBuf> {
    let folder = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty())?;
    // A test runs in a thread that has its name.
    let test = thread::current().name().unwrap_or("unnamed").replace("::", "-");
    let seed: String = seed.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(PathBuf::from(folder).join(format!("{test}-{seed}.pcap")))
}

/// RFC 791 §3.1
fn ipv4_header(from: SocketAddrV4, to: SocketAddrV4, length: u16) -> [u8; IPV4_HEADER_BYTES] {
    const VERSION_AND_LENGTH: u8 = 0x45;
    const DO_NOT_FRAGMENT: u8 = 0x40;
    const TIME_TO_LIVE: u8 = 64;
    let [length_high, length_low] = length.to_be_bytes();
    let mut header = [0; IPV4_HEADER_BYTES];
    header[0] = VERSION_AND_LENGTH;
    header[2..4].copy_from_slice(&[length_high, length_low]);
    header[6] = DO_NOT_FRAGMENT;
    header[8..10].copy_from_slice(&[TIME_TO_LIVE, UDP]);
    header[12..16].copy_from_slice(&from.ip().octets());
    header[16..20].copy_from_slice(&to.ip().octets());
    let checksum = checksum(&[&header]);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    header
}

/// RFC 768
fn udp_header(from: SocketAddrV4, to: SocketAddrV4, datagram: &[u8]) -> [u8; UDP_HEADER_BYTES] {
    let length = u16::try_from(UDP_HEADER_BYTES + datagram.len()).unwrap_or(u16::MAX);
    let mut header = [0; UDP_HEADER_BYTES];
    header[0..2].copy_from_slice(&from.port().to_be_bytes());
    header[2..4].copy_from_slice(&to.port().to_be_bytes());
    header[4..6].copy_from_slice(&length.to_be_bytes());
    let mut pseudo_header = [0; 12];
    pseudo_header[0..4].copy_from_slice(&from.ip().octets());
    pseudo_header[4..8].copy_from_slice(&to.ip().octets());
    pseudo_header[9] = UDP;
    pseudo_header[10..12].copy_from_slice(&length.to_be_bytes());
    // Zero would say that there is none.
    let checksum = match checksum(&[&pseudo_header, &header, datagram]) {
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

    fn packet(from: &str, to: &str, at_ms: u64, datagram: &[u8]) -> Vec<u8> {
        let mut capture = Capture::new(Vec::new()).unwrap();
        capture.record(at_ms, from.parse().unwrap(), to.parse().unwrap(), datagram).unwrap();
        capture.file
    }

    fn be(bytes: &[u8]) -> usize {
        bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    fn le(bytes: &[u8]) -> usize {
        bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    #[test]
    fn a_file_begins_with_the_header_of_libpcap() {
        let expected =
            [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 101, 0, 0, 0];
        assert_eq!(Capture::new(Vec::new()).unwrap().file, expected);
    }

    #[test]
    fn a_packet_has_its_time_its_lengths_and_its_addresses() {
        let file = packet("10.0.0.1:40000", "10.0.0.2:5683", 1_234_567, b"hello");
        let (head, ip) = file[24..].split_at(16);
        assert_eq!((le(&head[0..4]), le(&head[4..8])), (1_234, 567_000));
        assert_eq!((le(&head[8..12]), le(&head[12..16]), ip.len()), (33, 33, 33));
        assert_eq!((ip[0], be(&ip[2..4]), ip[9]), (0x45, 33, 17));
        assert_eq!((&ip[12..16], &ip[16..20]), (&[10, 0, 0, 1][..], &[10, 0, 0, 2][..]));
        let udp = &ip[20..];
        assert_eq!((be(&udp[0..2]), be(&udp[2..4]), be(&udp[4..6])), (40_000, 5683, 13));
        assert_eq!(&udp[8..], b"hello");
    }

    #[test]
    fn checksums_add_up() {
        for datagram in [&b"hello"[..], b"even", b"", &[0xFF; 1_000]] {
            let file = packet("192.168.1.7:1", "192.168.1.8:65535", 0, datagram);
            let ip = &file[40..];
            assert_eq!(checksum(&[&ip[..20]]), 0, "what is right sums up to zero");
            let length = (8 + datagram.len()) as u16;
            let pseudo_header = [&ip[12..20], &[0, 17], &length.to_be_bytes()].concat();
            assert_eq!(checksum(&[&pseudo_header, &ip[20..]]), 0, "{} bytes", datagram.len());
        }
        // RFC 1071 §3
        assert_eq!(checksum(&[&[0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]]), !0xDDF2);
    }

    #[test]
    fn what_fits_no_packet_is_left_out() {
        assert_eq!(packet("10.0.0.1:1", "10.0.0.2:1", 0, &[0; 65_508]).len(), 24);
        assert_eq!(packet("10.0.0.1:1", "10.0.0.2:1", 0, &[0; 65_507]).len(), 24 + 16 + 65_535);
    }
}
