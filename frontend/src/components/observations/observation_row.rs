use console_api::{ObservationEntry, ObservationState};
use leptos::prelude::*;

use super::observation_details::ObservationDetails;
use crate::components::{Age, Glyph, Icon};
use crate::format;
use crate::live::Live;
use crate::memo::memo;
use crate::observations::{
    Action, Key, attributes_in_short, attributes_with_origin, gaps, message_type, rate,
};
use crate::pages::ObservationsState;
use crate::routing::Route;

/// Of the table.
const COLUMNS: &str = "10";

/// One observation; what changes in it changes in place.
#[component]
pub(super) fn ObservationRow(key: Key, state: ObservationsState) -> impl IntoView {
    let live = expect_context::<Live>();
    let endpoint = key.endpoint.clone();
    let address = Route::Device { endpoint: endpoint.clone() }.address();
    let target = key.target();
    let node =
        if key.paths.is_empty() { key.path.clone() } else { key.paths.first().cloned().unwrap_or_default() };
    let all_paths = key.paths.join("\n");
    let label = format!("Select {target} of {endpoint}");
    let details_label = format!("More about {target} of {endpoint}");
    let key = StoredValue::new(key);
    let entry =
        memo(move || key.with_value(|key| state.list.with(|list| list.as_ref()?.entry(key).cloned())));
    let part = move |part: fn(&ObservationEntry) -> String| {
        move || entry.with(|entry| entry.as_ref().map(part)).unwrap_or_default()
    };
    let names = move || {
        live.definitions.with(|definitions| {
            let registry = definitions.registry()?;
            Some(key.with_value(|key| key.names(registry)))
        })
    };
    let selected = move || key.with_value(|key| state.selected.with(|selected| selected.contains(key)));
    let open = memo(move || key.with_value(|key| state.open.with(|open| open.contains(key))));
    let unknown = move || entry.with(|entry| entry.as_ref().is_none_or(|entry| entry.attributes.is_none()));
    let missing = memo(move || entry.with(|entry| entry.as_ref().and_then(gaps)));
    let since = Signal::derive(move || entry.with(|entry| entry.as_ref().map(|entry| entry.since_ms)));
    let last = Signal::derive(move || {
        entry.with(|entry| entry.as_ref().and_then(|entry| entry.last_notification_ms))
    });
    view! {
        <tr
            class="observation-row"
            data-testid="observation-row"
            data-endpoint=endpoint
            data-path=target
            aria-selected=move || selected().to_string()
        >
            <td class="observation-select">
                <input
                    type="checkbox"
                    aria-label=label
                    prop:checked=selected
                    on:change=move |_| state.toggle(&key.get_value())
                />
            </td>
            <td class="observation-device">
                <a class="mono observation-link" href=address.clone() title=endpoint.clone()><bdi>{endpoint.clone()}</bdi></a>
                <span class="muted">{part(|entry| entry.name.clone().unwrap_or_default())}</span>
            </td>
            <td class="observation-path">
                <a class="mono" href=format!("{address}#{node}") title=all_paths>{target.clone()}</a>
                <span class="muted">{names}</span>
            </td>
            <td class="observation-state"><StateChip entry=entry /></td>
            <td class="observation-attributes-short" title=part(attributes_with_origin)>
                <span class:muted=unknown>{part(attributes_in_short)}</span>
            </td>
            <td class="number muted observation-since"><Age at_ms=since /></td>
            <td class="number observation-count">
                {part(|entry| format::count(entry.notifications))}
                {move || missing.get().map(|missing| view! {
                    <span class="observation-gaps" title="By the Observe option, which devices may count as they like">{missing}</span>
                })}
            </td>
            <td class="number observation-rate">{part(|entry| entry.per_minute.map(rate).unwrap_or_default())}</td>
            <td class="number muted observation-last">
                <Age at_ms=last />
                <span class="observation-type">{part(|entry| message_type(entry).unwrap_or_default().to_owned())}</span>
            </td>
            <td class="observation-action">
                <ActionButton key=key entry=entry state=state />
                <button
                    class="button small square observation-open"
                    aria-label=details_label
                    aria-expanded=move || open.get().to_string()
                    data-testid="observation-open"
                    on:click=move |_| state.toggle_open(&key.get_value())
                >
                    <Glyph icon=Icon::Chevron />
                </button>
            </td>
        </tr>
        {move || open.get().then(|| view! {
            <tr class="observation-more">
                <td colspan=COLUMNS><ObservationDetails key=key entry=entry state=state /></td>
            </tr>
        })}
    }
}

#[component]
fn StateChip(entry: Memo<Option<ObservationEntry>>) -> impl IntoView {
    let state =
        memo(move || entry.with(|entry| entry.as_ref().map(|entry| (entry.state, entry.why.clone()))));
    move || {
        state.get().map(|(state, why)| {
            let (class, word) = match state {
                ObservationState::Active => ("chip ok", "Active"),
                ObservationState::Pending => ("chip sleep", "Pending"),
                ObservationState::Waiting => ("chip warn", "Waiting"),
                ObservationState::Ended => ("chip bad", "Ended"),
            };
            view! {
                <span class=class><span class="dot" aria-hidden="true"></span>{word}</span>
                {why.map(|why| view! { <span class="observation-why muted">{why}</span> })}
            }
        })
    }
}

/// What is mostly done with it.
#[component]
fn ActionButton(
    key: StoredValue<Key>,
    entry: Memo<Option<ObservationEntry>>,
    state: ObservationsState,
) -> impl IntoView {
    let action = memo(move || {
        let fits = entry.with(|entry| entry.as_ref().is_some_and(|entry| Action::Observe.fits(entry.state)));
        if fits { Action::Observe } else { Action::Cancel }
    });
    let pending = move || key.with_value(|key| state.pending.with(|pending| pending.contains(key)));
    move || {
        let action = action.get();
        let (icon, test) = match action {
            Action::Observe => (Icon::Observe, "observe-again"),
            _ => (Icon::Cancel, "cancel-observation"),
        };
        view! {
            <button
                class="button small"
                class:busy=pending
                title=action.hint()
                data-testid=test
                disabled=pending
                on:click=move |_| state.act(vec![key.get_value()], action)
            >
                <Glyph icon=icon />
                {action.title()}
            </button>
        }
    }
}
