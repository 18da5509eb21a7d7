use console_api::{AccessExplanation, Operation, OperationRequest, OperationResponse, hex_decode};
use lwm2m_codec::Path;

use crate::answers::{code_name, is_success, meaning, operation_name};
use crate::api::Failure;
use crate::format;

/// What came of the last operation on a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// As it was asked, so that it can be asked again.
    pub(crate) request: OperationRequest,
    pub(crate) path: Path,
    pub(crate) at_ms: u64,
    pub(crate) answer: Result<OperationResponse, Failure>,
}

/// Who is to blame, so to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    /// The device answered with an error code.
    Refused,
    /// The device did not answer, or not as CoAP demands, or its registration ended before.
    Silent,
    /// Nothing was sent: our own server, or the standard, has something against it.
    NotSent,
    /// Our own server cannot be reached.
    Unreachable,
}

impl Ending {
    /// The class that the style sheet knows.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Refused => "bad",
            Self::Silent => "warn",
            Self::NotSent => "not-sent",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Outcome {
    pub(crate) fn operation(&self) -> Operation {
        self.request.op
    }

    /// CoAP response code, or the word of the server for what happened instead.
    pub(crate) fn code(&self) -> &str {
        match &self.answer {
            Ok(response) => &response.code,
            Err(failure) => &failure.code,
        }
    }

    pub(crate) fn ending(&self) -> Ending {
        match (&self.answer, self.code()) {
            (Ok(_), code) if is_success(code) => Ending::Done,
            (Ok(_), _) => Ending::Refused,
            (Err(_), "timeout" | "no_response" | "reset" | "bad_answer" | "departed" | "indeterminate") => {
                Ending::Silent
            }
            (Err(_), "unreachable") => Ending::Unreachable,
            (Err(_), _) => Ending::NotSent,
        }
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.ending() == Ending::Done
    }

    /// Our server would send it if the operator insisted.
    pub(crate) fn can_be_forced(&self) -> bool {
        self.code() == "not_possible" && !self.request.force
    }

    /// `Read: 4.05 Method Not Allowed`
    pub(crate) fn headline(&self) -> String {
        let (operation, code) = (operation_name(self.operation()), self.code());
        match (code_name(code), self.answer.is_ok()) {
            ("", _) => format!("{operation}: {code}"),
            (name, true) => format!("{operation}: {code} {name}"),
            (name, false) => format!("{operation}: {name}"),
        }
    }

    /// What it means here, in one or two sentences.
    pub(crate) fn explanation(&self) -> String {
        match &self.answer {
            Ok(_) if self.succeeded() => String::new(),
            Ok(response) => {
                let said = hex_decode(&response.payload_hex).and_then(|payload| {
                    format::guess(&payload).map(|text| format!(" The client says: “{text}”"))
                });
                let block = response.block.map(|block| format!(" It refused block {block} of the payload."));
                let meaning = meaning(self.operation(), &self.path, self.code());
                let ruled = response.explanation.as_ref().map(ruled).unwrap_or_default();
                format!("{meaning}{}{}{ruled}", block.unwrap_or_default(), said.unwrap_or_default())
            }
            Err(failure) => {
                let details = failure
                    .details
                    .as_ref()
                    .map(|details| format!(" (expected {}, got {})", details.expected, details.got));
                let mut message = failure.message.clone();
                if !message.ends_with('.') {
                    message.push('.');
                }
                let meaning = meaning(self.operation(), &self.path, self.code());
                format!("{message}{} {meaning}", details.unwrap_or_default()).trim_end().to_owned()
            }
        }
    }

    /// What a success says beyond its code.
    pub(crate) fn remark(&self) -> Option<String> {
        let response = self.answer.as_ref().ok().filter(|_| self.succeeded())?;
        if let Some(location) = &response.location {
            return Some(format!("The new Object Instance is {location}."));
        }
        if !response.missing.is_empty() {
            return Some(format!("Nothing came of {}.", response.missing.join(", ")));
        }
        response.decode_error.as_ref().map(|error| format!("The payload cannot be decoded: {error}."))
    }
}

/// What the rules of access control say to a refusal.
fn ruled(explanation: &AccessExplanation) -> String {
    let AccessExplanation { expected, reason, agrees, may_differ, .. } = explanation;
    let differs: String = may_differ.iter().map(|why| format!(" Devices may differ: {why}.")).collect();
    if *agrees {
        format!(" By its access control: {reason}.{differs}")
    } else {
        format!(
            " By its access control, as it was last read, {expected} was to be expected: {reason}.{differs}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(code: &str, payload_hex: &str) -> OperationResponse {
        OperationResponse {
            code: code.into(),
            payload_hex: payload_hex.into(),
            duration_ms: 1,
            ..OperationResponse::default()
        }
    }

    fn outcome(answer: Result<OperationResponse, Failure>) -> Outcome {
        let path = Path::resource(3, 0, 4);
        let request = OperationRequest::new(Operation::Read, path.to_string());
        Outcome { request, path, at_ms: 0, answer }
    }

    fn failure(code: &str) -> Outcome {
        outcome(Err(Failure { code: code.into(), message: "no answer within 5 s".into(), details: None }))
    }

    #[test]
    fn a_refusal_says_code_name_and_meaning() {
        let refused = outcome(Ok(response("4.05", "6e6f")));
        assert_eq!(refused.ending(), Ending::Refused);
        assert_eq!(refused.headline(), "Read: 4.05 Method Not Allowed");
        assert_eq!(refused.explanation(), "The Resource is not readable. The client says: “no”");
        let fine = outcome(Ok(response("2.05", "")));
        assert!(fine.succeeded() && fine.explanation().is_empty());
        let silent = failure("timeout");
        assert_eq!((silent.code(), silent.headline().as_str()), ("timeout", "Read: No answer"));
        assert!(silent.explanation().starts_with("no answer within 5 s. The client did not answer"));
    }

    #[test]
    fn a_refusal_is_explained_by_the_rules() {
        let with = |agrees, may_differ: &[&str]| {
            let mut refused = response("4.01", "");
            refused.explanation = Some(AccessExplanation {
                expected: if agrees { "4.01" } else { "2.05" }.into(),
                reason: "because".into(),
                agrees,
                may_differ: may_differ.iter().copied().map(String::from).collect(),
                read_at_ms: 1,
            });
            outcome(Ok(refused)).explanation()
        };
        assert!(with(true, &[]).ends_with(" By its access control: because."), "{}", with(true, &[]));
        let other = with(false, &["some"]);
        assert!(other.contains("2.05 was to be expected: because. Devices may differ: some."), "{other}");
    }

    #[test]
    fn silence_and_our_own_refusal_are_told_apart() {
        assert_eq!(failure("no_response").ending(), Ending::Silent);
        assert_eq!(failure("bad_request").ending(), Ending::NotSent);
        assert_eq!(failure("unreachable").ending(), Ending::Unreachable);
        assert!(failure("not_possible").can_be_forced() && !failure("bad_request").can_be_forced());
    }

    #[test]
    fn a_success_tells_what_else_it_brought() {
        let with = |change: fn(&mut OperationResponse)| {
            let mut response = response("2.01", "");
            change(&mut response);
            outcome(Ok(response)).remark().unwrap_or_default()
        };
        assert!(with(|response| response.location = Some("/16/3".into())).contains("/16/3"));
        assert!(with(|response| response.missing = vec!["/9".into()]).contains("/9"));
        assert!(with(|response| response.decode_error = Some("odd".into())).contains("odd"));
        assert_eq!(with(|_| ()), "");
    }
}
