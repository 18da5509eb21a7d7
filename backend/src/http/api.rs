use axum::{
    Json,
    http::{Method, StatusCode, Uri},
};
use serde_json::{Value, json};

use super::error::Failure;

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let message = format!("{method} is not possible on {}", uri.path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
