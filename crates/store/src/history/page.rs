//! Payloads as they came, page by page.

use std::{collections::BTreeMap, ops::Range};

use coap::Instant;
use lwm2m_codec::Path;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::{
    Cursor, Day, HistoryReader, file, limits,
    projection::paths_of,
    row::{self, Stored},
};
use crate::{Reported, Source, StoreError};

/// Which payloads are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Of all clients when there is none. Then they come in the order in which they were stored.
    pub endpoint: Option<String>,
    /// Those about this path, something above it, or below it.
    pub path: Option<Path>,
    pub source: Option<Source>,
    /// When they came.
    pub during: Range<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

/// Payloads that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub rows: Vec<(Cursor, Reported)>,
    /// After what the next page begins. None when this was the last one.
    pub next: Option<Cursor>,
    /// Days that should be in it and cannot be read, with the reason.
    pub unreadable: Vec<(Day, String)>,
}

impl HistoryReader {
    /// At most so many payloads that come after `after`, in that order.
    pub fn page(
        &self,
        query: &Query,
        order: Order,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let mut days = self.days()?;
        if order == Order::NewestFirst {
            days.reverse();
        }
        let mut page = Page::default();
        for day in days.into_iter().filter(|day| query.reaches(*day, order, after)) {
            let after = after.filter(|cursor| Day::of(cursor.at) == day);
            let part = Part { query, order, after, limit: limit - page.rows.len() };
            match self.ask(day, |connection| part.read(connection)) {
                Ok(Some((rows, next))) => {
                    page.rows.extend(rows);
                    page.next = next;
                }
                Ok(None) => {}
                Err(problem) => page.unreadable.push((day, problem.to_string())),
            }
            if page.rows.len() >= limit {
                page.next = page.rows.last().map(|(cursor, _)| *cursor);
            }
            if page.next.is_some() {
                break;
            }
        }
        Ok(page)
    }
}

impl Query {
    fn reaches(&self, day: Day, order: Order, after: Option<Cursor>) -> bool {
        let reached = after.map(|cursor| Day::of(cursor.at));
        let is_ahead = reached.is_none_or(|reached| match order {
            Order::OldestFirst => day >= reached,
            Order::NewestFirst => day <= reached,
        });
        is_ahead && day.start() < self.during.end && day.end() > self.during.start
    }

    fn asks_for(&self, reported: &Reported) -> bool {
        self.during.contains(&reported.at)
            && self.source.is_none_or(|source| source == reported.source)
            && self.path.is_none_or(|path| {
                path == Path::ROOT || paths_of(reported).iter().any(|about| related(about, &path))
            })
    }
}

/// Whether one is the other, or above it. The root is above everything, which says nothing.
fn related(about: &Path, path: &Path) -> bool {
    about.starts_with(path) || (*about != Path::ROOT && path.starts_with(about))
}

/// What one day has for a page.
struct Part<'a> {
    query: &'a Query,
    order: Order,
    after: Option<Cursor>,
    limit: usize,
}

type Rows = (Vec<(Cursor, Reported)>, Option<Cursor>);

