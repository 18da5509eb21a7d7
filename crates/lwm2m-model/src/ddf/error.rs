use std::fmt;

use crate::quoted::shortened;

/// Why an object definition file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DdfError {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    pub expected: String,
    pub got: String,
}

impl fmt::Display for DdfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected, got } = self;
        write!(f, "line {line}, column {column}: expected {expected}, got {got}")
    }
}

impl std::error::Error for DdfError {}

impl DdfError {
    /// An error at a byte of the text.
    pub(super) fn at(text: &str, offset: usize, expected: impl Into<String>, got: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let (lines, last) = match before.rsplit_once('\n') {
            Some((earlier, last)) => (earlier.matches('\n').count() + 1, last),
            None => (0, before),
        };
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            line: number(lines),
            column: number(last.chars().count()),
            // Names of elements can be long.
            expected: shortened(&expected.into()),
            got: shortened(&got.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one() {
        let at = |text, offset| {
            let error = DdfError::at(text, offset, "a", "b");
            (error.line, error.column)
        };
        assert_eq!(at("abc", 0), (1, 1));
        assert_eq!(at("ä\nöü-", 7), (2, 3));
        assert_eq!(at("a\n\nb", 2), (2, 1));
        assert_eq!(at("a\n\nb", 9), (3, 2));
    }
}
