//! Commands as people read them. Nothing here asks the browser.

use console_api::{Command, CommandAnswer, CommandState, Content, Operation, OperationResponse, hex_encode};
use lwm2m_codec::{ContentFormat, Path};

use crate::answers::{code_name, operation_name};
use crate::api::Failure;
use crate::format;

/// Commands listed at once.
pub(crate) const PAGE: u32 = 100;

/// Paths of a composite operation that a row names.
const PATHS_SHOWN: usize = 2;

/// Characters of a written value that a row shows.
const GIVEN_CHARACTERS: usize = 24;

/// Every state with its word in addresses, what people read, and the class that the style sheet knows.
pub(crate) const STATES: [(CommandState, &str, &str, &str); 7] = [
    (CommandState::Queued, "queued", "Queued", "sleep"),
    (CommandState::Sent, "sent", "Sent", "on"),
    (CommandState::Answered, "answered", "Answered", "ok"),
    (CommandState::Failed, "failed", "Failed", "bad"),
    (CommandState::Expired, "expired", "Expired", "warn"),
    (CommandState::Cancelled, "cancelled", "Cancelled", ""),
    (CommandState::Indeterminate, "indeterminate", "Indeterminate", "warn"),
];

pub(crate) fn word(state: CommandState) -> &'static str {
    facts(state).0
}

/// What people read, and the class that the style sheet knows. An answer may be an error code of the device.
pub(crate) fn chip(command: &Command) -> (&'static str, &'static str) {
    let (_, title, class) = facts(command.state);
    let refused = command.answer.as_ref().is_some_and(|answer| !crate::answers::is_success(&answer.code));
    if refused { ("Refused", "bad") } else { (title, class) }
}

fn facts(state: CommandState) -> (&'static str, &'static str, &'static str) {
    let of_state = STATES.iter().find(|(known, ..)| *known == state);
    of_state.map_or(("", "", ""), |(_, word, title, class)| (word, title, class))
}

/// The node that a command is about: the root of a composite operation.
pub(crate) fn target(command: &Command) -> Path {
    command.path.parse().unwrap_or(Path::ROOT)
}

/// `/3/0/9`, or the first of several paths.
pub(crate) fn paths(command: &Command) -> String {
    if command.paths.is_empty() {
        return command.path.clone();
    }
    let more = command.paths.len().saturating_sub(PATHS_SHOWN);
    let shown = command.paths.iter().take(PATHS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} +{more}") } else { shown }
}

/// What goes with the operation: a value, arguments, attributes.
pub(crate) fn given(command: &Command) -> Option<String> {
    let arguments = command.arguments.clone().filter(|arguments| !arguments.is_empty());
    arguments.or_else(|| command.content.as_ref().map(value)).map(|given| cut(&given))
}

