//! Sessions that outlive the process.

use dtls_record::{
    ConnectionId, Refused, Restart, SavedSession, SavedSessionError, SealError, Session, Suite,
    limits::{RESERVATION, SEQUENCE_NUMBERS},
};

use crate::pair::{DATA, Pair, open, plaintext, seal};

fn through_the_store(saved: &SavedSession) -> SavedSession {
    SavedSession::from_bytes(&saved.to_bytes()).unwrap()
}

fn sequence_of(record: &[u8]) -> u64 {
    u64::from_be_bytes([&[0, 0], &record[5..11]].concat().try_into().unwrap())
}

/// As a server does: reserve, store, go on.
fn reserve(session: &mut Session) -> SavedSession {
    let reservation = session.reserve();
    let stored = through_the_store(&session.export());
    session.reserved(reservation);
    stored
}

#[test]
fn a_planned_restart_goes_on_exactly() {
    for suite in Suite::ALL {
        let mut pair = Pair::new(suite);
        let before = seal(&mut pair.client, b"before");
        assert!(open(&mut pair.server, &before).is_ok());
        let _sent = seal(&mut pair.server, b"one");
        let mut server = Session::import(through_the_store(&pair.server.stop()), Restart::Planned);
        assert!(!server.is_unproven());
        assert_eq!(open(&mut server, &before), Err(Refused::Replayed { sequence: 0 }));
        let after = seal(&mut pair.client, b"after");
        let opened = open(&mut server, &after).unwrap();
        assert!(opened.newest && !opened.unproven);
        let _stored = reserve(&mut server);
        let record = seal(&mut server, b"two");
        assert_eq!(sequence_of(&record), 1);
        assert_eq!(plaintext(&mut pair.client, &record).unwrap(), b"two");
    }
}

#[test]
fn after_a_crash_no_number_comes_again() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let stored = pair.server.export();
    let lost: Vec<_> = (0..100).map(|_| sequence_of(&seal(&mut pair.server, b"x"))).collect();
    let mut server = Session::import(through_the_store(&stored), Restart::Crash);
    let _stored = reserve(&mut server);
    let first = sequence_of(&seal(&mut server, b"x"));
    assert_eq!(first, RESERVATION);
    assert!(!lost.contains(&first));
}

/// What was stored while the session went on is never taken for its end.
#[test]
fn a_running_session_is_not_exact() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let stored = pair.server.export();
    let _sent = seal(&mut pair.server, b"x");
    let mut server = Session::import(stored, Restart::Planned);
    assert!(server.is_unproven());
    let _stored = reserve(&mut server);
    assert_eq!(sequence_of(&seal(&mut server, b"x")), RESERVATION);
}

/// Else what is in the store would stand where it stood, and a crash would use its numbers again.
#[test]
fn nothing_is_sent_before_something_is_stored() {
    for restart in [Restart::Planned, Restart::Crash] {
        let mut server = Session::import(Pair::new(Suite::Aes128Ccm8).server.stop(), restart);
        let refused = server.seal(DATA, b"x", &mut Vec::new());
        assert!(matches!(refused, Err(SealError::NotReserved { .. })), "{restart:?}");
    }
}

#[test]
fn sequence_numbers_are_taken_in_blocks() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let mut out = Vec::new();
    for _ in 0..RESERVATION {
        out.clear();
        pair.server.seal(DATA, b"x", &mut out).unwrap();
    }
    let refused = Err(SealError::NotReserved { reserved: RESERVATION, sequence: RESERVATION });
    assert_eq!(pair.server.seal(DATA, b"x", &mut out), refused);
    let reservation = pair.server.reserve();
    assert_eq!(pair.server.seal(DATA, b"x", &mut out), refused, "it is not stored yet");
    pair.server.reserved(reservation);
    assert_eq!(pair.server.reservation_left(), RESERVATION);
    assert_eq!(sequence_of(&seal(&mut pair.server, b"x")), RESERVATION);
}

