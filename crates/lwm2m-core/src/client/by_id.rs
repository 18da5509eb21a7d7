/// What is there by id: a sorted list without spare room.
///
/// The levels of an object tree have few entries each and change seldom, while a process may hold ten thousand trees:
/// memory counts here, and copying a short list when an entry comes or goes does not.
#[derive(Clone, Debug, PartialEq)]
pub struct ById<T> {
    entries: Box<[(u16, T)]>,
}

impl<T> ById<T> {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everything in ascending order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u16, &T)> {
        self.entries.iter().map(|(id, held)| (*id, held))
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = u16> + '_ {
        self.entries.iter().map(|(id, _)| *id)
    }

    pub fn contains(&self, id: u16) -> bool {
        self.position(id).is_ok()
    }

    pub fn at(&self, id: u16) -> Option<&T> {
        self.entries.get(self.position(id).ok()?).map(|(_, held)| held)
    }

    pub fn at_mut(&mut self, id: u16) -> Option<&mut T> {
        let position = self.position(id).ok()?;
        self.entries.get_mut(position).map(|(_, held)| held)
    }

    /// The entry of that id alone, or all of them.
    pub(super) fn select(&self, id: Option<u16>) -> impl Iterator<Item = (u16, &T)> {
        let selected = match id.map(|id| self.position(id)) {
            None => &*self.entries,
            Some(Ok(position)) => self.entries.get(position..=position).unwrap_or_default(),
            Some(Err(_)) => &[],
        };
        selected.iter().map(|(id, held)| (*id, held))
    }

    /// Puts `held` at `id`; what was there before is replaced.
    pub fn insert(&mut self, id: u16, held: T) {
        match self.position(id) {
            Ok(position) => {
                if let Some(entry) = self.entries.get_mut(position) {
                    entry.1 = held;
                }
            }
            Err(position) => self.change(|entries| {
                entries.reserve_exact(1);
                entries.insert(position, (id, held));
            }),
        }
    }

    /// Returns whether there was something at `id`.
    pub fn remove(&mut self, id: u16) -> bool {
        let Ok(position) = self.position(id) else { return false };
        self.change(|entries| {
            entries.remove(position);
        });
        true
    }

    /// The lowest id that is free, below the reserved 65535.
    pub(super) fn free_id(&self) -> Option<u16> {
        let taken = self.ids().zip(0_u16..).take_while(|(id, position)| id == position).count();
        u16::try_from(taken).ok().filter(|id| *id < u16::MAX)
    }

    fn position(&self, id: u16) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |(id, _)| *id)
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<(u16, T)>)) {
        let mut entries = core::mem::take(&mut self.entries).into_vec();
        change(&mut entries);
        self.entries = entries.into_boxed_slice();
    }
}

impl<T: Default> ById<T> {
    /// What is at `id`, made if it is missing.
    pub(super) fn at_or_default(&mut self, id: u16) -> Option<&mut T> {
        if !self.contains(id) {
            self.insert(id, T::default());
        }
        self.at_mut(id)
    }
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self { entries: Box::default() }
    }
}

impl<T> FromIterator<(u16, T)> for ById<T> {
    /// Of several for one id the last one counts.
    fn from_iter<I: IntoIterator<Item = (u16, T)>>(entries: I) -> Self {
        let entries: std::collections::BTreeMap<u16, T> = entries.into_iter().collect();
        Self { entries: entries.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_sorted_and_unique() {
        let mut held: ById<char> = [(7, 'x'), (3, 'b'), (7, 'c')].into_iter().collect();
        held.insert(0, 'a');
        held.insert(3, 'B');
        assert_eq!(held.iter().collect::<Vec<_>>(), [(0, &'a'), (3, &'B'), (7, &'c')]);
        assert_eq!((held.at(7), held.at(1)), (Some(&'c'), None));
        assert_eq!(held.select(Some(3)).count() + held.select(Some(4)).count(), 1);
        assert!(held.remove(3) && !held.remove(3));
        assert_eq!(held.ids().collect::<Vec<_>>(), [0, 7]);
    }

    #[test]
    fn the_lowest_free_id_is_found() {
        let free = |ids: &[u16]| ids.iter().map(|id| (*id, ())).collect::<ById<()>>().free_id();
        assert_eq!([free(&[]), free(&[1]), free(&[0, 1, 3])], [Some(0), Some(0), Some(2)]);
        assert_eq!((0..u16::MAX).map(|id| (id, ())).collect::<ById<()>>().free_id(), None);
    }
}
