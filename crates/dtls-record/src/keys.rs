use core::{fmt, ops::Range};

use thiserror::Error;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::{
    additional_data::AdditionalData,
    cipher::{self, KEY_LENGTH, NONCE_LENGTH},
    connection_id::ConnectionId,
    content_type::ContentType,
    limits::{FRAGMENT_LENGTH, PLAINTEXT_LENGTH, SEQUENCE_NUMBERS},
    prf::prf,
    record::{DTLS_1_2, Record, RecordError},
    secrets::{MasterSecret, Randoms, Role},
    suite::Suite,
};

/// client_write_IV and server_write_IV: the part of the nonce that is not in the record (RFC 5288 §3, RFC 6655 §3).
pub(crate) const SALT_LENGTH: usize = 4;
/// nonce_explicit, at the beginning of every fragment.
const EXPLICIT_NONCE_LENGTH: usize = 8;
const KEY_BLOCK_LENGTH: usize = 2 * (KEY_LENGTH + SALT_LENGTH);

/// What one end seals its records with, and the other opens them.
///
/// A [`Session`](crate::Session) has both directions and counts; the keys by themselves are for the one place that has
/// to translate single records: a handshake that knows no Connection ID. Whoever seals with them chooses the number of
/// the record, and **must never send two different records with the same number**.
#[derive(ZeroizeOnDrop)]
pub struct WriteKeys {
    #[zeroize(skip)]
    suite: Suite,
    key: [u8; KEY_LENGTH],
    salt: [u8; SALT_LENGTH],
}

/// Where a record stands in its direction (RFC 6347 §4.1).
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordNumber {
    pub epoch: u16,
    /// Below 2^48.
    pub sequence: u64,
}

/// A record without its protection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unprotected {
    pub number: RecordNumber,
    /// The real one, where a Connection ID hides it.
    pub content_type: ContentType,
    /// Where the plaintext lies in the record.
    pub plaintext: Range<usize>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("expected a plaintext of at most {expected} bytes, got {got}")]
    TooLong { expected: usize, got: usize },
    /// RFC 5246 §6.2.1: only application data may be empty.
    #[error("expected content in a record of {content_type}, got none")]
    Empty { content_type: ContentType },
    /// See [`Session::reserve`](crate::Session::reserve).
    #[error("expected a sequence number below {reserved}, which is stored, got {sequence}")]
    NotReserved { reserved: u64, sequence: u64 },
    /// A new handshake is needed.
    #[error("expected a sequence number below 2^48; all are used")]
    Exhausted,
}

/// Why a record is dropped (RFC 6347 §4.1.2.7: silently, as anyone can send one).
#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Refused {
    #[error(transparent)]
    Malformed(#[from] RecordError),
    #[error("expected one record of {expected} bytes, got {got}")]
    WrongLength { expected: usize, got: usize },
    #[error("expected version {DTLS_1_2:04x}, got {got:04x}")]
    Version { got: u16 },
    #[error("expected epoch {expected}, got {got}")]
    Epoch { expected: u16, got: u16 },
    /// Another id, or none although one was negotiated, or one although none was (RFC 9146 §3).
    #[error("expected the Connection ID of the session, got another one or none")]
    ConnectionId,
    #[error("expected a fragment with a nonce and a tag, at least {expected} bytes, got {got}")]
    TooShort { expected: usize, got: usize },
    #[error("expected a plaintext of at most {PLAINTEXT_LENGTH} bytes, got {got}")]
    TooLong { got: usize },
    #[error("expected a new record, got sequence number {sequence} again")]
    Replayed { sequence: u64 },
    #[error("expected a record within the replay window, got sequence number {sequence}")]
    TooOld { sequence: u64 },
    #[error("expected a record that the peer has sealed, got one whose tag is wrong")]
    NotAuthentic,
    #[error("expected a content type, got nothing but padding")]
    NoContentType,
    #[error("expected content in a record of {content_type}, got none")]
    Empty { content_type: ContentType },
}

/// The keys of both directions (RFC 5246 §6.3); an AEAD suite has no MAC keys.
pub struct KeyBlock {
    pub client: WriteKeys,
    pub server: WriteKeys,
}

