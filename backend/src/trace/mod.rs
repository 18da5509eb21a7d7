//! The newest datagrams of all devices, always recorded, so that what went wrong can still be looked at.

pub(crate) mod follower;
mod peers;
mod ring;

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use coap::Usage;
use console_api::{Direction, Trace as Part, TraceRecord};

pub(crate) use ring::Traffic;
use ring::{Record, Ring};

/// Datagrams that are kept. Beyond, the oldest goes.
const RECORDS: usize = 16_384;

/// Bytes of the datagrams that are kept. Beyond, the oldest go.
const BYTES: usize = 8 << 20;

pub(crate) struct Trace(Mutex<Ring>);

/// A datagram with its addresses, for a capture.
pub(crate) struct Captured(Record);

impl Trace {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Ring::new(RECORDS, BYTES)))
    }

    /// Records a datagram. `named` tells who is registered at that address; asked only where that is not known yet.
    pub(crate) fn record<'a>(
        &self,
        at_ms: u64,
        direction: Direction,
        peer: SocketAddr,
        datagram: &[u8],
        named: impl FnOnce() -> Option<&'a str>,
    ) {
        self.ring().record(at_ms, direction, peer, datagram, named);
    }

    /// A client registered at an address: what came from there before is its own, too.
    pub(crate) fn name(&self, peer: SocketAddr, endpoint: &str) {
        self.ring().name(peer, endpoint);
    }

    /// The first records after `after`, of one client or of all.
    pub(crate) fn page(&self, endpoint: Option<&str>, after: u64, limit: usize) -> Part {
        let (records, missed) = {
            let ring = self.ring();
            (ring.after(after, endpoint).take(limit).collect(), ring.gone_after(after))
        };
        part(records, missed)
    }

    /// The newest records after `after`, or of all that are there; those beyond `limit` count as missed.
    pub(crate) fn newest(&self, endpoint: Option<&str>, after: Option<u64>, limit: usize) -> Part {
        let (records, missed) = {
            let ring = self.ring();
            let matching = || ring.after(after.unwrap_or(0), endpoint);
            let beyond = matching().count().saturating_sub(limit);
            let missed = after.map_or(0, |after| ring.gone_after(after) + beyond as u64);
            (matching().skip(beyond).collect(), missed)
        };
        part(records, missed)
    }

    /// Everything that is there, oldest first.
    pub(crate) fn captured(&self, endpoint: Option<&str>) -> Vec<Captured> {
        self.ring().after(0, endpoint).map(Captured).collect()
    }

    /// Number of the newest record.
    pub(crate) fn last_seq(&self) -> u64 {
        self.ring().last_seq()
    }

    /// All that came, and all that went.
    pub(crate) fn traffic(&self) -> (Traffic, Traffic) {
        self.ring().traffic()
    }

    /// Of records, and of their bytes.
    pub(crate) fn usage(&self) -> (Usage, Usage) {
        self.ring().usage()
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Captured {
    pub(crate) fn at_ms(&self) -> u64 {
        self.0.at_ms
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        self.0.peer.address
    }

    pub(crate) fn datagram(&self) -> &[u8] {
        &self.0.datagram
    }

    /// Sender and receiver, where `local` is our own address.
    pub(crate) fn between(&self, local: SocketAddr) -> (SocketAddr, SocketAddr) {
        match self.0.direction {
            Direction::Received => (self.peer(), local),
            Direction::Sent => (local, self.peer()),
        }
    }
}

/// Copies what was selected, no longer under the lock that every datagram needs.
fn part(records: Vec<Record>, missed: u64) -> Part {
    let told = |record: Record| TraceRecord {
        seq: record.seq,
        at_ms: record.at_ms,
        endpoint: record.peer.endpoint().map(str::to_owned),
        peer: record.peer.address.to_string(),
        direction: record.direction,
        datagram: record.datagram.to_vec(),
    };
    Part { records: records.into_iter().map(told).collect(), missed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_console_cannot_take_counts_as_missed() {
        let trace = Trace::new();
        let peer = "127.0.0.1:1".parse().unwrap();
        for number in 0..10 {
            trace.record(0, Direction::Received, peer, &[number], || None);
        }
        let seqs = |part: &Part| part.records.iter().map(|record| record.seq).collect::<Vec<_>>();
        let newest = trace.newest(None, Some(2), 3);
        assert_eq!((seqs(&newest), newest.missed), (vec![8, 9, 10], 5));
        let first_look = trace.newest(None, None, 3);
        assert_eq!((seqs(&first_look), first_look.missed), (vec![8, 9, 10], 0));
        let page = trace.page(None, 2, 3);
        assert_eq!((seqs(&page), page.missed), (vec![3, 4, 5], 0));
        assert_eq!(trace.page(None, 10, 3).records, []);
    }

    /// Every datagram pays for it, so it must cost next to nothing: `cargo test -p lwm2m-console costs -- --nocapture`.
    #[test]
    fn recording_costs_little() {
        const DATAGRAMS: u32 = 200_000;
        let trace = Trace::new();
        let datagram = [0x40; 80];
        let started = std::time::Instant::now();
        for number in 0..DATAGRAMS {
            let peer = SocketAddr::from(([127, 0, 0, 1], (number % 1_000) as u16));
            trace.record(0, Direction::Received, peer, &datagram, || Some("urn:dev:ops:32473-1"));
        }
        let cost = started.elapsed() / DATAGRAMS;
        println!("{cost:?} for each datagram of {} bytes", datagram.len());
        assert!(cost.as_micros() < 50, "{cost:?}, on however busy a machine");
    }
}
