use std::sync::Arc;

use leptos::prelude::*;
use lwm2m_codec::{Path, Value};

use crate::live::{Cell, Content};
use crate::memo::memo;
use crate::workbench::Workbench;
use crate::{browser, enumeration, format};

/// A value in a row: text and unit, lit up once when it changes.
#[component]
pub(crate) fn ValueCell(
    cell: ArcRwSignal<Option<Arc<Cell>>>,
    #[prop(into)] units: Signal<String>,
    /// Whose value it is: its numbers may have names.
    path: Path,
) -> impl IntoView {
    let bench = expect_context::<Workbench>();
    // What the row is mounted with is not a change.
    let first = cell.with_untracked(|cell| cell.as_ref().map_or(0, |cell| cell.revision));
    let seen = cell.clone();
    let revision = memo(move || seen.with(|cell| cell.as_ref().map_or(0, |cell| cell.revision)));
    // Two names of one animation take turns, so that each change starts it anew.
    let flash = move || match revision.get() {
        revision if revision == first => "value",
        revision if revision % 2 == 0 => "value flash-even",
        _ => "value flash-odd",
    };
    let broken = {
        let cell = cell.clone();
        memo(move || {
            cell.with(|cell| {
                cell.as_ref().is_some_and(|cell| matches!(cell.content, Content::Undecodable(_)))
            })
        })
    };
    let range = memo(move || bench.definition(&path).map(|definition| definition.range).unwrap_or_default());
    let text = memo(move || {
        let named = |number: i64| range.with(|range| enumeration::name(&path, range, number));
        cell.with(|cell| cell.as_ref().map(|cell| content_text(&cell.content, &named)))
    });
    let unit = move || {
        let shown = text.with(Option::is_some) && !broken.get();
        Some(units.get()).filter(|units| shown && !units.is_empty())
    };
    view! {
        <span class=flash data-testid="value" class:undecodable=broken title=move || text.get()>
            {move || text.get()}
            {move || unit().map(|unit| view! { <span class="unit">{format!("\u{a0}{unit}")}</span> })}
        </span>
    }
}

/// A value on one line, without its unit. `named`: what a number is called.
pub(crate) fn content_text(content: &Content, named: &dyn Fn(i64) -> Option<String>) -> String {
    let show = |value: &Value| {
        let zone = match value {
            Value::Time(epoch_s) => browser::east_min(*epoch_s),
            _ => 0,
        };
        let name = match value {
            Value::Integer(number) => named(*number),
            Value::Unsigned(number) => i64::try_from(*number).ok().and_then(named),
            _ => None,
        };
        let text = format::value(value, zone);
        name.map_or(text.clone(), |name| format!("{name} ({text})"))
    };
    match content {
        Content::Single(value) => show(value),
        Content::Multiple(values) => {
            let values: Vec<String> =
                values.iter().map(|(id, value)| format!("{id}: {}", show(value))).collect();
            format!("{{{}}}", values.join(", "))
        }
        Content::Undecodable(bytes) => format!("undecodable: {}", format::octets(bytes)),
    }
}
