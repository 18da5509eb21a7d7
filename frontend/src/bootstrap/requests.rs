use console_api::{
    BootstrapAssigned, BootstrapCheck, BootstrapConfiguration, BootstrapConfigurationList,
    BootstrapConfigurationVersions, BootstrapNow, SavedBootstrapConfiguration,
};
use gloo_net::http::{Request, RequestBuilder};
use serde::de::DeserializeOwned;

use crate::api::{Failure, answer, answer_to, client_address, done};
use crate::routing::percent_encode;

const CONFIGURATIONS: &str = "/api/v1/bootstrap/configurations";

type Saved = Result<SavedBootstrapConfiguration, Failure>;

pub(crate) async fn list() -> Result<BootstrapConfigurationList, Failure> {
    answer_to(CONFIGURATIONS).await
}

pub(crate) async fn configuration(id: u64) -> Saved {
    answer_to(&format!("{CONFIGURATIONS}/{id}")).await
}

pub(crate) async fn versions(id: u64) -> Result<BootstrapConfigurationVersions, Failure> {
    answer_to(&format!("{CONFIGURATIONS}/{id}/versions")).await
}

pub(crate) async fn add(configuration: &BootstrapConfiguration) -> Saved {
    send(Request::post(CONFIGURATIONS), configuration).await
}

/// Refused when somebody saved another version than `version` meanwhile.
pub(crate) async fn save(id: u64, version: u32, configuration: &BootstrapConfiguration) -> Saved {
    send(Request::put(&format!("{CONFIGURATIONS}/{id}?version={version}")), configuration).await
}

/// What the server thinks of a configuration: it also knows the names of the others.
pub(crate) async fn ask_check(
    id: Option<u64>,
    configuration: &BootstrapConfiguration,
) -> Result<BootstrapCheck, Failure> {
    let query = id.map(|id| format!("?id={id}")).unwrap_or_default();
    send(Request::post(&format!("{CONFIGURATIONS}/check{query}")), configuration).await
}

/// A new version with what an earlier one said.
pub(crate) async fn roll_back(id: u64, version: u32) -> Saved {
    let request = Request::post(&format!("{CONFIGURATIONS}/{id}/rollback?version={version}"));
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn delete(id: u64) -> Result<(), Failure> {
    let request = Request::delete(&format!("{CONFIGURATIONS}/{id}"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// All of a file or none.
pub(crate) async fn import(text: &str) -> Result<(), Failure> {
    let request =
        Request::post(&format!("{CONFIGURATIONS}/import")).header("content-type", "application/json");
    let request = request.body(text.to_owned()).map_err(Failure::unreachable)?;
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// All configurations as a file, without their secrets.
pub(crate) async fn export() -> Result<Vec<BootstrapConfiguration>, Failure> {
    answer_to(&format!("{CONFIGURATIONS}/export")).await
}

/// What a device of that name would receive.
pub(crate) async fn assignment(endpoint: &str) -> Result<BootstrapAssigned, Failure> {
    answer_to(&format!("/api/v1/bootstrap/assignment?endpoint={}", percent_encode(endpoint))).await
}

/// Makes a registered device bootstrap.
pub(crate) async fn bootstrap_now(endpoint: &str) -> Result<BootstrapNow, Failure> {
    let request = Request::post(&client_address(endpoint, "/bootstrap", ""));
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

async fn send<T: DeserializeOwned>(
    request: RequestBuilder,
    configuration: &BootstrapConfiguration,
) -> Result<T, Failure> {
    let request = request.json(configuration).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}
