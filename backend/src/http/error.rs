use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use console_api::{ApiError, BootstrapCheck, Details, RefusedConfiguration};

/// An error of the REST interface: status and body.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    body: ApiError,
    /// What is wrong with a configuration, field by field.
    check: Option<Box<BootstrapCheck>>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::with(status, ApiError { code: code.to_owned(), message: message.into(), details: None })
    }

    pub(super) fn with(status: StatusCode, body: ApiError) -> Self {
        Self { status, body, check: None }
    }

    pub(super) fn bad_configuration(message: String, check: BootstrapCheck) -> Self {
        let details = check.problems.first();
        let details =
            details.map(|first| Details { expected: first.expected.clone(), got: first.got.clone() });
        let body = ApiError { code: "bad_configuration".to_owned(), message, details };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body, check: Some(Box::new(check)) }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(super) fn unknown_client(endpoint: &str) -> Self {
        let message = format!("no client is registered as {endpoint:?}");
        Self::new(StatusCode::NOT_FOUND, "unknown_client", message)
    }

    /// Something that should not happen, and that the caller can do nothing about.
    pub(super) fn failed(error: &dyn std::error::Error) -> Self {
        tracing::error!("{error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error.to_string())
    }

    pub(super) fn too_many_consoles() -> Self {
        let message = "no further console or script can follow what happens";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_consoles", message)
    }

    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the server is stopping")
    }

    /// What it says to people.
    pub(super) fn into_message(self) -> String {
        self.body.message
    }

    pub(super) fn expected(mut self, expected: impl Into<String>, got: impl Into<String>) -> Self {
        self.body.details = Some(Details { expected: expected.into(), got: got.into() });
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self.check {
            None => (self.status, Json(self.body)).into_response(),
            Some(check) => {
                (self.status, Json(RefusedConfiguration { error: self.body, check: *check })).into_response()
            }
        }
    }
}
