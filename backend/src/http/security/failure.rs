use axum::{
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
};
use console_api::{ApiError, Details};
use credentials::{Draft, Wrong};
use serde_json::{Map, Value};

use super::super::error::Failure;
use crate::credentials::DeskError;

pub(in super::super) fn failure(error: DeskError) -> Failure {
    let message = error.to_string();
    match error {
        DeskError::Wrong(wrong) => self::wrong(&wrong),
        DeskError::Unknown(_) => Failure::new(StatusCode::NOT_FOUND, "unknown_credential", message),
        DeskError::UnknownAuthority => Failure::new(StatusCode::NOT_FOUND, "unknown_authority", message)
            .expected(
                "the fingerprint (SHA-256) of one that GET /api/v1/security/authorities has",
                "another",
            ),
        DeskError::Conflict { expected, got, .. } => {
            Failure::new(StatusCode::CONFLICT, "conflict", message).expected(expected, got)
        }
        DeskError::NotStored(_) => Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", message),
        DeskError::Stopping => Failure::stopping(),
        DeskError::Failed(why) => Failure::failed(&std::io::Error::other(why)),
    }
}

/// The message has all that is wrong, the details the first of it.
pub(super) fn wrong(wrong: &[Wrong]) -> Failure {
    let message = wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let details =
        wrong.first().map(|first| Details { expected: first.expected.clone(), got: first.got.clone() });
    let code = "bad_credential".to_owned();
    Failure::with(StatusCode::BAD_REQUEST, ApiError { code, message, details })
}

/// The body of a request as a draft. What is wrong with it is told without repeating it.
pub(super) fn draft(headers: &HeaderMap, body: &[u8]) -> Result<Draft, Failure> {
    Draft::from_json(members(headers, body)?).map_err(|why| wrong(&why))
}

/// The members of a JSON object, of none where there is no body.
pub(super) fn members(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Failure> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        let message = "the body has to be JSON";
        let failure = Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message);
        return Err(failure.expected("Content-Type: application/json", "another, or none"));
    }
    serde_json::from_slice(body).map_err(|error| {
        let got = format!("something else in line {}, column {}", error.line(), error.column());
        Failure::bad_request("the body cannot be read").expected("a JSON object", got)
    })
}

pub(in super::super) fn body(
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
    limit: usize,
) -> Result<Bytes, Failure> {
    body.map_err(|rejection| {
        let failure = Failure::new(rejection.status(), "too_large", rejection.body_text());
        failure.expected(format!("at most {limit} bytes"), "more")
    })
}