/// Text as it is, anything else by its length and format.
fn value(content: &Content) -> String {
    let text = || core::str::from_utf8(&content.payload).ok().map(|text| format!("“{text}”"));
    let is_text = content.content_format == Some(ContentFormat::TEXT.0) && !content.payload.is_empty();
    is_text.then(text).flatten().unwrap_or_else(|| {
        let format = content.content_format.and_then(|number| ContentFormat(number).name());
        format!("{} {}", format::bytes(content.bytes as f64), format.unwrap_or_default())
            .trim_end()
            .to_owned()
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(GIVEN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How a command stands, in a few words. `asleep`: whether its client is, where that is known.
pub(crate) fn standing(command: &Command, asleep: Option<bool>, now_ms: u64) -> String {
    match command.state {
        CommandState::Queued => {
            let waits = match asleep {
                Some(true) => "the device sleeps",
                Some(false) => "waits for its turn",
                None => "waits for the device",
            };
            format!("{waits}; {}", expiry(command, now_ms))
        }
        CommandState::Sent => {
            let ago = format::span(now_ms.saturating_sub(command.changed_at_ms));
            format!("sent {ago} ago, no answer yet")
        }
        CommandState::Answered => {
            command.answer.as_ref().map(|answer| said(command.op, answer)).unwrap_or_default()
        }
        CommandState::Failed => command.error.as_ref().map(|error| error.message.clone()).unwrap_or_default(),
        CommandState::Expired => "the device did not take it in time; nothing was sent".to_owned(),
        CommandState::Cancelled => "withdrawn before it was sent".to_owned(),
        CommandState::Indeterminate => "nobody but the device knows whether it was performed".to_owned(),
    }
}

/// `expires in 3 h 4 m`
pub(crate) fn expiry(command: &Command, now_ms: u64) -> String {
    format!("expires in {}", format::span_precise(command.deadline_ms.saturating_sub(now_ms)))
}

/// `2.05 Content · “21.5”`
fn said(op: Operation, answer: &CommandAnswer) -> String {
    let told = format!("{} {}", answer.code, code_name(&answer.code));
    let brings_value = matches!(op, Operation::Read | Operation::Observe | Operation::ReadComposite);
    match (&answer.location, answer.content.bytes) {
        (Some(location), _) => format!("{told} · {location}"),
        (None, bytes) if bytes > 0 && brings_value => format!("{told} · {}", cut(&value(&answer.content))),
        _ => told,
    }
}

/// `Read /3/0/9`
pub(crate) fn title(command: &Command) -> String {
    format!("{} {}", operation_name(command.op), paths(command))
}

/// What a command that is over has come to, as if it had been waited for.
pub(crate) fn outcome(command: &Command) -> Result<OperationResponse, Failure> {
    if let Some(answer) = &command.answer {
        return Ok(OperationResponse {
            code: answer.code.clone(),
            content_format: answer.content.content_format,
            payload_hex: hex_encode(&answer.content.payload),
            location: answer.location.clone(),
            block: answer.block,
            duration_ms: command.changed_at_ms.saturating_sub(command.created_at_ms),
            ..OperationResponse::default()
        });
    }
    if let Some(error) = &command.error {
        let (code, message, details) = (error.code.clone(), error.message.clone(), error.details.clone());
        return Err(Failure { code, message, details });
    }
    let message = command.advice.clone().unwrap_or_else(|| standing(command, None, command.changed_at_ms));
    Err(Failure { code: word(command.state).to_owned(), message, details: None })
}

#[cfg(test)]
mod tests {
    use console_api::ApiError;

    use super::*;

    fn command(state: CommandState) -> Command {
        Command {
            id: 7,
            endpoint: "a".into(),
            op: Operation::Read,
            path: "/3/0/9".into(),
            paths: vec![],
            arguments: None,
            content: None,
            force: false,
            author: "console, 127.0.0.1".into(),
            created_at_ms: 1_000,
            deadline_ms: 61_000,
            timeout_ms: 93_000,
            attempts: 0,
            state,
            changed_at_ms: 4_000,
            answer: None,
            error: None,
            advice: None,
        }
    }

    fn answered(code: &str, content: Content) -> Command {
        let answer = CommandAnswer { code: code.into(), content, location: None, block: None };
        Command { answer: Some(answer), ..command(CommandState::Answered) }
    }

    #[test]
    fn what_waits_says_why_and_how_long_it_may() {
        let queued = command(CommandState::Queued);
        assert_eq!(standing(&queued, Some(true), 1_000), "the device sleeps; expires in 1 m");
        assert_eq!(standing(&queued, Some(false), 31_000), "waits for its turn; expires in 30 s");
        assert_eq!(standing(&command(CommandState::Sent), None, 9_000), "sent 5 s ago, no answer yet");
        assert_eq!(chip(&queued), ("Queued", "sleep"));
    }

    #[test]
    fn an_error_code_of_the_device_is_an_answer_that_refuses() {
        let fine = answered("2.05", Content::new(Some(0), b"21.5"));
        assert_eq!(standing(&fine, None, 0), "2.05 Content · “21.5”");
        assert_eq!(chip(&fine), ("Answered", "ok"));
        let refused = answered("4.05", Content::default());
        assert_eq!(
            (standing(&refused, None, 0).as_str(), chip(&refused).0),
            ("4.05 Method Not Allowed", "Refused")
        );
        let response = outcome(&fine).unwrap();
        assert_eq!((response.payload_hex.as_str(), response.duration_ms), ("32312e35", 3_000));
    }

    #[test]
    fn why_there_is_no_answer_is_told_as_for_one_that_was_waited_for() {
        let error = ApiError { code: "timeout".into(), message: "m".into(), details: None };
        let failed = Command { error: Some(error), ..command(CommandState::Failed) };
        assert_eq!(outcome(&failed).unwrap_err().code, "timeout");
        assert_eq!(outcome(&command(CommandState::Expired)).unwrap_err().code, "expired");
        let advice = Command { advice: Some("look".into()), ..command(CommandState::Indeterminate) };
        let failure = outcome(&advice).unwrap_err();
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("indeterminate", "look"));
    }

    #[test]
    fn what_goes_along_is_told_in_short() {
        let with =
            |content: Content| given(&Command { content: Some(content), ..command(CommandState::Queued) });
        assert_eq!(with(Content::new(Some(0), b"UTC")).as_deref(), Some("“UTC”"));
        assert_eq!(with(Content::new(Some(11542), &[1, 2])).as_deref(), Some("2 B TLV"));
        let long = with(Content::new(Some(0), "é".repeat(40).as_bytes())).unwrap();
        assert_eq!(long.chars().count(), GIVEN_CHARACTERS + 1);
        let attributes = Command { arguments: Some("pmin=1".into()), ..command(CommandState::Queued) };
        assert_eq!(given(&attributes).as_deref(), Some("pmin=1"));
        assert_eq!(given(&command(CommandState::Queued)), None);
        let several = ["/1", "/3", "/5"].map(str::to_owned).to_vec();
        let several =
            Command { op: Operation::ReadComposite, paths: several, ..command(CommandState::Queued) };
        assert_eq!(title(&several), "Read-Composite /1, /3 +1");
    }
}
