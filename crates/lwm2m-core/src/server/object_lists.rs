use std::{collections::BTreeSet, sync::Arc};

use lwm2m_codec::registration::ObjectLinks;

use super::limits;

/// The lists of Objects of all clients, each once: devices of the same make send the same list, and it is most of what
/// a registration holds.
#[derive(Default)]
pub(super) struct ObjectLists {
    known: BTreeSet<Arc<ObjectLinks>>,
}

impl ObjectLists {
    /// The list that equals this one, which is this one if there is no other.
    pub(super) fn share(&mut self, list: Arc<ObjectLinks>) -> Arc<ObjectLinks> {
        if let Some(known) = self.known.get(&list) {
            return Arc::clone(known);
        }
        if self.known.len() >= limits::SHARED_OBJECT_LISTS {
            self.known.retain(|list| Arc::strong_count(list) > 1);
        }
        if self.known.len() < limits::SHARED_OBJECT_LISTS {
            self.known.insert(Arc::clone(&list));
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(instance: usize) -> Arc<ObjectLinks> {
        Arc::new(ObjectLinks::parse(format!("</3/0>,</3303/{instance}>").as_bytes()).unwrap())
    }

    #[test]
    fn equal_lists_are_one() {
        let mut lists = ObjectLists::default();
        let first = lists.share(list(0));
        assert!(Arc::ptr_eq(&first, &lists.share(list(0))));
        assert!(!Arc::ptr_eq(&first, &lists.share(list(1))));
    }

    #[test]
    fn lists_that_nobody_has_any_more_make_room() {
        let mut lists = ObjectLists::default();
        let kept: Vec<_> =
            (0..limits::SHARED_OBJECT_LISTS).map(|instance| lists.share(list(instance))).collect();
        let further = lists.share(list(limits::SHARED_OBJECT_LISTS));
        assert_eq!(lists.known.len(), limits::SHARED_OBJECT_LISTS);
        assert!(
            !Arc::ptr_eq(&further, &lists.share(list(limits::SHARED_OBJECT_LISTS))),
            "there is no room for it"
        );
        drop(kept);
        lists.share(list(limits::SHARED_OBJECT_LISTS));
        assert_eq!(lists.known.len(), 1);
    }
}
