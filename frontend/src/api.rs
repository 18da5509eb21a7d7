//! REST: JSON both ways. What a device sent comes as bytes and is decoded here in the browser.

use std::collections::BTreeMap;

use console_api::{
    ApiError, ClientConfig, ClientList, Command, Details, HistoryBuckets, HistoryPage, ObjectList,
    ObservationList, OperationRequest, OperationResponse, Retention, ServerStatus, SimulateDevices,
    SimulatedDevices, UploadedObjects,
};
use gloo_net::http::{Request, Response};
use lwm2m_model::Registry;

use crate::browser;
use crate::pages::read_registry;
use crate::palette::Found;
use crate::routing::percent_encode;

const SIMULATED: &str = "/api/v1/simulated-devices";
const RETENTION: &str = "/api/v1/server/retention";

/// Why there is no answer of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// [`ApiError::code`], or `unreachable` when the server itself did not answer.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Option<Details>,
}

impl Failure {
    pub(crate) fn unreachable(error: impl std::fmt::Display) -> Self {
        Self { code: "unreachable".into(), message: error.to_string(), details: None }
    }

    /// The message, with what was expected and what came.
    pub(crate) fn told(&self) -> String {
        match &self.details {
            Some(Details { expected, got }) => format!("{}: expected {expected}, got {got}", self.message),
            None => self.message.clone(),
        }
    }
}

pub(crate) async fn server() -> Result<ServerStatus, Failure> {
    let response = Request::get("/api/v1/server").send().await.map_err(Failure::unreachable)?;
    answer(response).await
}

/// Clients that fit a text, known or registered.
pub(crate) async fn find_clients(text: &str, limit: usize) -> Result<Found, Failure> {
    let address = format!("/api/v1/clients?text={}&status=any&limit={limit}", percent_encode(text));
    answer(Request::get(&address).send().await.map_err(Failure::unreachable)?).await
}

/// How much of the past is kept.
pub(crate) async fn retention() -> Result<Retention, Failure> {
    answer_to(RETENTION).await
}

