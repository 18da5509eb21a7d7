//! Waiting until somebody pauses.

use std::time::Duration;

use leptos::prelude::*;

/// What is done once nothing newer was asked for in a while. What waits goes with the component that has made it.
#[derive(Clone, Copy)]
pub(crate) struct Pause(StoredValue<Option<TimeoutHandle>>);

impl Pause {
    pub(crate) fn new() -> Self {
        let own = Self(StoredValue::new(None));
        on_cleanup(move || own.forget());
        own
    }

    /// Does this after so long, in place of what waits. Without timers it is done at once.
    pub(crate) fn then(self, after: Duration, act: impl Fn() + Clone + 'static) {
        self.forget();
        match set_timeout_with_handle(act.clone(), after) {
            Ok(handle) => _ = self.0.try_set_value(Some(handle)),
            Err(_) => act(),
        }
    }

    /// What waits is not done.
    pub(crate) fn forget(self) {
        if let Some(handle) = self.0.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }
}
