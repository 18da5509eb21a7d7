use std::collections::VecDeque;

/// What may be under way to one peer only NSTART at a time (RFC 7252 §4.7), and what waits behind it.
pub(super) struct Lane<T> {
    under_way: usize,
    waiting: VecDeque<T>,
}

impl<T> Lane<T> {
    pub(super) const fn new() -> Self {
        Self { under_way: 0, waiting: VecDeque::new() }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way == 0 && self.waiting.is_empty()
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Gives the item back when it may start at once.
    pub(super) fn enter(&mut self, item: T, nstart: usize) -> Option<T> {
        if self.has_room(nstart) {
            self.under_way += 1;
            return Some(item);
        }
        self.waiting.push_back(item);
        None
    }

    /// One of those under way is over: the item that starts in its place.
    pub(super) fn leave(&mut self) -> Option<T> {
        let next = self.waiting.pop_front();
        if next.is_none() {
            self.under_way = self.under_way.saturating_sub(1);
        }
        next
    }

    pub(super) fn has_room(&self, nstart: usize) -> bool {
        self.under_way < nstart.max(1)
    }

    pub(super) fn drop_oldest_waiting(&mut self) {
        self.waiting.pop_front();
    }

    pub(super) fn retain_waiting(&mut self, keep: impl FnMut(&T) -> bool) {
        self.waiting.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_start_in_order() {
        let mut lane = Lane::new();
        assert_eq!(lane.enter(1, 2), Some(1));
        assert_eq!(lane.enter(2, 2), Some(2));
        assert_eq!(lane.enter(3, 2), None);
        assert_eq!(lane.enter(4, 2), None);
        assert_eq!([lane.leave(), lane.leave(), lane.leave(), lane.leave()], [Some(3), Some(4), None, None]);
        assert!(lane.is_idle());
    }

    #[test]
    fn the_next_item_takes_the_place_of_the_last() {
        let mut lane = Lane::new();
        lane.enter(1, 1);
        lane.enter(2, 1);
        assert_eq!(lane.leave(), Some(2));
        assert!(!lane.has_room(1));
        assert_eq!(lane.enter(3, 1), None);
    }
}