pub(crate) async fn retain(wanted: &Retention) -> Result<(), Failure> {
    let request = Request::put(RETENTION).json(wanted).map_err(Failure::unreachable)?;
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Numbers of one Resource in so many buckets, up to now.
pub(crate) async fn history_buckets(
    endpoint: &str,
    path: &str,
    (from_ms, to_ms): (u64, u64),
    buckets: usize,
) -> Result<HistoryBuckets, Failure> {
    let query = format!("path={path}&from={from_ms}&to={to_ms}&buckets={buckets}");
    answer_to(&client_address(endpoint, "/history", &query)).await
}

/// The newest payloads that are about one Resource.
pub(crate) async fn history_page(
    endpoint: &str,
    path: &str,
    (from_ms, to_ms): (u64, u64),
    limit: usize,
) -> Result<HistoryPage, Failure> {
    let query = format!("path={path}&from={from_ms}&to={to_ms}&limit={limit}");
    answer_to(&client_address(endpoint, "/history", &query)).await
}

pub(crate) async fn simulated_devices() -> Result<SimulatedDevices, Failure> {
    answer(Request::get(SIMULATED).send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn simulate_devices(wanted: &SimulateDevices) -> Result<SimulatedDevices, Failure> {
    let request = Request::post(SIMULATED).json(wanted).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn stop_simulated_devices() -> Result<(), Failure> {
    let response = Request::delete(SIMULATED).send().await.map_err(Failure::unreachable)?;
    done(response).await
}

/// Whether the server would give out another build than the one that runs here.
pub(crate) async fn has_newer_build() -> bool {
    let (Some(own), Ok(response)) = (browser::boot_script(), Request::get("/").send().await) else {
        return false;
    };
    response.ok() && response.text().await.is_ok_and(|page| !page.contains(&own))
}

/// What became of an operation so far.
pub(crate) enum Operated {
    Answered(Box<OperationResponse>),
    /// The device sleeps; it is asked when it wakes.
    Queued(Box<Command<OperationResponse>>),
}

pub(crate) async fn operate(endpoint: &str, request: &OperationRequest) -> Result<Operated, Failure> {
    const ACCEPTED: u16 = 202;
    let address = client_address(endpoint, "/operations", "");
    let request = Request::post(&address).json(request).map_err(Failure::unreachable)?;
    let response = request.send().await.map_err(Failure::unreachable)?;
    if response.status() == ACCEPTED {
        return answer(response).await.map(|command| Operated::Queued(Box::new(command)));
    }
    answer(response).await.map(|answer| Operated::Answered(Box::new(answer)))
}

/// Withdraws a command that waits.
pub(crate) async fn cancel_command(id: u64) -> Result<(), Failure> {
    let request = Request::delete(&format!("/api/v1/commands/{id}"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Asks for the same once more.
pub(crate) async fn retry_command(id: u64) -> Result<Command<OperationResponse>, Failure> {
    let request = Request::post(&format!("/api/v1/commands/{id}/retry"));
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

/// What an operator decides about a client.
pub(crate) async fn configure(endpoint: &str, config: &ClientConfig) -> Result<(), Failure> {
    let request = Request::put(&client_address(endpoint, "/config", ""));
    let request = request.json(config).map_err(Failure::unreachable)?;
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Address of something that belongs to a client.
pub(crate) fn client_address(endpoint: &str, below: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    match endpoint {
        // A name of dots only would be a step in the path.
        "." | ".." if query.is_empty() => format!("/api/v1/clients/_{below}?endpoint={endpoint}"),
        "." | ".." => format!("/api/v1/clients/_{below}?endpoint={endpoint}&{query}"),
        _ => format!("/api/v1/clients/{}{below}{mark}{query}", percent_encode(endpoint)),
    }
}

/// How many registered clients have an Object, and some of them.
pub(crate) async fn clients_with(object: u16, most: usize) -> Result<ClientList, Failure> {
    answer_to(&format!("/api/v1/clients?object={object}&limit={most}")).await
}

/// How many registered clients have each object, of those that any has.
pub(crate) async fn used_objects() -> Result<BTreeMap<u16, usize>, Failure> {
    let list: ObjectList = answer_to("/api/v1/objects").await?;
    let used = list.objects.into_iter().filter(|object| object.clients > 0);
    Ok(used.map(|object| (object.id, object.clients)).collect())
}

/// `query`: `text=…&state=…&offset=…&limit=…`
pub(crate) async fn observations(query: &str) -> Result<ObservationList, Failure> {
    answer_to(&format!("/api/v1/observations?{query}")).await
}

/// What operators have added to the object registry.
pub(crate) async fn uploaded_objects() -> Result<UploadedObjects, Failure> {
    answer_to("/api/v1/objects/uploaded").await
}

/// Adds the definitions of a file to the object registry.
pub(crate) async fn upload_objects(file: &[u8]) -> Result<UploadedObjects, Failure> {
    let file = js_sys::Uint8Array::from(file);
    let request = Request::post("/api/v1/objects").body(file).map_err(Failure::unreachable)?;
    answer(request.send().await.map_err(Failure::unreachable)?).await
}

/// Removes a definition that an operator has added.
pub(crate) async fn remove_object(id: u16, version: &str) -> Result<(), Failure> {
    let request = Request::delete(&format!("/api/v1/objects/{id}/{version}"));
    done(request.send().await.map_err(Failure::unreachable)?).await
}

/// The object registry: what the server came with, and what operators have added.
pub(crate) async fn registry() -> Result<Registry, String> {
    let bundled = bundled_registry().await?;
    let mut added = Vec::new();
    // A server that does not tell has nothing to add.
    for object in uploaded_objects().await.unwrap_or_default().objects {
        let address = format!("/api/v1/objects/{}?version={}", object.id, object.version);
        let response = Request::get(&address).send().await.map_err(|error| error.to_string())?;
        let definition = response.text().await.map_err(|error| error.to_string())?;
        // One that was removed meanwhile is not there any more.
        if response.ok() {
            added.push(format!(r#"{{"objects":[{definition}]}}"#));
        }
    }
    read_registry(bundled, added).await.map_err(|_| "its reader could not be loaded".to_owned())?
}

/// From the address that the page names.
async fn bundled_registry() -> Result<Vec<u8>, String> {
    let address = browser::meta("registry").ok_or("this page names no object registry")?;
    let response = Request::get(&address).send().await.map_err(|error| error.to_string())?;
    if !response.ok() {
        return Err(format!("{address}: HTTP {}", response.status()));
    }
    response.binary().await.map_err(|error| error.to_string())
}

pub(crate) async fn answer_to<T: serde::de::DeserializeOwned>(address: &str) -> Result<T, Failure> {
    answer(Request::get(address).send().await.map_err(Failure::unreachable)?).await
}

pub(crate) async fn answer<T: serde::de::DeserializeOwned>(response: Response) -> Result<T, Failure> {
    serde_json::from_str(&body(response).await?).map_err(Failure::unreachable)
}

/// For an answer that has nothing to say but that it is done.
pub(crate) async fn done(response: Response) -> Result<(), Failure> {
    body(response).await.map(drop)
}

async fn body(response: Response) -> Result<String, Failure> {
    let (status, ok) = (response.status(), response.ok());
    let text = response.text().await.map_err(Failure::unreachable)?;
    if ok {
        return Ok(text);
    }
    Err(failure(status, &text))
}

fn failure(status: u16, text: &str) -> Failure {
    match serde_json::from_str::<ApiError>(text) {
        Ok(ApiError { code, message, details }) => Failure { code, message, details },
        Err(_) => Failure { code: format!("http_{status}"), message: plain(text, status), details: None },
    }
}

/// An error of something between browser and server, in its own words if they are short.
fn plain(text: &str, status: u16) -> String {
    let text = text.trim();
    let readable = !text.is_empty() && text.len() <= 200 && !text.starts_with('<');
    if readable && !text.starts_with('{') {
        text.to_owned()
    } else {
        format!("the server answered HTTP {status}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_name_has_an_address() {
        assert_eq!(client_address("a/b", "/operations", ""), "/api/v1/clients/a%2Fb/operations");
        assert_eq!(client_address("a%2Fb", "", ""), "/api/v1/clients/a%252Fb");
        assert_eq!(client_address("..", "/operations", ""), "/api/v1/clients/_/operations?endpoint=..");
    }
}
