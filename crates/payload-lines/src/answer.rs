use std::fmt::Display;

use lwm2m_codec::{DecodeError, EncodeError};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::limits::FOUND_MAX;

/// One line of output.
#[derive(Serialize)]
struct Answer<'a, T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    ok: bool,
    #[serde(flatten)]
    content: T,
}

/// Why there is no result.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    error: &'static str,
    message: Box<str>,
    expected: Box<str>,
    found: Box<str>,
    offset: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Box<str>>,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, expected: impl Into<Box<str>>, found: impl AsRef<str>) -> Self {
        let (expected, found) = (expected.into(), shortened(found.as_ref()));
        let message = format!("expected {expected}, got {found}").into();
        Self { error, message, expected, found, offset: None, path: None }
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// With the words of another error.
    pub(crate) fn because(mut self, error: &dyn Display) -> Self {
        self.message = shortened(&error.to_string());
        self
    }
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        Self {
            error: error.class.name(),
            message: error.to_string().into(),
            expected: error.expected().into(),
            found: error.found().into(),
            offset: error.offset,
            path: error.path.map(|path| path.to_string().into()),
        }
    }
}

impl From<EncodeError> for Refusal {
    fn from(error: EncodeError) -> Self {
        Self::new(error.name(), error.expected(), error.found())
    }
}

/// The text without its middle, if it is a long one: a whole line may be in it.
fn shortened(text: &str) -> Box<str> {
    let length = text.chars().count();
    if length <= FOUND_MAX {
        return text.into();
    }
    let end = FOUND_MAX / 4;
    let beginning = text.chars().take(FOUND_MAX - end);
    beginning.chain(['…']).chain(text.chars().skip(length - end)).collect()
}

/// Writes the line of a result or of a refusal.
pub(crate) fn line<T: Serialize>(id: Option<&RawValue>, result: Result<T, Refusal>) -> String {
    let text = match result {
        Ok(content) => serde_json::to_string(&Answer { id, ok: true, content }),
        Err(refusal) => serde_json::to_string(&Answer { id, ok: false, content: refusal }),
    };
    // Strings and numbers can always be written.
    text.unwrap_or_default()
}

/// The answer to a line that is longer than is read.
#[must_use]
pub fn line_too_long() -> String {
    let expected = format!("a line of at most {} bytes", crate::limits::LINE_MAX);
    line::<()>(None, Err(Refusal::new("LINE_TOO_LONG", expected, "a longer one")))
}
