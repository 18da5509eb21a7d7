use std::fmt;

/// Why bytes are no registry in compact form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactError {
    pub expected: String,
    pub got: String,
}

impl CompactError {
    pub(super) fn new(expected: impl Into<String>, got: impl fmt::Display) -> Self {
        Self { expected: expected.into(), got: got.to_string() }
    }
}

impl fmt::Display for CompactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "registry in compact form: expected {}, got {}", self.expected, self.got)
    }
}

impl std::error::Error for CompactError {}
