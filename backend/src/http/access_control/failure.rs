use axum::http::StatusCode;

use crate::{
    access_control::AccessControlError,
    documents::DocumentError,
    http::{error::Failure, operation},
};

impl From<AccessControlError> for Failure {
    fn from(error: AccessControlError) -> Self {
        use AccessControlError as Error;
        let message = error.to_string();
        match error {
            Error::UnknownClient(endpoint) => Self::unknown_client(&endpoint),
            Error::Asleep => Self::new(StatusCode::CONFLICT, "asleep", message),
            Error::UnknownServer => Self::new(StatusCode::CONFLICT, "unknown_server", message)
                .expected("server: the Short Server ID of this server on the device", "none"),
            Error::Bad { expected, got, .. } => Self::bad_request(message).expected(expected, got),
            Error::Unknown { code, .. } => Self::new(StatusCode::NOT_FOUND, code, message),
            Error::Conflict { code, expected, got, .. } => {
                Self::new(StatusCode::CONFLICT, code, message).expected(expected, got)
            }
            Error::Refused(error) => operation::failure(&error),
            Error::NotAnswered(command) => operation::not_answered(&command),
            Error::Encode(error) => Self::failed(&error),
            Error::Stopping => Self::stopping(),
            Error::Document(error) => error.into(),
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        match &error {
            DocumentError::Outdated { .. } => Self::new(StatusCode::CONFLICT, "outdated", error.to_string()),
            DocumentError::NotStored(why) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_stored", why),
            DocumentError::Stopping => Self::stopping(),
            DocumentError::Store(_) | DocumentError::Unreadable(_) => Self::failed(&error),
        }
    }
}
