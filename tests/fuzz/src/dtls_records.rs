//! Datagrams from strangers: the records in them, the first message of a handshake, and what is opened of them.

use std::collections::BTreeSet;

use dtls_record::{
    ClientHello, ConnectionId, ConnectionIds, ContentType, Cookies, MasterSecret, Randoms, Restart, Role,
    SavedSession, Session, Suite, limits, records,
};

use crate::answers::check_message;

const DATA: ContentType = ContentType::APPLICATION_DATA;

/// A byte for the length of our Connection IDs, then a datagram. Its records lie one behind the other, and each header
/// says what its bytes are.
pub fn dtls_records(data: &[u8]) {
    let Some((length, datagram)) = data.split_first() else { return };
    let cid_length = usize::from(*length) % (limits::CONNECTION_ID_LENGTH + 1);
    let mut at = 0;
    let mut ended = false;
    for (count, record) in records(datagram, cid_length).enumerate() {
        assert!(!ended && count <= limits::RECORDS_PER_DATAGRAM);
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                check_message(&error.to_string());
                ended = true;
                continue;
            }
        };
        let header = [
            &[record.content_type.0][..],
            &record.version.to_be_bytes(),
            &record.epoch.to_be_bytes(),
            &record.sequence.to_be_bytes()[2..],
            record.connection_id.as_bytes(),
            &u16::try_from(record.fragment.len()).expect("a short fragment").to_be_bytes(),
        ]
        .concat();
        assert_eq!(record.range.start, at);
        assert_eq!(record.range.end, record.fragment.end);
        assert_eq!(datagram[record.range.start..record.fragment.start], header);
        at = record.range.end;
        // Nobody but the peer has the keys.
        let mut pair = Pair::new(*length);
        let refused = pair.server.open(&mut datagram[record.range].to_vec());
        check_message(&refused.expect_err("a forged record").to_string());
    }
    assert!(ended || at == datagram.len());
}

/// The fragment of a record. Whatever is a ClientHello gets a cookie that is good for it alone.
pub fn dtls_client_hello(data: &[u8]) {
    let hello = match ClientHello::parse(data) {
        Ok(hello) => hello,
        Err(error) => return check_message(&error.to_string()),
    };
    assert!(hello.session_id.len() <= 32 && hello.cipher_suites().count() > 0);
    let taken = 12 + 34 + 6 + hello.session_id.len() + hello.cookie.len() + 2 * hello.cipher_suites().count();
    let extensions: usize = hello.extensions().map(|(_, content)| 4 + content.len()).sum();
    assert!(taken + extensions <= data.len());
    if let Some(id) = hello.connection_id() {
        assert!(id.as_bytes().len() <= limits::CONNECTION_ID_LENGTH);
    }
    let cookies = Cookies::new([7; 32]);
    let from = "192.0.2.1:5684".parse().expect("an address");
    let own = cookies.cookie(from, &hello);
    assert_eq!(cookies.verify(from, &hello), own == hello.cookie);
    assert_ne!(own, cookies.cookie("192.0.2.1:5685".parse().expect("an address"), &hello));
}

/// A byte for suite and Connection IDs, then what happens to the records of a client, a server that restarts, and its
/// store. What is no script may be a saved session.
pub fn dtls_open(data: &[u8]) {
    if let Ok(saved) = SavedSession::from_bytes(data) {
        assert_eq!(*saved.to_bytes(), data);
    }
    let Some((kind, script)) = data.split_first() else { return };
    let mut pair = Pair::new(*kind);
    let steps = script.as_chunks::<3>().0;
    steps.iter().for_each(|step| pair.step(*step));
}

struct Pair {
    client: Session,
    server: Session,
    stored: Vec<u8>,
    /// What the client sent.
    records: Vec<Vec<u8>>,
    /// Sequence numbers of records of the client that had an effect.
    heeded: BTreeSet<u64>,
    /// Sequence numbers that the server used.
    used: BTreeSet<Vec<u8>>,
}

impl Pair {
    fn new(kind: u8) -> Self {
        let suite = Suite::ALL[usize::from(kind) % 3];
        let ours = ConnectionId::new(&[9; 20][..usize::from(kind / 3) % 21]);
        let (secret, randoms) = (MasterSecret::new([1; 48]), Randoms { client: [2; 32], server: [3; 32] });
        let session =
            |role, ours, theirs| Session::new(role, suite, &secret, &randoms, ConnectionIds { ours, theirs });
        let server = session(Role::Server, ours, None);
        Self {
            client: session(Role::Client, None, ours),
            stored: server.export().to_bytes().to_vec(),
            server,
            records: Vec::new(),
            heeded: BTreeSet::new(),
            used: BTreeSet::new(),
        }
    }

    fn step(&mut self, [action, which, how]: [u8; 3]) {
        match action % 8 {
            0 => self.client_sends(how),
            1 => self.deliver(which),
            2 => self.deliver_changed(which, how),
            3 => self.server_sends(),
            4 => self.restart(Restart::Crash),
            5 => {
                let restarted = Session::import(self.server.export(), Restart::Planned);
                self.stored = std::mem::replace(&mut self.server, restarted).stop().to_bytes().to_vec();
                self.restart(Restart::Planned);
            }
            6 => {
                let reservation = self.server.reserve();
                self.stored = self.server.export().to_bytes().to_vec();
                if how % 2 == 0 {
                    self.server.reserved(reservation);
                }
            }
            _ => {
                self.client_sends(how);
                let mut answer = self.records.last().expect("the answer").clone();
                let opened = self.server.open(&mut answer).expect("a new record");
                self.server.freshness_proven(opened.sequence);
                assert!(self.heeded.insert(opened.sequence));
            }
        }
    }

    fn client_sends(&mut self, length: u8) {
        let mut record = Vec::new();
        self.client.seal(DATA, &vec![length; length.into()], &mut record).expect("a record");
        self.records.push(record);
    }

    /// It has an effect once at most, whatever the restarts.
    fn deliver(&mut self, which: u8) {
        let Some(record) = self.records.get(usize::from(which)) else { return };
        if let Ok(opened) = self.server.open(&mut record.clone())
            && !opened.unproven
        {
            assert_eq!(opened.sequence, u64::from(which));
            assert!(self.heeded.insert(opened.sequence));
        }
    }

    fn deliver_changed(&mut self, which: u8, how: u8) {
        let Some(record) = self.records.get(usize::from(which)) else { return };
        let mut record = record.clone();
        let at = usize::from(how) % record.len();
        record[at] ^= 1 << (how % 8);
        assert!(self.server.open(&mut record).is_err());
    }

    /// No number comes twice, whatever the restarts.
    fn server_sends(&mut self) {
        let mut record = Vec::new();
        if self.server.seal(DATA, b"x", &mut record).is_ok() {
            let opened = self.client.open(&mut record.clone());
            assert!(opened.is_ok_and(|opened| opened.newest));
            assert!(self.used.insert(record[3..11].to_vec()));
        }
    }

    fn restart(&mut self, restart: Restart) {
        let saved = SavedSession::from_bytes(&self.stored).expect("what was stored");
        self.server = Session::import(saved, restart);
    }
}
