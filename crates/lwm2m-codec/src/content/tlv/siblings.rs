use alloc::boxed::Box;
use alloc::vec;

use super::element::{Elements, elements};
use crate::error::DecodeError;

/// Ids of one level, each of which may appear once.
pub(super) struct Siblings {
    /// One bit for each id; none while the ids ascend, since then none can appear twice.
    seen: Option<Box<[u64]>>,
}

impl Siblings {
    /// Looks at the elements of a level and checks that all of them are complete.
    pub(super) fn of(bytes: &[u8], offset: usize) -> (Self, Result<(), DecodeError>) {
        let ids = || elements(bytes, offset).map_while(Result::ok).map(|element| element.id);
        let ascending = ids().is_sorted_by(|id, next| id < next);
        let words = 1 + usize::from(ids().max().unwrap_or(0) / 64);
        let seen = (!ascending).then(|| vec![0; words].into_boxed_slice());
        (Self { seen }, complete(elements(bytes, offset)))
    }

    /// Whether the id comes for the first time.
    pub(super) fn insert(&mut self, id: u16) -> bool {
        let word = self.seen.as_mut().and_then(|seen| seen.get_mut(usize::from(id / 64)));
        word.is_none_or(|word| {
            let bit = 1 << (id % 64);
            let first = *word & bit == 0;
            *word |= bit;
            first
        })
    }
}

pub(super) fn complete(mut siblings: Elements<'_>) -> Result<(), DecodeError> {
    siblings.try_for_each(|element| element.map(|_| ()))
}
