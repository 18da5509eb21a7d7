use leptos::prelude::*;

use crate::chart::spark_path;
use crate::memo::memo;

/// The course of a few values, without axes: the numbers are beside it.
#[component]
pub(crate) fn Sparkline(
    #[prop(into)] values: Signal<Vec<f64>>,
    width: f64,
    height: f64,
    /// Colour the area below the line.
    #[prop(optional)]
    filled: bool,
) -> impl IntoView {
    let line = memo(move || values.with(|values| spark_path(values, width, height)));
    let area = move || line.get().filter(|_| filled).map(|line| format!("{line}V{height}H0Z"));
    view! {
        <svg
            class="sparkline"
            viewBox=format!("0 0 {width} {height}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path class="sparkline-area" d=area />
            <path class="sparkline-line" d=move || line.get() />
        </svg>
    }
}
