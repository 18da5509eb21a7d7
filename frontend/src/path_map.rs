//! A map by [`Path`] in listing order.
//!
//! A sorted vector: the maps of one device are small, and the code of a tree map for each of a dozen value
//! types would be a tenth of what the browser loads.

use lwm2m_codec::Path;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathMap<V> {
    entries: Vec<(Path, V)>,
}

/// A set of paths.
pub(crate) type PathSet = PathMap<()>;

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<V> PathMap<V> {
    fn find(&self, path: &Path) -> Result<usize, usize> {
        // Most are built in order.
        if self.entries.last().is_none_or(|(last, _)| last < path) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by(|(at, _)| at.cmp(path))
    }

    pub(crate) fn get(&self, path: &Path) -> Option<&V> {
        self.find(path).ok().map(|index| &self.entries[index].1)
    }

    pub(crate) fn get_mut(&mut self, path: &Path) -> Option<&mut V> {
        self.find(path).ok().map(|index| &mut self.entries[index].1)
    }

    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.find(path).is_ok()
    }

    /// The value that was there before.
    pub(crate) fn insert(&mut self, path: Path, value: V) -> Option<V> {
        match self.find(&path) {
            Ok(index) => Some(std::mem::replace(&mut self.entries[index].1, value)),
            Err(index) => {
                self.entries.insert(index, (path, value));
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, path: &Path) -> Option<V> {
        self.find(path).ok().map(|index| self.entries.remove(index).1)
    }

    pub(crate) fn get_or_insert(&mut self, path: Path, value: impl FnOnce() -> V) -> &mut V {
        let index = match self.find(&path) {
            Ok(index) => index,
            Err(index) => {
                self.entries.insert(index, (path, value()));
                index
            }
        };
        &mut self.entries[index].1
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Path, &V)> {
        self.entries.iter().map(|(path, value)| (path, value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = Path> + '_ {
        self.entries.iter().map(|(path, _)| *path)
    }

    /// The paths at and below `root`, which stand next to each other.
    pub(crate) fn subtree(&self, root: Path) -> impl Iterator<Item = Path> + '_ {
        let first = self.find(&root).unwrap_or_else(|index| index);
        self.paths().skip(first).take_while(move |path| path.starts_with(&root))
    }
}

impl PathSet {
    /// Whether it was not there.
    pub(crate) fn add(&mut self, path: Path) -> bool {
        self.insert(path, ()).is_none()
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for path in other.paths() {
            self.add(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn keeps_listing_order_whatever_comes_first() {
        let mut map = PathMap::default();
        for text in ["/3/0/9", "/1", "/3", "/3/0", "/30", "/3/0/0"] {
            assert_eq!(map.insert(path(text), text), None);
        }
        let order: Vec<String> = map.paths().map(|path| path.to_string()).collect();
        assert_eq!(order, ["/1", "/3", "/3/0", "/3/0/0", "/3/0/9", "/30"]);
        assert_eq!(map.subtree(path("/3")).count(), 4);
        assert_eq!(map.subtree(path("/2")).count(), 0);
        assert_eq!(map.insert(path("/3"), "x"), Some("/3"));
        assert_eq!(map.get(&path("/3")), Some(&"x"));
        assert_eq!(map.remove(&path("/3")), Some("x"));
        assert!(!map.contains(&path("/3")) && map.len() == 5);
        *map.get_or_insert(path("/4"), || "y") = "z";
        assert_eq!(map.get_mut(&path("/4")), Some(&mut "z"));
        map.clear();
        assert!(map.is_empty() && map.iter().next().is_none());
    }

    #[test]
    fn sets() {
        let mut set = PathSet::default();
        assert!(set.add(path("/3")) && !set.add(path("/3")));
        let mut other = PathSet::default();
        other.add(path("/1"));
        set.merge(&other);
        assert_eq!(set.paths().collect::<Vec<_>>(), [path("/1"), path("/3")]);
    }
}
