use std::collections::HashMap;

use lwm2m_codec::Path;
use rusqlite::{Connection, OptionalExtension};

use super::{limits, row};

/// The numbers that stand for clients, and for paths of clients, within one file.
#[derive(Default)]
pub(super) struct Dictionary {
    clients: HashMap<String, i64>,
    series: HashMap<(i64, Path), i64>,
}

impl Dictionary {
    /// The number of a path of a client, which gets one if it has none.
    pub(super) fn series_of(
        &mut self,
        connection: &Connection,
        endpoint: &str,
        path: Path,
    ) -> rusqlite::Result<i64> {
        let client = match self.clients.get(endpoint) {
            Some(client) => *client,
            None => {
                self.make_room();
                let client = client(connection, endpoint)?;
                self.clients.insert(endpoint.to_owned(), client);
                client
            }
        };
        self.series(connection, client, path)
    }

    pub(super) fn series(
        &mut self,
        connection: &Connection,
        client: i64,
        path: Path,
    ) -> rusqlite::Result<i64> {
        if let Some(series) = self.series.get(&(client, path)) {
            return Ok(*series);
        }
        self.make_room();
        let key = row::path_key(&path);
        let found = connection
            .prepare_cached("SELECT id FROM series WHERE client = ? AND path = ?")?
            .query_row((client, &key), |row| row.get(0))
            .optional()?;
        let series = match found {
            Some(series) => series,
            None => connection
                .prepare_cached("INSERT INTO series (client, path) VALUES (?, ?)")?
                .insert((client, &key))?,
        };
        self.series.insert((client, path), series);
        Ok(series)
    }

    /// Numbers that were given out in a transaction that failed are not taken.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn make_room(&mut self) {
        if self.clients.len() + self.series.len() >= limits::DICTIONARY {
            self.clear();
        }
    }
}

fn client(connection: &Connection, endpoint: &str) -> rusqlite::Result<i64> {
    let found = connection
        .prepare_cached("SELECT id FROM client WHERE endpoint = ?")?
        .query_row([endpoint], |row| row.get(0))
        .optional()?;
    match found {
        Some(client) => Ok(client),
        None => connection.prepare_cached("INSERT INTO client (endpoint) VALUES (?)")?.insert([endpoint]),
    }
}
