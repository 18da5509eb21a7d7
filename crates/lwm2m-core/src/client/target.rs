use coap::Code;
use lwm2m_codec::{Level, Path, registration::LwM2mVersion};

use super::refusal::Refusal;

/// Objects whose content is a secret between client and Bootstrap-Server: Security, OSCORE and COSE. No operation
/// reaches them (LwM2M 1.1 Core §6.3), and no server is told of them (§6.2.1).
pub(super) const FORBIDDEN_OBJECTS: [u16; 3] = [0, 21, 23];

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `/.well-known/core` (RFC 6690 §4).
    WellKnownCore,
    Node(Path),
}

/// Finds out what the Uri-Path options name. `root` is `/` or the alternate path.
pub(super) fn target(root: &str, segments: &[&str]) -> Result<Target, Refusal> {
    if segments == [".well-known", "core"] {
        return Ok(Target::WellKnownCore);
    }
    let shown = || format!("/{}", segments.join("/"));
    let mut ids = segments.iter();
    for expected in root.split('/').filter(|segment| !segment.is_empty()) {
        if ids.next() != Some(&expected) {
            return Err(Refusal::not_found(shown()));
        }
    }
    let ids: Vec<&str> = ids.copied().collect();
    if ids.iter().any(|id| !id.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Refusal::not_found(shown()));
    }
    let path = format!("/{}", ids.join("/"));
    path.parse().map(Target::Node).map_err(|error| Refusal::bad_request(format!("{error}")))
}

/// Checks that a server may speak about `path` at all. Whether it is there and what may be done with it comes after.
pub(super) fn addressable(version: LwM2mVersion, path: &Path) -> Result<(), Refusal> {
    if path.object_id().is_some_and(|object| FORBIDDEN_OBJECTS.contains(&object)) {
        return Err(Refusal::new(Code::UNAUTHORIZED, format!("{path} is not accessible to a LwM2M Server")));
    }
    if path.level() == Level::ResourceInstance && version < LwM2mVersion::V1_1 {
        return Err(Refusal::not_allowed("resource instances cannot be addressed in LwM2M 1.0"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_below_the_root_name_a_node() {
        assert_eq!(target("/", &["3", "0", "9"]), Ok(Target::Node(Path::resource(3, 0, 9))));
        assert_eq!(target("/lwm2m", &["lwm2m", "3"]), Ok(Target::Node(Path::object(3))));
        assert_eq!(target("/", &[]), Ok(Target::Node(Path::ROOT)));
        assert_eq!(target("/lwm2m", &[".well-known", "core"]), Ok(Target::WellKnownCore));
    }

    #[test]
    fn other_resources_are_not_found_and_broken_ids_are_bad_requests() {
        let code = |root, segments: &[&str]| target(root, segments).unwrap_err().code;
        assert_eq!(code("/lwm2m", &["3", "0"]), Code::NOT_FOUND);
        assert_eq!(code("/", &["bs"]), Code::NOT_FOUND);
        assert_eq!(code("/", &["3", "00"]), Code::BAD_REQUEST);
        assert_eq!(code("/", &["65535"]), Code::BAD_REQUEST);
        assert_eq!(code("/", &["3", ""]), Code::BAD_REQUEST);
        assert_eq!(code("/", &["3", "0", "0", "0", "0"]), Code::BAD_REQUEST);
    }
}
