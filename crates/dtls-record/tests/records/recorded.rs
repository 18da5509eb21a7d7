//! What other implementations sent each other, opened and sealed again. `tests/data/README.md` says how it was recorded.

use std::{fs, path::Path};

use dtls_record::{
    ClientHello, ConnectionId, ConnectionIds, ContentType, KeyBlock, MasterSecret, Randoms, Record,
    RecordNumber, Refused, Role, Session, Suite,
};

struct Recording {
    cipher_suite: u16,
    master_secret: Vec<u8>,
    randoms: Randoms,
    /// What the client and the server want in what they receive.
    cid_lengths: (usize, usize),
    /// Application data of the client and of the server.
    expected: (Vec<String>, Vec<String>),
    datagrams: Vec<(Role, Vec<u8>)>,
}

impl Recording {
    fn read(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        let mut recording = Self {
            cipher_suite: 0,
            master_secret: Vec::new(),
            randoms: Randoms { client: [0; 32], server: [0; 32] },
            cid_lengths: (0, 0),
            expected: (Vec::new(), Vec::new()),
            datagrams: Vec::new(),
        };
        for line in fs::read_to_string(file).unwrap().lines() {
            let (field, value) = line.split_once(' ').unwrap();
            match field {
                "#" => {}
                "cipher_suite" => recording.cipher_suite = u16::from_str_radix(value, 16).unwrap(),
                "client_random" => recording.randoms.client = hex(value).try_into().unwrap(),
                "server_random" => recording.randoms.server = hex(value).try_into().unwrap(),
                "master_secret" => recording.master_secret = hex(value),
                "client_cid_length" => recording.cid_lengths.0 = value.parse().unwrap(),
                "server_cid_length" => recording.cid_lengths.1 = value.parse().unwrap(),
                "client" => recording.expected.0.push(value.to_owned()),
                "server" => recording.expected.1.push(value.to_owned()),
                ">" => recording.datagrams.push((Role::Client, hex(value))),
                "<" => recording.datagrams.push((Role::Server, hex(value))),
                _ => unreachable!("{line}"),
            }
        }
        recording
    }

    fn suite(&self) -> Suite {
        Suite::of(self.cipher_suite).unwrap()
    }

    fn secret(&self) -> MasterSecret {
        MasterSecret::from_slice(&self.master_secret).unwrap()
    }

    fn records_of(&self, sender: Role) -> impl Iterator<Item = (Record, Vec<u8>)> {
        let length = match sender {
            Role::Client => self.cid_lengths.1,
            Role::Server => self.cid_lengths.0,
        };
        let datagrams = self.datagrams.iter().filter(move |(role, _)| *role == sender);
        datagrams.flat_map(move |(_, datagram)| {
            dtls_record::records(datagram, length).map(|record| {
                let record = record.unwrap();
                let bytes = datagram[record.range.clone()].to_vec();
                (record, bytes)
            })
        })
    }

    /// Opens everything protected as the receiver did. Gives back the application data, by lines.
    fn open(&self, sender: Role) -> Vec<String> {
        let protected: Vec<_> = self.records_of(sender).filter(|(record, _)| record.epoch == 1).collect();
        let id = protected[0].0.connection_id;
        let ids = ConnectionIds { ours: Some(id), theirs: None };
        let mut receiver = Session::new(sender.peer(), self.suite(), &self.secret(), &self.randoms, ids);
        let keys = KeyBlock::derive(self.suite(), &self.secret(), &self.randoms);
        let mut data = Vec::new();
        for (number, (header, bytes)) in protected.iter().enumerate() {
            let mut record = bytes.clone();
            let opened = receiver.open(&mut record).unwrap();
            let plaintext = &record[opened.plaintext];
            match opened.content_type {
                // Finished: 12 bytes of verify_data (RFC 5246 §7.4.9).
                ContentType::HANDSHAKE => assert_eq!((number, plaintext[0], plaintext.len()), (0, 20, 24)),
                ContentType::ALERT => assert_eq!(plaintext, [1, 0], "close_notify"),
                ContentType::APPLICATION_DATA => data.extend_from_slice(plaintext),
                other => unreachable!("{other}"),
            }
            let replayed = Err(Refused::Replayed { sequence: opened.sequence });
            assert_eq!(receiver.open(&mut bytes.clone()), replayed);
            let sealed = seal(&keys, sender, header, opened.content_type, plaintext);
            check_sealed(self.suite(), header, bytes, &sealed);
        }
        // OpenSSL ends what was typed with a line end.
        let text = String::from_utf8(data).unwrap();
        if text.contains('\n') { text.lines().map(str::to_owned).collect() } else { vec![text] }
    }
}

