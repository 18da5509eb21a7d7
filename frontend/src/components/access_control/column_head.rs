use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::access_control::{COLUMNS, MAX_ID, NAME_CHARACTERS, Spot, server_told};
use crate::browser;
use crate::components::{Glyph, Icon};
use crate::frame::Notices;
use crate::memo::memo;
use crate::pages::AccessControlState;

/// A server: its Short Server ID, and the name that operators give it.
#[component]
pub(super) fn ColumnHead(state: AccessControlState, server: u16) -> impl IntoView {
    let editing = RwSignal::new(false);
    let title = memo(move || state.names.with(|names| server_told(server, state.ours.get(), names)));
    let ours = move || {
        (state.ours.get() == Some(server) && state.names.with(|names| names.contains_key(&server)))
            .then(|| view! { <span class="chip on ac-ours">"this server"</span> })
    };
    let has_account = move || state.access.with(|access| access.servers.contains_key(&server));
    let unknown = move || {
        (server != 0 && !has_account() && state.ours.get() != Some(server)).then(
            || view! { <span class="muted" title="The device shows no account with this server">" ?"</span> },
        )
    };
    view! {
        <th
            scope="col" class="ac-column-head" tabindex="-1" data-spot=Spot::Column(server).to_string()
            data-testid="matrix-column" data-server=server.to_string()
        >
            {move || if editing.get() {
                view! { <NameForm state=state server=server editing=editing /> }.into_any()
            } else {
                let edit = (server != 0).then(|| view! {
                    <button
                        type="button" class="button small ghost square ac-rename" title="Name this server"
                        aria-label=format!("Name server {server}") data-testid="rename-server"
                        on:click=move |_| editing.set(true)
                    >
                        <Glyph icon=Icon::Write />
                    </button>
                });
                view! { <span class="ac-column-name">{title}{ours}{unknown}{edit}</span> }.into_any()
            }}
        </th>
    }
}

#[component]
fn NameForm(state: AccessControlState, server: u16, editing: RwSignal<bool>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let text =
        RwSignal::new(state.names.with_untracked(|names| names.get(&server).cloned()).unwrap_or_default());
    let field = format!("server-name-{server}");
    let selector = format!("#{field}");
    request_animation_frame(move || browser::focus_and_select(&selector));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        leptos::task::spawn_local(async move {
            match state.name(server, text.get_untracked().trim()).await {
                Ok(()) => _ = editing.try_set(false),
                Err(failure) => notices.fail(format!("Not named: {}", failure.told())),
            }
        });
    };
    view! {
        <form class="ac-name-form" on:submit=submit>
            <input
                id=field class="field" maxlength=NAME_CHARACTERS.to_string() autocomplete="off" data-testid="server-name"
                aria-label=format!("Name of server {server}") prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        event.stop_propagation();
                        editing.set(false);
                    }
                }
            />
            <button type="submit" class="button small primary">"Save"</button>
        </form>
    }
}

/// A column for a server that neither the device nor a list names yet.
#[component]
pub(super) fn AddColumn(state: AccessControlState) -> impl IntoView {
    let open = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let server =
        move || text.with(|text| text.trim().parse::<u16>().ok()).filter(|id| *id != 0 && *id != MAX_ID);
    let full = memo(move || state.columns.with(Vec::len) >= COLUMNS);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(server) = untrack(server) {
            state.added.update(|added| _ = added.insert(server));
            open.set(false);
            text.set(String::new());
            browser::reveal(&format!("[data-spot={}]", Spot::Column(server)));
        }
    };
    move || {
        if full.get() {
            return view! { <span class="muted">{format!("{COLUMNS} servers are shown; more are not")}</span> }.into_any();
        }
        if !open.get() {
            return view! {
                <button type="button" class="button small" data-testid="column-add" on:click=move |_| {
                    open.set(true);
                    request_animation_frame(|| _ = browser::focus("[data-testid=column-id]"));
                }>
                    <Glyph icon=Icon::Add />"server"
                </button>
            }
            .into_any();
        }
        view! {
            <form class="ac-add-form" on:submit=submit>
                <input
                    class="field" inputmode="numeric" autocomplete="off" placeholder="1 to 65534" data-testid="column-id"
                    aria-label="Short Server ID" prop:value=text
                    aria-invalid=move || (text.with(|text| !text.trim().is_empty()) && server().is_none()).then_some("true")
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <button type="submit" class="button small primary" disabled=move || server().is_none()>"Add"</button>
                <button type="button" class="button small ghost" on:click=move |_| open.set(false)>"Cancel"</button>
            </form>
        }
        .into_any()
    }
}
