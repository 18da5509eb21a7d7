//! What is no part of the first load: all pages but the fleet, and dialogs. Each part is a module of its own, which the
//! browser fetches when it is first needed, or before that when there is nothing better to do.
//!
//! The macro makes a function wait for the module that it lives in; what it calls and nobody else does lives there too.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use lwm2m_model::Registry;

use super::{
    AccessControlOfPage, AccessControlPage, BoardPage, BoardsPage, BootstrapConfigurationPage, BootstrapPage,
    BootstrapSessionPage, CommandsPage, DevicePage, NewBootstrapConfigurationPage, ObjectsPage,
    ObservationsPage, SecurityPage, ServerPage, TracePage,
};
use crate::browser;
use crate::components::LabelDialog;
use crate::components::fleet::{BulkDialog, ConnectDialog, FleetEmpty};
use crate::components::shell::{HelpDialog, PaletteDialog};
use crate::fleet::FleetState;
use crate::palette::Choice;

/// When the other parts are fetched: after what the first page asks for.
const FETCH_AHEAD: Duration = Duration::from_secs(1);

type Part = Result<AnyView, SplitLoaderError>;

#[wasm_split(device, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_device))]
pub(crate) fn device_page(endpoint: String) -> Part {
    Ok(view! { <DevicePage endpoint=endpoint /> }.into_any())
}

// Boards have charts, too.
#[wasm_split(device, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn boards_page() -> Part {
    Ok(view! { <BoardsPage /> }.into_any())
}

#[wasm_split(device, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn board_page(id: u64) -> Part {
    Ok(view! { <BoardPage id=id /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_pages))]
pub(crate) fn observations_page() -> Part {
    Ok(view! { <ObservationsPage /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn commands_page(endpoint: Option<String>) -> Part {
    Ok(view! { <CommandsPage endpoint=endpoint /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn objects_page(id: Option<u16>) -> Part {
    Ok(view! { <ObjectsPage id=id /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn trace_page(endpoint: Option<String>) -> Part {
    Ok(view! { <TracePage endpoint=endpoint /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn security_page(endpoint: Option<String>) -> Part {
    Ok(view! { <SecurityPage endpoint=endpoint /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn server_page() -> Part {
    Ok(view! { <ServerPage /> }.into_any())
}

#[wasm_split(access_control, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_access_control))]
pub(crate) fn access_control_page() -> Part {
    Ok(view! { <AccessControlPage /> }.into_any())
}

#[wasm_split(access_control, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn access_control_of_page(endpoint: String) -> Part {
    Ok(view! { <AccessControlOfPage endpoint=endpoint /> }.into_any())
}

#[wasm_split(bootstrap, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_bootstrap))]
pub(crate) fn bootstrap_page(endpoint: Option<String>) -> Part {
    Ok(view! { <BootstrapPage endpoint=endpoint /> }.into_any())
}

#[wasm_split(bootstrap, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn new_bootstrap_configuration(like: Option<u64>) -> Part {
    Ok(view! { <NewBootstrapConfigurationPage like=like /> }.into_any())
}

#[wasm_split(bootstrap, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn bootstrap_configuration_page(id: u64) -> Part {
    Ok(view! { <BootstrapConfigurationPage id=id /> }.into_any())
}

#[wasm_split(bootstrap, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn bootstrap_session_page(id: u64) -> Part {
    Ok(view! { <BootstrapSessionPage id=id /> }.into_any())
}

#[wasm_split(dialogs, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_dialogs))]
pub(crate) fn frame_dialogs(on_choose: Callback<Choice>) -> Part {
    Ok(view! {
        <HelpDialog />
        <PaletteDialog on_choose=on_choose />
    }
    .into_any())
}

#[wasm_split(dialogs, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn fleet_dialogs() -> Part {
    let state = expect_context::<FleetState>();
    Ok(view! {
        <LabelDialog endpoint=state.labelling />
        <BulkDialog />
        <ConnectDialog />
    }
    .into_any())
}

#[wasm_split(dialogs, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn fleet_empty() -> Part {
    Ok(view! { <FleetEmpty /> }.into_any())
}

/// Reads the registry, and what operators have added to it in the form of [`Registry::from_json`].
#[wasm_split(registry, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(crate) fn read_registry(
    bundled: Vec<u8>,
    added: Vec<String>,
) -> Result<Result<Registry, String>, SplitLoaderError> {
    let read = || {
        let mut registry = Registry::from_bytes(&bundled).map_err(|error| error.to_string())?;
        for definitions in &added {
            let added =
                Registry::from_json(definitions).map_err(|error| format!("{error} in {definitions}"))?;
            registry.add(added.definitions().cloned());
        }
        Ok(registry)
    };
    Ok(read())
}

/// Fetches what is not there yet, so that a click finds it. What cannot be fetched now is fetched when it is needed.
pub(crate) fn fetch_ahead() {
    let fetch = async || {
        let _ = load_dialogs().await;
        let _ = load_device().await;
        let _ = load_pages().await;
        let _ = load_bootstrap().await;
        let _ = load_access_control().await;
        browser::style_later().await;
    };
    set_timeout(move || leptos::task::spawn_local(fetch()), FETCH_AHEAD);
}
