//! Two peers after their handshake.

use dtls_record::{
    ConnectionId, ConnectionIds, ContentType, MasterSecret, Opened, Randoms, Refused, Role, Session, Suite,
};

pub(crate) const DATA: ContentType = ContentType::APPLICATION_DATA;
pub(crate) const CID: &[u8] = &[1, 0, 0, 9, 8, 7, 6];

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) client: Session,
    pub(crate) server: Session,
}

impl Pair {
    /// The server gave out a Connection ID and the client none, as is usual.
    pub(crate) fn new(suite: Suite) -> Self {
        Self::with_ids(suite, ConnectionId::new(CID), ConnectionId::new(&[]))
    }

    pub(crate) fn with_ids(suite: Suite, server: Option<ConnectionId>, client: Option<ConnectionId>) -> Self {
        let secret = MasterSecret::new([0x42; 48]);
        let randoms = Randoms { client: [1; 32], server: [2; 32] };
        let session =
            |role, ours, theirs| Session::new(role, suite, &secret, &randoms, ConnectionIds { ours, theirs });
        Self { client: session(Role::Client, client, server), server: session(Role::Server, server, client) }
    }
}

pub(crate) fn seal(session: &mut Session, plaintext: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    session.seal(DATA, plaintext, &mut out).unwrap();
    out
}

pub(crate) fn open(session: &mut Session, record: &[u8]) -> Result<Opened, Refused> {
    session.open(&mut record.to_vec())
}

pub(crate) fn plaintext(session: &mut Session, record: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut record = record.to_vec();
    let opened = session.open(&mut record)?;
    Ok(record[opened.plaintext].to_vec())
}
