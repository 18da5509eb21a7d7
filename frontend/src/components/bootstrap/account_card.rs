use console_api::{BootstrapServerAccount, SecurityMode, ServerSecurity};
use leptos::prelude::*;

use super::account_credentials::CredentialFields;
use super::fields::{Binding, Choice, NumberField, NumberInput, TextField, Toggle, Wrong, wrong};
use super::further_resources::FurtherResources;
use crate::bootstrap::{MODES, toggled};
use crate::components::{Glyph, Icon};
use crate::memo::memo;
use crate::pages::EditorState;

/// Letters of a binding that a server may want (LwM2M 1.2 Core, Resource `/1/x/7`).
const TRANSPORTS: [(char, &str); 4] = [('U', "UDP"), ('T', "TCP"), ('S', "SMS"), ('N', "Non-IP")];

/// A field of one account.
pub(super) fn of_account<T: Default + 'static>(
    index: usize,
    read: fn(&BootstrapServerAccount) -> T,
    write: fn(&mut BootstrapServerAccount, T),
) -> Binding<T> {
    Binding::new(
        move |draft| draft.servers.get(index).map(read).unwrap_or_default(),
        move |draft, value| {
            if let Some(account) = draft.servers.get_mut(index) {
                write(account, value);
            }
        },
    )
}

/// What is true of one account.
pub(super) fn account<T: PartialEq + Default + Send + Sync + 'static>(
    state: EditorState,
    index: usize,
    read: fn(&BootstrapServerAccount) -> T,
) -> Memo<T> {
    memo(move || state.draft.with(|draft| draft.servers.get(index).map(read).unwrap_or_default()))
}

/// Where this server takes devices: with or without security, as itself or as the Bootstrap-Server.
pub(super) fn own_address(server: &ServerSecurity, bootstrap: bool, mode: SecurityMode) -> Option<String> {
    match (bootstrap, mode) {
        (false, SecurityMode::NoSec) => server.coap.clone(),
        (false, _) => server.coaps.clone(),
        (true, SecurityMode::NoSec) => server.bootstrap_coap.clone(),
        (true, _) => server.bootstrap_coaps.clone(),
    }
}

/// An account with a server: an instance of the Security Object and one of the Server Object.
#[component]
pub(super) fn AccountCard(state: EditorState, index: usize) -> impl IntoView {
    let bootstrap = account(state, index, |account| account.bootstrap_server);
    let title = account(state, index, |account| {
        if account.bootstrap_server {
            "Bootstrap-Server".to_owned()
        } else {
            format!("Server {}", account.short_server_id)
        }
    });
    let uri = account(state, index, |account| account.uri.clone());
    let instances = account(state, index, |account| {
        let id = |instance: Option<u16>| instance.map_or_else(|| "x".to_owned(), |id| id.to_string());
        let security = format!("/0/{}", id(account.security_instance));
        if account.bootstrap_server {
            security
        } else {
            format!("{security} + /1/{}", id(account.server_instance))
        }
    });
    let place = format!("servers/{index}");
    view! {
        <section class="bs-card" aria-label=title data-testid="account" data-field=place tabindex="-1">
            <div class="bs-card-head">
                <h3>{title}</h3>
                <span class="mono muted bs-uri">{uri}</span>
                <span class="chip mono" title="x: a free instance id">{instances}</span>
                <button
                    type="button" class="button ghost square" aria-label=move || format!("Remove {}", title.get())
                    data-testid="account-remove"
                    on:click=move |_| state.redraw(|draft| {
                        if index < draft.servers.len() {
                            draft.servers.remove(index);
                        }
                    })
                >
                    <Glyph icon=Icon::Delete />
                </button>
            </div>
            <div class="bs-card-body">
                <Choice
                    state=state field=format!("servers/{index}/bootstrap_server") label="Account with"
                    options=vec![(false, "server", "LwM2M server"), (true, "bootstrap", "Bootstrap-Server")]
                    binding=kind(state, index)
                />
                <Choice
                    state=state field=format!("servers/{index}/security_mode") label="Security mode"
                    options=MODES.to_vec() binding=mode(state, index)
                />
                <CredentialFields state=state index=index />
                <TextField
                    state=state field=format!("servers/{index}/uri") label="Server URI" mono=true
                    binding=of_account(index, |account| account.uri.clone(), |account, text| account.uri = text)
                />
                {move || (!bootstrap.get()).then(|| view! { <ServerFields state=state index=index /> })}
                <Instances state=state index=index bootstrap=bootstrap />
                <FurtherResources state=state index=index object=0 />
                {move || (!bootstrap.get()).then(|| view! { <FurtherResources state=state index=index object=1 /> })}
            </div>
        </section>
    }
}