impl Part<'_> {
    fn read(&self, connection: &Connection) -> rusqlite::Result<Rows> {
        match &self.query.endpoint {
            Some(endpoint) => self.of_client(connection, endpoint),
            None => self.of_all(connection),
        }
    }

    /// What is already found by its client, and what still waits for that.
    fn of_client(&self, connection: &Connection, endpoint: &str) -> rusqlite::Result<Rows> {
        let client = connection
            .query_row("SELECT id FROM client WHERE endpoint = ?", [endpoint], |row| row.get::<_, i64>(0))
            .optional()?;
        let Some(client) = client else { return Ok((Vec::new(), None)) };
        let position = file::progress(connection)?;
        let mentioned = self.mentions(connection, client)?;
        let mut found: BTreeMap<Cursor, Option<Reported>> =
            mentioned.into_iter().map(|(at, row)| (Cursor { at: row::moment(at), row }, None)).collect();
        let waiting = format!("{} WHERE reported.id > ? AND client.id = ?", file::select());
        let mut waiting = connection.prepare(&waiting)?;
        let mut waiting = waiting.query((position, client))?;
        while let Some(row) = waiting.next()? {
            let Stored { id, reported, .. } = row::read(row)?;
            let cursor = Cursor { at: reported.at, row: id };
            if self.is_ahead(cursor) && self.query.asks_for(&reported) {
                found.insert(cursor, Some(reported));
            }
            if found.len() > self.limit + 1 {
                // What is furthest has no room in this page.
                match self.order {
                    Order::OldestFirst => found.pop_last(),
                    Order::NewestFirst => found.pop_first(),
                };
            }
        }
        self.fetch(connection, found)
    }

    /// Reads what was found, as far as there is room for it.
    fn fetch(
        &self,
        connection: &Connection,
        found: BTreeMap<Cursor, Option<Reported>>,
    ) -> rusqlite::Result<Rows> {
        let (mut rows, mut bytes, mut left) = (Vec::new(), 0, found.len());
        let mut found: Box<dyn Iterator<Item = _>> = match self.order {
            Order::OldestFirst => Box::new(found.into_iter()),
            Order::NewestFirst => Box::new(found.into_iter().rev()),
        };
        while rows.len() < self.limit
            && bytes < limits::PAGE_BYTES
            && let Some((cursor, reported)) = found.next()
        {
            let reported = match reported {
                Some(reported) => reported,
                None => one(connection, cursor.row)?,
            };
            bytes += reported.payload.len();
            rows.push((cursor, reported));
            left -= 1;
        }
        let next = rows.last().filter(|_| left > 0).map(|(cursor, _)| *cursor);
        Ok((rows, next))
    }

    /// One more than asked for tells that there is more.
    fn mentions(&self, connection: &Connection, client: i64) -> rusqlite::Result<Vec<(i64, i64)>> {
        let Range { start, end } = &self.query.during;
        let mut conditions = vec!["client = ? AND at >= ? AND at < ?".to_owned()];
        let mut values: Vec<Box<dyn ToSql>> =
            vec![Box::new(client), Box::new(row::millis(*start)), Box::new(row::millis(*end))];
        if let Some(after) = self.after {
            let sign = if self.order == Order::OldestFirst { '>' } else { '<' };
            conditions.push(format!("(at, row) {sign} (?, ?)"));
            values.extend([Box::new(row::millis(after.at)) as Box<dyn ToSql>, Box::new(after.row)]);
        }
        if let Some(source) = self.query.source {
            conditions.push("source = ?".to_owned());
            values.push(Box::new(row::source_code(source)));
        }
        if let Some(path) = self.query.path.filter(|path| *path != Path::ROOT) {
            let above: Vec<_> = ancestors(&path).map(|path| row::path_key(&path)).collect();
            conditions
                .push(format!("(path >= ? AND path < ? OR path IN ({}))", vec!["?"; above.len()].join(", ")));
            values.extend([row::path_key(&path), end_of(&path)].map(|key| Box::new(key) as Box<dyn ToSql>));
            values.extend(above.into_iter().map(|key| Box::new(key) as Box<dyn ToSql>));
        }
        let direction = if self.order == Order::OldestFirst { "ASC" } else { "DESC" };
        let select = format!(
            "SELECT DISTINCT at, row FROM mention WHERE {} ORDER BY at {direction}, row {direction} LIMIT {}",
            conditions.join(" AND "),
            self.limit + 1
        );
        let mut select = connection.prepare(&select)?;
        let found =
            select.query_map(rusqlite::params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect()
    }

    /// In the order in which they were stored, a bounded piece at a time.
    fn of_all(&self, connection: &Connection) -> rusqlite::Result<Rows> {
        let (sign, direction) = match self.order {
            Order::OldestFirst => ('>', "ASC"),
            Order::NewestFirst => ('<', "DESC"),
        };
        let from = match (self.after, self.order) {
            (Some(cursor), _) => cursor.row,
            (None, Order::OldestFirst) => 0,
            (None, Order::NewestFirst) => i64::MAX,
        };
        let select = format!(
            "{} WHERE reported.id {sign} ? AND client.endpoint IS NOT NULL ORDER BY reported.id {direction}",
            file::select()
        );
        let mut select = connection.prepare(&select)?;
        let mut scanned = select.query([from])?;
        let (mut rows, mut count, mut bytes) = (Vec::new(), 0, 0);
        while let Some(row) = scanned.next()? {
            let Stored { id, reported, .. } = row::read(row)?;
            let cursor = Cursor { at: reported.at, row: id };
            count += 1;
            bytes += reported.payload.len();
            if self.query.asks_for(&reported) {
                rows.push((cursor, reported));
            }
            if rows.len() == self.limit || count == limits::SCANNED_ROWS || bytes >= limits::PAGE_BYTES {
                return Ok((rows, Some(cursor)));
            }
        }
        Ok((rows, None))
    }

    fn is_ahead(&self, cursor: Cursor) -> bool {
        self.after.is_none_or(|after| match self.order {
            Order::OldestFirst => cursor > after,
            Order::NewestFirst => cursor < after,
        })
    }
}

fn one(connection: &Connection, row: i64) -> rusqlite::Result<Reported> {
    let select = format!("{} WHERE reported.id = ?", file::select());
    connection.prepare_cached(&select)?.query_row([row], row::read).map(|row| row.reported)
}

fn ancestors(path: &Path) -> impl Iterator<Item = Path> {
    core::iter::successors(path.parent(), Path::parent).filter(|path| *path != Path::ROOT)
}

/// The first key that is neither this path nor below it.
fn end_of(path: &Path) -> Vec<u8> {
    let mut ids = path.ids().to_vec();
    if let Some(last) = ids.last_mut() {
        *last += 1; // at most 65534 before
    }
    ids.iter().flat_map(|id| id.to_be_bytes()).collect()
}
