//! Commands in the words of REST and the WebSocket.

use console_api::{ApiError, CommandAnswer, CommandState as State, Content, Details, Operation as Op};
use lwm2m_codec::attributes::{NotificationAttributes, WriteAttributes};
use lwm2m_core::server::{Answer, Command, CommandState, Operation, OperationError};

/// A command with its answer as the client gave it. `root` is the alternate path of the client.
pub(crate) fn to_command(command: &Command, root: &str) -> console_api::Command {
    in_words(command, |answer| CommandAnswer {
        code: answer.code.to_string(),
        content: Content::new(answer.content_format.map(|format| format.0), &answer.payload),
        location: location(&answer.location, root),
        block: answer.block,
    })
}

pub(crate) fn in_words<A>(command: &Command, answer: impl FnOnce(&Answer) -> A) -> console_api::Command<A> {
    let (op, path, paths) = about(&command.operation);
    console_api::Command {
        id: command.id.0,
        endpoint: command.endpoint.clone(),
        op,
        path,
        paths,
        arguments: arguments(&command.operation),
        content: content(&command.operation),
        force: command.force,
        author: command.author.clone(),
        created_at_ms: command.created_at.as_millis(),
        deadline_ms: command.deadline.as_millis(),
        timeout_ms: u64::try_from(command.timeout.as_millis()).unwrap_or(u64::MAX),
        attempts: command.attempts,
        state: to_state(&command.state),
        changed_at_ms: command.changed_at.as_millis(),
        answer: match &command.state {
            CommandState::Answered(answered) => Some(answer(answered)),
            _ => None,
        },
        error: match &command.state {
            CommandState::Failed(error) => Some(why_failed(command, error)),
            _ => None,
        },
        advice: advice(command),
    }
}

pub(super) fn to_state(state: &CommandState) -> State {
    match state {
        CommandState::Queued => State::Queued,
        CommandState::Sent => State::Sent,
        CommandState::Answered(_) => State::Answered,
        CommandState::Failed(_) => State::Failed,
        CommandState::Expired => State::Expired,
        CommandState::Cancelled => State::Cancelled,
        CommandState::Indeterminate => State::Indeterminate,
    }
}