/// The account of the Bootstrap-Server has no instance of the Server Object (LwM2M Core, Appendix E.1).
fn kind(state: EditorState, index: usize) -> Binding<bool> {
    Binding::new(
        move |draft| draft.servers.get(index).is_some_and(|account| account.bootstrap_server),
        move |draft, bootstrap| {
            if let Some(account) = draft.servers.get_mut(index) {
                follow(state, account, |account| account.bootstrap_server = bootstrap);
            }
        },
    )
}

fn mode(state: EditorState, index: usize) -> Binding<SecurityMode> {
    Binding::new(
        move |draft| draft.servers.get(index).map_or(SecurityMode::NoSec, |account| account.security_mode),
        move |draft, mode| {
            if let Some(account) = draft.servers.get_mut(index) {
                follow(state, account, |account| account.security_mode = mode);
            }
        },
    )
}

/// An address of this server goes along with what the account is for; one that was typed stays.
fn follow(
    state: EditorState,
    account: &mut BootstrapServerAccount,
    change: impl FnOnce(&mut BootstrapServerAccount),
) {
    let own = |account: &BootstrapServerAccount| {
        let server = state.server.get_untracked()?;
        own_address(&server, account.bootstrap_server, account.security_mode)
    };
    let stays = !account.uri.is_empty() && own(account).as_ref() != Some(&account.uri);
    change(account);
    if !stays && let Some(address) = own(account) {
        account.uri = address;
    }
}

/// What the Server Object says.
#[component]
fn ServerFields(state: EditorState, index: usize) -> impl IntoView {
    let field = move |name: &str| format!("servers/{index}/{name}");
    let ssid = of_account(
        index,
        |account| Some(account.short_server_id.into()),
        |account, id| account.short_server_id = short(id).unwrap_or_default(),
    );
    let lifetime = of_account(
        index,
        |account| Some(account.lifetime_s.into()),
        |account, s| account.lifetime_s = seconds(s).unwrap_or_default(),
    );
    let disable = of_account(
        index,
        |account| account.disable_timeout_s.map(u64::from),
        |account, s| account.disable_timeout_s = seconds(s),
    );
    let storing = of_account(
        index,
        |account| account.notification_storing,
        |account, on| account.notification_storing = on,
    );
    view! {
        <NumberField state=state field=field("short_server_id") label="Short Server ID" range=1..=65_534 binding=ssid />
        <NumberField state=state field=field("lifetime_s") label="Lifetime" unit="s" range=0..=u64::from(u32::MAX) binding=lifetime />
        <BindingField state=state index=index />
        <Periods state=state index=index />
        <NumberField
            state=state field=field("disable_timeout_s") label="Disable timeout" unit="s" absent="86400, by default"
            range=0..=u64::from(u32::MAX) binding=disable
        />
        <Toggle
            state=state field=field("notification_storing") label="Store notifications" hint="while it cannot be reached"
            binding=storing
        />
    }
}

pub(super) fn short(number: Option<u64>) -> Option<u16> {
    number.and_then(|number| u16::try_from(number).ok())
}

