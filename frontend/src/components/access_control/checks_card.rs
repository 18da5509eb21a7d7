use leptos::prelude::*;

use crate::access_control::MAX_ID;
use crate::format;
use crate::memo::memo;
use crate::pages::AccessControlState;

/// What may not be meant, and what the device said or did otherwise than expected.
#[component]
pub(crate) fn ChecksCard(state: AccessControlState) -> impl IntoView {
    let owned = memo(move || {
        let ours = state.ours.get();
        state.draft.with(|draft| draft.now().iter().filter(|guard| Some(guard.owner) == ours).count())
    });
    let nobodys = memo(move || {
        state.draft.with(|draft| {
            draft.now().iter().filter(|guard| guard.owner == MAX_ID && guard.instance != MAX_ID).count()
        })
    });
    let remarks = memo(move || state.access.with(|access| access.remarks.clone()));
    let disagreements = memo(move || state.access.with(|access| access.disagreements.clone()));
    let line = |class: &'static str, text: String| {
        view! {
            <li><span class=format!("dot {class}") aria-hidden="true"></span><span class="wrap">{text}</span></li>
        }
    };
    view! {
        <section class="card" aria-labelledby="checks-title" data-testid="checks-card">
            <div class="card-head"><h2 id="checks-title">"Checks"</h2></div>
            <ul class="ac-checks">
                {move || {
                    let many = nobodys.get();
                    let text = format!("{} only bootstrap can change", format::plural(many, "Object Instance"));
                    (many > 0).then(|| line("", text))
                }}
                {move || {
                    let owned = owned.get();
                    let class = if owned == 0 { "warn" } else { "ok" };
                    line(class, format!("this server owns {}", format::plural(owned, "instance")))
                }}
                {move || state.checks.get().into_iter().map(|check| line("warn", check)).collect_view()}
                {move || state.checks.with(Vec::is_empty).then(|| line("ok", "nothing is lost, opened or given away".to_owned()))}
                {move || remarks.get().into_iter().map(|remark| line("warn", remark)).collect_view()}
                {move || disagreements.get().into_iter().map(|it| {
                    line("bad", format!("{}: expected {} ({}), the device answered {}", it.path, it.expected, it.reason, it.got))
                }).collect_view()}
            </ul>
        </section>
    }
}
