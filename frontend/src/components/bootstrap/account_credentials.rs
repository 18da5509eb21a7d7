use console_api::{AccountCredentials, SecretText, SecurityMode};
use leptos::prelude::*;

use super::account_card::{account, of_account};
use super::fields::{Choice, TextField};
use crate::pages::EditorState;

/// What the device proves itself with towards the server: made for each, or the same for all.
#[component]
pub(super) fn CredentialFields(state: EditorState, index: usize) -> impl IntoView {
    let mode = account(state, index, |account| Some(account.security_mode));
    let credentials = account(state, index, |account| account.credentials);
    move || {
        let mode = mode.get().filter(|mode| *mode != SecurityMode::NoSec)?;
        Some(view! {
            <Choice
                state=state field=format!("servers/{index}/credentials") label="Credentials"
                options=vec![
                    (AccountCredentials::Generate, "generate", "generate per device"),
                    (AccountCredentials::Same, "same", "same for all"),
                ]
                binding=of_account(index, |account| account.credentials, |account, chosen| account.credentials = chosen)
            />
            {move || (credentials.get() == AccountCredentials::Same).then(|| view! { <Same state=state index=index mode=mode /> })}
            {(mode != SecurityMode::Psk).then(|| view! { <ServerKey state=state index=index /> })}
        })
    }
}

/// What all devices get. The secret is told to the server and never comes back.
#[component]
fn Same(state: EditorState, index: usize, mode: SecurityMode) -> impl IntoView {
    let kept = account(state, index, |account| account.has_secret_key);
    let key_placeholder = Signal::derive(move || {
        if kept.get() { "saved; type to replace it" } else { "in hexadecimal" }.to_owned()
    });
    let identity = of_account(
        index,
        |account| account.identity.clone().unwrap_or_default(),
        |account, text| account.identity = given(text),
    );
    let public_key = of_account(
        index,
        |account| account.public_key.clone().unwrap_or_default(),
        |account, text| account.public_key = given(text),
    );
    let secret_key = of_account(
        index,
        |account| account.secret_key.clone().map(|key| key.0).unwrap_or_default(),
        |account, text| account.secret_key = given(text).map(SecretText),
    );
    let field = move |name: &str| format!("servers/{index}/{name}");
    let endpoint = Signal::stored("{endpoint}".to_owned());
    let own = match mode {
        SecurityMode::Psk => view! {
            <TextField
                state=state field=field("identity") label="PSK identity" mono=true placeholder=endpoint
                hint="{endpoint} stands for the name of the device" binding=identity
            />
        }
        .into_any(),
        _ => view! {
            <TextField
                state=state field=field("public_key") mono=true binding=public_key
                label=if mode == SecurityMode::Certificate { "Certificate of the device" } else { "Public key of the device" }
                hint="DER in hexadecimal"
            />
        }
        .into_any(),
    };
    view! {
        {own}
        <TextField
            state=state field=field("secret_key") label=if mode == SecurityMode::Psk { "Key" } else { "Private key" }
            mono=true secret=true placeholder=key_placeholder binding=secret_key
        />
    }
}

/// Whom the device is to believe.
#[component]
fn ServerKey(state: EditorState, index: usize) -> impl IntoView {
    let binding = of_account(
        index,
        |account| account.server_public_key.clone().unwrap_or_default(),
        |account, text| account.server_public_key = given(text),
    );
    let own = Signal::stored("this server's own".to_owned());
    view! {
        <TextField
            state=state field=format!("servers/{index}/server_public_key") label="Key of the server" mono=true
            placeholder=own hint="DER in hexadecimal" binding=binding
        />
    }
}

fn given(text: String) -> Option<String> {
    let text = text.trim().to_owned();
    Some(text).filter(|text| !text.is_empty())
}
