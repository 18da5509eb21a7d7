//! `GET /api/v1/observations`

use axum::{Json, extract::State as Extract};
use console_api::{ObservationList, ObservationState};
use lwm2m_codec::attributes::NotificationAttributes;
use lwm2m_core::server::ObservationTarget;
use serde::Deserialize;

use super::{
    State,
    error::Failure,
    extract::{Asked, page_limit},
};
use crate::observations::Filter;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    endpoint: Option<String>,
    #[serde(default)]
    text: String,
    state: Option<ObservationState>,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

pub(super) async fn list(
    Extract(state): Extract<State>,
    Asked(which): Asked<Which>,
) -> Result<Json<ObservationList>, Failure> {
    let limit = page_limit(which.limit)?;
    let filter = Filter { endpoint: which.endpoint.as_deref(), state: which.state, text: &which.text };
    let view = state.fleet.view();
    let registry = state.objects.registry();
    // One client has several observations in a row.
    let mut of_client = (String::new(), None);
    let attributes =
        |endpoint: &str, target: &ObservationTarget, parameters: Option<&NotificationAttributes>| {
            if of_client.0 != endpoint {
                of_client = (endpoint.to_owned(), view.attributes(endpoint, &registry));
            }
            Some(of_client.1.as_ref()?.of_observation(target, parameters))
        };
    let name = |endpoint: &str| view.name(endpoint);
    let (total, observations) = state.observations.select(&filter, name, attributes, which.offset, limit);
    Ok(Json(ObservationList { total, observations }))
}
