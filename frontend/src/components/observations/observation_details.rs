use console_api::{AttributeInForce, ObservationEntry};
use leptos::prelude::*;

use crate::components::Age;
use crate::format;
use crate::memo::memo;
use crate::observations::{Action, Key, asked_for, gaps, rate, title, value_in_words};
use crate::pages::ObservationsState;

/// All that is known of an observation, and all that can be done with it.
#[component]
pub(super) fn ObservationDetails(
    key: StoredValue<Key>,
    entry: Memo<Option<ObservationEntry>>,
    state: ObservationsState,
) -> impl IntoView {
    view! {
        <div class="observation-details" data-testid="observation-details">
            <AttributesInForce entry=entry />
            <div class="observation-facts">
                <h3 class="caption">"Notifications"</h3>
                <Notifications entry=entry />
                <div class="form-actions">
                    {Action::ALL
                        .into_iter()
                        .map(|action| view! { <ActionButton key=key entry=entry state=state action=action /> })
                        .collect_view()}
                </div>
            </div>
        </div>
    }
}

/// What decides when there are notifications, and where it is from.
#[component]
fn AttributesInForce(entry: Memo<Option<ObservationEntry>>) -> impl IntoView {
    let attributes =
        memo(move || entry.with(|entry| entry.as_ref().and_then(|entry| entry.attributes.clone())));
    let ignored = memo(move || entry.with(|entry| entry.as_ref().map(|entry| entry.ignored.clone())));
    let discovered = Signal::derive(move || entry.with(|entry| entry.as_ref()?.discovered_ms));
    let known = memo(move || discovered.get().is_some());
    let line = |one: AttributeInForce| {
        view! {
            <tr>
                <th scope="row"><code>{one.name.clone()}</code></th>
                <td class="attribute-title muted">{title(&one)}</td>
                <td class="mono">{value_in_words(&one)}</td>
                <td class="muted">{one.origin}</td>
            </tr>
        }
    };
    let list = move || {
        match attributes.get() {
        None => view! {
            <p>"Nothing is known of its attributes: the device has not been asked (Discover), and none were written."</p>
        }
        .into_any(),
        Some(attributes) if attributes.is_empty() => view! {
            <p>"None: the device notifies whenever the value changes."</p>
        }
        .into_any(),
        Some(attributes) => view! {
            <table class="observation-attributes">
                <tbody>{attributes.into_iter().map(line).collect_view()}</tbody>
            </table>
        }
        .into_any(),
    }
    };
    let told = move || {
        if known.get() {
            return view! {
                <dl class="facts"><dt>"Last Discover"</dt><dd><Age at_ms=discovered /></dd></dl>
            }
            .into_any();
        }
        let known = attributes.with(Option::is_some);
        known
            .then(|| view! { <p class="muted">"The device has not been asked (Discover): it may have more."</p> })
            .into_any()
    };
    view! {
        <div class="observation-facts">
            <h3 class="caption">"Attributes in force"</h3>
            {list}
            {move || {
                let ignored = ignored.get().unwrap_or_default();
                ignored.into_iter().map(|why| view! { <p class="form-remark">{why}</p> }).collect_view()
            }}
            {told}
        </div>
    }
}

#[component]
fn Notifications(entry: Memo<Option<ObservationEntry>>) -> impl IntoView {
    let last = Signal::derive(move || entry.with(|entry| entry.as_ref()?.last_notification_ms));
    let heard = memo(move || last.get().is_some());
    let part = move |part: fn(&ObservationEntry) -> Option<String>| {
        memo(move || entry.with(|entry| entry.as_ref().and_then(part)))
    };
    let count = part(|entry| {
        let rate = entry.per_minute.map(|per_minute| format!(", {}", rate(per_minute))).unwrap_or_default();
        Some(format!("{}{rate}", format::count(entry.notifications)))
    });
    let kind = part(|entry| {
        let kind = if entry.confirmable? { "confirmable (CON)" } else { "not confirmable (NON)" };
        Some(format!(", {kind}"))
    });
    let (missing, asked) = (part(gaps), part(asked_for));
    let since = Signal::derive(move || entry.with(|entry| entry.as_ref().map(|entry| entry.since_ms)));
    view! {
        <dl class="facts">
            <dt>"In this state"</dt>
            <dd><Age at_ms=since /></dd>
            <dt>"Count"</dt>
            <dd>{move || count.get()}</dd>
            <dt>"Last"</dt>
            <dd>{move || if heard.get() {
                view! { <Age at_ms=last /> {move || kind.get()} }.into_any()
            } else {
                "none yet".into_any()
            }}</dd>
            {move || missing.get().map(|missing| view! {
                <dt>"Observe option"</dt>
                <dd>
                    <span class="observation-gaps">{missing}</span>
                    <span class="muted">" It jumped where it had gone up by one before. Devices may count as they like: a hint, no proof."</span>
                </dd>
            })}
            {move || asked.get().map(|asked| view! { <dt>"Asked for with"</dt><dd class="mono">{asked}</dd> })}
        </dl>
    }
}

#[component]
fn ActionButton(
    key: StoredValue<Key>,
    entry: Memo<Option<ObservationEntry>>,
    state: ObservationsState,
    action: Action,
) -> impl IntoView {
    let fits = memo(move || entry.with(|entry| entry.as_ref().is_some_and(|entry| action.fits(entry.state))));
    let pending = memo(move || key.with_value(|key| state.pending.with(|pending| pending.contains(key))));
    move || {
        fits.get().then(|| {
            view! {
                <button
                    class="button small"
                    class:busy=move || pending.get()
                    title=action.hint()
                    data-testid=format!("{}-this", action.word())
                    disabled=move || pending.get()
                    on:click=move |_| state.act(vec![key.get_value()], action)
                >
                    {action.title()}
                </button>
            }
        })
    }
}
