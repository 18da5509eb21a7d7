//! What there is in a directory.

use std::{
    fs, io,
    path::{Path as FilePath, PathBuf},
};

use super::lock::DirectoryLock;

/// What belongs to a database as long as it is used.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// All files that are worth keeping, in the order of their names, by their path in the directory.
pub(super) fn all(directory: &FilePath) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(directory.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if is_kept(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn is_database(file: &FilePath) -> bool {
    file.extension().is_some_and(|extension| extension == "db")
}

/// What a file takes, with its write-ahead log.
pub(super) fn size(file: &FilePath) -> u64 {
    let mut log = file.as_os_str().to_owned();
    log.push(BESIDE[0]);
    [file, FilePath::new(&log)].iter().map(|file| fs::metadata(file).map_or(0, |found| found.len())).sum()
}

fn is_kept(file: &FilePath) -> bool {
    let name = file.to_string_lossy();
    name != DirectoryLock::FILE && !BESIDE.iter().any(|beside| name.ends_with(beside))
}
