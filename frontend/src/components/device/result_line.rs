use leptos::prelude::*;
use lwm2m_codec::Path;

use crate::answers::operation_name;
use crate::memo::memo;
use crate::workbench::Workbench;

/// What came of the last operation on a node, beside where it was asked.
#[component]
pub(crate) fn ResultLine(path: Path) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let outcome = memo(move || bench.outcome(&path));
    let pending = memo(move || bench.is_pending(&path));
    move || {
        if let Some(operation) = pending.get() {
            let text = format!("{}: waiting for the device…", operation_name(operation));
            return view! { <p class="result muted pending">{text}</p> }.into_any();
        }
        let Some(outcome) = outcome.get() else {
            return ().into_any();
        };
        let succeeded = outcome.succeeded();
        let details = match &outcome.answer {
            Ok(response) => {
                let bytes = response.payload_hex.len() / 2;
                let size = if bytes > 0 { format!(" · {bytes} B") } else { String::new() };
                format!("{size} · {} ms", response.duration_ms)
            }
            Err(_) => String::new(),
        };
        view! {
            <p class="result" class:ok=succeeded class:bad=!succeeded data-testid="result" data-code=outcome.code().to_owned()>
                <b>{outcome.headline()}</b>
                <span class="muted">{details}</span>
                {(!succeeded).then(|| view! { <span class="result-meaning">{outcome.explanation()}</span> })}
            </p>
        }
        .into_any()
    }
}
