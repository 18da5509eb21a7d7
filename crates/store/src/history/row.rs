//! A payload as a row, and back.

use std::io;

use coap::{Instant, Token};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::Source;
use rusqlite::{Row, types::Type};

use crate::{Delivery, Reported};

/// What [`read`] expects, in its order. A query names its tables so that these are the names of their columns.
pub(super) const COLUMNS: &str = "reported.id, client.id, client.endpoint, series.path, reported.at, reported.source, \
     reported.content_format, reported.payload, reported.sequence, reported.flags, reported.token, \
     reported.message_id";

const CONFIRMABLE: i64 = 1;
const CURRENT: i64 = 2;

/// A payload and where it stands in its file.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) client: i64,
    /// False when the client was forgotten since.
    pub(super) named: bool,
    pub(super) reported: Reported,
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let endpoint: Option<String> = row.get(2)?;
    let flags: i64 = row.get(9)?;
    let token: Option<Vec<u8>> = row.get(10)?;
    let message_id: Option<u16> = row.get(11)?;
    let delivery = match (token.as_deref().map(Token::new), message_id) {
        (Some(Some(token)), Some(message_id)) => Some(Delivery { token, message_id }),
        (Some(None), _) => return Err(malformed(10, "a token of at most 8 bytes")),
        _ => None,
    };
    let reported = Reported {
        path: path_from(3, &row.get::<_, Vec<u8>>(3)?)?,
        at: moment(row.get(4)?),
        source: source_from(row.get(5)?).ok_or_else(|| malformed(5, "a source"))?,
        content_format: row.get::<_, Option<u16>>(6)?.map(ContentFormat),
        payload: row.get(7)?,
        sequence: row.get(8)?,
        confirmable: flags & CONFIRMABLE != 0,
        current: flags & CURRENT != 0,
        delivery,
        endpoint: endpoint.clone().unwrap_or_default(),
    };
    Ok(Stored { id: row.get(0)?, client: row.get(1)?, named: endpoint.is_some(), reported })
}

/// What is written for a payload, beside whose it is and what it is about.
pub(super) struct Columns<'a> {
    pub(super) at: i64,
    pub(super) source: i64,
    pub(super) content_format: Option<u16>,
    pub(super) payload: &'a [u8],
    pub(super) sequence: Option<u32>,
    pub(super) flags: i64,
    pub(super) token: Option<&'a [u8]>,
    pub(super) message_id: Option<u16>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(reported: &'a Reported) -> Self {
        let flag = |set, flag| if set { flag } else { 0 };
        Self {
            at: millis(reported.at),
            source: source_code(reported.source),
            content_format: reported.content_format.map(|format| format.0),
            payload: &reported.payload,
            sequence: reported.sequence,
            flags: flag(reported.confirmable, CONFIRMABLE) | flag(reported.current, CURRENT),
            token: reported.delivery.as_ref().map(|delivery| delivery.token.as_bytes()),
            message_id: reported.delivery.map(|delivery| delivery.message_id),
        }
    }
}

/// The ids one after the other, most significant byte first: sorted as bytes, a path comes directly before what is
/// below it.
pub(super) fn path_key(path: &Path) -> Vec<u8> {
    path.ids().iter().flat_map(|id| id.to_be_bytes()).collect()
}

pub(super) fn path_from(column: usize, key: &[u8]) -> rusqlite::Result<Path> {
    let ids = key.chunks(2).map(|id| <[u8; 2]>::try_from(id).ok().map(u16::from_be_bytes));
    let path = ids.into_iter().try_fold(Path::ROOT, |path, id| path.child(id?));
    path.ok_or_else(|| malformed(column, "a path"))
}

pub(super) fn millis(at: Instant) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn moment(millis: i64) -> Instant {
    Instant::from_millis(u64::try_from(millis).unwrap_or(0))
}

pub(super) const fn source_code(source: Source) -> i64 {
    match source {
        Source::Read => 1,
        Source::Discover => 2,
        Source::Notify => 3,
        Source::Write => 4,
        Source::ReadComposite => 5,
        Source::WriteComposite => 6,
        Source::Send => 7,
    }
}

const fn source_from(code: i64) -> Option<Source> {
    Some(match code {
        1 => Source::Read,
        2 => Source::Discover,
        3 => Source::Notify,
        4 => Source::Write,
        5 => Source::ReadComposite,
        6 => Source::WriteComposite,
        7 => Source::Send,
        _ => return None,
    })
}

fn malformed(column: usize, expected: &str) -> rusqlite::Error {
    let error = io::Error::new(io::ErrorKind::InvalidData, format!("expected {expected}"));
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
}
