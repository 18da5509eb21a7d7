//! Why a session came to nothing and what to do about it, in words.

use coap::{Code, ExchangeError, RequestRefused};
use lwm2m_codec::{ContentFormat, DecodeError, EncodeError, Path};

use super::{BootstrapOperation, Failure, NotConfigured, command::Command, limits};

/// The device refused a command.
pub(super) fn refused(command: &Command, code: Code, said: &[u8]) -> Failure {
    let what = format!("the device refused {} with {}{}", shown(command), named(code), diagnostic(said));
    failure(what, advice(command, code))
}

/// The device does not accept at Finish what it has.
pub(super) fn inconsistent(said: &[u8], found: &[String]) -> Failure {
    let reasons = match found {
        [] => "; nothing wrong is known of it here".to_owned(),
        found => format!(": {}", found.join("; ")),
    };
    let what = format!(
        "the device does not accept its configuration as consistent (4.06){reasons}{}",
        diagnostic(said)
    );
    let advice = match found {
        [] => {
            "Look at what the device has besides, with Discover: accounts that are not deleted count too. Delete \
               /0 and /1 first, or see the log of the device."
        }
        _ => {
            "Mend this in the configuration and bootstrap the device again: it still listens for some minutes."
        }
    };
    failure(what, advice)
}

/// Nobody answered a command.
pub(super) fn unanswered(command: &Command, waited_s: u64) -> Failure {
    failure(
        format!("{} was not answered within {waited_s} s", shown(command)),
        "The device lost its connection, was restarted, or does not listen any more. It asks again by itself; if it \
         always stops here, it cannot take this command.",
    )
}

/// A command could not be brought to the device.
pub(super) fn exchange(command: &Command, error: ExchangeError) -> Failure {
    let advice = match error {
        ExchangeError::Reset => {
            "The device does not know what this is about: it was restarted meanwhile, or takes nothing unasked. Let it \
             ask by itself."
        }
        ExchangeError::Forgotten => {
            "The device closed its security session, or its credential was revoked. It has to connect again."
        }
        _ => "The device answers in a way that the standard does not have. See its log.",
    };
    failure(format!("{} failed: {error}", shown(command)), advice)
}

pub(super) fn not_sent(command: &Command, error: &RequestRefused) -> Failure {
    failure(
        format!("{} could not be sent: {error}", shown(command)),
        "Try again when the server is less busy.",
    )
}

pub(super) fn not_configured(refusal: &NotConfigured) -> Failure {
    let advice = match refusal.code {
        Code::SERVICE_UNAVAILABLE => "The server could not store the session. See its log.",
        Code::NOT_FOUND | Code::METHOD_NOT_ALLOWED | Code::NOT_IMPLEMENTED => {
            "The device goes on with a Bootstrap-Request."
        }
        _ => "Assign a configuration to this endpoint, to a pattern that its name fits, or by default.",
    };
    failure(refusal.what.clone(), advice)
}

/// The request is refused before there is a session.
pub(super) fn denied(step: Option<u32>, what: String, advice: &str) -> Failure {
    Failure { step, ..failure(what, advice) }
}

pub(super) const NOT_OF_THE_STANDARD: &str =
    "The device asks in a way that the standard does not have. See its log.";

pub(super) const ANOTHER_DEVICE: &str = "A device with a credential is being bootstrapped under this name: two devices \
     have the same name, or one of them takes that of the other.";

pub(super) const fn advice_on_admission(is_proven: bool, code: Code) -> &'static str {
    match (is_proven, code) {
        (true, Code::BAD_REQUEST) => {
            "Give the device the endpoint name that its credential is for, or add a credential for the name that it says \
             on page Security."
        }
        (false, Code::FORBIDDEN) => {
            "Let the device connect with its credential (coaps), or delete the credential on page Security if it is to be \
             bootstrapped without security."
        }
        _ => "Bootstrap is not open to this endpoint name. Give the device another one, or admit it.",
    }
}

pub(super) fn unsupported_format(what: String) -> Failure {
    failure(what, "The device has to prefer 110, 112, 11542 or 11544 (pct), or none.")
}

pub(super) fn not_in_time() -> Failure {
    failure(
        "what the device receives was not found in time".to_owned(),
        "The server is too busy, or its store does not answer. See its log.",
    )
}

pub(super) fn began_anew() -> Failure {
    let advice = "Nothing is wrong: see the session that follows.";
    Failure { interrupted: true, ..failure("the device began anew".to_owned(), advice) }
}