/// Operation, path and paths as in a request.
pub(super) fn about(operation: &Operation) -> (Op, String, Vec<String>) {
    let op = match operation {
        Operation::Read { .. } => Op::Read,
        Operation::Discover { .. } => Op::Discover,
        Operation::Write { .. } => Op::Write,
        Operation::WriteAttributes { .. } => Op::WriteAttributes,
        Operation::Execute { .. } => Op::Execute,
        Operation::Create { .. } => Op::Create,
        Operation::Delete { .. } => Op::Delete,
        Operation::ReadComposite { .. } => Op::ReadComposite,
        Operation::WriteComposite { .. } => Op::WriteComposite,
        Operation::Observe { .. } => Op::Observe,
        Operation::CancelObservation { .. } => Op::CancelObservation,
        Operation::ObserveComposite { .. } => Op::ObserveComposite,
        Operation::CancelObservationComposite { .. } => Op::CancelObservationComposite,
    };
    let paths = match operation {
        Operation::ReadComposite { paths, .. }
        | Operation::ObserveComposite { paths, .. }
        | Operation::CancelObservationComposite { paths, .. } => {
            paths.iter().map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    };
    (op, operation.path().to_string(), paths)
}

/// `write-attributes`
/// `write /3/0/14`
pub(crate) fn summary(operation: &Operation) -> String {
    let (op, path, _) = about(operation);
    format!("{} {path}", operation_word(op))
}

pub(super) fn operation_word(op: Op) -> String {
    serde_json::to_value(op).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn arguments(operation: &Operation) -> Option<String> {
    let of = |attributes: &NotificationAttributes| WriteAttributes::setting(attributes).to_queries();
    let queries = match operation {
        Operation::Execute { arguments, .. } => return arguments.clone(),
        Operation::WriteAttributes { attributes, .. } => attributes.to_queries(),
        Operation::Observe { parameters, .. } | Operation::ObserveComposite { parameters, .. } => {
            of(parameters.as_ref()?)
        }
        _ => return None,
    };
    Some(queries.join("&"))
}

fn content(operation: &Operation) -> Option<Content> {
    match operation {
        Operation::Write { content_format, payload, .. }
        | Operation::Create { content_format, payload, .. }
        | Operation::WriteComposite { content_format, payload } => {
            Some(Content::new(Some(content_format.0), payload))
        }
        _ => None,
    }
}

/// `/16/3`, without the alternate path of the client.
pub(crate) fn location(segments: &[String], root: &str) -> Option<String> {
    let location = format!("/{}", segments.join("/"));
    let below = location.strip_prefix(root.trim_end_matches('/')).filter(|below| below.starts_with('/'));
    (!segments.is_empty()).then(|| below.unwrap_or(&location).to_owned())
}

/// Why there is no answer: a stable word for programs, a sentence for people.
pub(crate) fn api_error(error: &OperationError) -> ApiError {
    let code = match error {
        OperationError::UnknownClient { .. } => "unknown_client",
        OperationError::NotPossible { expected, got } => {
            let message = "nothing was sent: the standard has no such request".to_owned();
            let details = Some(Details { expected: expected.clone(), got: got.clone() });
            return ApiError { code: "not_possible".to_owned(), message, details };
        }
        OperationError::TooManyRequests => "too_many_requests",
        OperationError::Timeout => "timeout",
        OperationError::NoResponse => "no_response",
        OperationError::Reset => "reset",
        OperationError::BadAnswer { .. } => "bad_answer",
        OperationError::Departed => "departed",
        OperationError::NotStored { .. } => "not_stored",
    };
    ApiError { code: code.to_owned(), message: error.to_string(), details: None }
}

/// Why a command that is over has no answer.
pub(crate) fn why_not_answered(command: &Command) -> ApiError {
    let told = |code: &str, message: &str| ApiError {
        code: code.to_owned(),
        message: message.to_owned(),
        details: None,
    };
    match &command.state {
        CommandState::Failed(error) => why_failed(command, error),
        CommandState::Expired if command.changed_at < command.deadline => {
            api_error(&OperationError::Departed)
        }
        CommandState::Expired => {
            told("expired", "the client did not take it before the deadline; nothing was sent")
        }
        CommandState::Cancelled => told("cancelled", "it was cancelled before it was sent"),
        _ => told("indeterminate", "nobody but the client knows whether it was performed"),
    }
}

/// Why a command has no answer, and whether it may have been performed all the same.
pub(crate) fn why_failed(command: &Command, error: &OperationError) -> ApiError {
    let mut told = api_error(error);
    if may_have_happened(command, error) {
        told.message.push_str("; it may have been performed");
    }
    told
}

/// Whether the client may have done what must not happen twice. Without an answer nobody else knows.
fn may_have_happened(command: &Command, error: &OperationError) -> bool {
    matches!(command.operation, Operation::Execute { .. } | Operation::Create { .. })
        && command.attempts > 0
        && match error {
            OperationError::Timeout
            | OperationError::NoResponse
            | OperationError::BadAnswer { .. }
            | OperationError::Departed
            | OperationError::NotStored { .. } => true,
            OperationError::UnknownClient { .. }
            | OperationError::NotPossible { .. }
            | OperationError::TooManyRequests
            | OperationError::Reset => false,
        }
}

/// What an operator can do when nobody knows whether the client performed it.
fn advice(command: &Command) -> Option<String> {
    let before = match &command.state {
        CommandState::Indeterminate => {
            "The server stopped after this was sent and before the answer came, so that it was not sent again."
        }
        CommandState::Failed(error) if may_have_happened(command, error) => {
            "This was sent and may have been performed, so that it was not sent again."
        }
        _ => return None,
    };
    let how = match &command.operation {
        Operation::Execute { .. } => {
            "Look whether the device has done it: read what it changes, or see whether it has registered anew. Then \
             retry, or leave it."
        }
        Operation::Create { .. } => {
            "Discover the Object: if it has the new Object Instance, it was created. Retry only if not, or there may \
             be two."
        }
        _ => "Read what it is about, then retry if it was not performed.",
    };
    Some(format!("{before} {how}"))
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::{ContentFormat, Path};
    use lwm2m_core::server::WriteMode;

    use super::*;

    #[test]
    fn an_operation_is_told_as_it_was_asked() {
        let path = Path::resource(3, 0, 15);
        let write = Operation::Write {
            path,
            mode: WriteMode::Replace,
            content_format: ContentFormat::TEXT,
            payload: b"UTC".to_vec(),
        };
        assert_eq!(about(&write), (Op::Write, "/3/0/15".to_owned(), vec![]));
        assert_eq!(content(&write), Some(Content::new(Some(0), b"UTC")));
        let attributes = WriteAttributes::parse(["pmin=10", "gt"]).unwrap();
        let attributes = Operation::WriteAttributes { path, attributes };
        assert_eq!(arguments(&attributes).as_deref(), Some("pmin=10&gt"));
        assert_eq!(operation_word(Op::WriteAttributes), "write-attributes");
        let paths = vec![Path::object(1), path];
        let composite =
            Operation::ReadComposite { paths, content_format: ContentFormat::SENML_CBOR, accept: None };
        assert_eq!(about(&composite), (Op::ReadComposite, "/".into(), vec!["/1".into(), "/3/0/15".into()]));
    }

    #[test]
    fn a_location_is_told_below_the_root_of_the_client() {
        let segments = ["lwm2m", "16", "3"].map(str::to_owned);
        assert_eq!(location(&segments, "/lwm2m").as_deref(), Some("/16/3"));
        assert_eq!(location(&segments[1..], "/").as_deref(), Some("/16/3"));
        assert_eq!(location(&[], "/"), None);
    }
}
