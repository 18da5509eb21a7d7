//! Values as a tree: objects, object instances, resources, resource instances (LwM2M Core §7.1).

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;

use crate::content::Record;
use crate::path::Path;
use crate::value::Value;

/// A node and everything below it.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A single resource or a resource instance.
    Value(Value),
    /// The ids below the node. None at all is an object instance or a multiple resource with nothing in it.
    Children(BTreeMap<u16, Self>),
}

impl Default for Node {
    fn default() -> Self {
        Self::Children(BTreeMap::new())
    }
}

impl Node {
    /// The tree from the root down.
    ///
    /// # Errors
    /// The path that has two values, or a value and something below it. Times are not part of a tree.
    pub fn from_records(records: impl IntoIterator<Item = Record>) -> Result<Self, Path> {
        let mut root = Self::default();
        records.into_iter().try_for_each(|record| root.insert(&record.path, record.value))?;
        Ok(root)
    }

    /// Puts a value where there is none yet.
    ///
    /// # Errors
    /// The path, when there is a value at it or on the way to it, or something below it.
    pub fn insert(&mut self, path: &Path, value: Value) -> Result<(), Path> {
        let Some((last, way)) = path.ids().split_last() else { return Err(*path) };
        let Self::Children(children) = self.descend(way).ok_or(*path)? else { return Err(*path) };
        match children.entry(*last) {
            Entry::Vacant(vacant) => {
                vacant.insert(Self::Value(value));
                Ok(())
            }
            Entry::Occupied(_) => Err(*path),
        }
    }

    /// Makes sure that a node is there, if only with nothing in it.
    pub fn insert_empty(&mut self, path: &Path) {
        // A value on the way is more than nothing already.
        let _ = self.descend(path.ids());
    }

    /// The node at a path.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.ids().iter().try_fold(self, |node, id| match node {
            Self::Children(children) => children.get(id),
            Self::Value(_) => None,
        })
    }

    #[must_use]
    pub const fn value(&self) -> Option<&Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Children(_) => None,
        }
    }

    /// All values in the order of their paths. The tree is one from the root down.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        self.visit(Path::ROOT, &mut |path, value| {
            records.extend(value.map(|value| Record::new(path, value.clone())));
        });
        records
    }

    /// The nodes that are there with nothing in them, in the order of their paths.
    #[must_use]
    pub fn empty_paths(&self) -> Vec<Path> {
        let mut empty = Vec::new();
        self.visit(Path::ROOT, &mut |path, value| {
            if value.is_none() && path != Path::ROOT {
                empty.push(path);
            }
        });
        empty
    }

    /// Visits every value, and every node with nothing in it. The recursion is as deep as a path at most.
    fn visit(&self, path: Path, each: &mut impl FnMut(Path, Option<&Value>)) {
        match self {
            Self::Value(value) => each(path, Some(value)),
            Self::Children(children) if children.is_empty() => each(path, None),
            Self::Children(children) => {
                for (id, child) in children {
                    if let Some(below) = path.child(*id) {
                        child.visit(below, each);
                    }
                }
            }
        }
    }

    /// The node at the end of a way, made if missing; none when a value stands on it.
    fn descend(&mut self, ids: &[u16]) -> Option<&mut Self> {
        ids.iter().try_fold(self, |node, id| match node {
            Self::Children(children) => Some(children.entry(*id).or_default()),
            Self::Value(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Decoder, encode_node};
    use crate::content_format::ContentFormat;
    use crate::error::EncodeError;
    use crate::lookup::NoDefinitions;

    fn record(path: &str, number: i64) -> Record {
        Record::new(path.parse().unwrap(), Value::Integer(number))
    }

    #[test]
    fn records_and_back() {
        let records = [record("/1/0/1", 1), record("/3/0/6/0", 2), record("/3/0/6/7", 3)];
        let node = Node::from_records(records.clone()).unwrap();
        assert_eq!(node.records(), records);
        assert_eq!(node.at(&Path::resource_instance(3, 0, 6, 7)).unwrap().value(), Some(&Value::Integer(3)));
        assert_eq!(node.at(&Path::resource(3, 0, 7)), None);
        assert_eq!(node.at(&Path::resource_instance(1, 0, 1, 0)), None);
    }

    #[test]
    fn a_place_is_taken_once() {
        let clash = |second: &str| Node::from_records([record("/3/0/6", 1), record(second, 2)]).is_err();
        assert!(clash("/3/0/6") && clash("/3/0/6/0") && !clash("/3/0/7"));
        assert!(Node::from_records([record("/3/0/6/0", 1), record("/3/0/6", 2)]).is_err());
        assert!(Node::default().insert(&Path::ROOT, Value::Boolean(true)).is_err());
    }

    #[test]
    fn nothing_is_something_in_tlv_only() {
        let object = Path::object(3442);
        // Instance 3 is empty, instance 4 has an empty multiple resource.
        let payload = [0x00, 3, 0x03, 4, 0xA0, 0x04, 0x60];
        let decoder = Decoder::new(ContentFormat::TLV, &object, &NoDefinitions);
        let node = decoder.decode_node(&payload).unwrap();
        assert_eq!(node.empty_paths(), [Path::instance(3442, 3), Path::resource(3442, 4, 1120)]);
        assert_eq!(encode_node(ContentFormat::TLV, &object, &node).unwrap(), payload);
        let refused = encode_node(ContentFormat::SENML_JSON, &object, &node);
        assert!(matches!(refused, Err(EncodeError::EmptyNotCarried { .. })), "{refused:?}");
    }
}
