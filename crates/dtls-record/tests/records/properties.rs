//! What holds for any plaintext, any id, any change, and any order.

use std::collections::BTreeSet;

use dtls_record::{
    ClientHello, ConnectionId, ContentType, Refused, ReplayWindow, Restart, SavedSession, Session, Stale,
    Suite, records,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::pair::{DATA, Pair, open, seal};

fn any_suite() -> impl Strategy<Value = Suite> {
    select(Suite::ALL.to_vec())
}

fn any_id() -> impl Strategy<Value = Option<ConnectionId>> {
    proptest::option::of(vec(any::<u8>(), 0..=20).prop_map(|bytes| ConnectionId::new(&bytes).unwrap()))
}

fn any_pair() -> impl Strategy<Value = Pair> {
    (any_suite(), any_id(), any_id())
        .prop_map(|(suite, server, client)| Pair::with_ids(suite, server, client))
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        mut pair in any_pair(),
        content_type in select(vec![ContentType::HANDSHAKE, ContentType::ALERT, DATA]),
        plaintext in vec(any::<u8>(), 1..600),
    ) {
        let mut record = vec![0xee];
        pair.client.seal(content_type, &plaintext, &mut record).unwrap();
        let opened = pair.server.open(&mut record[1..]).unwrap();
        prop_assert_eq!(opened.content_type, content_type);
        prop_assert_eq!(&record[1..][opened.plaintext], plaintext);
    }

    #[test]
    fn any_flipped_bit_is_refused(
        mut pair in any_pair(),
        plaintext in vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let record = seal(&mut pair.client, &plaintext);
        let mut changed = record.clone();
        changed[at.index(record.len())] ^= 1 << bit;
        prop_assert!(pair.server.open(&mut changed).is_err());
        prop_assert!(open(&mut pair.server, &record).is_ok());
    }

    /// Nor do the keys of the other direction open anything, or a session without or with another id.
    #[test]
    fn only_the_peer_opens(mut pair in any_pair(), mut other in any_pair()) {
        let mut record = seal(&mut pair.client, b"data");
        prop_assert!(pair.client.open(&mut record.clone()).is_err());
        let same = pair.server.suite() == other.server.suite() && ids_equal(&pair.server, &other.server);
        prop_assert_eq!(other.server.open(&mut record).is_ok(), same);
    }

    #[test]
    fn no_order_opens_a_record_twice(order in vec(0..100_usize, 1..400)) {
        let mut pair = Pair::new(Suite::Aes128Ccm8);
        let sent: Vec<_> = (0..100_u8).map(|number| seal(&mut pair.client, &[number])).collect();
        let (mut seen, mut newest) = (BTreeSet::new(), None);
        for number in order {
            let sequence = number as u64;
            match open(&mut pair.server, &sent[number]) {
                Ok(opened) => {
                    prop_assert!(seen.insert(sequence));
                    prop_assert_eq!(opened.newest, newest.is_none_or(|newest| sequence > newest));
                    newest = newest.max(Some(sequence));
                }
                Err(Refused::Replayed { .. }) => prop_assert!(seen.contains(&sequence)),
                Err(Refused::TooOld { .. }) => prop_assert!(sequence + 64 <= newest.unwrap()),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    /// A set of all that came, and the newest.
    #[test]
    fn the_window_is_a_set_with_an_edge(steps in vec((0..200_u64, 0..10_u8), 1..300)) {
        let mut window = ReplayWindow::default();
        let (mut seen, mut newest) = (BTreeSet::new(), None);
        for (sequence, kind) in steps {
            let expected = match newest {
                Some(newest) if sequence + 64 <= newest => Err(Stale::TooOld),
                _ if seen.contains(&sequence) => Err(Stale::Replayed),
                _ => Ok(()),
            };
            prop_assert_eq!(window.check(sequence), expected);
            if kind == 0 {
                window.close_up_to(sequence);
                seen.extend(0..=sequence);
            } else if expected.is_ok() {
                prop_assert_eq!(window.mark(sequence), newest.is_none_or(|newest| sequence > newest));
                seen.insert(sequence);
            } else {
                continue;
            }
            newest = newest.max(Some(sequence));
        }
    }

    #[test]
    fn parsers_never_panic(bytes in vec(any::<u8>(), 0..200), length in 0..30_usize, at in 0..300_usize) {
        let _ = records(&bytes, length).count();
        let _ = dtls_record::Record::read(&bytes, at, length);
        let _ = ClientHello::parse(&bytes);
        let _ = SavedSession::from_bytes(&bytes);
        let _ = ConnectionId::from_extension(&bytes);
    }

    #[test]
    fn open_never_panics(mut pair in any_pair(), mut tail in vec(any::<u8>(), 0..80), id in any::<bool>()) {
        let cid = pair.server.connection_ids().ours.unwrap_or_default();
        let mut record = vec![if id { 25 } else { 23 }, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7];
        record.extend_from_slice(cid.as_bytes());
        record.extend_from_slice(&u16::try_from(tail.len()).unwrap().to_be_bytes());
        record.append(&mut tail);
        prop_assert!(pair.server.open(&mut record).is_err());
    }

    #[test]
    fn saved_sessions_come_back(mut pair in any_pair(), sent in 0..50, received in 0..50) {
        (0..sent).for_each(|_| drop(seal(&mut pair.server, b"x")));
        for _ in 0..received {
            let record = seal(&mut pair.client, b"y");
            prop_assert!(open(&mut pair.server, &record).is_ok());
        }
        let bytes = pair.server.stop().to_bytes();
        let again = Session::import(SavedSession::from_bytes(&bytes).unwrap(), Restart::Planned).stop().to_bytes();
        // All but the reservation, which an import takes back.
        prop_assert_eq!(&bytes[..53], &again[..53]);
        prop_assert_eq!(&bytes[61..], &again[61..]);
    }

    /// Whatever happens when, no sequence number is sent twice and no record has an effect twice.
    #[test]
    fn restarts_bring_nothing_back(steps in vec(any_step(), 1..120)) {
        let mut life = Life::new();
        steps.into_iter().for_each(|step| life.step(step));
    }
}

fn ids_equal(one: &Session, other: &Session) -> bool {
    one.connection_ids().ours.unwrap_or_default() == other.connection_ids().ours.unwrap_or_default()
}

#[derive(Clone, Debug)]
enum Step {
    ClientSends,
    Deliver(prop::sample::Index),
    ServerSends,
    Reserve { stored_in_time: bool },
    Store,
    Crash,
    PlannedRestart,
    Ping,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::ClientSends),
        any::<prop::sample::Index>().prop_map(Step::Deliver),
        any::<prop::sample::Index>().prop_map(Step::Deliver),
        Just(Step::ServerSends),
        any::<bool>().prop_map(|stored_in_time| Step::Reserve { stored_in_time }),
        Just(Step::Store),
        Just(Step::Crash),
        Just(Step::PlannedRestart),
        Just(Step::Ping),
    ]
}

/// A client, a server that restarts, and what the store of the server holds.
struct Life {
    pair: Pair,
    stored: Vec<u8>,
    records: Vec<Vec<u8>>,
    heeded: BTreeSet<u64>,
    sent: BTreeSet<Vec<u8>>,
}

impl Life {
    fn new() -> Self {
        let pair = Pair::new(Suite::Aes128Ccm8);
        let stored = pair.server.export().to_bytes().to_vec();
        Self { pair, stored, records: Vec::new(), heeded: BTreeSet::new(), sent: BTreeSet::new() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::ClientSends => self.records.push(seal(&mut self.pair.client, b"up")),
            Step::Deliver(_) if self.records.is_empty() => {}
            Step::Deliver(which) => {
                let record = which.get(&self.records).clone();
                if let Ok(opened) = open(&mut self.pair.server, &record)
                    && !opened.unproven
                {
                    assert!(self.heeded.insert(opened.sequence), "record {} again", opened.sequence);
                }
            }
            Step::ServerSends => {
                let mut record = Vec::new();
                if self.pair.server.seal(DATA, b"down", &mut record).is_ok() {
                    assert!(self.sent.insert(record[3..11].to_vec()), "a number again");
                }
            }
            Step::Reserve { stored_in_time } => {
                let reservation = self.pair.server.reserve();
                self.store();
                if stored_in_time {
                    self.pair.server.reserved(reservation);
                }
            }
            Step::Store => self.store(),
            Step::Crash => self.restart(Restart::Crash),
            Step::PlannedRestart => {
                let restarted = Session::import(self.pair.server.export(), Restart::Planned);
                let stopped = std::mem::replace(&mut self.pair.server, restarted).stop();
                self.stored = stopped.to_bytes().to_vec();
                self.restart(Restart::Planned);
            }
            Step::Ping => {
                let answer = seal(&mut self.pair.client, b"answer");
                let opened = open(&mut self.pair.server, &answer).unwrap();
                self.pair.server.freshness_proven(opened.sequence);
                assert!(self.heeded.insert(opened.sequence));
                self.records.push(answer);
            }
        }
    }

    fn store(&mut self) {
        self.stored = self.pair.server.export().to_bytes().to_vec();
    }

    fn restart(&mut self, restart: Restart) {
        self.pair.server = Session::import(SavedSession::from_bytes(&self.stored).unwrap(), restart);
    }
}
