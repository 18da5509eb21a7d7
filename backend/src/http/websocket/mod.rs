//! `GET /api/v1/ws`: what happens, to every console that has it on its screen.

mod access_control_runs;
mod bootstraps;
mod commands;
mod console;
mod followed;
mod form;
mod limits;
mod topics;
mod window;

use axum::{
    Extension,
    extract::{State as Extract, ws::WebSocketUpgrade},
    response::Response,
};
use console::Console;
pub(crate) use form::Form;
use tokio::sync::watch;

use super::{State, error::Failure, extract::Asked, stop_requested};

#[derive(Clone)]
pub(super) struct Stopped(pub(super) watch::Receiver<bool>);

#[derive(serde::Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Form,
}

pub(super) async fn connect(
    Extract(state): Extract<State>,
    Extension(Stopped(stopped)): Extension<Stopped>,
    Asked(wanted): Asked<Wanted>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    if !state.fleet.has_room_for_reader() {
        return Err(Failure::too_many_consoles());
    }
    let upgrade = upgrade.max_message_size(limits::MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let console = Console::new(socket, &state, wanted.format);
        // An error means that the browser has gone.
        if let Err(gone) = console.run(stop_requested(stopped)).await {
            tracing::debug!("a console has gone: {gone}");
        }
    }))
}
