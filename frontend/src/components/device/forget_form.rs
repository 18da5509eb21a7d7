use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::fleet::forget;
use crate::routing::{Route, Router};
use crate::workbench::Workbench;

/// Asks whether everything about the device is to be removed from this server.
#[component]
pub(crate) fn ForgetForm() -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let router = expect_context::<Router>();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        pending.set(true);
        let endpoint = bench.endpoint();
        leptos::task::spawn_local(async move {
            match forget(&endpoint).await {
                Ok(()) => {
                    bench.announce(format!("{endpoint} is forgotten"));
                    router.open(Route::Fleet);
                }
                Err(failure) => {
                    pending.try_set(false);
                    problem.try_set(Some(failure.message));
                }
            }
        });
    };
    view! {
        <form on:submit=submit>
            <div class="dialog-head"><h2 id="dialog-title">"Forget this device?"</h2></div>
            <p class="dialog-danger">
                <Glyph icon=Icon::Warning />
                <span>
                    "Its registration, values, observations, name, tags and notes are removed from this server. "
                    "The device itself is told nothing: it comes back when it registers again."
                </span>
            </p>
            <p class="dialog-endpoint">"Device " <code>{bench.endpoint()}</code></p>
            {move || problem.get().map(|problem| view! { <p class="result bad" role="alert">{problem}</p> })}
            <div class="form-actions">
                <button type="submit" class="button primary danger" data-testid="forget-submit" disabled=pending>
                    "Forget it"
                </button>
                <button type="button" class="button" autofocus="" on:click=move |_| bench.dialog.set(None)>"Cancel"</button>
            </div>
        </form>
    }
}
