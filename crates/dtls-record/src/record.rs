use core::ops::Range;

use thiserror::Error;

use crate::{
    connection_id::ConnectionId,
    content_type::ContentType,
    limits::{FRAGMENT_LENGTH, RECORDS_PER_DATAGRAM},
};

/// DTLS 1.2 on the wire (RFC 6347 §4.1). Hellos may also say 1.0.
pub const DTLS_1_2: u16 = 0xfefd;
pub const DTLS_1_0: u16 = 0xfeff;

/// Type, version, epoch and sequence number.
const BEFORE_CONNECTION_ID: usize = 11;

/// The header of one record, and where the record lies in its datagram (RFC 6347 §4.1, RFC 9146 §4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub content_type: ContentType,
    pub version: u16,
    pub epoch: u16,
    /// 48 bits.
    pub sequence: u64,
    /// Empty but in records of the type `tls12_cid`.
    pub connection_id: ConnectionId,
    /// The whole record.
    pub range: Range<usize>,
    /// What comes after the header.
    pub fragment: Range<usize>,
}

/// Why a datagram is not read any further: where the next record would begin is unknown.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    #[error("expected the header of a record, got {got} bytes")]
    TruncatedHeader { got: usize },
    #[error("expected a record of {expected} bytes, got {got}")]
    Truncated { expected: usize, got: usize },
    #[error("expected a fragment of at most {FRAGMENT_LENGTH} bytes, got a length of {got}")]
    TooLong { got: usize },
    #[error("expected a version of DTLS, fe__, got {got:04x}")]
    NotDtls { got: u16 },
    #[error("expected no Connection ID, as none was given out, got a record that has one")]
    UnexpectedConnectionId,
    #[error("expected at most {RECORDS_PER_DATAGRAM} records in a datagram")]
    TooMany,
}

impl Record {
    /// The record that begins at `at`. Our Connection IDs all have `our_cid_length` bytes, since the header does not
    /// say where they end.
    pub fn read(datagram: &[u8], at: usize, our_cid_length: usize) -> Result<Self, RecordError> {
        let bytes = datagram.get(at..).unwrap_or_default();
        let truncated = RecordError::TruncatedHeader { got: bytes.len() };
        let (fixed, after) = bytes.split_first_chunk::<BEFORE_CONNECTION_ID>().ok_or(truncated)?;
        let [content_type, v0, v1, e0, e1, s0, s1, s2, s3, s4, s5] = *fixed;
        let (content_type, version) = (ContentType(content_type), u16::from_be_bytes([v0, v1]));
        // Checked first, so that what is no DTLS at all is called so.
        if v0 != 0xfe {
            return Err(RecordError::NotDtls { got: version });
        }
        let cid_length = match (content_type, our_cid_length) {
            (ContentType::TLS12_CID, 0) => return Err(RecordError::UnexpectedConnectionId),
            (ContentType::TLS12_CID, length) => length,
            _ => 0,
        };
        let (connection_id, after) = after.split_at_checked(cid_length).ok_or(truncated)?;
        let connection_id = ConnectionId::new(connection_id).ok_or(RecordError::UnexpectedConnectionId)?;
        let (length, after) = after.split_first_chunk::<2>().ok_or(truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length > FRAGMENT_LENGTH {
            return Err(RecordError::TooLong { got: length });
        }
        let header = bytes.len() - after.len();
        if length > after.len() {
            return Err(RecordError::Truncated { expected: header + length, got: bytes.len() });
        }
        let fragment = at + header..at + header + length;
        Ok(Self {
            content_type,
            version,
            epoch: u16::from_be_bytes([e0, e1]),
            sequence: u64::from_be_bytes([0, 0, s0, s1, s2, s3, s4, s5]),
            connection_id,
            range: at..fragment.end,
            fragment,
        })
    }
}

/// The records of a datagram one after the other; ends after the first error. `our_cid_length` is the length of all
/// Connection IDs that we give out, 0 for none.
pub const fn records(datagram: &[u8], our_cid_length: usize) -> Records<'_> {
    Records { datagram, our_cid_length, at: 0, count: 0 }
}

#[derive(Clone, Debug)]
pub struct Records<'a> {
    datagram: &'a [u8],
    our_cid_length: usize,
    at: usize,
    count: usize,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.datagram.len() {
            return None;
        }
        let record = if self.count < RECORDS_PER_DATAGRAM {
            Record::read(self.datagram, self.at, self.our_cid_length)
        } else {
            Err(RecordError::TooMany)
        };
        self.count += 1;
        self.at = record.as_ref().map_or(self.datagram.len(), |record| record.range.end);
        Some(record)
    }
}
