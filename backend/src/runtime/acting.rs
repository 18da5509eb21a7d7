use coap::Instant;
use lwm2m_core::server::{Change, ClientConfig, Command, CommandId};
use store::{Audit, Label};

use crate::commands;

/// What an operator is doing at the moment, to be stored with the change that the role makes of it. Nothing is stored
/// when it makes none.
#[derive(Default)]
pub(super) struct Acting {
    audit: Option<Audit>,
}

impl Acting {
    pub(super) fn command(&mut self, command: &Command) {
        let details = format!("command {}: {}", command.id.0, commands::summary(&command.operation));
        self.audit = Some(audit(command.created_at, &command.author, "command", &command.endpoint, details));
    }

    pub(super) fn cancel(&mut self, now: Instant, author: &str, endpoint: &str, id: CommandId) {
        self.audit = Some(audit(now, author, "cancel", endpoint, format!("command {}", id.0)));
    }

    pub(super) fn configure(&mut self, now: Instant, author: &str, endpoint: &str, config: &ClientConfig) {
        let details = match config.awake_s {
            Some(awake_s) => format!("awake for {awake_s} s after its last message"),
            None => "awake as long as all others".to_owned(),
        };
        self.audit = Some(audit(now, author, "configure", endpoint, details));
    }

    pub(super) fn forget(&mut self, now: Instant, author: &str, endpoint: &str) {
        self.audit = Some(audit(now, author, "forget", endpoint, String::new()));
    }

    /// What belongs to a change: once.
    pub(super) fn take_for(&mut self, change: &Change) -> Option<Audit> {
        self.audit.take_if(|audit| {
            matches!(
                (audit.what.as_str(), change),
                ("command" | "cancel", Change::Command(_))
                    | ("configure", Change::Configured { .. })
                    | ("forget", Change::Forgotten { .. })
            )
        })
    }

    /// The role has made of it what it makes of it.
    pub(super) fn end(&mut self) {
        self.audit = None;
    }
}

pub(super) fn labelled(now: Instant, author: &str, endpoint: &str, label: &Label) -> Audit {
    let Label { name, tags, notes } = label;
    let details = format!(
        "name {:?}, tags {tags:?}, notes of {} bytes",
        name.as_deref().unwrap_or_default(),
        notes.len()
    );
    audit(now, author, "label", endpoint, details)
}

fn audit(at: Instant, author: &str, what: &str, endpoint: &str, details: String) -> Audit {
    let (author, what, endpoint) = (author.to_owned(), what.to_owned(), Some(endpoint.to_owned()));
    Audit { at, author, what, endpoint, details }
}
