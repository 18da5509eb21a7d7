use std::time::Duration;

use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::frame::Notices;

/// Long enough to be read twice.
const SHOWN: Duration = Duration::from_secs(6);

/// What was done or not done, for things that have no place of their own on the page.
#[component]
pub(crate) fn NoticeBar() -> impl IntoView {
    let Notices(notice) = expect_context();
    Effect::new(move |_| {
        if let Some(number) = notice.with(|notice| notice.as_ref().map(|notice| notice.number)) {
            let hide = move || {
                notice.maybe_update(|notice| {
                    let same = notice.as_ref().is_some_and(|notice| notice.number == number);
                    if same {
                        *notice = None;
                    }
                    same
                });
            };
            set_timeout(hide, SHOWN);
        }
    });
    view! {
        <div class="notice-place" role="status" aria-live="polite">
            {move || notice.get().map(|shown| view! {
                <div class="notice" class:bad=shown.bad data-testid="notice">
                    {shown.bad.then(|| view! { <Glyph icon=Icon::Warning /> })}
                    <span class="wrap">{shown.text}</span>
                    <button
                        type="button"
                        class="button ghost square"
                        aria-label="Dismiss"
                        on:click=move |_| notice.set(None)
                    >
                        <Glyph icon=Icon::Close />
                    </button>
                </div>
            })}
        </div>
    }
}