impl KeyBlock {
    pub fn derive(suite: Suite, master_secret: &MasterSecret, randoms: &Randoms) -> Self {
        let mut block = [0; KEY_BLOCK_LENGTH];
        prf(master_secret.as_bytes(), b"key expansion", &[&randoms.server, &randoms.client], &mut block);
        let mut rest = block.as_slice();
        let (client_key, server_key) = (take(&mut rest), take(&mut rest));
        let (client_salt, server_salt) = (take(&mut rest), take(&mut rest));
        block.zeroize();
        Self {
            client: WriteKeys { suite, key: client_key, salt: client_salt },
            server: WriteKeys { suite, key: server_key, salt: server_salt },
        }
    }

    /// What `role` sends with.
    pub const fn of(&self, role: Role) -> &WriteKeys {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }

    /// What `role` sends with, and what it receives with.
    pub(crate) fn into_parts(self, role: Role) -> (WriteKeys, WriteKeys) {
        match role {
            Role::Client => (self.client, self.server),
            Role::Server => (self.server, self.client),
        }
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = bytes.split_first_chunk().expect("a key block has both keys and both salts");
    *bytes = rest;
    *taken
}

impl WriteKeys {
    /// Appends one record to `out`. With an empty Connection ID it is one of RFC 6347, else a `tls12_cid` of RFC 9146
    /// without padding. After an error `out` is as before.
    pub fn seal(
        &self,
        number: RecordNumber,
        connection_id: &ConnectionId,
        content_type: ContentType,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        self.seal_padded(number, connection_id, content_type, plaintext, 0, out)
    }

    fn seal_padded(
        &self,
        number: RecordNumber,
        connection_id: &ConnectionId,
        content_type: ContentType,
        plaintext: &[u8],
        padding: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let with_cid = !connection_id.is_empty();
        let longest = if with_cid { PLAINTEXT_LENGTH - 1 } else { PLAINTEXT_LENGTH };
        let too_long = SealError::TooLong { expected: longest, got: plaintext.len() };
        if plaintext.len().saturating_add(padding) > longest {
            return Err(too_long);
        }
        if plaintext.is_empty() && content_type != ContentType::APPLICATION_DATA {
            return Err(SealError::Empty { content_type });
        }
        let inner_length = plaintext.len() + if with_cid { 1 + padding } else { 0 };
        let fragment_length = EXPLICIT_NONCE_LENGTH + inner_length + self.suite.tag_length();
        let (Ok(inner_16), Ok(fragment_16)) = (u16::try_from(inner_length), u16::try_from(fragment_length))
        else {
            return Err(too_long);
        };
        let bits = number.to_bits().ok_or(SealError::Exhausted)?;

        let start = out.len();
        out.push(if with_cid { ContentType::TLS12_CID.0 } else { content_type.0 });
        out.extend_from_slice(&DTLS_1_2.to_be_bytes());
        out.extend_from_slice(&bits.to_be_bytes());
        out.extend_from_slice(connection_id.as_bytes());
        out.extend_from_slice(&fragment_16.to_be_bytes());
        // The explicit part is epoch and sequence number, so that no nonce comes twice (RFC 6655 §3).
        out.extend_from_slice(&bits.to_be_bytes());
        let text_start = out.len();
        out.extend_from_slice(plaintext);
        let additional = if with_cid {
            out.push(content_type.0);
            AdditionalData::with_connection_id(bits, connection_id, inner_16)
        } else {
            AdditionalData::plain(bits, content_type, inner_16)
        };
        out.resize(text_start + inner_length + self.suite.tag_length(), 0);

        let (text, tag) = out[text_start..].split_at_mut(inner_length);
        let nonce = self.nonce(bits.to_be_bytes());
        let sealed = cipher::encrypt(self.suite, &self.key, &nonce, additional.as_bytes(), text, tag);
        sealed.map_err(|_| {
            out[start..].zeroize();
            out.truncate(start);
            too_long
        })
    }

    /// Opens the one record that `record` holds, in place. After a refusal for its tag the bytes are worthless. Nothing
    /// is known about whether the record has come before.
    pub fn open(&self, record: &mut [u8], connection_id: &ConnectionId) -> Result<Unprotected, Refused> {
        let header = read_header(record, connection_id)?;
        self.open_fragment(record, &header)
    }