fn seal(keys: &KeyBlock, sender: Role, header: &Record, real_type: ContentType, plaintext: &[u8]) -> Vec<u8> {
    let number = RecordNumber { epoch: header.epoch, sequence: header.sequence };
    let mut out = Vec::new();
    keys.of(sender).seal(number, &header.connection_id, real_type, plaintext, &mut out).unwrap();
    out
}

/// The same plaintext with the same number is the same record, unless the sender chose another explicit nonce, as
/// OpenSSL does for GCM.
fn check_sealed(suite: Suite, header: &Record, recorded: &[u8], sealed: &[u8]) {
    let explicit = |record: &[u8]| record[header.fragment.start - header.range.start..][..8].to_vec();
    if explicit(recorded) == explicit(sealed) {
        assert_eq!(sealed, recorded);
    } else {
        assert_eq!((suite, sealed.len()), (Suite::Aes128Gcm, recorded.len()));
    }
}

fn check(name: &str) {
    let recording = Recording::read(name);
    let (client, server) = (recording.open(Role::Client), recording.open(Role::Server));
    assert_eq!(client.concat(), recording.expected.0.concat());
    assert_eq!(server.concat(), recording.expected.1.concat());
    let hellos: Vec<_> = recording
        .records_of(Role::Client)
        .filter(|(record, _)| record.epoch == 0 && record.content_type == ContentType::HANDSHAKE)
        .filter_map(|(record, bytes)| {
            let fragment = &bytes[record.fragment.start - record.range.start..];
            let hello = ClientHello::parse(fragment).ok()?;
            assert!(hello.cipher_suites().any(|suite| suite == recording.cipher_suite));
            assert_eq!(hello.random, &recording.randoms.client);
            let id = hello.connection_id();
            assert_eq!(id.map(|id| id.as_bytes().len()).unwrap_or_default(), recording.cid_lengths.0);
            Some(hello.cookie.is_empty())
        })
        .collect();
    assert_eq!(hellos, [true, false], "one ClientHello without a cookie and one with it");
}

#[test]
fn openssl_psk_ccm_8() {
    check("openssl_c0a8.txt");
}

#[test]
fn openssl_psk_ccm() {
    check("openssl_c0a4.txt");
}

#[test]
fn openssl_psk_gcm() {
    check("openssl_00a8.txt");
}

#[test]
fn openssl_ecdsa_ccm_8() {
    check("openssl_c0ae.txt");
}

#[test]
fn openssl_ecdsa_gcm() {
    check("openssl_c02b.txt");
}

/// RFC 9146: seven bytes towards the server, none towards the client.
#[test]
fn scandium_ccm_8_with_connection_id() {
    check("scandium_c0a8_0_7.txt");
}

#[test]
fn scandium_ccm_8_with_connection_ids_both_ways() {
    check("scandium_c0a8_4_16.txt");
}

#[test]
fn scandium_ccm_with_connection_id() {
    check("scandium_c0a4_0_7.txt");
}

#[test]
fn scandium_gcm_with_connection_ids_both_ways() {
    check("scandium_00a8_5_1.txt");
}

/// The recordings with ids have records of the type `tls12_cid`, and so are not opened without the id.
#[test]
fn a_recorded_record_needs_its_connection_id() {
    let recording = Recording::read("scandium_c0a8_0_7.txt");
    let (header, bytes) = recording.records_of(Role::Client).find(|(record, _)| record.epoch == 1).unwrap();
    assert_eq!(header.content_type, ContentType::TLS12_CID);
    let keys = KeyBlock::derive(recording.suite(), &recording.secret(), &recording.randoms);
    let other = ConnectionId::new(&[0; 7]).unwrap();
    for id in [ConnectionId::EMPTY, other] {
        assert_eq!(keys.client.open(&mut bytes.clone(), &id), Err(Refused::ConnectionId));
    }
    // Neither does it open when the id in it is changed, as the tag covers it.
    let mut changed = bytes;
    changed[11..18].fill(0);
    assert_eq!(keys.client.open(&mut changed, &other), Err(Refused::NotAuthentic));
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}
