//! UDP datagrams as a capture for Wireshark: the classic format of libpcap, in which a packet begins with its IP
//! header.

mod packet;

use std::{
    io::{self, Write},
    net::SocketAddr,
};

/// A capture that is being written.
#[derive(Debug)]
pub struct Capture<W: Write> {
    file: W,
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

    /// Adds a datagram as an IP packet. One that is too long for that is left out.
    pub fn record(
        &mut self,
        at_ms: u64,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
    ) -> io::Result<()> {
        let Some(packet) = packet::packet(from, to, datagram) else { return Ok(()) };
        // The field has 32 bits and wraps in 2106.
        let seconds = u32::try_from(at_ms / 1_000 % (1 << 32)).unwrap_or_default();
        let microseconds = u32::try_from(at_ms % 1_000 * 1_000).unwrap_or_default();
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        let head = [seconds, microseconds, length, length];
        let mut record: Vec<u8> = head.into_iter().flat_map(u32::to_le_bytes).collect();
        record.extend(packet);
        // Whole, so that the file can be read even after a program was killed.
        self.file.write_all(&record)
    }

    pub fn into_inner(self) -> W {
        self.file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn le(bytes: &[u8]) -> usize {
        bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    fn capture(at_ms: u64, datagram: &[u8]) -> Vec<u8> {
        let mut capture = Capture::new(Vec::new()).unwrap();
        let (from, to) = ("10.0.0.1:40000".parse().unwrap(), "10.0.0.2:5683".parse().unwrap());
        capture.record(at_ms, from, to, datagram).unwrap();
        capture.into_inner()
    }

    #[test]
    fn a_file_begins_with_the_header_of_libpcap() {
        let expected =
            [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 101, 0, 0, 0];
        assert_eq!(Capture::new(Vec::new()).unwrap().into_inner(), expected);
    }

    #[test]
    fn a_packet_has_its_time_and_its_lengths() {
        let file = capture(1_234_567, b"hello");
        let (head, ip) = file[24..].split_at(16);
        assert_eq!((le(&head[0..4]), le(&head[4..8])), (1_234, 567_000));
        assert_eq!((le(&head[8..12]), le(&head[12..16]), ip.len()), (33, 33, 33));
    }

    #[test]
    fn what_fits_no_packet_is_left_out() {
        assert_eq!(capture(0, &[0; 65_508]).len(), 24);
        assert_eq!(capture(0, &[0; 65_507]).len(), 24 + 16 + 65_535);
    }
}
