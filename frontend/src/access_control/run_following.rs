use console_api::{AccessControlRun, Topic};
use leptos::prelude::*;

use crate::live::Live;
use crate::memo::memo;

/// A change of access control as the server tells it, for as long as the calling component lives.
pub(crate) fn follow_run(live: Live, id: u64) -> Memo<Option<AccessControlRun>> {
    live.subscribe(Topic::AccessControlRun(id));
    on_cleanup(move || live.unsubscribe(&Topic::AccessControlRun(id)));
    memo(move || live.access_control_run.with(|told| told.as_ref().filter(|told| told.id == id)?.run.clone()))
}
