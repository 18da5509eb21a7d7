use coap::{Code, Options, Response};

use super::limits;

/// A request that is answered with an error: the code and, for people, what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) diagnostic: String,
}

impl Refusal {
    pub(super) fn new(code: Code, diagnostic: impl Into<String>) -> Self {
        Self { code, diagnostic: diagnostic.into() }
    }

    pub(super) fn not_found(what: impl core::fmt::Display) -> Self {
        Self::new(Code::NOT_FOUND, format!("{what} does not exist"))
    }

    pub(super) fn not_allowed(diagnostic: impl Into<String>) -> Self {
        Self::new(Code::METHOD_NOT_ALLOWED, diagnostic)
    }

    pub(super) fn bad_request(diagnostic: impl Into<String>) -> Self {
        Self::new(Code::BAD_REQUEST, diagnostic)
    }

    /// The response with a diagnostic payload (RFC 7252 §5.5.2): text without Content-Format.
    pub(super) fn into_response(self) -> Response {
        let mut text = self.diagnostic;
        text.truncate(text.floor_char_boundary(limits::DIAGNOSTIC_BYTES));
        Response { code: self.code, options: Options::default(), payload: text.into_bytes() }
    }
}
