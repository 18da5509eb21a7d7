use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Day, Retention};

/// What the writer and those who read have in common.
pub(super) struct Shared {
    retention: Mutex<Retention>,
    damaged: Mutex<BTreeSet<Day>>,
}

impl Shared {
    pub(super) fn new(retention: Retention) -> Self {
        Self { retention: Mutex::new(retention), damaged: Mutex::default() }
    }

    /// Held while it is stored, so that the last one stored is the one that counts.
    pub(super) fn retention(&self) -> MutexGuard<'_, Retention> {
        self.retention.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the writer that a file could not be read. There are no more of them than files.
    pub(super) fn is_damaged(&self, day: Day) {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(day);
    }

    pub(super) fn take_damaged(&self) -> BTreeSet<Day> {
        core::mem::take(&mut *self.damaged.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
