//! What an answer means for the one who asked.

use console_api::Operation;
use lwm2m_codec::{Level, Path};

/// The name that RFC 7252 and its successors give a response code.
pub(crate) fn code_name(code: &str) -> &'static str {
    match code {
        "0.00" => "Nothing was asked",
        "2.01" => "Created",
        "2.02" => "Deleted",
        "2.03" => "Valid",
        "2.04" => "Changed",
        "2.05" => "Content",
        "2.31" => "Continue",
        "4.00" => "Bad Request",
        "4.01" => "Unauthorized",
        "4.02" => "Bad Option",
        "4.03" => "Forbidden",
        "4.04" => "Not Found",
        "4.05" => "Method Not Allowed",
        "4.06" => "Not Acceptable",
        "4.08" => "Request Entity Incomplete",
        "4.09" => "Conflict",
        "4.12" => "Precondition Failed",
        "4.13" => "Request Entity Too Large",
        "4.15" => "Unsupported Content-Format",
        "5.00" => "Internal Server Error",
        "5.01" => "Not Implemented",
        "5.02" => "Bad Gateway",
        "5.03" => "Service Unavailable",
        "5.04" => "Gateway Timeout",
        "5.05" => "Proxying Not Supported",
        "timeout" => "No answer",
        "no_response" => "Acknowledged, but no answer",
        "reset" => "Rejected with Reset",
        "bad_answer" => "Not a CoAP answer",
        "departed" => "The registration ended",
        "unknown_client" => "Not registered",
        "too_many_requests" => "Too many requests wait",
        "unreachable" => "Server unreachable",
        "bad_request" | "not_possible" => "Not sent",
        "expired" => "Not sent in time",
        "cancelled" => "Cancelled",
        "indeterminate" => "Nobody knows",
        _ => "",
    }
}

/// What the operator asked for, in the words of the standard.
pub(crate) fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "Read",
        Operation::Discover => "Discover",
        Operation::Write => "Write",
        Operation::Execute => "Execute",
        Operation::Observe => "Observe",
        Operation::CancelObservation => "Cancel Observation",
        Operation::WriteAttributes => "Write-Attributes",
        Operation::Create => "Create",
        Operation::Delete => "Delete",
        Operation::ReadComposite => "Read-Composite",
        Operation::WriteComposite => "Write-Composite",
        Operation::ObserveComposite => "Observe-Composite",
        Operation::CancelObservationComposite => "Cancel Observation-Composite",
    }
}

/// A passive cancellation asks the client for nothing and has code 0.00.
pub(crate) fn is_success(code: &str) -> bool {
    code.starts_with("2.") || code == "0.00"
}

/// What a failed operation tells about this node; empty when the code says all there is.
pub(crate) fn meaning(operation: Operation, path: &Path, code: &str) -> &'static str {
    let resource = path.level() >= Level::Resource;
    match (code, operation) {
        ("4.00", Operation::Write) => "The client cannot take this value: wrong type, length or range.",
        ("4.00", Operation::WriteAttributes) => "The client cannot have these attributes here.",
        ("4.00", Operation::Create) => {
            "The client cannot make this instance: a mandatory Resource is missing, or the id is taken."
        }
        ("4.00", Operation::Execute) => "The client does not understand the arguments.",
        ("4.00", _) => "The client finds the request malformed.",
        ("4.01", _) => "The client denies this server the operation: its Access Control does not grant it.",
        ("4.03", _) => "The client forbids the operation to this server.",
        ("4.04", _) if resource => "The client has no such Resource; an optional one it does not implement.",
        ("4.04", _) => "The client has no such Object or Object Instance (any more).",
        ("4.05", Operation::Read) if resource => "The Resource is not readable.",
        ("4.05", Operation::Observe) if resource => "The Resource is not readable, so it cannot be observed.",
        ("4.05", Operation::Write) => "The Resource is not writable.",
        ("4.05", Operation::Execute) => "The Resource is not executable.",
        ("4.05", _) => "The client does not allow the operation here.",
        ("4.06", _) => "The client cannot answer in the Content-Format that was asked for.",
        ("4.08", _) => "A part of the payload got lost on the way; sending it again may help.",
        ("4.13", _) => "The payload is larger than the client can take.",
        ("4.15", _) => "The client does not understand the Content-Format of the payload.",
        ("5.00", _) => "Something went wrong inside the client.",
        ("5.01", _) => "The client does not implement the operation.",
        ("5.03", _) => "The client is too busy; try again later.",
        ("timeout", _) => "The client did not answer in time. It may be asleep, or not reachable any more.",
        ("no_response", _) => "The client has the request, and kept the answer to itself.",
        ("reset", _) => "The client does not know what to do with the request: it answered with Reset.",
        ("departed", _) => "The client de-registered or its lifetime ran out while the request was waiting.",
        ("too_many_requests", _) => "Earlier requests to this client have to be answered first.",
        ("not_possible", _) => "The request can be sent all the same, to see what the client makes of it.",
        ("unknown_client", _) => "No client is registered under this name; it has to register again first.",
        ("unreachable", _) => "The request may not have left this browser.",
        _ => "",
    }
}

/// Resources whose execution the operator is asked about: the client is away, or not the same, afterwards.
pub(crate) fn danger(path: &Path) -> Option<&'static str> {
    match (path.object_id(), path.resource_id()) {
        (Some(3), Some(4)) => Some("The device restarts. It is not reachable until it has registered again."),
        (Some(3), Some(5)) => {
            Some("The device goes back to its factory state. Its configuration and credentials may be lost.")
        }
        (Some(1), Some(4)) => Some(
            "The client de-registers from this server and stays away for its Disable Timeout (86,400 s by default).",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meaning_depends_on_what_was_asked_where() {
        let resource = Path::resource(3, 0, 4);
        assert_eq!(meaning(Operation::Read, &resource, "4.05"), "The Resource is not readable.");
        assert_ne!(
            meaning(Operation::Read, &resource, "4.04"),
            meaning(Operation::Read, &Path::instance(3, 0), "4.04")
        );
        assert_eq!(meaning(Operation::Read, &resource, "2.05"), "");
        for code in ["4.00", "4.01", "4.04", "4.05", "4.06", "4.15", "5.00", "timeout", "unknown_client"] {
            assert_ne!(code_name(code), "", "{code}");
            assert_ne!(meaning(Operation::Write, &resource, code), "", "{code}");
        }
        assert!(is_success("2.31") && is_success("0.00") && !is_success("4.04") && !is_success("timeout"));
    }

    #[test]
    fn three_resources_ask_first() {
        let asks = |object, resource| danger(&Path::resource(object, 0, resource)).is_some();
        assert!(asks(3, 4) && asks(3, 5) && asks(1, 4));
        assert!(!asks(3, 12) && !asks(1, 8) && danger(&Path::object(3)).is_none());
    }
}
