use console_api::{CertificateView, NewAuthority, PublicKeyView, ServerSecurity};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::authorities::BelievedAuthorities;
use crate::browser;
use crate::components::date_time;
use crate::components::{CopyButton, Copyable, Glyph, Icon};
use crate::frame::Notices;
use crate::pages::SecurityState;
use crate::security::{self, fingerprint};

/// As whom the server answers, and who signs certificates here.
#[component]
pub(crate) fn IdentityCard(state: SecurityState) -> impl IntoView {
    let content = move || match state.server.get() {
        None => {
            view! { <div class="card-note" aria-busy="true"><div class="skeleton"></div></div> }.into_any()
        }
        Some(server) => view! { <Identity server=server state=state /> }.into_any(),
    };
    view! {
        <section class="card identity-card" aria-labelledby="identity-title" data-testid="identity">
            <div class="card-head"><h2 id="identity-title">"This server"</h2></div>
            {content}
            <BelievedAuthorities state=state />
        </section>
    }
}

#[component]
fn Identity(server: ServerSecurity, state: SecurityState) -> impl IntoView {
    let none = server.authority.is_none();
    view! {
        <div class="identity">
            <h3>"Address for devices"</h3>
            {match server.coaps {
                Some(coaps) => view! { <Copyable text=coaps label="Copy the secure server URI" /> }.into_any(),
                None => view! {
                    <p class="muted">"It takes no DTLS: start it with " <code>"--coaps 0.0.0.0:5684"</code> "."</p>
                }
                .into_any(),
            }}
            <h3>"Raw public key " <code>"/0/x/4"</code></h3>
            <div class="identity-key">
                <code class="wrap" data-testid="server-key">{server.public_key.der.clone()}</code>
                <CopyButton text=Signal::stored(server.public_key.der) label="Copy the public key, in hexadecimal" />
                <SaveButton name="server-public-key.pem" text=server.public_key.pem title="PEM" />
            </div>
            {server.certificate.map(|it| view! { <Certificate title="Certificate" certificate=it file="server.pem" /> })}
            {server.authority.map(|it| view! { <Certificate title="Authority" certificate=it file="authority.pem" /> })}
            {none.then(|| view! { <MakeAuthority state=state /> })}
            <BootstrapServer coaps=server.bootstrap_coaps key=server.bootstrap_public_key certificate=server.bootstrap_certificate />
        </div>
    }
}

/// The Bootstrap-Server answers as somebody else: with keys of its own.
#[component]
fn BootstrapServer(
    coaps: Option<String>,
    key: PublicKeyView,
    certificate: Option<CertificateView>,
) -> impl IntoView {
    coaps.map(|coaps| {
        view! {
            <h3>"Bootstrap-Server"</h3>
            <Copyable text=coaps label="Copy the secure URI of the Bootstrap-Server" />
            <div class="identity-key">
                <code class="wrap" data-testid="bootstrap-server-key">{key.der.clone()}</code>
                <CopyButton text=Signal::stored(key.der) label="Copy the public key of the Bootstrap-Server, in hexadecimal" />
                <SaveButton name="bootstrap-server-public-key.pem" text=key.pem title="PEM" />
            </div>
            {certificate.map(|it| view! { <Certificate title="Bootstrap-Server certificate" certificate=it file="bootstrap-server.pem" /> })}
        }
    })
}

#[component]
fn Certificate(title: &'static str, certificate: CertificateView, file: &'static str) -> impl IntoView {
    view! {
        <h3>{title}</h3>
        <dl class="identity-facts" data-testid=format!("certificate-{title}")>
            <dt>"Subject"</dt><dd class="wrap">{certificate.subject}</dd>
            <dt>"Valid until"</dt><dd>{date_time(certificate.not_after_ms)}</dd>
            {(!certificate.names.is_empty()).then(|| view! { <dt>"Names"</dt><dd class="wrap">{certificate.names.join(", ")}</dd> })}
            <dt>"Fingerprint"</dt>
            <dd class="mono wrap" title=certificate.fingerprint.clone()>{fingerprint(&certificate.fingerprint)}</dd>
        </dl>
        <div class="identity-key">
            <CopyButton text=Signal::stored(certificate.pem.clone()) label=format!("Copy the PEM of {file}") />
            <SaveButton name=file text=certificate.pem title="PEM" />
        </div>
    }
}

/// Hands a text to the operator as a file.
#[component]
fn SaveButton(name: &'static str, text: String, title: &'static str) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let save = move |_| {
        if browser::save_text(name, "application/x-pem-file", &text).is_err() {
            notices.fail("The browser does not allow to save");
        }
    };
    view! {
        <button type="button" class="button small" aria-label=format!("Save {name}") on:click=save>
            <Glyph icon=Icon::Download />{title}
        </button>
    }
}

/// An authority of one's own, in one step.
#[component]
fn MakeAuthority(state: SecurityState) -> impl IntoView {
    let names = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let make = move |event: SubmitEvent| {
        event.prevent_default();
        let names = names.get_untracked();
        let names = names.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty());
        let wanted = NewAuthority { names: names.map(str::to_owned).collect(), ..NewAuthority::default() };
        busy.set(true);
        leptos::task::spawn_local(async move {
            match security::make_authority(&wanted).await {
                Ok(server) => _ = state.server.try_update(|shown| *shown = Some(server)),
                Err(failure) => _ = problem.try_set(Some(failure.told())),
            }
            busy.try_set(false);
        });
    };
    view! {
        <h3>"Certificates"</h3>
        <p class="muted">"An authority of this server signs its own certificate and those of devices."</p>
        <form class="identity-form" on:submit=make>
            <label class="form-field">
                <span>"Names and addresses that devices find this server by"</span>
                <input
                    class="field" placeholder="lwm2m.example.org, 192.0.2.7" data-testid="authority-names"
                    prop:value=names on:input=move |event| names.set(event_target_value(&event))
                />
            </label>
            <button class="button" data-testid="authority-make" disabled=busy>"Create the authority"</button>
        </form>
        {move || problem.get().map(|why| view! { <p class="form-problem" role="alert">{why}</p> })}
    }
}
