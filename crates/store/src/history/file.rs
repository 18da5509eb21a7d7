use std::path::{Path, PathBuf};

use coap::Instant;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Day, Decoder,
    dictionary::Dictionary,
    files, limits, projection,
    row::{self, Columns, Stored},
    schema::{self, Problem},
};
use crate::Reported;

/// The file of one day, to write into. One thread does.
pub(super) struct DayFile {
    connection: Connection,
    dictionary: Dictionary,
    path: PathBuf,
    /// The last row that was given out. Numbers are never given out again, also when their rows are gone.
    last: i64,
    /// Up to which row `tend` has come.
    projected: i64,
}

impl DayFile {
    /// Opens the file of a day, which is made when it is not there.
    pub(super) fn open(directory: &Path, day: Day) -> Result<Self, Problem> {
        let path = files::path(directory, day);
        // FULL: what is committed is on the disk when it is said to be.
        let connection = schema::open(&path, &schema::DAY, "FULL")?;
        let projected = progress(&connection)?;
        let highest: Option<i64> =
            connection.query_row("SELECT max(id) FROM reported", (), |row| row.get(0))?;
        let last = highest.unwrap_or(0).max(projected);
        Ok(Self { connection, dictionary: Dictionary::default(), path, last, projected })
    }

    /// Stores all of them or none, durably before it returns. Nothing is decoded here.
    pub(super) fn append<'a>(&mut self, rows: impl Iterator<Item = &'a Reported>) -> rusqlite::Result<()> {
        let appended = insert(&mut self.connection, &mut self.dictionary, self.last, rows);
        match appended {
            Ok(last) => {
                self.last = last;
                Ok(())
            }
            Err(error) => {
                self.dictionary.clear();
                Err(error)
            }
        }
    }

    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// How many rows wait for [`Self::project`].
    pub(super) fn waiting(&self) -> usize {
        usize::try_from(self.last - self.projected).unwrap_or(0)
    }

    /// Makes from some of the waiting rows what queries need.
    pub(super) fn project(&mut self, decoder: &Decoder) -> rusqlite::Result<()> {
        let waiting = self.waiting();
        if waiting == 0 {
            return Ok(());
        }
        let rows = (waiting / 4).clamp(*limits::TENDED_ROWS.start(), *limits::TENDED_ROWS.end());
        let projected = self.in_transaction(|connection, dictionary, position| {
            projection::project(connection, dictionary, decoder, position, rows)
        })?;
        // Rows that a forgotten client has left no number for are passed as well.
        self.projected = if projected == self.projected { self.last } else { projected };
        Ok(())
    }

    /// The rows after that one, in their order.
    pub(super) fn rows_after(&self, row: i64, limit: usize) -> rusqlite::Result<Vec<Stored>> {
        rows_after(&self.connection, row, limit)
    }

    /// The rows of a client after that one.
    pub(super) fn rows_of(&self, endpoint: &str, row: i64) -> rusqlite::Result<Vec<Stored>> {
        let of = format!("{} WHERE reported.id > ? AND client.endpoint = ? ORDER BY reported.id", select());
        self.connection.prepare_cached(&of)?.query_map((row, endpoint), row::read)?.collect()
    }

    /// The rows since then, newest first, until `each` has enough.
    pub(super) fn rows_since(
        &self,
        since: Instant,
        mut each: impl FnMut(Reported) -> bool,
    ) -> rusqlite::Result<()> {
        let newest_first = format!("{} ORDER BY reported.id DESC", select());
        let mut statement = self.connection.prepare(&newest_first)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let reported = row::read(row)?.reported;
            if reported.at < since || !each(reported) {
                break;
            }
        }
        Ok(())
    }

    /// Takes the name from what is stored of a client, so that no question finds it, durably before it returns. The
    /// rows go with [`Self::purge`].
    pub(super) fn forget(&mut self, endpoint: &str) -> rusqlite::Result<()> {
        self.dictionary.clear();
        self.connection.execute("UPDATE client SET endpoint = NULL WHERE endpoint = ?", [endpoint])?;
        Ok(())
    }

    /// Deletes some of what forgotten clients have left. True when that was all.
    pub(super) fn purge(&mut self) -> rusqlite::Result<bool> {
        if self.waiting() > 0 {
            return Ok(false); // What is not projected could not be found by its client.
        }
        let Some(client) = self.forgotten()? else { return Ok(true) };
        self.in_transaction(|connection, _, _| purge(connection, client))?;
        Ok(false)
    }

    /// Whether forgotten clients have left something.
    pub(super) fn has_forgotten(&self) -> rusqlite::Result<bool> {
        self.forgotten().map(|client| client.is_some())
    }

    fn forgotten(&self) -> rusqlite::Result<Option<i64>> {
        let forgotten = "SELECT id FROM client WHERE endpoint IS NULL LIMIT 1";
        self.connection.prepare_cached(forgotten)?.query_row((), |row| row.get(0)).optional()
    }

    /// Brings the write-ahead log back into the file when it is long, or when the file is about to be `left`.
    pub(super) fn check_point(&self, left: bool) -> rusqlite::Result<()> {
        if !left && files::size(&files::log(&self.path)) < limits::LOG_BYTES {
            return Ok(());
        }
        let how = if left { "TRUNCATE" } else { "PASSIVE" };
        self.connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), (), |_| Ok(()))
    }

    fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Dictionary, i64) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = self.connection.transaction()?;
        let done = work(&transaction, &mut self.dictionary, self.projected)
            .and_then(|done| transaction.commit().map(|()| done));
        if done.is_err() {
            self.dictionary.clear();
        }
        done
    }
}

