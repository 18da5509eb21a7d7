//! What a request is about, as this interface has it: mistakes are answered like all others.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, Path, Query, rejection::JsonRejection},
    http::{StatusCode, header, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::error::Failure;

/// Entries in one answer when the request does not say how many.
const PAGE: usize = 1_000;

/// Entries in one answer at most. Beyond, the request is refused.
const LARGEST_PAGE: usize = 10_000;

/// The Endpoint Client Name of `/clients/{endpoint}`. The query parameter `endpoint` takes its place: browsers and
/// proxies do not let a segment `.` or `..` through, however it is encoded.
pub(super) struct Endpoint(pub(super) String);

/// The query, by its type.
pub(super) struct Asked<T>(pub(super) T);

/// Who asks, in words: the console or another program, and from which address. Without accounts nothing more is known.
pub(super) struct Author(pub(super) String);

/// How many entries an answer may have.
pub(super) fn page_limit(asked: Option<usize>) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(PAGE);
    if limit > LARGEST_PAGE {
        let failure = Failure::bad_request("limit is out of range");
        return Err(failure.expected(format!("at most {LARGEST_PAGE}"), limit.to_string()));
    }
    Ok(limit)
}

/// The body of a request that may have none.
pub(super) fn json<T>(body: Result<Option<Json<T>>, JsonRejection>) -> Result<Option<T>, Failure> {
    body.map(|body| body.map(|Json(body)| body)).map_err(|rejection| not_json(&rejection))
}

pub(super) fn not_json(rejection: &JsonRejection) -> Failure {
    let code =
        if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE { "not_json" } else { "bad_request" };
    Failure::new(rejection.status(), code, rejection.body_text())
}

impl<S: Send + Sync> FromRequestParts<S> for Endpoint {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct InQuery {
            endpoint: Option<String>,
        }
        let Asked(InQuery { endpoint }) = Asked::from_request_parts(parts, state).await?;
        if let Some(endpoint) = endpoint {
            return Ok(Self(endpoint));
        }
        let in_path = Path::<String>::from_request_parts(parts, state).await;
        in_path.map(|Path(endpoint)| Self(endpoint)).map_err(|rejection| {
            Failure::bad_request(format!("the endpoint name cannot be read: {}", rejection.body_text()))
                .expected("percent-encoded UTF-8", parts.uri.path())
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|rejection| {
            let query = parts.uri.query().unwrap_or_default();
            let why = rejection.body_text();
            let why = why.strip_prefix("Failed to deserialize query string: ").unwrap_or(&why);
            Failure::new(StatusCode::BAD_REQUEST, "bad_query", format!("the query cannot be read: {why}"))
                .expected("the parameters of /api/v1/openapi.json", query)
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Author {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        // A browser says for which page it asks; anything but our own has been turned away.
        let program = if parts.headers.contains_key(header::ORIGIN) { "console" } else { "REST" };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map_or(program.to_owned(), |ConnectInfo(peer)| format!("{program}, {}", peer.ip()))))
    }
}
