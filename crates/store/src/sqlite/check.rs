use std::{
    io,
    path::{Path as FilePath, PathBuf},
};

use rusqlite::Connection;

use super::{MAIN_FILE, bootstrap, document, files, open, read, schema, security};
use crate::StoreError;

/// What is wrong with a file is told up to so often.
const FAULTS: u32 = 20;

/// What was found in a database.
#[derive(Debug)]
pub struct Checked {
    /// Its path in the directory.
    pub file: PathBuf,
    pub bytes: u64,
    pub version: Option<i32>,
    /// How many rows each table has.
    pub tables: Vec<(String, u64)>,
    /// Nothing when it is whole.
    pub wrong: Vec<String>,
}

/// Looks at every database in a directory, page by page and record by record, while a server uses it or not.
pub fn check(directory: &FilePath) -> io::Result<Vec<Checked>> {
    let mut databases: Vec<_> =
        files::all(directory)?.into_iter().filter(|file| files::is_database(file)).collect();
    if !databases.iter().any(|file| file == FilePath::new(MAIN_FILE)) {
        databases.insert(0, MAIN_FILE.into());
    }
    Ok(databases.into_iter().map(|file| check_file(directory, file)).collect())
}

fn check_file(directory: &FilePath, file: PathBuf) -> Checked {
    let path = directory.join(&file);
    let mut checked =
        Checked { bytes: files::size(&path), file, version: None, tables: Vec::new(), wrong: Vec::new() };
    match open::to_read(&path) {
        Ok(connection) => {
            if let Err(error) = look(&connection, &mut checked) {
                checked.wrong.push(error.to_string());
            }
        }
        Err(error) => checked.wrong.push(error.to_string()),
    }
    checked
}

fn look(connection: &Connection, checked: &mut Checked) -> Result<(), StoreError> {
    checked.version = Some(schema::version(connection)?);
    let mut found = connection.prepare(&format!("PRAGMA integrity_check({FAULTS})"))?;
    let found = found.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    checked.wrong.extend(found.into_iter().filter(|found| found != "ok"));
    let tables =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut tables = connection.prepare(tables)?;
    for table in tables.query_map((), |row| row.get::<_, String>(0))? {
        let table = table?;
        let count =
            connection.query_row(&format!("SELECT count(*) FROM \"{table}\""), (), |row| row.get(0))?;
        checked.tables.push((table, count));
    }
    if checked.file == FilePath::new(MAIN_FILE) {
        read_all(connection)?;
    }
    Ok(())
}

/// Whether every record can be read.
fn read_all(connection: &Connection) -> Result<(), StoreError> {
    let got = schema::version(connection)?;
    if got > schema::VERSION {
        return Err(StoreError(format!("expected version {} at most, got {got}", schema::VERSION)));
    }
    if got >= schema::DOCUMENTS {
        document::read_all(connection)?;
    }
    if got >= schema::BOOTSTRAP {
        security::credentials(connection)?;
        bootstrap::configurations(connection)?;
        bootstrap::bootstraps(connection)?;
    } else if got >= schema::SECURITY {
        security::credentials_before_bootstrap(connection)?;
    }
    if got >= schema::SECURITY {
        security::server_secrets(connection)?;
        security::sessions(connection)?;
    }
    read::registrations(connection)?;
    read::all_wanted_observations(connection)?;
    read::active_observations(connection)?;
    read::labels(connection)?;
    read::configs(connection)?;
    read::commands(connection)?;
    Ok(())
}
