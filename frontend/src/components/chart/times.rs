use leptos::prelude::*;

use crate::chart::TimeView;
use crate::memo::memo;

/// Spans up to the present that are one click away.
const SPANS: [(&str, f64); 6] = [
    ("1 m", 60e3),
    ("5 m", 300e3),
    ("1 h", 3_600e3),
    ("24 h", 86_400e3),
    ("7 d", 604_800e3),
    ("30 d", 2_592_000e3),
];

/// How much is shown, and the way back to the present.
#[component]
pub(crate) fn Times(view: RwSignal<TimeView>) -> impl IntoView {
    let following = memo(move || view.get().is_following());
    view! {
        <div class="segments" role="group" aria-label="Up to now" data-testid="chart-spans">
            {SPANS.map(|(label, span_ms)| view! {
                <button
                    class="segment"
                    aria-pressed=move || (view.get() == TimeView::following(span_ms)).to_string()
                    on:click=move |_| view.set(TimeView::following(span_ms))
                >
                    {label}
                </button>
            })}
        </div>
        {move || (!following.get()).then(|| view! {
            <button class="button small" data-testid="chart-now" on:click=move |_| view.update(|view| *view = view.at_the_end())>
                "Back to now"
            </button>
        })}
    }
}
