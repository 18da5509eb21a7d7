//! The files of a history in their directory.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use super::Day;

pub(super) const LATEST: &str = "latest.db";

/// The days that there are, from the oldest.
pub(super) fn days(directory: &Path) -> io::Result<Vec<Day>> {
    let mut days = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let date = name.to_str().and_then(|name| name.strip_suffix(".db"));
        days.extend(date.and_then(|date| date.parse::<Day>().ok()));
    }
    days.sort_unstable();
    Ok(days)
}

pub(super) fn path(directory: &Path, day: Day) -> PathBuf {
    directory.join(format!("{day}.db"))
}

/// What a file takes, with all that belongs to it.
pub(super) fn size_of_all(path: &Path) -> u64 {
    [path.to_owned(), log(path), index(path)].iter().map(|path| size(path)).sum()
}

/// Nothing when it is not there.
pub(super) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The write-ahead log of a file.
pub(super) fn log(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

fn index(path: &Path) -> PathBuf {
    beside(path, "-shm")
}

/// Deletes a file and what belongs to it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    for beside in [log(path), index(path)] {
        match fs::remove_file(beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Moves a damaged file and its log out of the way. Returns where to.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = (0_u32..)
        .map(|count| if count == 0 { ".corrupt".to_owned() } else { format!(".corrupt-{count}") })
        .map(|suffix| beside(path, &suffix))
        .find(|aside| !aside.exists())
        .unwrap_or_else(|| beside(path, ".corrupt"));
    fs::rename(path, &aside)?;
    // What belongs to it goes with it under the name that SQLite looks for.
    let _ = fs::rename(log(path), log(&aside));
    let _ = fs::remove_file(index(path));
    Ok(aside)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
