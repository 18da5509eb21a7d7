//! Sealing and opening (RFC 6347 §4.1, RFC 9146 §4 and §5).

use dtls_record::{
    ConnectionId, ContentType, KeyBlock, MasterSecret, Randoms, RecordError, RecordNumber, Refused,
    SealError, Session, Suite,
    limits::{FRAGMENT_LENGTH, PLAINTEXT_LENGTH, RECORDS_PER_DATAGRAM},
    records,
};

use crate::pair::{CID, DATA, Pair, open, plaintext, seal};

#[test]
fn both_directions_of_every_suite() {
    for suite in Suite::ALL {
        for (server_id, client_id) in
            [(None, None), (Some(CID), None), (None, Some(&[5][..])), (Some(CID), Some(&[6]))]
        {
            let id = |bytes: Option<&[u8]>| bytes.and_then(ConnectionId::new);
            let mut pair = Pair::with_ids(suite, id(server_id), id(client_id));
            let record = seal(&mut pair.client, b"up");
            assert_eq!(plaintext(&mut pair.server, &record).unwrap(), b"up");
            let record = seal(&mut pair.server, b"down");
            assert_eq!(plaintext(&mut pair.client, &record).unwrap(), b"down");
        }
    }
}

/// RFC 6347 §4.1, RFC 6655 §3: epoch 1, counted from 0, and the explicit nonce says the same.
#[test]
fn layout_without_connection_id() {
    let mut pair = Pair::with_ids(Suite::Aes128Ccm8, None, None);
    let _first = seal(&mut pair.client, b"first");
    let record = seal(&mut pair.client, b"abc");
    let number = [0, 1, 0, 0, 0, 0, 0, 1];
    let expected = [&[23, 0xfe, 0xfd][..], &number, &[0, 8 + 3 + 8], &number].concat();
    assert_eq!(record[..expected.len()], expected);
    assert_eq!(record.len(), 13 + 8 + 3 + 8);
}

/// RFC 9146 §4: the type is 25, the id stands before the length, and the real type is within.
#[test]
fn layout_with_connection_id() {
    let mut pair = Pair::new(Suite::Aes128Gcm);
    let record = seal(&mut pair.client, b"abc");
    let number = [0, 1, 0, 0, 0, 0, 0, 0];
    let expected = [&[25, 0xfe, 0xfd][..], &number, CID, &[0, 8 + 3 + 1 + 16], &number].concat();
    assert_eq!(record[..expected.len()], expected);
    assert_eq!(record.len(), 13 + CID.len() + 8 + 4 + 16);
}

#[test]
fn real_types_come_out_again() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    for content_type in [ContentType::HANDSHAKE, ContentType::ALERT, DATA] {
        let mut record = Vec::new();
        pair.client.seal(content_type, &[1, 0], &mut record).unwrap();
        let opened = pair.server.open(&mut record).unwrap();
        assert_eq!((opened.content_type, &record[opened.plaintext]), (content_type, &[1, 0][..]));
    }
}

/// RFC 5246 §6.2.1
#[test]
fn only_application_data_may_be_empty() {
    for mut pair in [Pair::new(Suite::Aes128Ccm8), Pair::with_ids(Suite::Aes128Ccm8, None, None)] {
        let record = seal(&mut pair.client, b"");
        assert_eq!(plaintext(&mut pair.server, &record).unwrap(), b"");
        let content_type = ContentType::ALERT;
        let refused = pair.client.seal(content_type, b"", &mut Vec::new());
        assert_eq!(refused, Err(SealError::Empty { content_type }));
    }
}

#[test]
fn the_longest_plaintext() {
    for (mut pair, longest) in [
        (Pair::with_ids(Suite::Aes128Gcm, None, None), PLAINTEXT_LENGTH),
        (Pair::new(Suite::Aes128Gcm), PLAINTEXT_LENGTH - 1),
    ] {
        let record = seal(&mut pair.client, &vec![7; longest]);
        assert_eq!(plaintext(&mut pair.server, &record).unwrap(), vec![7; longest]);
        let mut out = vec![1];
        let refused = pair.client.seal(DATA, &vec![7; longest + 1], &mut out);
        assert_eq!(refused, Err(SealError::TooLong { expected: longest, got: longest + 1 }));
        assert_eq!(out, [1]);
    }
}

