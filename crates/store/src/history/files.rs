//! The files of a history in their directory.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use coap::Instant;

use super::Day;

pub(super) const LATEST: &str = "latest.db";

/// What counts for retention.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    pub(super) day: Day,
    /// A damaged file that was moved out of the way. What has no day in its name has that of its last change.
    pub(super) is_aside: bool,
    pub(super) path: PathBuf,
}

/// All that is kept of the past, from the oldest.
pub(super) fn all(directory: &Path) -> io::Result<Vec<Kept>> {
    let of_day = |day| Kept { day, is_aside: false, path: path(directory, day) };
    let mut all: Vec<_> = days(directory)?.into_iter().map(of_day).collect();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((before, suffix)) = name.to_str().and_then(|name| name.split_once(".db.corrupt")) else {
            continue;
        };
        // Its log goes with it.
        if suffix.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
            let day = before.parse().unwrap_or_else(|_| last_change(&entry.path()));
            all.push(Kept { day, is_aside: true, path: entry.path() });
        }
    }
    all.sort_unstable();
    Ok(all)
}

fn last_change(path: &Path) -> Day {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
    let since = modified.ok().and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    let millis = since.map_or(0, |since| since.as_millis());
    Day::of(Instant::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

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
