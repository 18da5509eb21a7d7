use console_api::AccessControlState as Told;
use leptos::prelude::*;

use crate::access_control::MAX_ID;
use crate::api::Failure;
use crate::components::EmptyState;
use crate::pages::AccessControlState;
use crate::routing::Route;

/// The device could not be asked.
#[component]
pub(crate) fn NotRead(state: AccessControlState, failure: Failure) -> impl IntoView {
    let device = Route::Device { endpoint: state.endpoint() }.address();
    let (title, what) = match failure.code.as_str() {
        "asleep" => (
            "The device sleeps",
            "It is asked as soon as it wakes; this page then shows what it says. Nothing can be read or written before.",
        ),
        "unknown_client" => {
            ("This device is not registered", "Once it registers again, it can be asked who may do what.")
        }
        "unreachable" => ("The server cannot be reached", "The page asks again when you say so."),
        _ => ("The device did not say who may do what", "It can be asked again."),
    };
    let why = failure.told();
    view! {
        <EmptyState title=title testid="not-read">
            <p>{what}</p>
            <p class="muted wrap">{why}</p>
            <p class="actions">
                <button type="button" class="button primary" on:click=move |_| state.read(None)>"Ask again"</button>
                <a class="button" href=device>"Open the device"</a>
            </p>
        </EmptyState>
    }
}

/// Object 2 decides nothing on this device, or is hidden: what that means, and what can be done.
#[component]
pub(crate) fn NotEnabled(state: AccessControlState, told: Told) -> impl IntoView {
    let (title, testid, means, todo) = match told {
        Told::Missing => (
            "This device has no access control",
            "object-missing",
            "It did not register the Access Control Object (2). Every server that it has an account with may do \
             everything that its Objects support (LwM2M Core §8).",
            "There is nothing to edit. Where rights are needed, the device needs firmware with Object 2, and a bootstrap \
             that writes its instances.",
        ),
        Told::Disabled => (
            "Access control is off on this device",
            "object-disabled",
            "It has the Access Control Object (2), and no instance of it. Then every server may do everything (LwM2M \
             Core §8.2).",
            "Only bootstrap can turn it on, by writing instances of Object 2: with the access control of a bootstrap \
             configuration.",
        ),
        _ => (
            "The device keeps its access control to itself",
            "object-unreadable",
            "It has the Access Control Object (2) and did not let this server read it, so nobody here knows who may do \
             what.",
            "Another server, or bootstrap, has to grant this server the right; some devices never show it.",
        ),
    };
    let remarks = state.access.with_untracked(|access| access.remarks.clone());
    let device = Route::Device { endpoint: state.endpoint() }.address();
    view! {
        <EmptyState title=title testid=testid>
            <p>{means}</p>
            <p>{todo}</p>
            {(!remarks.is_empty()).then(|| view! {
                <ul class="muted">{remarks.into_iter().map(|remark| view! { <li class="wrap">{remark}</li> }).collect_view()}</ul>
            })}
            <p class="actions">
                <a class="button primary" href=Route::Bootstrap { endpoint: None }.address()>"Bootstrap configurations"</a>
                <button type="button" class="button" on:click=move |_| state.read(None)>"Ask again"</button>
                <a class="button" href=device>"Open the device"</a>
            </p>
        </EmptyState>
    }
}

/// Which of the servers this one is, where the accounts do not tell.
#[component]
pub(crate) fn ServerChoice(state: AccessControlState) -> impl IntoView {
    move || {
        if state.ours.get().is_some() {
            return ().into_any();
        }
        let mut servers = state.columns.get();
        servers.retain(|server| *server != 0 && *server != MAX_ID);
        let button = |server: u16| {
            let name = state.names.with_untracked(|names| names.get(&server).cloned());
            let title = name.map_or_else(|| server.to_string(), |name| format!("{server} · {name}"));
            view! {
                <button type="button" class="button" data-testid="this-server" on:click=move |_| state.read(Some(server))>{title}</button>
            }
        };
        view! {
            <div class="ac-banner warn" role="status" data-testid="which-server">
                <p class="wrap">
                    "Which of these servers is this one? The accounts that the device shows do not tell. Until then nothing can be changed."
                </p>
                {servers.into_iter().map(button).collect_view()}
            </div>
        }
        .into_any()
    }
}
