//! `POST /api/v1/clients/{endpoint}/operations`

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Path as UrlPath, State as Extract, rejection::JsonRejection},
    http::StatusCode,
};
use console_api::{
    DecodedValue, Operation as Op, OperationRequest, OperationResponse, ValueContent, WriteMode as Mode,
    hex_decode, hex_encode,
};
use lwm2m_codec::{ContentFormat, Level, ObjectLink, Path, Record, Value, ValueType, decode, encode};
use lwm2m_core::server::{Answer, Cancellation, Operation, OperationError, WriteMode, limits};
use lwm2m_model::ClientModel;

use super::{State, error::Failure};
use crate::registry::model;

/// How long to wait when the caller does not say: MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(93);

pub(super) async fn operate(
    Extract(state): Extract<State>,
    UrlPath(endpoint): UrlPath<String>,
    request: Result<Json<OperationRequest>, JsonRejection>,
) -> Result<Json<OperationResponse>, Failure> {
    let Json(request) = request.map_err(|rejection| {
        let code =
            if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE { "not_json" } else { "bad_request" };
        Failure::new(rejection.status(), code, rejection.body_text())
    })?;
    let timeout = request.timeout_ms.map_or(DEFAULT_TIMEOUT, Duration::from_millis);
    if timeout.is_zero() || timeout > limits::OPERATION_TIMEOUT {
        let expected = format!("1 to {}", limits::OPERATION_TIMEOUT.as_millis());
        return Err(Failure::bad_request("timeout_ms is out of range")
            .expected(expected, timeout.as_millis().to_string()));
    }
    let before = state.fleet.view().registration(&endpoint);
    let operation = read(&request, &model(before.as_deref()))?;
    let path = operation.path();
    let discover = matches!(operation, Operation::Discover { .. });
    let started = Instant::now();
    let result =
        state.operations.operate(endpoint.clone(), operation, timeout).await.ok_or_else(|| {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is stopping")
        })?;
    let answer = result.map_err(failure)?;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // Who answers has registered, even if that was not known here before it was asked.
    let registration = state.fleet.view().registration(&endpoint).or(before);
    Ok(Json(respond(path, &answer, discover, duration_ms, &model(registration.as_deref()))))
}

fn read(request: &OperationRequest, model: &ClientModel) -> Result<Operation, Failure> {
    let path = Path::from_str(&request.path).map_err(|error| {
        Failure::bad_request(format!("path: {error}")).expected("a path such as /3/0/0", &request.path)
    })?;
    let accept = request.accept.map(ContentFormat);
    let only = |allowed: &[&str]| only_fields(request, allowed);
    match request.op {
        Op::Read => only(&["accept"]).map(|()| Operation::Read { path, accept }),
        Op::Discover => only(&[]).map(|()| Operation::Discover { path, depth: None }),
        Op::Observe => only(&["accept"]).map(|()| Operation::Observe { path, accept, parameters: None }),
        Op::CancelObservation => only(&[]).map(|()| {
            let how = Cancellation::Active;
            Operation::CancelObservation { path, how }
        }),
        Op::Execute => {
            only(&["arguments"])?;
            let arguments = request.arguments.clone().filter(|arguments| !arguments.is_empty());
            if let Some(arguments) = &arguments {
                lwm2m_codec::execute::parse(arguments)
                    .map_err(|error| Failure::bad_request(format!("arguments: {error}")))?;
            }
            Ok(Operation::Execute { path, arguments })
        }
        Op::Write => {
            only(&["value", "payload_hex", "content_format", "mode"])?;
            let (content_format, payload) = write_payload(path, request, model)?;
            let mode = match request.mode {
                Some(Mode::PartialUpdate) => WriteMode::PartialUpdate,
                Some(Mode::Replace) | None => WriteMode::Replace,
            };
            Ok(Operation::Write { path, mode, content_format, payload })
        }
    }
}