    pub(crate) fn open_fragment(&self, record: &mut [u8], header: &Record) -> Result<Unprotected, Refused> {
        let number = RecordNumber { epoch: header.epoch, sequence: header.sequence };
        let bits = number.to_bits().unwrap_or_default();
        let fragment = record.get_mut(header.fragment.clone()).unwrap_or_default();
        let (got, tag_length) = (fragment.len(), self.suite.tag_length());
        let too_short = Refused::TooShort { expected: EXPLICIT_NONCE_LENGTH + tag_length, got };
        // Any explicit nonce is good, as RFC 5288 §3 leaves it to the sender.
        let (explicit, sealed) =
            fragment.split_first_chunk_mut::<EXPLICIT_NONCE_LENGTH>().ok_or(too_short)?;
        let length = sealed.len().checked_sub(tag_length).ok_or(too_short)?;
        let (text, tag) = sealed.split_at_mut(length);
        let length = u16::try_from(length).ok().filter(|length| usize::from(*length) <= PLAINTEXT_LENGTH);
        let length = length.ok_or(Refused::TooLong { got: text.len() })?;

        let with_cid = !header.connection_id.is_empty();
        let additional = if with_cid {
            AdditionalData::with_connection_id(bits, &header.connection_id, length)
        } else {
            AdditionalData::plain(bits, header.content_type, length)
        };
        let nonce = self.nonce(*explicit);
        cipher::decrypt(self.suite, &self.key, &nonce, additional.as_bytes(), text, tag)
            .map_err(|_| Refused::NotAuthentic)?;

        let (content_type, length) = if with_cid {
            real_content_type(text).ok_or(Refused::NoContentType)?
        } else {
            (header.content_type, text.len())
        };
        if length == 0 && content_type != ContentType::APPLICATION_DATA {
            return Err(Refused::Empty { content_type });
        }
        let start = header.fragment.start + EXPLICIT_NONCE_LENGTH;
        Ok(Unprotected { number, content_type, plaintext: start..start + length })
    }

    pub const fn suite(&self) -> Suite {
        self.suite
    }

    pub(crate) const fn from_parts(suite: Suite, key: [u8; KEY_LENGTH], salt: [u8; SALT_LENGTH]) -> Self {
        Self { suite, key, salt }
    }

    pub(crate) const fn key(&self) -> &[u8; KEY_LENGTH] {
        &self.key
    }

    pub(crate) const fn salt(&self) -> &[u8; SALT_LENGTH] {
        &self.salt
    }

    /// For what is saved; not `Clone`, as whoever seals must be the only one.
    pub(crate) const fn duplicate(&self) -> Self {
        Self { suite: self.suite, key: self.key, salt: self.salt }
    }

    fn nonce(&self, explicit: [u8; EXPLICIT_NONCE_LENGTH]) -> [u8; NONCE_LENGTH] {
        let mut nonce = [0; NONCE_LENGTH];
        let (implicit, rest) = nonce.split_at_mut(SALT_LENGTH);
        implicit.copy_from_slice(&self.salt);
        rest.copy_from_slice(&explicit);
        nonce
    }
}

/// The header of a slice that holds exactly one record, with this Connection ID or without one.
pub(crate) fn read_header(record: &[u8], connection_id: &ConnectionId) -> Result<Record, Refused> {
    let expected_cid = connection_id.as_bytes();
    let first = record.first().copied().map(ContentType);
    if first.is_some_and(|first| (first == ContentType::TLS12_CID) == expected_cid.is_empty()) {
        return Err(Refused::ConnectionId);
    }
    let header = Record::read(record, 0, expected_cid.len())?;
    if header.range.end != record.len() {
        return Err(Refused::WrongLength { expected: header.range.end, got: record.len() });
    }
    if header.version != DTLS_1_2 {
        return Err(Refused::Version { got: header.version });
    }
    if header.connection_id != *connection_id {
        return Err(Refused::ConnectionId);
    }
    Ok(header)
}

/// The last byte that is not zero, and how many come before it (RFC 9146 §4).
fn real_content_type(inner: &[u8]) -> Option<(ContentType, usize)> {
    let length = inner.iter().rposition(|byte| *byte != 0)?;
    Some((ContentType(*inner.get(length)?), length))
}

impl RecordNumber {
    /// Epoch and sequence number in 64 bits; `None` when the sequence number does not exist.
    fn to_bits(self) -> Option<u64> {
        (self.sequence < SEQUENCE_NUMBERS).then(|| u64::from(self.epoch) << 48 | self.sequence)
    }
}

impl fmt::Debug for WriteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteKeys({:?})", self.suite)
    }
}

impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyBlock({:?})", self.client.suite)
    }
}

const _: () = assert!(FRAGMENT_LENGTH >= PLAINTEXT_LENGTH + EXPLICIT_NONCE_LENGTH + 16);
