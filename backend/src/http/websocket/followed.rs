use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

/// What a console follows by its id, as it was told of it. None of what there is not.
pub(super) struct Followed<T> {
    told: BTreeMap<u64, Option<Option<T>>>,
    at_most: usize,
}

impl<T: Clone + PartialEq> Followed<T> {
    pub(super) const fn new(at_most: usize) -> Self {
        Self { told: BTreeMap::new(), at_most }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether there is room for it.
    pub(super) fn follow(&mut self, id: u64) -> bool {
        let has_room = self.told.len() < self.at_most || self.told.contains_key(&id);
        if has_room {
            self.told.insert(id, None);
        }
        has_room
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.told.remove(&id);
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.told.keys().copied()
    }

    /// What the console is told of one, where that is not what [`Self::outdated`] has found.
    pub(super) fn tell(&mut self, id: u64, now: Option<T>) {
        if let Some(told) = self.told.get_mut(&id) {
            *told = Some(now);
        }
    }

    /// Those that the console does not know as they are now; from here on it does.
    pub(super) fn outdated(&mut self, now: impl Fn(u64) -> Option<T>) -> Vec<(u64, Option<T>)> {
        let mut outdated = Vec::new();
        for (id, told) in &mut self.told {
            let now = now(*id);
            if told.as_ref() != Some(&now) {
                *told = Some(now.clone());
                outdated.push((*id, now));
            }
        }
        outdated
    }
}

/// When to look again at what has changed: not more often than the pace of it.
pub(super) struct Looks {
    latest: Instant,
    changed: bool,
    pace: Duration,
}

impl Looks {
    pub(super) fn new(pace: Duration) -> Self {
        Self { latest: Instant::now(), changed: false, pace }
    }

    /// Something has changed.
    pub(super) const fn notice(&mut self) {
        self.changed = true;
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.changed.then(|| self.latest + self.pace)
    }

    pub(super) fn begin(&mut self) {
        (self.latest, self.changed) = (Instant::now(), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_told_and_what_is_not_there_once() {
        let mut followed = Followed::new(2);
        assert!(followed.follow(1) && followed.follow(2) && !followed.follow(3) && followed.follow(1));
        let is = |id: u64| (id == 1).then_some("begun");
        assert_eq!(followed.outdated(is), [(1, Some("begun")), (2, None)]);
        assert_eq!(followed.outdated(is), []);
        assert!(followed.follow(2), "asked for anew, it is told anew");
        assert_eq!(followed.outdated(|_| Some("over")), [(1, Some("over")), (2, Some("over"))]);
        followed.tell(2, None);
        assert_eq!(followed.outdated(|_| Some("over")), [(2, Some("over"))]);
        followed.leave(1);
        assert_eq!(followed.ids().collect::<Vec<_>>(), [2]);
    }
}
