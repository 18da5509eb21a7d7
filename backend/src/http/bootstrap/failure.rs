use axum::http::StatusCode;

use super::super::error::Failure;
use crate::{bootstrap::BootstrapError, http::security};

pub(super) fn failure(error: BootstrapError) -> Failure {
    let message = error.to_string();
    match error {
        BootstrapError::Unknown(_) => Failure::new(StatusCode::NOT_FOUND, "unknown_configuration", message),
        BootstrapError::UnknownVersion { .. } => {
            Failure::new(StatusCode::NOT_FOUND, "unknown_version", message)
        }
        BootstrapError::Refused(check) => Failure::bad_configuration(message, check),
        BootstrapError::Saved { expected, got } => {
            Failure::new(StatusCode::CONFLICT, "saved_meanwhile", message)
                .expected(format!("version {expected}"), format!("version {got}"))
        }
        BootstrapError::NoRoom => Failure::new(StatusCode::CONFLICT, "too_many_configurations", message),
        BootstrapError::NotReadable(_) => {
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, "not_readable", message)
        }
        BootstrapError::Desk(error) => security::failure(error),
    }
}
