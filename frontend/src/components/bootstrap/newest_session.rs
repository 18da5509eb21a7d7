use leptos::prelude::*;

use super::sequence_card::SequenceCard;
use crate::live::Live;
use crate::memo::memo;
use crate::pages::{SessionsState, follow_session, load_definitions};

/// The newest session of a device, as it happens; another one takes its place when it begins.
#[component]
pub(crate) fn NewestSession(sessions: SessionsState) -> impl IntoView {
    let live = expect_context::<Live>();
    load_definitions(live);
    let newest = memo(move || sessions.ids.with(|ids| ids.first().copied()));
    let conversation = follow_session(live, newest.into());
    let any = memo(move || newest.get().is_some());
    move || {
        any.get().then(|| {
            view! { <div data-testid="newest-session"><SequenceCard conversation=conversation linked=true /></div> }
        })
    }
}
