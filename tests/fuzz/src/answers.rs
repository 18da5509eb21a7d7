//! What must be true of every refusal.

use lwm2m_codec::DecodeError;

/// Inputs are quoted in part, whatever their length.
const MESSAGE_MAX: usize = 1_000;

/// Says what was expected and what came, at a place within the input.
pub(crate) fn check_error(error: &DecodeError, length: usize) {
    assert!(!error.expected().is_empty() && !error.found().is_empty(), "says too little: {error:?}");
    assert!(error.offset.is_none_or(|offset| offset <= length), "beyond the end at {length}: {error:?}");
    check_message(&error.to_string());
}

pub(crate) fn check_message(message: &str) {
    assert!(!message.is_empty() && message.len() <= MESSAGE_MAX, "{} bytes: {message}", message.len());
}
