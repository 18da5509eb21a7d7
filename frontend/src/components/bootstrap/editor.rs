use console_api::{BootstrapServerAccount, SecurityMode};
use leptos::prelude::*;

use super::access_fields::AccessFields;
use super::account_card::{AccountCard, own_address};
use super::assigned_fields::AssignedFields;
use super::general_fields::{ConductFields, NameFields};
use super::instance_fields::InstanceFields;
use crate::bootstrap::title;
use crate::components::{Glyph, Icon};
use crate::format;
use crate::memo::memo;
use crate::pages::{EditorState, find_field};

/// Short Server ID of the first account; each further one has the next.
const FIRST_SERVER: u16 = 101;

/// What a device receives, field by field.
#[component]
pub(crate) fn Editor(state: EditorState) -> impl IntoView {
    let count = memo(move || state.draft.with(|draft| draft.servers.len()));
    view! {
        <section class="card bs-editor" aria-labelledby="receives-title" data-testid="editor">
            <div class="card-head">
                <h2 id="receives-title">"What a device receives"</h2>
                <span class="spacer"></span>
                <button type="button" class="button small" data-testid="account-add" on:click=move |_| add_account(state)>
                    <Glyph icon=Icon::Add />"server"
                </button>
            </div>
            <div class="bs-editor-body">
                <Problems state=state />
                <NameFields state=state />
                <AssignedFields state=state />
                <ConductFields state=state />
                <fieldset class="bs-group" data-field="servers" tabindex="-1">
                    <legend class="caption">"Servers"</legend>
                    {move || (count.get() == 0).then(|| view! {
                        <p class="muted">"No server yet: a device needs one that it can register with."</p>
                    })}
                    {move || {
                        state.drawn.track();
                        view! {
                            <For each=move || 0..count.get() key=|index| *index let:index>
                                <AccountCard state=state index=index />
                            </For>
                        }
                    }}
                </fieldset>
                <AccessFields state=state />
                <InstanceFields state=state />
            </div>
        </section>
    }
}

/// With this server, secured where it can be, and a key for each device.
fn add_account(state: EditorState) {
    let server = state.server.get_untracked();
    let secure = server.as_ref().is_some_and(|server| server.coaps.is_some());
    let security_mode = if secure { SecurityMode::Psk } else { SecurityMode::NoSec };
    let uri = server.and_then(|server| own_address(&server, false, security_mode)).unwrap_or_default();
    state.edit(|draft| {
        let highest = draft.servers.iter().map(|account| account.short_server_id).max().unwrap_or_default();
        let short_server_id = highest.saturating_add(1).max(FIRST_SERVER);
        draft.servers.push(BootstrapServerAccount {
            uri,
            short_server_id,
            security_mode,
            ..Default::default()
        });
    });
    let last = state.draft.with_untracked(|draft| draft.servers.len() - 1);
    find_field(&format!("servers/{last}"));
}

/// All that is wrong, so that nothing is wrong out of sight.
#[component]
fn Problems(state: EditorState) -> impl IntoView {
    let list = move || {
        let problems = state.problems.get();
        (!problems.is_empty()).then(|| {
            let line = |problem: console_api::BootstrapProblem| {
                let place = state.draft.with_untracked(|draft| title(draft, &problem.field));
                let got = if problem.got.is_empty() { "nothing".to_owned() } else { problem.got };
                let field = problem.field;
                view! {
                    <li>
                        <button type="button" class="link-button" on:click=move |_| find_field(&field)>{place}</button>
                        {format!(": expected {}, got {got}", problem.expected)}
                    </li>
                }
            };
            view! {
                <div class="bs-problems" role="status" data-testid="problems">
                    <p><Glyph icon=Icon::Warning />{format!("{} to mend before it can be saved", format::plural(problems.len(), "field"))}</p>
                    <ul>{problems.into_iter().map(line).collect_view()}</ul>
                </div>
            }
        })
    };
    let warnings = move || {
        let warnings = state.warnings.get();
        (!warnings.is_empty()).then(|| {
            let line = |warning: console_api::BootstrapProblem| {
                let place = state.draft.with_untracked(|draft| title(draft, &warning.field));
                let field = warning.field;
                view! {
                    <li>
                        <button type="button" class="link-button" on:click=move |_| find_field(&field)>{place}</button>
                        {format!(": better {}, now {}", warning.expected, warning.got)}
                    </li>
                }
            };
            view! {
                <details class="bs-warnings" data-testid="warnings">
                    <summary>{format!("{}: allowed and not advisable", format::plural(warnings.len(), "field"))}</summary>
                    <ul>{warnings.into_iter().map(line).collect_view()}</ul>
                </details>
            }
        })
    };
    view! { {list} {warnings} }
}
