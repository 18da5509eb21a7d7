use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::error::quoted;

/// The reserved id at every level (MAX_ID, LwM2M Core §7.1): no object, instance or resource may have it.
pub(crate) const RESERVED_ID: u16 = u16::MAX;

/// The address of a node in a client: `/`, `/3`, `/3/0`, `/3/0/0` or `/3/0/6/1`.
///
/// Paths are ordered like a listing: a parent comes directly before its descendants.
// Unused ids are zero, so the derived order (ids first, then length) is exactly that listing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    ids: [u16; 4],
    len: u8,
}

/// How deep a [`Path`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Root,
    Object,
    ObjectInstance,
    Resource,
    ResourceInstance,
}

impl Level {
    /// The name used in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Object => "object",
            Self::ObjectInstance => "object instance",
            Self::Resource => "resource",
            Self::ResourceInstance => "resource instance",
        }
    }
}

impl Path {
    pub const ROOT: Self = Self { ids: [0; 4], len: 0 };

    #[must_use]
    pub const fn object(object: u16) -> Self {
        Self { ids: [object, 0, 0, 0], len: 1 }
    }

    #[must_use]
    pub const fn instance(object: u16, instance: u16) -> Self {
        Self { ids: [object, instance, 0, 0], len: 2 }
    }

    #[must_use]
    pub const fn resource(object: u16, instance: u16, resource: u16) -> Self {
        Self { ids: [object, instance, resource, 0], len: 3 }
    }

    #[must_use]
    pub const fn resource_instance(
        object: u16,
        instance: u16,
        resource: u16,
        resource_instance: u16,
    ) -> Self {
        Self { ids: [object, instance, resource, resource_instance], len: 4 }
    }

    /// The ids from the object down; none for the root, at most four.
    #[must_use]
    pub fn ids(&self) -> &[u16] {
        self.ids.get(..usize::from(self.len)).unwrap_or_default()
    }

    #[must_use]
    pub fn object_id(&self) -> Option<u16> {
        self.ids().first().copied()
    }

    #[must_use]
    pub fn instance_id(&self) -> Option<u16> {
        self.ids().get(1).copied()
    }

    #[must_use]
    pub fn resource_id(&self) -> Option<u16> {
        self.ids().get(2).copied()
    }

    #[must_use]
    pub fn resource_instance_id(&self) -> Option<u16> {
        self.ids().get(3).copied()
    }

    #[must_use]
    pub const fn level(&self) -> Level {
        match self.len {
            0 => Level::Root,
            1 => Level::Object,
            2 => Level::ObjectInstance,
            3 => Level::Resource,
            _ => Level::ResourceInstance,
        }
    }

    /// The path one level deeper; none below a resource instance.
    #[must_use]
    pub fn child(&self, id: u16) -> Option<Self> {
        let mut child = *self;
        *child.ids.get_mut(usize::from(self.len))? = id;
        child.len += 1;
        Some(child)
    }

    /// The path one level up; none above the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let len = self.len.checked_sub(1)?;
        Some(self.shortened(len))
    }

    /// Whether this is `ancestor` or lies below it.
    #[must_use]
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        self.ids().starts_with(ancestor.ids())
    }

    /// The ancestor at `level`, or the path itself when it is not that deep.
    #[must_use]
    pub fn truncate(&self, level: Level) -> Self {
        self.shortened((level as u8).min(self.len))
    }

    fn shortened(&self, len: u8) -> Self {
        let mut path = *self;
        path.len = len;
        for id in path.ids.iter_mut().skip(usize::from(len)) {
            *id = 0;
        }
        path
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.len == 0 {
            return f.write_str("/");
        }
        self.ids().iter().try_for_each(|id| write!(f, "/{id}"))
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The text does not begin with `/`.
    NoLeadingSlash { got: String },
    /// A segment is no decimal number without leading zeros.
    BadSegment { got: String },
    /// An id above 65534. `reserved` tells 65535 from ids that do not fit 16 bits.
    IdOutOfRange { got: String, reserved: bool },
    /// More than four ids.
    TooDeep,
}

