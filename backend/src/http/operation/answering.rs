//! The client's answer as JSON.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use console_api::{DiscoveredNode, OperationResponse, ValueContent, hex_encode};
use lwm2m_codec::{
    ContentFormat, Decoder, Path,
    attributes::{Attribute, AttributeType},
    registration::{DiscoveredLink, parse_discover},
};
use lwm2m_core::server::{Answer, Command, Operation, OperationError};

use super::{Addressee, values};
use crate::{
    commands::{api_error, location},
    http::error::Failure,
};

/// What a client said to a command.
pub(super) fn respond(
    command: &Command,
    answer: &Answer,
    addressee: &Addressee,
    now_s: f64,
) -> OperationResponse {
    let operation = &command.operation;
    let mut response = OperationResponse {
        code: answer.code.to_string(),
        content_format: answer.content_format.map(|format| format.0),
        payload_hex: hex_encode(&answer.payload),
        location: location(&answer.location, addressee.root()),
        block: answer.block,
        duration_ms: command.changed_at.as_millis().saturating_sub(command.created_at.as_millis()),
        ..OperationResponse::default()
    };
    let nothing_came = answer.payload.is_empty() && answer.content_format.is_none();
    if !answer.code.is_success() || nothing_came {
        return response;
    }
    if let Operation::Discover { .. } = operation {
        match parse_discover(&answer.payload) {
            Ok(links) => response.links = links.into_iter().map(discovered).collect(),
            Err(error) => response.decode_error = Some(error.to_string()),
        }
        return response;
    }
    // A response without Content-Format to a single Resource is text.
    let format = answer.content_format.unwrap_or(ContentFormat::TEXT);
    let path = operation.path();
    let model = addressee.model();
    let decoder = Decoder::new(format, &path, &model).root(addressee.root());
    match decoder.decode(&answer.payload) {
        Ok(records) => {
            let came: Vec<Path> = records.iter().map(|record| record.path).collect();
            response.missing = missing(operation, &came);
            response.values =
                records.into_iter().map(|record| values::decoded(record, format, now_s)).collect();
        }
        Err(error) => response.decode_error = Some(error.to_string()),
    }
    response
}

pub(in crate::http) fn failure(error: &OperationError) -> Failure {
    Failure::with(status_of(error), api_error(error))
}

pub(super) const fn status_of(error: &OperationError) -> StatusCode {
    match error {
        OperationError::UnknownClient { .. } => StatusCode::NOT_FOUND,
        OperationError::NotPossible { .. } => StatusCode::BAD_REQUEST,
        OperationError::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        OperationError::Timeout | OperationError::NoResponse => StatusCode::GATEWAY_TIMEOUT,
        OperationError::Reset | OperationError::BadAnswer { .. } => StatusCode::BAD_GATEWAY,
        OperationError::Departed => StatusCode::CONFLICT,
        OperationError::NotStored { .. } => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A composite answer leaves out what is not there or must not be read (LwM2M 1.1 Core §6.3.8).
fn missing(operation: &Operation, came: &[Path]) -> Vec<String> {
    let (Operation::ReadComposite { paths, .. } | Operation::ObserveComposite { paths, .. }) = operation
    else {
        return Vec::new();
    };
    let came = |path: &&Path| !came.iter().any(|came| came.starts_with(path));
    paths.iter().filter(came).map(ToString::to_string).collect()
}

fn discovered(link: DiscoveredLink) -> DiscoveredNode {
    let mut attributes = BTreeMap::new();
    for (name, value) in link.attributes {
        let value = value.map(|text| attribute(&name, text));
        attributes.insert(name, value);
    }
    DiscoveredNode { path: link.path.to_string(), attributes }
}

/// What the standard has as a number becomes one; anything else stays the text that it is.
fn attribute(name: &str, text: String) -> ValueContent {
    use AttributeType::{Bit, Count, Float, Integer, ShortServerId};
    let integer = |text: &str| text.parse().ok().map(ValueContent::Integer);
    let float =
        |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite()).map(ValueContent::Float);
    let number = match Attribute::from_name(name).map(Attribute::attribute_type) {
        Some(Integer | Count | Bit | ShortServerId) => integer(&text),
        Some(Float) => integer(&text).or_else(|| float(&text)),
        _ => None,
    };
    number.unwrap_or(ValueContent::Text(text))
}
