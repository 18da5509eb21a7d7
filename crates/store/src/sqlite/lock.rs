use std::{
    fs::{File, TryLockError},
    io,
    path::{Path as FilePath, PathBuf},
};

/// Held by the one process that uses a directory. The system lets go of it when the process ends, however it ends.
pub(super) struct DirectoryLock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{0} is in use by another lwm2m-console: stop that, or give this one a directory of its own")]
    InUse(PathBuf),
    #[error("cannot write into {directory}: {why}")]
    Unusable { directory: PathBuf, why: io::Error },
}

impl DirectoryLock {
    pub(super) const FILE: &str = "lock";

    pub(super) fn take(directory: &FilePath) -> Result<Self, LockError> {
        let unusable = |why| LockError::Unusable { directory: directory.to_owned(), why };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(Self::FILE))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse(directory.to_owned())),
            Err(TryLockError::Error(why)) => Err(unusable(why)),
        }
    }
}