impl PathError {
    /// What was expected and what came.
    pub(crate) fn into_parts(self) -> (&'static str, String) {
        match self {
            Self::NoLeadingSlash { got } => ("a path beginning with \"/\"", got),
            Self::BadSegment { got } => ("decimal ids separated by \"/\" (for example /3/0/0)", got),
            Self::IdOutOfRange { got, reserved: true } => {
                ("an id from 0 to 65534", format!("{got}, which is reserved"))
            }
            Self::IdOutOfRange { got, reserved: false } => ("an id from 0 to 65534", got),
            Self::TooDeep => ("at most 4 ids in a path", String::from("more")),
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, got) = self.clone().into_parts();
        write!(f, "expected {expected}, got {got}")
    }
}

impl core::error::Error for PathError {}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let Some(segments) = text.strip_prefix('/') else {
            return Err(PathError::NoLeadingSlash { got: quoted(text) });
        };
        if segments.is_empty() {
            return Ok(Self::ROOT);
        }
        segments
            .split('/')
            .try_fold(Self::ROOT, |path, segment| path.child(parse_id(segment)?).ok_or(PathError::TooDeep))
    }
}

/// Reads one id of a path: decimal, no leading zeros, 0 to 65534.
pub(crate) fn parse_id(segment: &str) -> Result<u16, PathError> {
    let decimal = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    if !decimal || (segment.len() > 1 && segment.starts_with('0')) {
        return Err(PathError::BadSegment { got: quoted(segment) });
    }
    match segment.parse::<u16>() {
        Ok(RESERVED_ID) => Err(PathError::IdOutOfRange { got: String::from(segment), reserved: true }),
        Ok(id) => Ok(id),
        Err(_) => Err(PathError::IdOutOfRange { got: quoted(segment), reserved: false }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn text_and_back() {
        for text in ["/", "/3", "/0/0", "/3/0/0", "/3/0/6/1", "/65534/65534/65534/65534"] {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
        assert_eq!("/3/0/6/1".parse(), Ok(Path::resource_instance(3, 0, 6, 1)));
    }

    #[test]
    fn malformed_texts_are_refused() {
        let cases = ["", "3", "3/0", "//", "/3/", "/03", "/3//0", "/a", "/-1", "/+1", "/3 ", "/3/0/0/0/0"];
        for text in cases {
            assert!(text.parse::<Path>().is_err(), "{text:?}");
        }
        let reserved = "/3/65535".parse::<Path>();
        assert_eq!(reserved, Err(PathError::IdOutOfRange { got: "65535".to_string(), reserved: true }));
        assert!(matches!("/65536".parse::<Path>(), Err(PathError::IdOutOfRange { reserved: false, .. })));
    }

    #[test]
    fn parents_sort_before_children_and_siblings_by_id() {
        let texts = [
            "/", "/0", "/0/0", "/0/0/0", "/0/0/0/0", "/0/0/0/1", "/0/0/1", "/0/1", "/1", "/1/0", "/2", "/10",
        ];
        let listing: Vec<Path> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let mut sorted = listing.clone();
        sorted.reverse();
        sorted.sort();
        assert_eq!(sorted, listing);
    }

    #[test]
    fn relations() {
        let path = Path::resource(3, 0, 6);
        assert_eq!(path.level(), Level::Resource);
        assert_eq!(path.child(1), Some(Path::resource_instance(3, 0, 6, 1)));
        assert_eq!(path.child(1).unwrap().child(0), None);
        assert_eq!(path.parent(), Some(Path::instance(3, 0)));
        assert_eq!(Path::ROOT.parent(), None);
        assert!(path.starts_with(&path));
        assert!(path.starts_with(&Path::ROOT));
        assert!(!path.starts_with(&Path::object(30)));
        assert!(!Path::object(3).starts_with(&path));
        assert_eq!(path.truncate(Level::Object), Path::object(3));
        assert_eq!(path.truncate(Level::ResourceInstance), path);
        assert_eq!(path.resource_id(), Some(6));
        assert_eq!(path.resource_instance_id(), None);
    }
}
