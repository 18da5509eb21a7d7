use console_api::ClientQuery;
use leptos::prelude::*;

use crate::components::{Glyph, Icon};
use crate::fleet::{FleetState, SECURITY, security_title};
use crate::live::Live;
use crate::memo::memo;
use crate::routing::Router;

/// Sets filters by property.
#[component]
pub(super) fn FilterMenu() -> impl IntoView {
    let state = expect_context::<FleetState>();
    let router = expect_context::<Router>();
    let set = move |change: fn(&mut ClientQuery, Option<String>), value: String| {
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        state.ask(router, true, |query| change(query, value));
    };
    let text =
        move |part: fn(&ClientQuery) -> Option<String>| move || state.query.with(part).unwrap_or_default();
    let security =
        memo(move || state.query.with(|query| query.security.map(security_title)).unwrap_or_default());
    view! {
        <button class="chip chip-button" popovertarget="filter-menu" data-testid="add-filter">
            <Glyph icon=Icon::Add />"filter"
        </button>
        <div id="filter-menu" class="menu menu-form" popover="auto" role="dialog" aria-label="Filters">
            <label class="form-field">
                <span>"Object " <span class="muted">"(ID)"</span></span>
                <input
                    class="field" type="number" min="0" max="65535" data-testid="filter-object-input"
                    prop:value=text(|query| query.object.map(|id| id.to_string()))
                    on:change=move |event| set(
                        |query, id| query.object = id.and_then(|id| id.parse().ok()),
                        event_target_value(&event),
                    )
                />
            </label>
            <label class="form-field">
                <span>"Binding"</span>
                <input
                    class="field" list="filter-bindings" data-testid="filter-binding-input"
                    prop:value=text(|query| query.binding.clone())
                    on:change=move |event| set(|query, binding| query.binding = binding, event_target_value(&event))
                />
            </label>
            <datalist id="filter-bindings">
                {["U", "UQ", "T", "S", "N"].map(|binding| view! { <option value=binding></option> })}
            </datalist>
            <label class="form-field">
                <span>"LwM2M version"</span>
                <select
                    class="field" data-testid="filter-version-input"
                    prop:value=text(|query| query.version.clone())
                    on:change=move |event| set(|query, version| query.version = version, event_target_value(&event))
                >
                    <option value="">"any"</option>
                    {["1.0", "1.1", "1.2"].map(|version| view! {
                        <option
                            value=version
                            selected=move || state.query.with(|query| query.version.as_deref() == Some(version))
                        >
                            {version}
                        </option>
                    })}
                </select>
            </label>
            <label class="form-field">
                <span>"Security"</span>
                <select
                    class="field" data-testid="filter-security-input"
                    prop:value=security
                    on:change=move |event| {
                        let title = event_target_value(&event);
                        let mode = SECURITY.into_iter().find(|(.., known)| *known == title);
                        state.ask(router, true, |query| query.security = mode.map(|(mode, ..)| mode));
                    }
                >
                    <option value="">"any"</option>
                    {SECURITY.map(|(.., title)| view! {
                        <option value=title selected=move || security.get() == title>{title}</option>
                    })}
                </select>
            </label>
            <label class="form-field">
                <span>"Tag"</span>
                <input
                    class="field" list="filter-tags" data-testid="filter-tag-input"
                    prop:value=text(|query| query.tag.clone())
                    on:change=move |event| set(|query, tag| query.tag = tag, event_target_value(&event))
                />
            </label>
            <label class="form-check">
                <input
                    type="checkbox" data-testid="filter-queued-input"
                    prop:checked=move || state.query.with(|query| query.queued)
                    on:change=move |event| {
                        let queued = event_target_checked(&event);
                        state.ask(router, true, |query| query.queued = queued);
                    }
                />
                <span>"Commands are waiting"</span>
            </label>
            <KnownTags />
        </div>
    }
}

/// Tags of the devices that are here, as suggestions.
#[component]
fn KnownTags() -> impl IntoView {
    let live = expect_context::<Live>();
    let tags = memo(move || {
        live.fleet_window.track();
        live.with_store(|store| store.fleet.tags())
    });
    view! {
        <datalist id="filter-tags">
            {move || tags.get().into_iter().map(|tag| view! { <option value=tag></option> }).collect_view()}
        </datalist>
    }
}
