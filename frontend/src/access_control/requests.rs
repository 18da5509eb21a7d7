//! Requests of the pages about access control.

use console_api::{AccessControl, AccessControlDraft, AccessControlPlan, AccessControlWanted, ServerNames};
use gloo_net::http::Request;

use crate::api::{Failure, answer, answer_to, client_address, done};

const SERVERS: &str = "/api/v1/access-control/servers";

/// Asks the device who may do what. `server`: the Short Server ID of this server, where an operator says it.
pub(crate) async fn read(endpoint: &str, server: Option<u16>) -> Result<AccessControl, Failure> {
    let query = server.map(|server| format!("server={server}")).unwrap_or_default();
    answer_to(&client_address(endpoint, "/access-control", &query)).await
}

/// What was read last; no device is asked.
pub(crate) async fn known(endpoint: &str) -> Result<AccessControl, Failure> {
    answer_to(&client_address(endpoint, "/access-control", "known=true")).await
}

/// What would be written, from what the device has now.
pub(crate) async fn plan(endpoint: &str, wanted: &AccessControlWanted) -> Result<AccessControlPlan, Failure> {
    let request = Request::post(&client_address(endpoint, "/access-control/plan", ""));
    let request = request.json(wanted).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

/// Edits that are kept; none where there are none.
pub(crate) async fn draft(endpoint: &str) -> Result<Option<AccessControlDraft>, Failure> {
    const NONE: u16 = 404;
    let response = Request::get(&draft_address(endpoint)).send().await.map_err(Failure::unreachable)?;
    if response.status() == NONE {
        return Ok(None);
    }
    answer(response).await.map(Some)
}

pub(crate) async fn save_draft(
    endpoint: &str,
    draft: &AccessControlDraft,
) -> Result<AccessControlDraft, Failure> {
    let request = Request::put(&draft_address(endpoint)).json(draft).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn delete_draft(endpoint: &str) -> Result<(), Failure> {
    done(Request::delete(&draft_address(endpoint)).send().await.map_err(Failure::unreachable)?).await
}

fn draft_address(endpoint: &str) -> String {
    client_address(endpoint, "/access-control/draft", "")
}

/// What operators call the servers of their devices.
pub(crate) async fn server_names() -> Result<ServerNames, Failure> {
    answer_to(SERVERS).await
}

pub(crate) async fn name_servers(names: &ServerNames) -> Result<ServerNames, Failure> {
    let request = Request::put(SERVERS).json(names).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}
