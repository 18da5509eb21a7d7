use console_api::{Operation, OperationRequest};
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::Workbench;
use crate::answers::operation_name;
use crate::format;

/// Progress of a Read or Discover of all Objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sweep {
    pub(crate) operation: Operation,
    pub(crate) done: usize,
    pub(crate) total: usize,
}

impl Workbench {
    /// Reads or discovers one Object after the other; a constrained device is asked one thing at a time.
    pub(crate) fn sweep_objects(self, operation: Operation) {
        let objects: Vec<Path> = untrack(|| {
            self.with_client(|client| client.objects.iter().map(|object| Path::object(object.id)).collect())
        })
        .unwrap_or_default();
        let total = objects.len();
        if total == 0 || self.sweep.get_untracked().is_some() {
            return;
        }
        self.sweep.set(Some(Sweep { operation, done: 0, total }));
        leptos::task::spawn_local(async move {
            let mut failed = 0;
            for (done, object) in objects.into_iter().enumerate() {
                // The operator stopped it, or left the page.
                if self.sweep.try_get_untracked().flatten().is_none() {
                    return;
                }
                self.sweep.set(Some(Sweep { operation, done, total }));
                let request = OperationRequest::new(operation, object.to_string());
                failed += usize::from(!self.run(request, object).await);
            }
            if self.sweep.try_set(None).is_some() {
                return;
            }
            let done = format!("{} of {}: ", operation_name(operation), format::plural(total, "Object"));
            let result = if failed == 0 { "done".into() } else { format!("{failed} failed") };
            self.announce(format!("{done}{result}"));
        });
    }
}
