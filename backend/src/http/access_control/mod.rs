//! `/api/v1/clients/{endpoint}/access-control`: who may do what on a device, and changing it (LwM2M Core §8).

mod apply;
mod device;
mod told;

use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{
    AccessAnswer, AccessControl, AccessControlApplied, AccessControlPlan, AccessControlWanted, AccessQuestion,
};
use device::Device;
use lwm2m_model::access_control::{AccessControlContext, Registered, Requester};

use super::{
    State,
    error::Failure,
    extract::{Asked, Author, Endpoint, not_json},
    operation,
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// The Short Server ID of this server on the device.
    server: Option<u16>,
    /// Of the path, where it stands in the query.
    #[expect(dead_code, reason = "read as the endpoint")]
    endpoint: Option<String>,
}

pub(super) async fn read(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    Asked(known): Asked<Known>,
) -> Result<Json<AccessControl>, Failure> {
    let device = Device::new(&state, &endpoint, author)?;
    Ok(Json(device.look(known.server).await?.told))
}

pub(super) async fn plan(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    wanted: Result<Json<AccessControlWanted>, JsonRejection>,
) -> Result<Json<AccessControlPlan>, Failure> {
    let Json(wanted) = wanted.map_err(|rejection| not_json(&rejection))?;
    let device = Device::new(&state, &endpoint, author)?;
    Ok(Json(apply::Wish::new(&device, &wanted).await?.plan()?))
}

pub(super) async fn apply(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    wanted: Result<Json<AccessControlWanted>, JsonRejection>,
) -> Result<Json<AccessControlApplied>, Failure> {
    let Json(wanted) = wanted.map_err(|rejection| not_json(&rejection))?;
    let device = Device::new(&state, &endpoint, author)?;
    Ok(Json(apply::Wish::new(&device, &wanted).await?.apply().await?))
}

pub(super) async fn evaluate(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    Author(author): Author,
    question: Result<Json<AccessQuestion>, JsonRejection>,
) -> Result<Json<AccessAnswer>, Failure> {
    let Json(question) = question.map_err(|rejection| not_json(&rejection))?;
    let path = operation::path(&question.path)?;
    let asked = told::operation(question.operation, path)?;
    let device = Device::new(&state, &endpoint, author)?;
    let looked = device.look(None).await?;
    let server = question.server.or(looked.told.server).ok_or_else(which_server)?;
    let mut context = looked.context;
    if let Some(instances) = &question.instances {
        let instances = told::wanted(instances)?;
        context = AccessControlContext { enabled: !instances.is_empty(), instances, ..context };
    }
    context.servers.insert(server);
    let registry = state.objects.registry();
    let model = operation::model(&registry, Some(&device.registration));
    let presence = Registered { objects: &device.registration.links.objects, model: &model };
    Ok(Json(told::answer(server, &context.decide(Requester::Server(server), &asked, &presence))))
}

fn which_server() -> Failure {
    let message = "which server this is cannot be told from the accounts that the device shows";
    Failure::new(StatusCode::CONFLICT, "unknown_server", message)
        .expected("server: the Short Server ID of this server on the device", "none")
}
