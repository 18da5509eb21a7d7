use console_api::{CredentialServer, SecretText};
use leptos::prelude::*;

use crate::components::{Copyable, Glyph, Icon, Modal};
use crate::memo::memo;
use crate::pages::SecurityState;
use crate::security::{Added, Newcomer, command_lines};

/// What a device has to be given, shown this once.
#[component]
pub(crate) fn AddedDialog(state: SecurityState) -> impl IntoView {
    let open = memo(move || state.added.with(Option::is_some));
    let title = move || {
        state.added.with(|added| {
            let credential = added.as_ref().map(|added| &added.credential);
            credential
                .map(|it| format!("{} has a credential, version {}", it.endpoint, it.version))
                .unwrap_or_default()
        })
    };
    view! {
        <Modal
            open=open
            on_close=move || state.added.set(None)
            title=Signal::derive(title)
            name="added-dialog"
        >
            {move || state.added.get().map(|added| view! { <Told added=added state=state /> })}
            <div class="form-actions">
                <button class="button primary" data-testid="added-done" on:click=move |_| state.added.set(None)>"Done"</button>
            </div>
        </Modal>
    }
}

#[component]
fn Told(added: Added, state: SecurityState) -> impl IntoView {
    let secrets = secrets(&added);
    let key = added.secret.as_ref().and_then(|secret| secret.key.as_ref());
    let key = key.map_or("KEY", |key| key.0.as_str()).to_owned();
    let credential = added.credential.clone();
    let identity = credential.identity.clone().unwrap_or_default();
    let lines = move || {
        let bootstraps = credential.server == CredentialServer::Bootstrap;
        let coaps = state.server.with(|server| {
            let server = server.as_ref()?;
            if bootstraps { server.bootstrap_coaps.clone() } else { server.coaps.clone() }
        });
        let Some(coaps) = coaps else {
            let option = if bootstraps { "--bootstrap-coaps 0.0.0.0:5784" } else { "--coaps 0.0.0.0:5684" };
            return view! {
                <p class="muted">"This server takes no DTLS yet: start it with " <code>{option}</code> "."</p>
            }
            .into_any();
        };
        let newcomer = Newcomer {
            server: credential.server,
            mode: credential.mode,
            endpoint: &credential.endpoint,
            identity: &identity,
            key: &key,
            coaps: &coaps,
        };
        command_lines(newcomer)
            .into_iter()
            .map(|line| {
                let label = format!("Copy the line for {}", line.client);
                view! { <h4>{line.client}</h4><Copyable text=line.line label=label /> }
            })
            .collect_view()
            .into_any()
    };
    let shown = !secrets.is_empty();
    view! {
        {shown.then(|| view! {
            <p class="secret-once" data-testid="secret-once">
                <Glyph icon=Icon::Warning />
                "Copy it now: this is never shown again. Who has it can connect in the name of the device."
            </p>
        })}
        {secrets.into_iter().map(|(name, secret)| view! {
            <h3>{name}</h3>
            <div data-testid="secret"><Copyable text=secret label=format!("Copy: {name}") /></div>
        }).collect_view()}
        {added.certificate.map(|(certificate, authority)| view! {
            <h3>"Certificate"</h3>
            <Copyable text=certificate.pem label="Copy the certificate" />
            <h3>"Authority, whom the device is to trust"</h3>
            <Copyable text=authority.pem label="Copy the certificate of the authority" />
        })}
        {added.warnings.into_iter().map(|warning| view! { <p class="credential-warning">{warning}</p> }).collect_view()}
        <details class="client-lines" open>
            <summary>"Command lines for common clients"</summary>
            <div data-testid="client-lines">{lines}</div>
        </details>
    }
}

/// What the server made, by what it is.
fn secrets(added: &Added) -> Vec<(&'static str, String)> {
    let Some(secret) = &added.secret else {
        return Vec::new();
    };
    let text = |secret: &Option<SecretText>| secret.as_ref().map(|secret| secret.0.clone());
    [
        ("Key, in hexadecimal", text(&secret.key)),
        ("Private key (PKCS #8, PEM)", text(&secret.pkcs8_pem)),
        ("Private key for /0/x/5 (PKCS #8, DER in hexadecimal)", text(&secret.pkcs8_der)),
    ]
    .into_iter()
    .filter_map(|(name, secret)| Some((name, secret?)))
    .collect()
}
