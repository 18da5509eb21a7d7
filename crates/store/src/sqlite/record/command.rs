use coap::Code;
use lwm2m_codec::ContentFormat;
use lwm2m_core::server::{Answer, CommandState, OperationError};
use serde::{Deserialize, Serialize};

use super::{
    plain::{self, Plain},
    record,
};

record!(CommandState, StateForm);

#[derive(Serialize, Deserialize)]
#[serde(remote = "CommandState")]
enum StateForm {
    Queued,
    Sent,
    Answered(#[serde(with = "AnswerForm")] Answer),
    Failed(#[serde(with = "plain")] OperationError),
    Expired,
    Cancelled,
    Indeterminate,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Answer")]
struct AnswerForm {
    #[serde(with = "plain")]
    code: Code,
    #[serde(with = "plain")]
    content_format: Option<ContentFormat>,
    #[serde(with = "plain::bytes")]
    payload: Vec<u8>,
    location: Vec<String>,
    block: Option<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum ErrorForm {
    UnknownClient { endpoint: String },
    NotPossible { expected: String, got: String },
    TooManyRequests,
    Timeout,
    NoResponse,
    Reset,
    BadAnswer { what: String },
    Departed,
    NotStored { why: String },
}

impl Plain for OperationError {
    type Form = ErrorForm;

    fn to_form(&self) -> ErrorForm {
        match self.clone() {
            Self::UnknownClient { endpoint } => ErrorForm::UnknownClient { endpoint },
            Self::NotPossible { expected, got } => ErrorForm::NotPossible { expected, got },
            Self::TooManyRequests => ErrorForm::TooManyRequests,
            Self::Timeout => ErrorForm::Timeout,
            Self::NoResponse => ErrorForm::NoResponse,
            Self::Reset => ErrorForm::Reset,
            Self::BadAnswer { what } => ErrorForm::BadAnswer { what },
            Self::Departed => ErrorForm::Departed,
            Self::NotStored { why } => ErrorForm::NotStored { why },
        }
    }

    fn from_form(form: ErrorForm) -> Option<Self> {
        Some(match form {
            ErrorForm::UnknownClient { endpoint } => Self::UnknownClient { endpoint },
            ErrorForm::NotPossible { expected, got } => Self::NotPossible { expected, got },
            ErrorForm::TooManyRequests => Self::TooManyRequests,
            ErrorForm::Timeout => Self::Timeout,
            ErrorForm::NoResponse => Self::NoResponse,
            ErrorForm::Reset => Self::Reset,
            ErrorForm::BadAnswer { what } => Self::BadAnswer { what },
            ErrorForm::Departed => Self::Departed,
            ErrorForm::NotStored { why } => Self::NotStored { why },
        })
    }
}