pub(super) fn connection_closed() -> Failure {
    failure(
        "the security session was closed".to_owned(),
        "The device closed it, or its credential was revoked. It has to connect again.",
    )
}

/// The answer to Discover cannot be read.
pub(super) fn unreadable(error: &DecodeError) -> Failure {
    failure(
        format!("the answer to Bootstrap-Discover cannot be read: {error}"),
        "Free instance ids are not known so. Give the instance ids of all accounts, or switch Discover off.",
    )
}

pub(super) fn own_account(instance: &Path) -> Failure {
    failure(
        format!(
            "{instance} is the account that the device has with this Bootstrap-Server, and would be overwritten"
        ),
        "Leave the instance to be chosen, or give another one.",
    )
}

pub(super) fn given_twice(instance: &Path) -> Failure {
    failure(format!("{instance} is given twice"), "Give each instance once, or leave them to be chosen.")
}

pub(super) fn not_encoded(path: &Path, format: ContentFormat, error: &EncodeError) -> Failure {
    failure(
        format!("{path} cannot be written in Content-Format {format}: {error}"),
        "Choose another Content-Format in the configuration, or other values.",
    )
}

pub(super) fn too_large(path: &Path, bytes: usize) -> Failure {
    failure(
        format!("{path} is written in at most {} bytes, and takes {bytes}", limits::PAYLOAD_BYTES),
        "Write less at once.",
    )
}

pub(super) fn too_many_steps(steps: usize) -> Failure {
    failure(
        format!(
            "at most {} messages are exchanged in a session, and this takes {steps}",
            limits::STEPS_PER_SESSION
        ),
        "Delete whole Objects, and write fewer instances.",
    )
}

fn failure(what: String, advice: &str) -> Failure {
    Failure { step: None, what, advice: advice.to_owned(), interrupted: false }
}

fn advice(command: &Command, code: Code) -> &'static str {
    use BootstrapOperation::{Delete, Discover, Finish, Write};
    match (command.operation, code) {
        (Discover, _) => {
            "The device does not support Bootstrap-Discover, so that free instance ids are not known. Give the \
             instance ids of all accounts, or switch Discover off."
        }
        (_, Code::UNAUTHORIZED | Code::FORBIDDEN) => {
            "The device takes commands of a Bootstrap-Server only while it bootstraps, and only from its own. Let it ask \
             by itself."
        }
        (Write, Code::UNSUPPORTED_CONTENT_FORMAT | Code::NOT_ACCEPTABLE) => {
            "The device does not read this Content-Format. Choose another one in the configuration."
        }
        (Write, Code::BAD_REQUEST) => {
            "The device does not take one of these values: compare them with what it supports, and with the version of \
             the Object that it has."
        }
        (Write, Code::NOT_FOUND | Code::METHOD_NOT_ALLOWED) => {
            "The device does not have this Object, or takes no instance with this id. Take it out of the configuration, \
             or give another id."
        }
        (Write, Code::REQUEST_ENTITY_TOO_LARGE | Code::REQUEST_ENTITY_INCOMPLETE) => {
            "The payload is too large for the device. Write less at once."
        }
        (Delete, Code::INTERNAL_SERVER_ERROR | Code::NOT_IMPLEMENTED) if command.path == Path::ROOT => {
            "The device cannot delete everything at once. Delete its Objects one by one: /0, /1, /2."
        }
        (Delete, _) => {
            "There is nothing at this path, or the device does not let it be deleted. Take it out of what is deleted, or \
             go on when the device refuses."
        }
        (Finish, Code::NOT_FOUND | Code::METHOD_NOT_ALLOWED) => {
            "The device does not know Bootstrap-Finish at /bs: it follows another version of the standard."
        }
        _ => "The device has trouble of its own. Try again, and see its log.",
    }
}

fn shown(command: &Command) -> String {
    match command.operation {
        BootstrapOperation::Finish => command.operation.to_string(),
        operation => format!("{operation} of {}", command.path),
    }
}

fn named(code: Code) -> String {
    match code.name() {
        Some(name) => format!("{code} {name}"),
        None => code.to_string(),
    }
}

/// RFC 7252 §5.5.2: the payload of an error may be a text for people.
pub(super) fn diagnostic(said: &[u8]) -> String {
    let Ok(text) = core::str::from_utf8(said) else { return String::new() };
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return String::new();
    }
    let quoted: String = text.chars().take(limits::QUOTED_CHARACTERS).collect();
    format!("; it says {quoted:?}")
}