/// A field that the operation has no use for is a mistake of the caller, not something to ignore.
fn only_fields(request: &OperationRequest, allowed: &[&str]) -> Result<(), Failure> {
    let given = [
        ("value", request.value.is_some()),
        ("payload_hex", request.payload_hex.is_some()),
        ("content_format", request.content_format.is_some()),
        ("mode", request.mode.is_some()),
        ("arguments", request.arguments.is_some()),
        ("accept", request.accept.is_some()),
    ];
    match given.iter().find(|(name, given)| *given && !allowed.contains(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::bad_request(format!("{name} has no meaning for this operation"))
            .expected(format!("op, path, timeout_ms {}", allowed.join(", ")), *name)),
    }
}

fn write_payload(
    path: Path,
    request: &OperationRequest,
    model: &ClientModel,
) -> Result<(ContentFormat, Vec<u8>), Failure> {
    match (&request.value, &request.payload_hex, request.content_format) {
        (Some(value), None, None) => encode_value(path, value, model),
        (None, Some(hex), Some(content_format)) => {
            let payload = hex_decode(hex).ok_or_else(|| {
                Failure::bad_request("payload_hex is not hexadecimal")
                    .expected("an even number of digits 0-9 a-f", hex)
            })?;
            Ok((ContentFormat(content_format), payload))
        }
        _ => {
            let failure = Failure::bad_request("what to write is missing or given twice");
            Err(failure.expected("either value, or payload_hex with content_format", "something else"))
        }
    }
}

/// One value by the type of its Resource: opaque for opaque ones, text for all others (LwM2M 1.0 TS §6.4).
fn encode_value(
    path: Path,
    value: &ValueContent,
    model: &ClientModel,
) -> Result<(ContentFormat, Vec<u8>), Failure> {
    let definition = match (path.object_id(), path.resource_id()) {
        (Some(object), Some(resource)) => model.resource(object, resource),
        _ => None,
    };
    if !matches!(path.level(), Level::Resource | Level::ResourceInstance) {
        let failure = Failure::bad_request("value is for one Resource; send payload_hex for more");
        return Err(failure.expected("a path such as /3/0/15", path.to_string()));
    }
    if definition.is_some_and(|definition| definition.multiple) && path.level() == Level::Resource {
        let failure =
            Failure::bad_request("this Resource has several instances; send payload_hex with all of them");
        return Err(failure.expected(format!("{path}/0"), path.to_string()));
    }
    let value = match definition.map(|definition| definition.value_type) {
        Some(Some(value_type)) => typed(value_type, value)?,
        Some(None) => {
            let failure = Failure::bad_request("this Resource can only be executed");
            return Err(failure.expected("a Resource with a value", path.to_string()));
        }
        None => untyped(value),
    };
    let format = if matches!(value, Value::Opaque(_)) { ContentFormat::OPAQUE } else { ContentFormat::TEXT };
    let payload = encode(format, &path, &[Record::new(path, value)])
        .map_err(|error| Failure::bad_request(format!("value: {error}")))?;
    Ok((format, payload))
}

fn typed(value_type: ValueType, value: &ValueContent) -> Result<Value, Failure> {
    let mismatch = || {
        let got = serde_json::to_string(value).unwrap_or_default();
        Failure::bad_request("value does not fit the type of the Resource").expected(value_type.name(), got)
    };
    let read = |text: &str| {
        Value::parse(value_type, text)
            .map_err(|error| mismatch().expected(value_type.name(), error.to_string()))
    };
    match (value_type, value) {
        (ValueType::Boolean, ValueContent::Boolean(value)) => Ok(Value::Boolean(*value)),
        (ValueType::Integer, ValueContent::Integer(value)) => Ok(Value::Integer(*value)),
        (ValueType::Time, ValueContent::Integer(value)) => Ok(Value::Time(*value)),
        (ValueType::Unsigned, ValueContent::Integer(value)) => {
            u64::try_from(*value).map(Value::Unsigned).map_err(|_| mismatch())
        }
        (ValueType::Unsigned, ValueContent::Unsigned(value)) => Ok(Value::Unsigned(*value)),
        (ValueType::Float, ValueContent::Float(value)) => Ok(Value::Float(*value)),
        (ValueType::Float, ValueContent::Integer(value)) => read(&value.to_string()),
        (ValueType::Float, ValueContent::Unsigned(value)) => read(&value.to_string()),
        (ValueType::Opaque, ValueContent::Text(text)) => {
            hex_decode(text).map(Value::opaque).ok_or_else(mismatch)
        }
        (ValueType::String | ValueType::ObjectLink | ValueType::CoreLink, ValueContent::Text(text)) => {
            read(text)
        }
        _ => Err(mismatch()),
    }
}

