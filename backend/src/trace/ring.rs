use std::{collections::VecDeque, net::SocketAddr, sync::Arc};

use coap::Usage;
use console_api::Direction;

use super::peers::{TracedPeer, TracedPeers};

/// Datagrams and their bytes since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) datagrams: u64,
    pub(crate) bytes: u64,
}

#[derive(Clone)]
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) at_ms: u64,
    pub(super) peer: Arc<TracedPeer>,
    pub(super) direction: Direction,
    pub(super) datagram: Arc<[u8]>,
}

/// The newest datagrams, bound by number and bytes.
pub(super) struct Ring {
    records: VecDeque<Record>,
    bytes: usize,
    gone_for_bytes: u64,
    peers: TracedPeers,
    received: Traffic,
    sent: Traffic,
    most_records: usize,
    most_bytes: usize,
}

impl Ring {
    pub(super) fn new(most_records: usize, most_bytes: usize) -> Self {
        Self {
            records: VecDeque::new(),
            bytes: 0,
            gone_for_bytes: 0,
            peers: TracedPeers::default(),
            received: Traffic::default(),
            sent: Traffic::default(),
            most_records,
            most_bytes,
        }
    }

    pub(super) fn record<'a>(
        &mut self,
        at_ms: u64,
        direction: Direction,
        peer: SocketAddr,
        datagram: &[u8],
        named: impl FnOnce() -> Option<&'a str>,
    ) {
        let traffic = match direction {
            Direction::Received => &mut self.received,
            Direction::Sent => &mut self.sent,
        };
        traffic.datagrams += 1;
        traffic.bytes += datagram.len() as u64;
        self.bytes += datagram.len();
        let seq = self.last_seq();
        let peer = self.peers.at(peer, named);
        self.records.push_back(Record { seq, at_ms, peer, direction, datagram: datagram.into() });
        while self.records.len() > self.most_records || self.bytes > self.most_bytes {
            self.gone_for_bytes += u64::from(self.bytes > self.most_bytes);
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= oldest.datagram.len();
            self.peers.release(oldest.peer);
        }
    }

    pub(super) fn name(&mut self, peer: SocketAddr, endpoint: &str) {
        self.peers.name(peer, endpoint);
    }

    /// What is there with a higher number, of one client or of all.
    pub(super) fn after(&self, seq: u64, endpoint: Option<&str>) -> impl Iterator<Item = Record> {
        let skipped = usize::try_from(seq.saturating_sub(self.gone())).unwrap_or(usize::MAX);
        let records = self.records.range(skipped.min(self.records.len())..);
        let wanted = move |record: &&Record| endpoint.is_none() || record.peer.endpoint() == endpoint;
        records.filter(wanted).cloned()
    }

    /// Records with a higher number that are no longer there, of whichever client.
    pub(super) fn gone_after(&self, seq: u64) -> u64 {
        self.gone().saturating_sub(seq)
    }

    pub(super) fn last_seq(&self) -> u64 {
        self.received.datagrams + self.sent.datagrams
    }

    pub(super) fn traffic(&self) -> (Traffic, Traffic) {
        (self.received, self.sent)
    }

    /// Of records, and of their bytes.
    pub(super) fn usage(&self) -> (Usage, Usage) {
        let reached = self.gone() - self.gone_for_bytes;
        let records = Usage { used: self.records.len(), limit: self.most_records, reached };
        (records, Usage { used: self.bytes, limit: self.most_bytes, reached: self.gone_for_bytes })
    }

    fn gone(&self) -> u64 {
        self.last_seq() - self.records.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn come(ring: &mut Ring, port: u16, datagram: &[u8]) {
        ring.record(0, Direction::Received, address(port), datagram, || None);
    }

    fn seqs(ring: &Ring, after: u64, endpoint: Option<&str>) -> Vec<u64> {
        ring.after(after, endpoint).map(|record| record.seq).collect()
    }

    #[test]
    fn the_oldest_go_by_number_and_by_bytes() {
        let mut ring = Ring::new(3, 100);
        for port in 1..=4 {
            come(&mut ring, port, &[0; 10]);
        }
        assert_eq!(seqs(&ring, 0, None), [2, 3, 4]);
        assert_eq!((ring.gone_after(0), ring.gone_after(1), ring.peers.len()), (1, 0, 3));
        come(&mut ring, 1, &[0; 85]);
        assert_eq!((seqs(&ring, 0, None), ring.bytes), (vec![4, 5], 95));
        come(&mut ring, 1, &[0; 101]);
        assert_eq!((seqs(&ring, 0, None), ring.bytes, ring.peers.len()), (vec![], 0, 0));
        assert_eq!((ring.last_seq(), ring.gone_after(0)), (6, 6));
        let (records, bytes) = ring.usage();
        assert_eq!((records.reached, bytes.reached), (1, 5));
        assert_eq!(ring.received, Traffic { datagrams: 6, bytes: 226 });
    }

    #[test]
    fn records_before_the_register_get_its_name_and_later_clients_do_not() {
        let mut ring = Ring::new(10, 1_000);
        come(&mut ring, 1, b"register");
        come(&mut ring, 2, b"other");
        ring.name(address(1), "lamp");
        ring.name(address(9), "nobody wrote from here");
        come(&mut ring, 1, b"update");
        ring.name(address(1), "meter");
        come(&mut ring, 1, b"of the meter");
        ring.record(0, Direction::Sent, address(3), b"known", || Some("lamp"));
        assert_eq!(seqs(&ring, 0, Some("lamp")), [1, 3, 5]);
        assert_eq!(seqs(&ring, 0, Some("meter")), [4]);
        assert_eq!(seqs(&ring, 3, None), [4, 5]);
        assert_eq!(seqs(&ring, u64::MAX, None), [0; 0]);
    }
}
