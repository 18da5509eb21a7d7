use std::{
    fs::{self, File},
    io,
    path::{Path as FilePath, PathBuf},
};

use super::{OpenError, files, open};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("expected an empty directory or none, got one with something in it: {0}")]
    NotEmpty(PathBuf),
    #[error(transparent)]
    Source(#[from] OpenError),
    #[error("cannot copy {file}: {why}")]
    Copy { file: PathBuf, why: Box<dyn std::error::Error + Send + Sync> },
}

/// Copies all that is kept in a directory into another one, while a server uses it or not. Each database is copied as it
/// is at one moment. Returns the files of the backup and how long they are.
pub fn backup(directory: &FilePath, to: &FilePath) -> Result<Vec<(PathBuf, u64)>, BackupError> {
    let unusable = |file: &FilePath, why: io::Error| BackupError::Copy { file: file.into(), why: why.into() };
    fs::create_dir_all(to).map_err(|why| unusable(to, why))?;
    if fs::read_dir(to).map_err(|why| unusable(to, why))?.next().is_some() {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    let mut copied = Vec::new();
    for file in files::all(directory).map_err(|why| unusable(directory, why))? {
        let (from, target) = (directory.join(&file), to.join(&file));
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(|why| unusable(folder, why))?;
        }
        if files::is_database(&file) {
            copy_database(&from, &target)?;
        } else {
            fs::copy(&from, &target).map_err(|why| unusable(&from, why))?;
        }
        let length = File::open(&target).and_then(|copy| copy.sync_all().and_then(|()| copy.metadata()));
        copied.push((file, length.map_err(|why| unusable(&target, why))?.len()));
    }
    Ok(copied)
}

fn copy_database(from: &FilePath, to: &FilePath) -> Result<(), BackupError> {
    let connection = open::to_read(from)?;
    let copied = to.to_str().ok_or_else(|| "its name is no text".into()).and_then(|to| {
        connection.execute("VACUUM INTO ?1", [to]).map_err(Box::<dyn std::error::Error + Send + Sync>::from)
    });
    let copied = copied.and_then(|_| without_sessions(to).map_err(Into::into));
    copied.map_err(|why| BackupError::Copy { file: from.to_owned(), why })
}

/// The sessions of a backup must never go on: the server has sent further records since, under the same numbers and keys.
fn without_sessions(copy: &FilePath) -> rusqlite::Result<()> {
    let connection = rusqlite::Connection::open(copy)?;
    if connection.table_exists(None, "session")? {
        connection.execute_batch("PRAGMA secure_delete = ON; DELETE FROM session;")?;
    }
    Ok(())
}
