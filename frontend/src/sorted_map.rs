//! Maps by [`Path`] in listing order, and by whatever else has an order.
//!
//! A sorted vector: the maps of one device are small, and the code of a tree map for each of a dozen value
//! types would be a tenth of what the browser loads.

use lwm2m_codec::Path;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

pub(crate) type PathMap<V> = SortedMap<Path, V>;

/// A set of paths.
pub(crate) type PathSet = PathMap<()>;

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Ord + Copy, V> SortedMap<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        // Most are built in order.
        if self.entries.last().is_none_or(|(last, _)| last < key) {
            return Err(self.entries.len());
        }
        self.entries.binary_search_by(|(at, _)| at.cmp(key))
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|index| &self.entries[index].1)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|index| &mut self.entries[index].1)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// The value that was there before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(index) => Some(std::mem::replace(&mut self.entries[index].1, value)),
            Err(index) => {
                self.entries.insert(index, (key, value));
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|index| self.entries.remove(index).1)
    }

    pub(crate) fn get_or_insert(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        let index = match self.find(&key) {
            Ok(index) => index,
            Err(index) => {
                self.entries.insert(index, (key, value()));
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<V> PathMap<V> {
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
