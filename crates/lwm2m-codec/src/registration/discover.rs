use alloc::string::String;
use alloc::vec::Vec;

use super::target::{id_error, segments};
use crate::error::DecodeError;
use crate::link;
use crate::path::{Path, PathError, parse_id};

/// One node of a Discover answer and its attributes (LwM2M Core §6.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredLink {
    pub path: Path,
    pub attributes: Vec<(String, Option<String>)>,
}

/// Reads a Discover answer. The root path of a client that has one is left out of the paths.
///
/// # Errors
/// When the payload is not in link format or a target is no LwM2M path.
pub fn parse_discover(payload: &[u8]) -> Result<Vec<DiscoveredLink>, DecodeError> {
    let links = link::parse(payload)?.into_iter();
    links.map(|link| Ok(DiscoveredLink { path: path(&link.target)?, attributes: link.attributes })).collect()
}

/// A root has no segment that begins with a digit, so the LwM2M path begins at the first one that does.
fn path(target: &str) -> Result<Path, DecodeError> {
    let segments = segments(target)?;
    let mut ids =
        segments.iter().skip_while(|segment| !segment.starts_with(|first: char| first.is_ascii_digit()));
    ids.try_fold(Path::ROOT, |path, segment| {
        let id = parse_id(segment).map_err(id_error)?;
        path.child(id).ok_or_else(|| id_error(PathError::TooDeep))
    })
}
