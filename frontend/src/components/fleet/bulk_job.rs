use leptos::prelude::*;

use crate::answers::code_name;
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::fleet::{BulkResult, FleetState, Job};
use crate::frame::Announcement;
use crate::memo::memo;
use crate::routing::Route;

/// How a job goes, and what came of it for each device.
#[component]
pub(super) fn BulkJob() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let job =
        move |part: fn(&Job) -> bool| memo(move || state.bulk.job.with(|job| job.as_ref().is_some_and(part)));
    let finished = job(|job| job.finished);
    let stopped = job(|job| job.stopped);
    let refused = job(|job| job.refused.is_some());
    let progress = memo(move || state.bulk.job.with(|job| job.as_ref().map(|job| job.progress())));
    let (done, total) = (
        memo(move || state.bulk.job.with(|job| job.as_ref().map_or(0, |job| job.done))),
        memo(move || state.bulk.job.with(|job| job.as_ref().and_then(|job| job.total)).unwrap_or(1)),
    );
    let listed = memo(move || {
        state.bulk.job.with(|job| job.as_ref().map(|job| job.listed.clone()).unwrap_or_default())
    });
    let more = move || done.get().saturating_sub(listed.with(Vec::len));
    let copied = RwSignal::new(false);
    // Not every step: a screen reader would never come to an end.
    let Announcement(announcement) = expect_context();
    Effect::new(move |before: Option<bool>| {
        let finished = finished.get();
        if finished && before == Some(false) {
            announcement.set(progress.get_untracked().unwrap_or_default());
        }
        finished
    });
    view! {
        <div class="bulk-job">
            <progress max=total value=done aria-label="Devices done"></progress>
            <p data-testid="bulk-progress" class:form-problem=refused>{progress}</p>
            <ul class="bulk-results" aria-label="Results" tabindex="0">
                {move || listed.get().into_iter().map(|result| view! { <ResultLine result=result /> }).collect_view()}
                {move || (more() > 0).then(|| view! {
                    <li class="muted">{format!("and {} more that are not listed; they are in the copy", more())}</li>
                })}
            </ul>
            <div class="form-actions">
                {move || if finished.get() {
                    view! {
                        <button class="button primary" data-testid="bulk-close" on:click=move |_| state.bulk_step.set(None)>"Close"</button>
                        <button
                            class="button"
                            on:click=move |_| {
                                browser::copy(&state.bulk.as_text());
                                copied.set(true);
                            }
                        >
                            <Glyph icon=Icon::Copy />
                            {move || if copied.get() { "Copied" } else { "Copy all results" }}
                        </button>
                    }
                    .into_any()
                } else {
                    view! {
                        <button class="button" data-testid="bulk-stop" disabled=stopped on:click=move |_| state.bulk.stop()>
                            {move || if stopped.get() { "Stopping…" } else { "Stop" }}
                        </button>
                        <button class="button ghost" on:click=move |_| state.bulk_step.set(None)>"Go on in the background"</button>
                    }
                    .into_any()
                }}
            </div>
        </div>
    }
}

#[component]
fn ResultLine(result: BulkResult) -> impl IntoView {
    let BulkResult { endpoint, succeeded, code, text } = result;
    let name = code_name(&code);
    let address = Route::Device { endpoint: endpoint.clone() }.address();
    let (shown_code, shown_endpoint) = (code.clone(), endpoint.clone());
    view! {
        <li
            class="bulk-result"
            class:failed=!succeeded
            data-testid="bulk-result"
            data-endpoint=endpoint
            data-code=code
        >
            <span class="chip" class:ok=succeeded class:bad=!succeeded title=name>{shown_code}</span>
            <a class="mono wrap" href=address>{shown_endpoint}</a>
            <span class="bulk-text wrap">{text}</span>
        </li>
    }
}
