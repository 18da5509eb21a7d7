use console_api::AccessOperation;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::node_menu::read_rights;
use crate::access_control::{Answer, Question};
use crate::components::{Glyph, Icon};
use crate::format;
use crate::frame::Notices;
use crate::memo::memo;
use crate::routing::Route;
use crate::workbench::{Offered, Workbench};

/// What this server may not do with a node, and by which rule.
#[component]
pub(crate) fn RightsLine(path: Path, offers: Memo<Offered>) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    let notices = expect_context::<Notices>();
    let known = memo(move || bench.rights.with(|rights| rights.as_ref().map(|rights| rights.read_at_ms)));
    let refusals = memo(move || {
        let offered = offers.get();
        let asked = Question::OPERATIONS.into_iter().filter(|(operation, _)| is_offered(offered, *operation));
        asked
            .filter_map(|(operation, name)| Some((name, bench.refusal(operation, path)?)))
            .collect::<Vec<(&str, Answer)>>()
    });
    let editor = move || Route::AccessControlOf { endpoint: bench.endpoint() }.address();
    let line = move |(name, refusal): (&'static str, Answer)| {
        let notes = refusal.notes.into_iter();
        view! {
            <li data-refused=name>
                <b>{name}</b>
                <span class="chip bad">{refusal.short}</span>
                <span class="wrap">{refusal.reason}</span>
                {notes.map(|note| view! { <span class="muted wrap">{note}</span> }).collect_view()}
            </li>
        }
    };
    let told = move |read_at_ms: u64| {
        let age = move || format!("read {} ago", format::age(read_at_ms, bench.live.now_ms.get()));
        let refusals = refusals.get();
        let (many, all) = (refusals.len(), refusals.is_empty());
        view! {
            <div class="rights" data-testid="rights" data-refusals=many>
                <p>
                    <span class="caption">"Access control"</span>
                    {all.then_some("This server may do all of this. ")}
                    {(!all).then_some("This server may not do everything. ")}
                    <a href=editor>"Edit"</a>
                    <span class="muted">{age}</span>
                </p>
                {(!all).then(|| view! { <ul>{refusals.into_iter().map(line).collect_view()}</ul> })}
            </div>
        }
    };
    let unknown = move || {
        view! {
            <div class="rights" data-testid="rights-unknown">
                <p>
                    <span class="caption">"Access control"</span>
                    <span class="muted">"Not known: it was not read from this device yet."</span>
                    <button
                        type="button" class="button small" data-testid="read-rights"
                        disabled=move || bench.reading_rights.get()
                        on:click=move |_| read_rights(bench, notices)
                    >
                        <Glyph icon=Icon::Lock />
                        "Read it"
                    </button>
                </p>
            </div>
        }
    };
    move || match known.get() {
        Some(read_at_ms) => told(read_at_ms).into_any(),
        None if bench.has_access_control() => unknown().into_any(),
        None => ().into_any(),
    }
}

const fn is_offered(offered: Offered, operation: AccessOperation) -> bool {
    match operation {
        AccessOperation::Read => offered.read,
        AccessOperation::Discover => offered.discover,
        AccessOperation::Write => offered.write,
        AccessOperation::WriteAttributes => offered.write_attributes,
        AccessOperation::Execute => offered.execute,
        AccessOperation::Create => offered.create,
        AccessOperation::Delete => offered.delete,
        AccessOperation::Observe => offered.observe,
    }
}