/// How far [`projection::project`] has come.
pub(super) fn progress(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT row FROM progress", (), |row| row.get(0))
}

/// What [`row::read`] reads, of all rows. CROSS keeps SQLite from beginning with the clients: rows are found by their
/// numbers.
pub(super) fn select() -> String {
    format!(
        "SELECT {} FROM reported CROSS JOIN series ON series.id = reported.series \
         CROSS JOIN client ON client.id = series.client",
        row::COLUMNS
    )
}

fn rows_after(connection: &Connection, row: i64, limit: usize) -> rusqlite::Result<Vec<Stored>> {
    let after = format!("{} WHERE reported.id > ? ORDER BY reported.id LIMIT ?", select());
    let mut after = connection.prepare_cached(&after)?;
    let mut rows = after.query((row, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let (mut read, mut bytes) = (Vec::new(), 0);
    while bytes < limits::TENDED_BYTES
        && let Some(row) = rows.next()?
    {
        let stored = row::read(row)?;
        bytes += stored.reported.payload.len();
        read.push(stored);
    }
    Ok(read)
}

fn insert<'a>(
    connection: &mut Connection,
    dictionary: &mut Dictionary,
    mut last: i64,
    rows: impl Iterator<Item = &'a Reported>,
) -> rusqlite::Result<i64> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO reported (id, series, at, source, content_format, payload, sequence, flags, token, message_id) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        for reported in rows {
            last += 1;
            let series = dictionary.series_of(&transaction, &reported.endpoint, reported.path)?;
            let row = Columns::of(reported);
            insert.execute(params![
                last,
                series,
                row.at,
                row.source,
                row.content_format,
                row.payload,
                row.sequence,
                row.flags,
                row.token,
                row.message_id
            ])?;
        }
    }
    transaction.commit()?;
    Ok(last)
}

/// Deletes some of what a client has left, and the client itself when there is nothing else any more.
fn purge(connection: &Connection, client: i64) -> rusqlite::Result<()> {
    let rows = i64::try_from(limits::PURGED_ROWS).unwrap_or(i64::MAX);
    let of_client = "(SELECT id FROM series WHERE client = ?1)";
    let some = [
        "DELETE FROM reported WHERE id IN (SELECT row FROM mention WHERE client = ?1 ORDER BY at, row, path LIMIT ?2)"
            .to_owned(),
        "DELETE FROM mention WHERE (client, at, row, path) IN \
         (SELECT client, at, row, path FROM mention WHERE client = ?1 ORDER BY at, row, path LIMIT ?2)"
            .to_owned(),
        format!(
            "DELETE FROM point WHERE (series, time, row, item) IN \
             (SELECT series, time, row, item FROM point WHERE series IN {of_client} LIMIT ?2)"
        ),
    ];
    let mut deleted = 0;
    for delete in &some {
        deleted += connection.prepare_cached(delete)?.execute((client, rows))?;
    }
    if deleted == 0 {
        connection.execute(&format!("DELETE FROM roll_up WHERE series IN {of_client}"), [client])?;
        connection.execute("DELETE FROM series WHERE client = ?", [client])?;
        connection.execute("DELETE FROM client WHERE id = ?", [client])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{
        Outcome, Reported, Source,
        history::{Day, History, Order, Query, Retention},
    };
    use coap::Instant;
    use lwm2m_codec::Path;

    fn reported(row: u16, bytes: usize) -> Arc<Reported> {
        Arc::new(Reported {
            endpoint: "a".into(),
            path: Path::resource(3, row, 9),
            source: Source::Notify,
            content_format: None,
            payload: vec![7; bytes],
            at: Instant::from_millis(5),
            sequence: None,
            confirmable: true,
            delivery: None,
            current: true,
        })
    }

    fn count(history: &History) -> usize {
        let query = Query {
            endpoint: None,
            path: None,
            source: None,
            during: Instant::default()..Instant::from_millis(9),
        };
        let page = history.reader().page(&query, Order::OldestFirst, None, 1000).expect("readable");
        page.rows.len()
    }

    #[test]
    fn a_full_disk_fails_the_whole_batch_and_works_again_when_there_is_room() {
        let directory = tempfile::tempdir().expect("a directory");
        let none: crate::history::Decoder = Arc::new(|_: &Reported| Vec::new());
        let mut history =
            History::open(directory.path(), Retention::default(), none, Instant::from_millis(5))
                .expect("it can be opened");
        assert_eq!(history.append(&[reported(1, 10)]), [Outcome::Stored]);
        let pages = |history: &History, most: u32| {
            let file = &history.files[&Day::of(Instant::from_millis(5))];
            file.connection.pragma_update(None, "max_page_count", most).expect("a page count");
        };
        pages(&history, 1); // which SQLite takes for as many as there are
        let small_and_large = [reported(2, 10), reported(3, 1 << 20)];
        let failed = history.append(&small_and_large);
        assert!(matches!(&failed[0], Outcome::Failed(why) if why.contains("full")), "{failed:?}");
        assert_eq!(failed[0], failed[1]);
        assert_eq!((count(&history), history.latest("a").expect("readable").len()), (1, 1));
        pages(&history, 100_000);
        assert_eq!(history.append(&small_and_large), [Outcome::Stored, Outcome::Stored]);
        assert_eq!(count(&history), 3);
    }
}