/// RFC 6347 §4.1: sequence numbers never wrap. The last one is used, and then the session can only be replaced.
#[test]
fn sequence_numbers_end_at_2_to_the_48() {
    let mut pair = Pair::with_ids(Suite::Aes128Ccm8, None, None);
    let mut saved = pair.server.export().to_bytes().to_vec();
    saved[53..61].copy_from_slice(&(SEQUENCE_NUMBERS - 2).to_be_bytes());
    let mut server = Session::import(SavedSession::from_bytes(&saved).unwrap(), Restart::Crash);
    let stored = reserve(&mut server);
    for sequence in [SEQUENCE_NUMBERS - 2, SEQUENCE_NUMBERS - 1] {
        let record = seal(&mut server, b"x");
        assert_eq!(sequence_of(&record), sequence);
        assert!(open(&mut pair.client, &record).unwrap().newest);
    }
    assert_eq!(server.seal(DATA, b"x", &mut Vec::new()), Err(SealError::Exhausted));
    // Nor does a restart find more of them.
    for restart in [Restart::Planned, Restart::Crash] {
        let mut server = Session::import(through_the_store(&stored), restart);
        let _stored = reserve(&mut server);
        assert_eq!(server.seal(DATA, b"x", &mut Vec::new()), Err(SealError::Exhausted));
    }
}

/// The store was at work when the process died: the block may or may not have been used.
#[test]
fn a_block_that_was_asked_for_is_skipped() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let reservation = pair.server.reserve();
    let stored = pair.server.export();
    pair.server.reserved(reservation);
    let mut server = Session::import(stored, Restart::Crash);
    let _stored = reserve(&mut server);
    assert_eq!(sequence_of(&seal(&mut server, b"x")), 2 * RESERVATION);
}

#[test]
fn records_are_unproven_until_the_peer_has_answered() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let stored = pair.server.export();
    let recorded = seal(&mut pair.client, b"recorded");
    assert!(open(&mut pair.server, &recorded).is_ok());
    let held = seal(&mut pair.client, b"held");

    let mut server = Session::import(through_the_store(&stored), Restart::Crash);
    // Someone sends the recording from elsewhere: it is authentic, and must have no effect.
    let opened = open(&mut server, &recorded).unwrap();
    assert!(opened.unproven && !opened.newest);
    let answer = seal(&mut pair.client, b"answer");
    let after = seal(&mut pair.client, b"after");
    let opened = open(&mut server, &answer).unwrap();
    assert!(opened.unproven);
    server.freshness_proven(opened.sequence);

    assert_eq!(open(&mut server, &recorded), Err(Refused::Replayed { sequence: 0 }));
    assert_eq!(open(&mut server, &held), Err(Refused::Replayed { sequence: 1 }));
    let opened = open(&mut server, &after).unwrap();
    assert!(opened.newest && !opened.unproven);
}

/// What the store knew of the window is still true.
#[test]
fn what_had_come_before_the_export_is_refused() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let early = seal(&mut pair.client, b"early");
    assert!(open(&mut pair.server, &early).is_ok());
    let mut server = Session::import(pair.server.export(), Restart::Crash);
    assert_eq!(open(&mut server, &early), Err(Refused::Replayed { sequence: 0 }));
}

#[test]
fn an_unproven_record_opens_once() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let mut server = Session::import(pair.server.export(), Restart::Crash);
    let record = seal(&mut pair.client, b"x");
    assert!(open(&mut server, &record).is_ok());
    assert_eq!(open(&mut server, &record), Err(Refused::Replayed { sequence: 0 }));
}

#[test]
fn an_unproven_session_that_stops_stays_unproven() {
    let mut server = Session::import(Pair::new(Suite::Aes128Ccm8).server.export(), Restart::Crash);
    let _stored = reserve(&mut server);
    assert!(Session::import(server.stop(), Restart::Planned).is_unproven());
}

#[test]
fn bytes_that_are_no_session() {
    let longest = ConnectionId::new(&[1; 20]);
    let saved = Pair::with_ids(Suite::Aes128Gcm, longest, longest).server.export().to_bytes();
    assert_eq!(saved.len(), SavedSession::LONGEST);
    let refused = |bytes: &[u8]| SavedSession::from_bytes(bytes).map(|_| ()).unwrap_err();
    for length in 0..saved.len() {
        assert_eq!(refused(&saved[..length]), SavedSessionError::Length { got: length });
    }
    let longer = [&saved[..], &[0]].concat();
    assert_eq!(refused(&longer), SavedSessionError::Length { got: longer.len() });
    let with = |at: usize, byte: u8| {
        let mut saved = saved.to_vec();
        saved[at] = byte;
        saved
    };
    assert_eq!(refused(&with(0, 2)), SavedSessionError::Layout { got: 2 });
    for (at, field) in [(1, "role"), (2, "suite"), (3, "proof"), (4, "end"), (45 + 32, "Connection ID")] {
        assert_eq!(refused(&with(at, 9 + 20)), SavedSessionError::Field { field, got: 29 });
    }
    assert!(matches!(refused(&with(45, 1)), SavedSessionError::Field { field: "sequence number", .. }));
}
