//! `POST /api/v1/clients/{endpoint}/operations`

mod answering;
mod attributes;
mod encoding;
mod reading;
mod values;

use std::{sync::Arc, time::Duration};

pub(super) use answering::failure;
use answering::status_of;
use axum::{
    Json,
    extract::{State as Extract, rejection::JsonRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use console_api::{DecodedValue, OperationRequest, OperationResponse, Wait};
use lwm2m_codec::{ContentFormat, Decoder, Path, registration::LwM2mVersion};
use lwm2m_core::server::{Command, CommandState, Operation, OperationError, Refusals, Registration, limits};
use lwm2m_model::{ClientModel, Registry};
pub(super) use reading::path;

use super::{
    State,
    error::Failure,
    extract::{Author, Endpoint, not_json},
};
use crate::{
    commands::{in_words, why_not_answered},
    fleet::Fleet,
    objects::Objects,
    runtime::{Accepted, Order},
};

/// How long to wait when the caller does not say: MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(93);

/// How long a command for a client in queue mode may wait when the caller does not say: many wake once a day.
const QUEUE_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a command may wait at most. Beyond, it is refused: nobody remembers it then.
const LONGEST_DEADLINE: Duration = Duration::from_secs(31 * 24 * 60 * 60);

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
    Author(author): Author,
    request: Result<Json<OperationRequest>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(request) = request.map_err(|rejection| not_json(&rejection))?;
    let sleeper = state.fleet.view().sleeper(&endpoint);
    let (timeout, deadline) = times(&request, sleeper.in_queue_mode)?;
    let Asked { operation, chosen } = reading::read(&request, &Addressee::of(&state, &endpoint))?;
    let order = Order { endpoint, operation, author, force: request.force, timeout, deadline };
    let accepted = state.operations.command(order).await.ok_or_else(Failure::stopping)?;
    let Accepted { command, over } = accepted.map_err(|error| failure(&error))?;
    let wait = request.wait.unwrap_or(if sleeper.asleep { Wait::Accepted } else { Wait::Answer });
    if wait == Wait::Accepted {
        return Ok(accepted_as(&state, &command));
    }
    // Whoever stops waiting here does not stop the command.
    let command = over.await.map_err(|_| Failure::stopping())?;
    let mut response = answered(&state, &command)?;
    response.sent_format = chosen.map(|format| format.0);
    response.explanation = state.access_control.explain(&command);
    Ok(Json(response).into_response())
}

/// How long the client's answer is waited for, and how long the command may wait to be sent.
fn times(request: &OperationRequest, in_queue_mode: bool) -> Result<(Duration, Duration), Failure> {
    let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
    if timeout.is_zero() || timeout > limits::OPERATION_TIMEOUT {
        let expected = format!("1 to {}", limits::OPERATION_TIMEOUT.as_millis());
        return Err(Failure::bad_request("timeout_ms is out of range")
            .expected(expected, timeout.as_millis().to_string()));
    }
    let default = if in_queue_mode { QUEUE_DEADLINE } else { timeout };
    let deadline = request.deadline_s.map_or(default, Duration::from_secs);
    if deadline.is_zero() || deadline > LONGEST_DEADLINE {
        let expected = format!("1 to {}", LONGEST_DEADLINE.as_secs());
        return Err(Failure::bad_request("deadline_s is out of range")
            .expected(expected, deadline.as_secs().to_string()));
    }
    Ok((timeout, deadline))
}

/// 202: it is stored, and its address tells what becomes of it.
pub(super) fn accepted_as(state: &State, command: &Command) -> Response {
    let address = format!("/api/v1/commands/{}", command.id.0);
    (StatusCode::ACCEPTED, [(header::LOCATION, address)], Json(told(state, command))).into_response()
}

/// A command with its answer decoded.
pub(super) fn told(state: &State, command: &Command) -> console_api::Command<OperationResponse> {
    let now_s = state.clock.now().as_millis() as f64 / 1000.0;
    in_words(command, |answer| {
        answering::respond(command, answer, &Addressee::of(state, &command.endpoint), now_s)
    })
}

/// What the client answered, or why it did not.
fn answered(state: &State, command: &Command) -> Result<OperationResponse, Failure> {
    match &command.state {
        CommandState::Answered(answer) => {
            // Who answers has registered, even if that was not known here before it was asked.
            let addressee = Addressee::of(state, &command.endpoint);
            let now_s = state.clock.now().as_millis() as f64 / 1000.0;
            Ok(answering::respond(command, answer, &addressee, now_s))
        }
        _ => Err(not_answered(command)),
    }
}

/// Why a command that is over has no answer.
pub(super) fn not_answered(command: &Command) -> Failure {
    let status = match &command.state {
        CommandState::Failed(error) => status_of(error),
        CommandState::Expired if command.changed_at < command.deadline => {
            status_of(&OperationError::Departed)
        }
        CommandState::Expired => StatusCode::GATEWAY_TIMEOUT,
        CommandState::Cancelled => StatusCode::CONFLICT,
        _ => StatusCode::BAD_GATEWAY,
    };
    Failure::with(status, why_not_answered(command))
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

/// The Content-Format that a client takes for more than one value.
pub(crate) fn format_of_several(fleet: &Fleet, objects: &Objects, endpoint: &str) -> ContentFormat {
    Addressee::new(fleet, objects, endpoint).format_of_several()
}

impl Addressee {
    fn of(state: &State, endpoint: &str) -> Self {
        Self::new(&state.fleet, &state.objects, endpoint)
    }

    fn new(fleet: &Fleet, objects: &Objects, endpoint: &str) -> Self {
        let view = fleet.view();
        let registration = view.registration(endpoint);
        Self { registry: objects.registry(), refusals: view.refusals(endpoint), registration }
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