fn seconds(number: Option<u64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// Transports, and whether the device sleeps in between.
#[component]
fn BindingField(state: EditorState, index: usize) -> impl IntoView {
    let binding = account(state, index, |account| account.binding.clone());
    let queue = account(state, index, |account| account.queue_mode);
    let field = format!("servers/{index}/binding");
    let wrong = wrong(state, &field);
    let edit = move |how: &dyn Fn(&mut BootstrapServerAccount)| {
        state.edit(|draft| {
            if let Some(account) = draft.servers.get_mut(index) {
                how(account);
            }
        });
    };
    let chips = TRANSPORTS.map(|(letter, title)| {
        view! {
            <button
                type="button" class="chip bs-chip" title=title
                class:on=move || binding.with(|binding| binding.contains(letter))
                aria-pressed=move || binding.with(|binding| binding.contains(letter)).to_string()
                on:click=move |_| edit(&|account| account.binding = toggled(&account.binding, letter))
            >
                {letter.to_string()}
            </button>
        }
    });
    view! {
        <div class="bs-field">
            <span class="bs-label">"Binding"</span>
            <span class="bs-input">
                <span class="bs-chips" role="group" aria-label="Binding" data-field=field tabindex="-1">
                    {chips}
                    <button
                        type="button" class="chip bs-chip" title="Queue mode"
                        class:on=queue
                        aria-pressed=move || queue.get().to_string()
                        on:click=move |_| edit(&|account| account.queue_mode = !account.queue_mode)
                    >
                        "queue"
                    </button>
                </span>
                <Wrong wrong=wrong />
            </span>
        </div>
    }
}

/// How often it notifies where an observation does not say.
#[component]
fn Periods(state: EditorState, index: usize) -> impl IntoView {
    let place = move |name: &str| format!("servers/{index}/{name}");
    let least = of_account(
        index,
        |account| account.default_minimum_period_s.map(u64::from),
        |account, s| account.default_minimum_period_s = seconds(s),
    );
    let most = of_account(
        index,
        |account| account.default_maximum_period_s.map(u64::from),
        |account, s| account.default_maximum_period_s = seconds(s),
    );
    let (too_little, too_much) =
        (wrong(state, &place("default_minimum_period_s")), wrong(state, &place("default_maximum_period_s")));
    view! {
        <div class="bs-field">
            <span class="bs-label">"pmin / pmax default"</span>
            <span class="bs-input">
                <span class="bs-pair">
                    <NumberInput
                        state=state field=place("default_minimum_period_s") binding=least range=0..=u64::from(u32::MAX)
                        absent="0" unit="" wrong=too_little name="Default Minimum Period"
                    />
                    <span aria-hidden="true">"/"</span>
                    <NumberInput
                        state=state field=place("default_maximum_period_s") binding=most range=0..=u64::from(u32::MAX)
                        absent="none" unit="s" wrong=too_much name="Default Maximum Period"
                    />
                </span>
                <Wrong wrong=too_little />
                <Wrong wrong=too_much />
            </span>
        </div>
    }
}

/// The ids of the instances, where they matter.
#[component]
fn Instances(state: EditorState, index: usize, bootstrap: Memo<bool>) -> impl IntoView {
    let field = move |name: &str| format!("servers/{index}/{name}");
    let security = move || {
        of_account(
            index,
            |account| account.security_instance.map(u64::from),
            |account, id| account.security_instance = short(id),
        )
    };
    let server = move || {
        of_account(
            index,
            |account| account.server_instance.map(u64::from),
            |account, id| account.server_instance = short(id),
        )
    };
    view! {
        <details class="bs-more">
            <summary>"Instance ids"</summary>
            <NumberField
                state=state field=field("security_instance") label="Security /0/" absent="a free one" range=0..=65_534
                binding=security()
            />
            {move || (!bootstrap.get()).then(|| view! {
                <NumberField
                    state=state field=field("server_instance") label="Server /1/" absent="a free one" range=0..=65_534
                    binding=server()
                />
            })}
        </details>
    }
}
