use serde::{Deserialize, Serialize};

use crate::{ApiError, Operation, OperationResponse};

/// An operation that somebody asked for, from when it is accepted until it is over. In frames its answer is
/// [`CommandAnswer`], in REST [`OperationResponse`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Command<A = CommandAnswer> {
    /// Never given out twice, over restarts neither.
    pub id: u64,
    pub endpoint: String,
    pub op: Operation,
    /// `/` when there are several.
    pub path: String,
    /// Those of a composite operation.
    pub paths: Vec<String>,
    /// Execute: its arguments. Write-Attributes, Observe, Observe-Composite: attributes as in a query.
    pub arguments: Option<String>,
    /// Write, Write-Composite, Create: what is sent.
    pub content: Option<Content>,
    /// Also if the client cannot be expected to know the operation, or has refused it.
    pub force: bool,
    /// Who asked for it, and from where.
    pub author: String,
    pub created_at_ms: u64,
    /// When it expires if it could not be sent before.
    pub deadline_ms: u64,
    /// How long the client's answer is waited for once it is sent.
    pub timeout_ms: u64,
    /// How often it was sent: an attempt has all its retransmissions in it.
    pub attempts: u32,
    pub state: CommandState,
    /// Time of the last change of state.
    pub changed_at_ms: u64,
    /// Answered: what the client said; an error code is an answer, too.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OperationResponse>))]
    pub answer: Option<A>,
    /// Failed: why there is no answer and will be none.
    pub error: Option<ApiError>,
    /// Indeterminate, and failed where it may have been performed: what an operator can do now.
    pub advice: Option<String>,
}

impl<A> Command<A> {
    /// Whether nothing will change any more.
    pub fn is_over(&self) -> bool {
        !matches!(self.state, CommandState::Queued | CommandState::Sent)
    }

    /// Commands of one client that are over and kept. Beyond, the oldest goes.
    pub const OVER_PER_CLIENT: usize = 100;
}

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Waits for its client to wake, or for its turn.
    Queued,
    Sent,
    Answered,
    /// There is no answer and will be none.
    Failed,
    /// The deadline passed, or the registration ended, before it could be sent.
    Expired,
    /// An operator withdrew it before it was sent.
    Cancelled,
    /// The server stopped after it was sent and before the answer was stored: nobody but the client knows whether it
    /// was performed.
    Indeterminate,
}

/// What a client answered, untouched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandAnswer {
    /// CoAP response code, `2.05`.
    pub code: String,
    pub content: Content,
    /// Create: the path of the new Object Instance.
    pub location: Option<String>,
    /// The number of the block that the client refused, when it was one of a large payload.
    pub block: Option<u32>,
}

/// A payload of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Content {
    pub content_format: Option<u16>,
    /// Length of the payload.
    pub bytes: u64,
    /// Empty when the payload is longer than [`Content::SHOWN_BYTES`]: a value is told by itself.
    #[serde(rename = "payload_hex", with = "crate::hex::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub payload: Vec<u8>,
}

impl Content {
    pub const SHOWN_BYTES: usize = 1_024;

    pub fn new(content_format: Option<u16>, payload: &[u8]) -> Self {
        let shown = if payload.len() > Self::SHOWN_BYTES { &[] } else { payload };
        Self { content_format, bytes: payload.len() as u64, payload: shown.to_vec() }
    }
}

/// `GET /api/v1/commands`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandList {
    /// So many commands match; `commands` is the part that was asked for.
    pub total: usize,
    /// Newest first.
    pub commands: Vec<Command<OperationResponse>>,
}

/// Which commands: the query of `GET /api/v1/commands` and of the list of a console.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandQuery {
    /// Those of one client.
    pub endpoint: Option<String>,
    pub state: Option<CommandState>,
    /// Words that must all occur in endpoint name, operation, paths or author.
    pub text: String,
}

/// The part of the commands that is on a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommandView {
    #[serde(default)]
    pub query: CommandQuery,
    /// So many of the newest are left out.
    #[serde(default)]
    pub offset: u32,
    /// Commands wanted, at most [`CommandView::ROWS`].
    pub limit: u32,
}

impl CommandView {
    /// Beyond, fewer come than were asked for.
    pub const ROWS: u32 = 256;
}

/// The commands of a [`CommandView`], newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandWindow {
    pub view: CommandView,
    /// Commands that match the query.
    pub matching: u32,
    /// Commands of all clients that are not over.
    pub open: u32,
    pub commands: Vec<Command>,
}

/// How a client takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Queue {
    /// Whether requests are sent at once. False for a client in queue mode that was not heard for so long that it is
    /// taken for asleep.
    pub awake: bool,
    /// Until when a client in queue mode is taken for awake, or since when it is not any more.
    pub until_ms: Option<u64>,
    /// Commands that wait to be sent.
    pub queued: u32,
    /// How long after its last message the client is taken for awake, where an operator has decided that.
    pub awake_s: Option<u32>,
}

/// What an operator decides about one client: `PUT /api/v1/clients/{endpoint}/config`. What is absent is as for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ClientConfig {
    pub awake_s: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_payload_is_told_by_its_length() {
        let short = Content::new(Some(0), b"21.5");
        assert_eq!((short.bytes, short.payload.as_slice()), (4, &b"21.5"[..]));
        let long = Content::new(None, &[7; Content::SHOWN_BYTES + 1]);
        assert_eq!((long.bytes, long.payload.len()), (1_025, 0));
    }

    /// The answer is of a type that is given, which hides that there may be none.
    #[cfg(feature = "openapi")]
    #[test]
    fn the_schema_says_that_there_may_be_no_answer() {
        let schema = <Command<OperationResponse> as utoipa::PartialSchema>::schema();
        let schema = serde_json::to_value(schema).unwrap();
        let choices = schema["properties"]["answer"]["oneOf"].as_array().unwrap();
        assert!(choices.iter().any(|choice| choice["type"] == "null"), "{choices:?}");
    }
}
