//! `POST /api/v1/clients/{endpoint}/operations`

mod answering;
mod attributes;
mod encoding;
mod reading;
mod values;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub(super) use answering::failure;
use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
};
use console_api::{DecodedValue, OperationRequest, OperationResponse};
use lwm2m_codec::{ContentFormat, Decoder, Path, registration::LwM2mVersion};
use lwm2m_core::server::{Operation, Refusals, Registration, limits};
use lwm2m_model::{ClientModel, Registry};
pub(super) use reading::path;

use super::{
    State,
    error::Failure,
    extract::{Endpoint, not_json},
};

/// How long to wait when the caller does not say: MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(93);

/// What the server knows of the client that an operation is for.
struct Addressee {
    registration: Option<Arc<Registration>>,
    /// The definitions in use when the operation began.
    registry: Arc<Registry>,
    refusals: Refusals,
}

/// An operation as it is sent.
struct Asked {
    operation: Operation,
    /// The Content-Format of its payload, where the caller left the choice.
    chosen: Option<ContentFormat>,
}

pub(super) async fn operate(
    Extract(state): Extract<State>,
    Endpoint(endpoint): Endpoint,
    request: Result<Json<OperationRequest>, JsonRejection>,
) -> Result<Json<OperationResponse>, Failure> {
    let Json(request) = request.map_err(|rejection| not_json(&rejection))?;
    let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
    if timeout.is_zero() || timeout > limits::OPERATION_TIMEOUT {
        let expected = format!("1 to {}", limits::OPERATION_TIMEOUT.as_millis());
        return Err(Failure::bad_request("timeout_ms is out of range")
            .expected(expected, timeout.as_millis().to_string()));
    }
    let asked = reading::read(&request, &Addressee::of(&state, &endpoint))?;
    let started = Instant::now();
    let operation = asked.operation.clone();
    let result = state.operations.operate(endpoint.clone(), operation, timeout, request.force).await;
    let result = result.ok_or_else(Failure::stopping)?;
    let answer = result.map_err(failure)?;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // Who answers has registered, even if that was not known here before it was asked.
    let addressee = Addressee::of(&state, &endpoint);
    let now_s = state.clock.now().as_millis() as f64 / 1000.0;
    Ok(Json(answering::respond(&asked, answer, &addressee, now_s, duration_ms)))
}

/// A payload of a client in JSON, read with the object versions that it has registered.
pub(super) fn decode(
    registry: &Registry,
    registration: Option<&Registration>,
    path: &Path,
    format: Option<ContentFormat>,
    payload: &[u8],
    now_s: f64,
) -> Result<Vec<DecodedValue>, String> {
    // Without Content-Format it is text.
    let format = format.unwrap_or(ContentFormat::TEXT);
    let root = registration.map_or("/", |registration| registration.links.root.as_str());
    let model = model(registry, registration);
    let records = Decoder::new(format, path, &model).root(root).decode(payload);
    let records = records.map_err(|error| error.to_string())?;
    Ok(records.into_iter().map(|record| values::decoded(record, format, now_s)).collect())
}

/// The definitions of the object versions that a client registered with; of one that is not known, those of a plain
/// LwM2M 1.0 client.
pub(crate) fn model<'a>(registry: &'a Registry, registration: Option<&Registration>) -> ClientModel<'a> {
    match registration {
        Some(registration) => registration.model(registry),
        None => registry.for_client(LwM2mVersion::default(), []),
    }
}

impl Addressee {
    fn of(state: &State, endpoint: &str) -> Self {
        let view = state.fleet.view();
        let registration = view.registration(endpoint);
        Self { registry: state.objects.registry(), refusals: view.refusals(endpoint), registration }
    }

    fn model(&self) -> ClientModel<'_> {
        model(&self.registry, self.registration.as_deref())
    }

    fn version(&self) -> LwM2mVersion {
        self.registration.as_ref().map(|registration| registration.version).unwrap_or_default()
    }

    fn root(&self) -> &str {
        self.registration.as_ref().map_or("/", |registration| registration.links.root.as_str())
    }
}
