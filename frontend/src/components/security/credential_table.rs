use console_api::{Credential, CredentialMode, CredentialState};
use leptos::prelude::*;

use crate::components::{EmptyState, Glyph, Icon, Pager, move_focus};
use crate::live::Live;
use crate::memo::memo;
use crate::pages::{Ending, SecurityState};
use crate::routing::Route;
use crate::security::{Draft, PAGE, STATES, identity, mode_title, server_title, state_told, used};

/// One page of the credentials.
#[component]
pub(crate) fn CredentialTable(state: SecurityState) -> impl IntoView {
    let page = Signal::derive(move || state.question.with(|question| question.page));
    let total = Signal::derive(move || state.list.with(|list| list.as_ref().map_or(0, |list| list.total)));
    let turn = move |page: usize| state.question.update(|question| question.page = page);
    let ids = memo(move || {
        state.list.with(|list| {
            let items = list.as_ref().map(|list| list.items.as_slice()).unwrap_or_default();
            items.iter().map(|credential| credential.id).collect::<Vec<_>>()
        })
    });
    // Most have none, and then the others take the room of its column.
    let noted = memo(move || {
        state.list.with(|list| {
            list.iter().flat_map(|list| &list.items).any(|credential| !credential.note.is_empty())
        })
    });
    view! {
        <div class="card credential-table">
            <div class="credential-body">
                <table class="plain-table" aria-label="Credentials">
                    <thead>
                        <tr>
                            <th scope="col">"Device"</th>
                            <th scope="col" class="credential-server">"Server"</th>
                            <th scope="col">"Mode"</th>
                            <th scope="col">"Identity"</th>
                            <th scope="col" class="number credential-version">"Version"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="credential-used">"Last used"</th>
                            {move || noted.get().then(|| view! { <th scope="col" class="credential-note">"Note"</th> })}
                            <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody on:keydown=move |event| move_focus(&event)>
                        <For each=move || ids.get() key=|id| *id let:id>
                            <CredentialRow id=id noted=noted state=state />
                        </For>
                    </tbody>
                </table>
            </div>
            <Pager page=page size=PAGE total=total on_turn=turn />
        </div>
    }
}

#[component]
fn CredentialRow(id: u64, noted: Memo<bool>, state: SecurityState) -> impl IntoView {
    let live = expect_context::<Live>();
    let credential = memo(move || state.credential(id));
    let row = move || {
        credential.get().map(|credential| {
            let device = Route::Device { endpoint: credential.endpoint.clone() }.address();
            let facts = STATES.iter().find(|(known, ..)| *known == credential.state);
            let (title, class) = facts.map_or(("", ""), |(_, _, title, class)| (*title, *class));
            let (shown, told) = (identity(&credential), credential.clone());
            let (last, note) = (credential.clone(), credential.note.clone());
            view! {
                <td class="credential-device">
                    <a class="mono" href=device title=credential.endpoint.clone()><bdi>{credential.endpoint.clone()}</bdi></a>
                </td>
                <td class="credential-server">{server_title(credential.server)}</td>
                <td class="credential-mode">{mode_title(credential.mode)}</td>
                <td class="credential-identity mono" title=whole_identity(&credential)>{shown}</td>
                <td class="number credential-version">{credential.version}</td>
                <td class="credential-state">
                    <span class=format!("chip {class}")><span class="dot" aria-hidden="true"></span>{title}</span>
                    <span class="muted credential-until">{move || state_told(&told, live.now_ms.get())}</span>
                </td>
                <td class="muted credential-used">{move || used(&last, live.now_ms.get())}</td>
                {move || noted.get().then(|| view! { <td class="muted credential-note" title=note.clone()>{note.clone()}</td> })}
                <td class="credential-action"><Actions credential=credential state=state /></td>
            }
        })
    };
    let word = move || {
        credential.with(|credential| {
            let state = credential.as_ref()?.state;
            STATES.iter().find(|(known, ..)| *known == state).map(|(_, word, ..)| *word)
        })
    };
    view! { <tr class="credential-row" data-testid="credential-row" data-id=id.to_string() data-state=word>{row}</tr> }
}

/// All of what a row shows a part of.
fn whole_identity(credential: &Credential) -> String {
    match credential.mode {
        CredentialMode::Psk => credential.identity.clone().unwrap_or_default(),
        CredentialMode::Rpk => credential.public_key.clone().unwrap_or_default(),
        CredentialMode::X509 => credential
            .certificate
            .as_ref()
            .map(|certificate| format!("{}, serial {}", certificate.subject, certificate.serial))
            .unwrap_or_default(),
    }
}

/// What can be done with it.
#[component]
fn Actions(credential: Credential, state: SecurityState) -> impl IntoView {
    let of = format!("{}, version {}", credential.endpoint, credential.version);
    if credential.state == CredentialState::Revoked {
        let forgotten = credential;
        return view! {
            <button
                class="button small"
                data-testid="credential-delete"
                aria-label=format!("Delete the credential of {of}")
                on:click=move |_| state.ending.set(Some(Ending::Delete(forgotten.clone())))
            >
                <Glyph icon=Icon::Delete />"Delete"
            </button>
        }
        .into_any();
    }
    let (rotated, revoked) = (credential.clone(), credential);
    view! {
        <button
            class="button small"
            data-testid="credential-rotate"
            aria-label=format!("Rotate the credential of {of}")
            on:click=move |_| state.draft.set(Some(Draft::rotating(&rotated)))
        >
            <Glyph icon=Icon::Read />"Rotate"
        </button>
        <button
            class="button small"
            data-testid="credential-revoke"
            aria-label=format!("Revoke the credential of {of}")
            on:click=move |_| state.ending.set(Some(Ending::Revoke(revoked.clone())))
        >
            <Glyph icon=Icon::Cancel />"Revoke"
        </button>
    }
    .into_any()
}

/// No device has a credential yet: what that means, and how it gets one.
#[component]
pub(crate) fn SecurityEmpty(state: SecurityState) -> impl IntoView {
    view! {
        <EmptyState title="No device has a credential yet" testid="security-empty">
            <p>
                "Devices can connect without security only. A device that has a credential here connects with DTLS, and "
                "then cannot register without it any more: nobody else can take its name."
            </p>
            <p class="actions">
                <button class="button primary" data-testid="security-first" on:click=move |_| state.draft.set(Some(Draft::new(String::new())))>
                    <Glyph icon=Icon::Add />"Add the first"
                </button>
                <button class="button" on:click=move |_| state.importing.set(true)>
                    <Glyph icon=Icon::Upload />"Import many"
                </button>
            </p>
        </EmptyState>
    }
}