#[test]
fn what_is_changed_is_refused_and_changes_nothing() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let record = seal(&mut pair.client, b"data");
    for at in 0..record.len() {
        let mut changed = record.clone();
        changed[at] ^= 0x80;
        assert!(pair.server.open(&mut changed).is_err(), "byte {at}");
    }
    assert_eq!(plaintext(&mut pair.server, &record).unwrap(), b"data");
}

#[test]
fn why_a_record_is_refused() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let record = seal(&mut pair.client, b"data");
    let with = |at: usize, byte: u8| {
        let mut record = record.clone();
        record[at] = byte;
        record
    };
    let cases = [
        (with(0, 23), Refused::ConnectionId),
        (with(2, 0xff), Refused::Version { got: 0xfeff }),
        (with(1, 3), Refused::Malformed(RecordError::NotDtls { got: 0x03fd })),
        (with(4, 0), Refused::Epoch { expected: 1, got: 0 }),
        (with(4, 2), Refused::Epoch { expected: 1, got: 2 }),
        (with(11, 0), Refused::ConnectionId),
        (
            record[..record.len() - 1].to_vec(),
            Refused::Malformed(RecordError::Truncated { expected: 41, got: 40 }),
        ),
        ([&record[..], &[0]].concat(), Refused::WrongLength { expected: 41, got: 42 }),
        (with(40, record[40] ^ 1), Refused::NotAuthentic),
        (Vec::new(), Refused::Malformed(RecordError::TruncatedHeader { got: 0 })),
    ];
    for (record, expected) in cases {
        assert_eq!(open(&mut pair.server, &record), Err(expected));
    }
    assert!(open(&mut pair.server, &record).is_ok());
    assert_eq!(open(&mut pair.server, &record), Err(Refused::Replayed { sequence: 0 }));
}

/// RFC 9146 §3: with an id only records that have it, and without one none.
#[test]
fn connection_id_or_none() {
    let (mut with, mut without) =
        (Pair::new(Suite::Aes128Ccm8), Pair::with_ids(Suite::Aes128Ccm8, None, None));
    let (has, has_not) = (seal(&mut with.client, b"x"), seal(&mut without.client, b"x"));
    assert_eq!(open(&mut with.server, &has_not), Err(Refused::ConnectionId));
    assert_eq!(open(&mut without.server, &has), Err(Refused::ConnectionId));
}

#[test]
fn a_fragment_shorter_than_nonce_and_tag() {
    let mut pair = Pair::with_ids(Suite::Aes128Ccm8, None, None);
    for length in [0, 7, 8, 15] {
        let mut record = vec![23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, length];
        record.resize(13 + usize::from(length), 0);
        let expected = Refused::TooShort { expected: 16, got: length.into() };
        assert_eq!(open(&mut pair.server, &record), Err(expected));
    }
}

#[test]
fn a_window_of_64_records() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let sent: Vec<_> = (0..=64_u8).map(|n| seal(&mut pair.client, &[n])).collect();
    assert!(open(&mut pair.server, &sent[64]).unwrap().newest);
    assert_eq!(open(&mut pair.server, &sent[0]), Err(Refused::TooOld { sequence: 0 }));
    for late in (1..64).rev() {
        assert!(!open(&mut pair.server, &sent[late]).unwrap().newest);
        let sequence = late as u64;
        assert_eq!(open(&mut pair.server, &sent[late]), Err(Refused::Replayed { sequence }));
    }
}

/// A forged record from far ahead does not move the window (RFC 6347 §4.1.2.6).
#[test]
fn only_authentic_records_move_the_window() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let record = seal(&mut pair.client, b"x");
    let mut forged = record.clone();
    forged[5] = 0xff;
    assert_eq!(open(&mut pair.server, &forged), Err(Refused::NotAuthentic));
    assert!(open(&mut pair.server, &record).is_ok());
}

