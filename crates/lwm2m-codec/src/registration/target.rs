//! Targets of links that are LwM2M paths.

use alloc::vec::Vec;

use crate::error::{DecodeError, ErrorClass, quoted};
use crate::path::PathError;

/// The segments of a target; one slash at its end is accepted.
pub(super) fn segments(target: &str) -> Result<Vec<&str>, DecodeError> {
    let path = target.strip_prefix('/').unwrap_or(target);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let segments: Vec<&str> = path.split('/').collect();
    if segments.iter().any(|segment| segment.is_empty() || segment.contains(['?', '#'])) {
        let expected = "a path without empty segments, query or fragment";
        return Err(DecodeError::new(ErrorClass::LinkBadTarget, expected, quoted(target)));
    }
    Ok(segments)
}

pub(super) fn id_error(error: PathError) -> DecodeError {
    let class = match &error {
        PathError::IdOutOfRange { reserved: true, .. } => ErrorClass::ReservedId,
        PathError::IdOutOfRange { reserved: false, .. } => ErrorClass::IdOutOfRange,
        PathError::TooDeep => ErrorClass::PathTooDeep,
        PathError::NoLeadingSlash { .. } | PathError::BadSegment { .. } => ErrorClass::LinkBadTarget,
    };
    let (expected, found) = error.into_parts();
    DecodeError::new(class, expected, found)
}
