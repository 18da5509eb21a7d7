use console_api::{BootstrapConversation, BootstrapOperation, BootstrapSpeaker, BootstrapStep};
use lwm2m_codec::{ContentFormat, Path};

use super::words;
use crate::answers::code_name;
use crate::format;

/// What an instance of a core object is called beside its path.
const NAMED: [(u16, &str); 4] = [(0, "security"), (1, "server"), (2, "access control"), (21, "OSCORE")];

/// A message of a session, as a line between the two life lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) index: usize,
    /// Since the session began.
    pub(crate) after: String,
    pub(crate) from_device: bool,
    /// An answer, drawn dashed.
    pub(crate) answer: bool,
    pub(crate) failed: bool,
    /// `PUT /0/1 security, 58 B TLV`
    pub(crate) label: String,
    /// All of it in words, for who does not see the arrow.
    pub(crate) told: String,
}

/// The lines of a session, in the order of its messages.
pub(crate) fn lines(conversation: &BootstrapConversation) -> Vec<Line> {
    let started_ms = conversation.session.started_at_ms;
    let line = |(index, step): (usize, &BootstrapStep)| {
        let after = words::since(started_ms, step.at_ms);
        let label = label(step, &conversation.session.short_server_ids);
        let whom = match (step.from, step.operation) {
            (BootstrapSpeaker::Device, BootstrapOperation::Register) => "device to server",
            (BootstrapSpeaker::Device, _) => "device to Bootstrap-Server",
            (BootstrapSpeaker::Server, _) => "Bootstrap-Server to device",
        };
        let what = if is_answer(step) { "answer to " } else { "" };
        let operation = words::operation(step.operation);
        let failed = if step.failed { ", failed" } else { "" };
        Line {
            index,
            told: format!("After {after}, {whom}: {what}{operation}, {label}{failed}"),
            after: format!("+{after}"),
            from_device: step.from == BootstrapSpeaker::Device,
            answer: is_answer(step),
            failed: step.failed,
            label,
        }
    };
    conversation.steps.iter().enumerate().map(line).collect()
}

/// Answers carry a response code in place of a method.
pub(crate) fn is_answer(step: &BootstrapStep) -> bool {
    step.code.starts_with(|first: char| first.is_ascii_digit())
}

/// `servers`: whom the device has got accounts with.
fn label(step: &BootstrapStep, servers: &[u16]) -> String {
    if is_answer(step) {
        let carries = if step.payload.is_empty() { String::new() } else { format!(", {}", payload(step)) };
        return format!("{} {}{carries}", step.code, code_name(&step.code));
    }
    let query = if step.query.is_empty() { String::new() } else { format!("?{}", step.query) };
    let request = format!("{} {}{query}", step.code, step.path);
    match step.operation {
        BootstrapOperation::Register => match servers {
            [server] => format!("then registers with server {server}: {request}"),
            _ => format!("then registers: {request}"),
        },
        BootstrapOperation::Finish => format!("{request} finish"),
        BootstrapOperation::Discover => format!("{request} discover"),
        _ if step.payload.is_empty() => request,
        _ => format!("{request}{}, {}", name(&step.path), payload(step)),
    }
}

/// ` security` for an instance of that object.
fn name(path: &str) -> String {
    let object = path.parse::<Path>().ok().and_then(|path| path.object_id());
    let named = NAMED.iter().find(|(id, _)| Some(*id) == object);
    named.map(|(_, name)| format!(" {name}")).unwrap_or_default()
}

/// `58 B TLV`
fn payload(step: &BootstrapStep) -> String {
    let format = step.content_format.and_then(|number| ContentFormat(number).name()).unwrap_or_default();
    format!("{} {format}", format::bytes(step.payload.len() as f64)).trim_end().to_owned()
}

#[cfg(test)]
pub(super) fn step(
    from: BootstrapSpeaker,
    operation: BootstrapOperation,
    code: &str,
    path: &str,
) -> BootstrapStep {
    BootstrapStep {
        at_ms: 1_009,
        from,
        operation,
        code: code.into(),
        path: path.into(),
        query: String::new(),
        content_format: None,
        payload: vec![],
        masked: vec![],
        failed: false,
        remark: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use console_api::BootstrapState;

    use super::*;

    #[test]
    fn requests_name_what_they_do_and_answers_their_code() {
        use BootstrapOperation::{Delete, Discover, Finish, Register, Request, Write};
        use BootstrapSpeaker::{Device, Server};
        let asked = BootstrapStep { query: "ep=lamp".into(), ..step(Device, Request, "POST", "/bs") };
        let write = BootstrapStep {
            content_format: Some(11_542),
            payload: vec![0; 58],
            ..step(Server, Write, "PUT", "/0/1")
        };
        let refused = BootstrapStep { failed: true, ..step(Device, Write, "4.00", "/0/1") };
        let steps = vec![
            asked,
            step(Server, Request, "2.04", "/bs"),
            step(Server, Discover, "GET", "/"),
            step(Server, Delete, "DELETE", "/"),
            write,
            refused,
            step(Server, Finish, "POST", "/bs"),
            step(Device, Register, "POST", "/rd"),
        ];
        let session = console_api::BootstrapSession {
            short_server_ids: vec![101],
            ..words::session(BootstrapState::Finished)
        };
        let lines = lines(&BootstrapConversation { session, steps });
        let labels: Vec<&str> = lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "POST /bs?ep=lamp",
                "2.04 Changed",
                "GET / discover",
                "DELETE /",
                "PUT /0/1 security, 58 B TLV",
                "4.00 Bad Request",
                "POST /bs finish",
                "then registers with server 101: POST /rd",
            ]
        );
        assert_eq!(lines[0].after, "+9 ms");
        assert!(lines[1].answer && !lines[1].from_device && !lines[0].answer && lines[5].failed);
        assert_eq!(
            lines[5].told,
            "After 9 ms, device to Bootstrap-Server: answer to Bootstrap-Write, 4.00 Bad Request, failed"
        );
    }
}
