//! REST requests about clients, by Endpoint Client Name.

use console_api::{ClientDetails, ClientList, ClientQuery, Label};
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;

use super::to_address;
use crate::api::{self, Failure};

/// Clients that match, from the one with the index `offset` on.
pub(crate) async fn list(query: &ClientQuery, offset: usize, limit: usize) -> Result<ClientList, Failure> {
    let query = to_address(query);
    let address = format!("/api/v1/clients?{query}&offset={offset}&limit={limit}");
    answer(Request::get(&address)).await
}

/// Everything about a client that is known, registered or not.
pub(crate) async fn details(endpoint: &str) -> Result<ClientDetails, Failure> {
    answer(Request::get(&api::client_address(endpoint, "", "status=any"))).await
}

pub(crate) async fn label(endpoint: &str, label: &Label) -> Result<(), Failure> {
    let request = Request::put(&api::client_address(endpoint, "/label", ""));
    let request = request.json(label).map_err(Failure::unreachable)?;
    api::done(request.send().await.map_err(Failure::unreachable)?).await
}

/// Removes everything about a client.
pub(crate) async fn forget(endpoint: &str) -> Result<(), Failure> {
    api::done(send(Request::delete(&api::client_address(endpoint, "", ""))).await?).await
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    api::answer(send(request).await?).await
}

async fn send(request: RequestBuilder) -> Result<Response, Failure> {
    request.send().await.map_err(Failure::unreachable)
}
