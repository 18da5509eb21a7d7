use std::sync::{Mutex, PoisonError};

use coap::Instant;

/// Whether what is to be kept can be kept at present.
#[derive(Default)]
pub(crate) struct Storage {
    failing: Mutex<Option<Failing>>,
}

/// It cannot: devices and operators are told so, and ask again.
#[derive(Clone)]
pub(crate) struct Failing {
    pub(crate) since_ms: u64,
    pub(crate) why: String,
}

impl Storage {
    pub(crate) fn failing(&self) -> Option<Failing> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes in what the engine says. True when that is news.
    pub(super) fn note(&self, now: Instant, fault: Option<&str>) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *failing, fault) {
            (Some(failing), Some(why)) if failing.why == why => false,
            (Some(failing), Some(why)) => {
                tracing::error!("{why}");
                why.clone_into(&mut failing.why);
                true
            }
            (None, Some(why)) => {
                tracing::error!("nothing is acknowledged: {why}");
                *failing = Some(Failing { since_ms: now.as_millis(), why: why.to_owned() });
                true
            }
            (Some(_), None) => {
                tracing::info!("the storage works again");
                *failing = None;
                true
            }
            (None, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_is_news() {
        let storage = Storage::default();
        let note = |ms, fault| storage.note(Instant::from_millis(ms), fault);
        assert!(!note(1, None));
        assert!(note(2, Some("full")));
        assert!(!note(3, Some("full")));
        assert!(note(4, Some("broken")));
        let failing = storage.failing().unwrap();
        assert_eq!((failing.since_ms, failing.why.as_str()), (2, "broken"));
        assert!(note(5, None));
        assert!(storage.failing().is_none());
    }
}
