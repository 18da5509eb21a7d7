use leptos::prelude::*;

use crate::access_control::{Draft, instances_from};
use crate::components::date_time;
use crate::components::{Glyph, Icon};
use crate::pages::AccessControlState;

/// Edits that were begun and not applied: who began them, and when.
#[component]
pub(crate) fn EarlierBanner(state: AccessControlState) -> impl IntoView {
    move || {
        state.earlier.get().map(|earlier| {
            let base = state.access.with_untracked(|access| instances_from(&access.instances));
            let changes = Draft::resumed(base, &instances_from(&earlier.instances)).changes();
            let who = if earlier.author.is_empty() { "somebody".to_owned() } else { earlier.author.clone() };
            view! {
                <div class="ac-banner" role="status" data-testid="earlier">
                    <Glyph icon=Icon::Write />
                    <p class="wrap">
                        {format!(
                            "A draft with {} is here, by {who} from {}. Nothing of it was written to the device.",
                            crate::format::plural(changes, "change"),
                            date_time(earlier.saved_at_ms),
                        )}
                    </p>
                    <button type="button" class="button primary" data-testid="earlier-resume" on:click=move |_| state.resume(&earlier)>"Go on with it"</button>
                    <button type="button" class="button" data-testid="earlier-drop" on:click=move |_| state.drop_earlier()>"Drop it"</button>
                </div>
            }
        })
    }
}