/// Without a definition the value goes as its text.
fn untyped(value: &ValueContent) -> Value {
    match value {
        ValueContent::Boolean(value) => Value::Boolean(*value),
        ValueContent::Integer(value) => Value::Integer(*value),
        ValueContent::Unsigned(value) => Value::Unsigned(*value),
        ValueContent::Float(value) => Value::Float(*value),
        ValueContent::Text(text) => Value::string(text.as_str()),
    }
}

fn respond(
    path: Path,
    answer: &Answer,
    discover: bool,
    duration_ms: u64,
    model: &ClientModel,
) -> OperationResponse {
    let mut response = OperationResponse {
        code: answer.code.to_string(),
        content_format: answer.content_format.map(|format| format.0),
        payload_hex: hex_encode(&answer.payload),
        values: Vec::new(),
        decode_error: None,
        duration_ms,
    };
    if discover || !answer.code.is_success() || (answer.payload.is_empty() && answer.content_format.is_none())
    {
        return response;
    }
    // A response without Content-Format to a single Resource is text.
    let format = answer.content_format.unwrap_or(ContentFormat::TEXT);
    match decode(format, &path, &answer.payload, model) {
        Ok(records) => response.values = records.into_iter().map(to_decoded).collect(),
        Err(error) => response.decode_error = Some(error.to_string()),
    }
    response
}

fn to_decoded(record: Record) -> DecodedValue {
    let value_type = record.value.type_name().to_owned();
    let value = match record.value {
        Value::String(text) | Value::CoreLink(text) => ValueContent::Text(text.into()),
        Value::Integer(value) | Value::Time(value) => ValueContent::Integer(value),
        Value::Unsigned(value) => ValueContent::Unsigned(value),
        // JSON has no NaN and no infinity.
        Value::Float(value) if !value.is_finite() => ValueContent::Text(value.to_string()),
        Value::Float(value) => ValueContent::Float(value),
        Value::Boolean(value) => ValueContent::Boolean(value),
        Value::Opaque(bytes) | Value::Raw(bytes) => ValueContent::Text(hex_encode(&bytes)),
        Value::ObjectLink(ObjectLink { object, instance }) => {
            ValueContent::Text(format!("{object}:{instance}"))
        }
    };
    DecodedValue { path: record.path.to_string(), value_type, value }
}

fn failure(error: OperationError) -> Failure {
    let message = error.to_string();
    let (status, code) = match error {
        OperationError::UnknownClient { endpoint } => return Failure::unknown_client(&endpoint),
        OperationError::NotPossible { expected, got } => {
            let failure = Failure::new(
                StatusCode::BAD_REQUEST,
                "not_possible",
                "nothing was sent: the standard has no such request",
            );
            return failure.expected(expected, got);
        }
        OperationError::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
        OperationError::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
        OperationError::NoResponse => (StatusCode::GATEWAY_TIMEOUT, "no_response"),
        OperationError::Reset => (StatusCode::BAD_GATEWAY, "reset"),
        OperationError::BadAnswer { .. } => (StatusCode::BAD_GATEWAY, "bad_answer"),
        OperationError::Departed => (StatusCode::CONFLICT, "departed"),
        OperationError::NotStored { .. } => (StatusCode::SERVICE_UNAVAILABLE, "not_stored"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
    };
    Failure::new(status, code, message)
}
