use leptos::prelude::*;
use lwm2m_model::Registry;

use super::fleet_row::Slot;
use crate::browser;
use crate::fleet::{Latest, latest};
use crate::live::{Definitions, Live};
use crate::memo::memo;

/// The newest value of a client, lit up once when it changes.
#[component]
pub(super) fn LatestValue(row: Memo<Slot>) -> impl IntoView {
    let live = expect_context::<Live>();
    let value = memo(move || {
        let registry = match live.definitions.get() {
            Definitions::Ready(registry) => registry,
            Definitions::Failed(_) => Registry::default().into(),
            // Without its type a value would be shown as something else for a moment.
            Definitions::Absent | Definitions::Loading => return None,
        };
        row.with(|row| {
            let client = row.client()?;
            let at_s = client.latest.as_ref()?.at_ms / 1000;
            Some((client.id, latest(client, &registry, browser::east_min(at_s as i64))?))
        })
    });
    // Only another value of the same client is a change; a row that scrolls into view is none.
    let changes = Memo::new(move |before: Option<&Changes>| {
        let now = value.get();
        let revision = match before {
            Some(before) if is_change(&before.value, &now) => before.revision + 1,
            Some(before) if same_client(&before.value, &now) => before.revision,
            _ => 0,
        };
        Changes { value: now, revision }
    });
    let flash = move || match changes.with(|changes| changes.revision) {
        0 => "latest",
        revision if revision % 2 == 0 => "latest flash-even",
        _ => "latest flash-odd",
    };
    let content = move || {
        value.get().map(|(_, latest)| {
            let Latest { path, name, text, unit, raw, .. } = latest;
            let title = format!("/{path} {}: {text} {unit}", name.unwrap_or_default());
            let number = text;
            view! {
                <span class="latest-path mono muted">{path}</span>
                <span class=flash title=title data-testid="fleet-value">
                    <span class="latest-text" class:undecodable=raw>{number}</span>
                    {(!unit.is_empty()).then(|| view! { <span class="unit">{format!("\u{a0}{unit}")}</span> })}
                </span>
            }
        })
    };
    view! { {content} }
}

#[derive(Clone, Debug, PartialEq)]
struct Changes {
    value: Option<(u32, Latest)>,
    revision: u32,
}

fn same_client(before: &Option<(u32, Latest)>, now: &Option<(u32, Latest)>) -> bool {
    matches!((before, now), (Some((before, _)), Some((now, _))) if before == now)
}

fn is_change(before: &Option<(u32, Latest)>, now: &Option<(u32, Latest)>) -> bool {
    match (before, now) {
        (Some((id, before)), Some((other, now))) => {
            id == other && (&before.path, &before.text) != (&now.path, &now.text)
        }
        _ => false,
    }
}
