use console_api::StorageState;
use leptos::prelude::*;

use super::banner::clock;
use crate::components::{Glyph, Icon};
use crate::live::Live;
use crate::memo::memo;

/// How long the page says that the storage works again.
const GOOD_SHOWN_MS: u64 = 60_000;

/// Nothing can be stored, or can again.
#[component]
pub(super) fn StorageBanner() -> impl IntoView {
    let live = expect_context::<Live>();
    let storage = memo(move || {
        live.server.with(|server| {
            let storage = &server.as_ref()?.storage;
            Some((storage.state, storage.since_ms, storage.why.clone()))
        })
    });
    let failed = RwSignal::new(false);
    Effect::new(move |_| {
        if storage.with(|storage| storage.as_ref().is_some_and(|(state, ..)| *state == StorageState::Failing))
        {
            failed.set(true);
        }
    });
    // Only who has seen it fail wants to know that it is good.
    let good = memo(move || {
        let (state, since_ms, _) = storage.get()?;
        let new = live.now_ms.get() < since_ms + GOOD_SHOWN_MS;
        (state == StorageState::Good && failed.get() && new).then_some(since_ms)
    });
    let failing = memo(move || {
        let (state, since_ms, why) = storage.get()?;
        (state == StorageState::Failing).then(|| (since_ms, why.unwrap_or_default()))
    });
    view! {
        {move || failing.get().map(|(since_ms, why)| view! {
            <div class="banner bad" role="alert" data-testid="storage-failing">
                <Glyph icon=Icon::Warning />
                <span>
                    {format!(
                        "Nothing can be stored since {}: {why}. Devices and operators are asked to come back; what was \
                         acknowledged before is safe.",
                        clock(since_ms)
                    )}
                </span>
                <a class="button small" href="/server">"Server page"</a>
            </div>
        })}
        {move || good.get().map(|since_ms| view! {
            <div class="banner" role="status" data-testid="storage-good">
                <Glyph icon=Icon::Server />
                <span>{format!("The storage works again since {}.", clock(since_ms))}</span>
            </div>
        })}
    }
}
