//! What an input says beside the payload.

use std::sync::LazyLock;

use lwm2m_codec::{Lookup, NoDefinitions, Path};

use crate::definitions::EveryType;

/// The paths that a payload may be for. They are in a file of their own, since whoever makes the first inputs has to
/// know the number of each.
static PATHS: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let lines = include_str!("../paths.txt").lines();
    lines.map(|line| line.parse().expect("a path")).collect()
});

/// The bit of the first byte that says that nothing is defined; the rest is the number of the path.
const NOTHING_IS_DEFINED: u8 = 0x80;

/// What a payload is for, and whether definitions are known.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    pub(crate) path: Path,
    pub(crate) lookup: &'static dyn Lookup,
}

impl Request {
    /// Takes the first byte of an input; the rest is the payload. An input without one is for the root.
    pub(crate) fn split(data: &[u8]) -> (Self, &[u8]) {
        let (selector, payload) = data.split_first().map_or((0, data), |(first, rest)| (*first, rest));
        let number = usize::from(selector & !NOTHING_IS_DEFINED) % PATHS.len();
        let nothing = selector & NOTHING_IS_DEFINED != 0;
        let lookup: &dyn Lookup = if nothing { &NoDefinitions } else { &EveryType };
        (Self { path: PATHS[number], lookup }, payload)
    }

    /// Whether the type of what is at `path` is known.
    pub(crate) fn defines(&self, path: &Path) -> bool {
        let ids = path.object_id().zip(path.resource_id());
        ids.is_some_and(|(object, resource)| self.lookup.resource(object, resource).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::{NOTHING_IS_DEFINED, PATHS, Request};

    #[test]
    fn every_path_can_be_chosen_with_and_without_definitions() {
        assert!(PATHS.len() <= usize::from(NOTHING_IS_DEFINED));
        let integer = PATHS.iter().position(|path| path.to_string() == "/3442/0/120").unwrap();
        let data = [integer as u8, 7];
        let (known, payload) = Request::split(&data);
        assert_eq!((known.path, payload), (PATHS[integer], &data[1..]));
        assert!(known.defines(&known.path));
        let (unknown, _) = Request::split(&[integer as u8 | NOTHING_IS_DEFINED]);
        assert!(unknown.path == known.path && !unknown.defines(&known.path));
    }
}
