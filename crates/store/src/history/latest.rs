//! The newest payloads of each client, in a file of their own: it outlives the days they came from, and is made anew
//! from those that are there when it is lost.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use lwm2m_codec::Path as Node;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Day, files,
    row::{self, Columns, Stored},
    schema::{self, Problem},
};
use crate::{Reported, Subject, limits};

pub(super) struct Latest {
    connection: Connection,
    clients: usize,
}

impl Latest {
    pub(super) fn open(directory: &Path) -> Result<Self, Problem> {
        // NORMAL: what a crash takes of it is made again, since how far it was goes with it.
        let connection = schema::open(&directory.join(files::LATEST), &schema::LATEST, "NORMAL")?;
        let clients: i64 = connection.query_row("SELECT count(*) FROM client", (), |row| row.get(0))?;
        Ok(Self { connection, clients: usize::try_from(clients).unwrap_or(0) })
    }

    /// The last row of a day that was taken in.
    pub(super) fn reached(&self, day: Day) -> rusqlite::Result<i64> {
        let reached = self
            .connection
            .prepare_cached("SELECT row FROM reached WHERE day = ?")?
            .query_row([day.to_string()], |row| row.get(0))
            .optional()?;
        Ok(reached.unwrap_or(0))
    }

    /// Takes in rows of a day, up to that one.
    pub(super) fn take_in(&mut self, day: Day, rows: &[Stored], reached: i64) -> rusqlite::Result<()> {
        let mut newest: BTreeMap<&str, BTreeMap<Subject, &Reported>> = BTreeMap::new();
        for Stored { reported, .. } in rows.iter().filter(|row| row.named && row.reported.current) {
            newest.entry(&reported.endpoint).or_default().insert(reported.subject(), reported);
        }
        let transaction = self.connection.transaction()?;
        let mut clients = self.clients;
        for (endpoint, subjects) in newest {
            let client = client(&transaction, endpoint, &mut clients)?;
            for (subject, reported) in &subjects {
                keep(&transaction, client, subject, reported)?;
            }
            trim(&transaction, client)?;
        }
        transaction
            .prepare_cached("INSERT OR REPLACE INTO reached (day, row) VALUES (?, ?)")?
            .execute((day.to_string(), reached))?;
        transaction.commit()?;
        self.clients = clients;
        Ok(())
    }

    /// A day is no longer there, or begins anew.
    pub(super) fn lose(&self, day: Day) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM reached WHERE day = ?", [day.to_string()])?;
        Ok(())
    }

    pub(super) fn of(&self, endpoint: &str) -> rusqlite::Result<BTreeMap<Subject, Arc<Reported>>> {
        let mut of = self.connection.prepare_cached(&format!("{} WHERE client.endpoint = ?", select()))?;
        let rows = of.query_map([endpoint], row::read)?;
        rows.map(|row| row.map(|row| (row.reported.subject(), Arc::new(row.reported)))).collect()
    }

    /// Of all clients, those of each from the oldest.
    pub(super) fn each(&self, each: &mut dyn FnMut(Arc<Reported>)) -> rusqlite::Result<()> {
        let mut all =
            self.connection.prepare(&format!("{} ORDER BY reported.client, reported.at", select()))?;
        for row in all.query_map((), row::read)? {
            each(Arc::new(row?.reported));
        }
        Ok(())
    }

    pub(super) fn forget(&mut self, endpoint: &str) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "DELETE FROM latest WHERE client = (SELECT id FROM client WHERE endpoint = ?)",
            [endpoint],
        )?;
        let gone = transaction.execute("DELETE FROM client WHERE endpoint = ?", [endpoint])?;
        // Nothing of it may come back with a crash.
        transaction.commit()?;
        self.clients -= gone;
        self.check_point()
    }

    /// Brings the write-ahead log back into the file, which is then on the disk.
    pub(super) fn check_point(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
    }
}

fn select() -> String {
    format!(
        "SELECT {} FROM latest AS reported JOIN client ON client.id = reported.client",
        row::COLUMNS.replace("reported.id", "0").replace("series.path", "reported.path")
    )
}

fn client(connection: &Connection, endpoint: &str, clients: &mut usize) -> rusqlite::Result<i64> {
    let found = connection
        .prepare_cached("SELECT id FROM client WHERE endpoint = ?")?
        .query_row([endpoint], |row| row.get(0))
        .optional()?;
    if let Some(client) = found {
        return Ok(client);
    }
    if *clients >= limits::CLIENTS_WITH_LATEST {
        let longest = "SELECT min(id) FROM client";
        connection.execute(&format!("DELETE FROM latest WHERE client = ({longest})"), ())?;
        *clients -= connection.execute(&format!("DELETE FROM client WHERE id = ({longest})"), ())?;
    }
    *clients += 1;
    connection.prepare_cached("INSERT INTO client (endpoint) VALUES (?)")?.insert([endpoint])
}

fn keep(
    connection: &Connection,
    client: i64,
    subject: &Subject,
    reported: &Reported,
) -> rusqlite::Result<()> {
    let mut keep = connection.prepare_cached(
        "INSERT OR REPLACE INTO latest \
         (client, subject, path, at, source, content_format, payload, sequence, flags, token, message_id) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let row = Columns::of(reported);
    keep.execute(params![
        client,
        subject_key(subject),
        row::path_key(&reported.path),
        row.at,
        row.source,
        row.content_format,
        row.payload,
        row.sequence,
        row.flags,
        row.token,
        row.message_id,
    ])?;
    Ok(())
}

/// Lets the oldest go where a client has more than are kept.
fn trim(connection: &Connection, client: i64) -> rusqlite::Result<()> {
    let mut trim = connection.prepare_cached(
        "DELETE FROM latest WHERE client = ?1 AND subject IN \
         (SELECT subject FROM latest WHERE client = ?1 ORDER BY at DESC, subject DESC LIMIT -1 OFFSET ?2)",
    )?;
    trim.execute((client, i64::try_from(limits::LATEST_PER_CLIENT).unwrap_or(i64::MAX)))?;
    Ok(())
}

/// The paths one after the other, each with its length before it.
fn subject_key(subject: &Subject) -> Vec<u8> {
    let mut key = Vec::new();
    for path in core::iter::once(&subject.path).chain(&subject.named) {
        let ids: &[u16] = Node::ids(path);
        key.push(u8::try_from(ids.len()).unwrap_or(u8::MAX));
        key.extend(row::path_key(path));
    }
    key
}
