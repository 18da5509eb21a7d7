/// Raises the limit of open files so far that every device can have its socket.
#[cfg(unix)]
pub(crate) fn allow(sockets: u32) {
    use rustix::process::{Resource, getrlimit, setrlimit};

    /// For everything that is not the socket of a device.
    const OTHERS: u64 = 64;

    let mut limit = getrlimit(Resource::Nofile);
    let needed = u64::from(sockets) + OTHERS;
    if limit.current.is_none_or(|current| current >= needed) {
        return;
    }
    limit.current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, needed, "cannot raise the limit of open files");
    }
}

/// Nothing limits the number of sockets here.
#[cfg(not(unix))]
pub(crate) fn allow(_sockets: u32) {}