#[test]
fn numbers_that_the_handshake_used_are_skipped() {
    let mut pair = Pair::with_ids(Suite::Aes128Gcm, None, None);
    pair.server.skip(4);
    pair.server.skip(2);
    assert_eq!(seal(&mut pair.server, b"x")[3..11], [0, 1, 0, 0, 0, 0, 0, 5]);
}

/// A handshake without Connection ID hands its Finished over, and takes the one of the peer.
#[test]
fn single_records_are_translated() {
    let (secret, randoms) = (MasterSecret::new([0x42; 48]), Randoms { client: [1; 32], server: [2; 32] });
    let cid = ConnectionId::new(CID).unwrap();
    for suite in Suite::ALL {
        let keys = KeyBlock::derive(suite, &secret, &randoms);
        let mut pair = Pair::new(suite);
        let number = RecordNumber { epoch: 1, sequence: 0 };
        let mut record = Vec::new();
        pair.client.seal(ContentType::HANDSHAKE, b"finished", &mut record).unwrap();
        let opened = keys.client.open(&mut record, &cid).unwrap();
        assert_eq!((opened.number, opened.content_type), (number, ContentType::HANDSHAKE));
        let plaintext = record[opened.plaintext].to_vec();
        let mut plain = Vec::new();
        keys.client
            .seal(number, &ConnectionId::EMPTY, ContentType::HANDSHAKE, &plaintext, &mut plain)
            .unwrap();
        let opened = keys.client.open(&mut plain, &ConnectionId::EMPTY).unwrap();
        assert_eq!(&plain[opened.plaintext], b"finished");
    }
}

#[test]
fn records_of_a_datagram() {
    let mut pair = Pair::new(Suite::Aes128Ccm8);
    let (first, second) = (seal(&mut pair.client, b"1"), seal(&mut pair.client, b"22"));
    let datagram = [first.clone(), second].concat();
    let found: Vec<_> = records(&datagram, CID.len()).map(Result::unwrap).collect();
    assert_eq!(found.iter().map(|record| record.sequence).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(datagram[found[0].range.clone()], first);
    assert_eq!(found[1].range, first.len()..datagram.len());
    assert_eq!(found[1].connection_id.as_bytes(), CID);
    let none: Vec<_> = records(&datagram, 0).collect();
    assert_eq!(none, [Err(RecordError::UnexpectedConnectionId)]);
}

#[test]
fn a_datagram_ends_at_its_first_error() {
    let mut pair = Pair::with_ids(Suite::Aes128Ccm8, None, None);
    let record = seal(&mut pair.client, b"1");
    let cut = [&record[..], &record[..20]].concat();
    let found: Vec<_> = records(&cut, 0).collect();
    assert_eq!((found.len(), &found[1]), (2, &Err(RecordError::Truncated { expected: 30, got: 20 })));
    let mut long = record;
    let [a, b] = u16::try_from(FRAGMENT_LENGTH + 1).unwrap().to_be_bytes();
    (long[11], long[12]) = (a, b);
    assert_eq!(records(&long, 0).next(), Some(Err(RecordError::TooLong { got: FRAGMENT_LENGTH + 1 })));
}

#[test]
fn so_many_records_in_a_datagram() {
    let empty = [23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let datagram = empty.repeat(RECORDS_PER_DATAGRAM + 1);
    let found: Vec<_> = records(&datagram, 0).collect();
    assert_eq!(found.len(), RECORDS_PER_DATAGRAM + 1);
    assert_eq!(found.last(), Some(&Err(RecordError::TooMany)));
    assert!(records(&empty.repeat(RECORDS_PER_DATAGRAM), 0).all(|record| record.is_ok()));
}

/// What ten thousand devices take.
#[test]
fn a_session_is_small() {
    assert!(size_of::<Session>() <= 160, "{} bytes", size_of::<Session>());
}
