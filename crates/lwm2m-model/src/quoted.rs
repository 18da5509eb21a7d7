use crate::limits::QUOTED_INPUT_MAX;

/// The beginning of an input for a message, in quotes and with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_INPUT_MAX) {
        Some((end, _)) => format!("\"{}…\"", text.get(..end).unwrap_or_default().escape_debug()),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_input_is_cut() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        let cut = quoted(&"ä".repeat(QUOTED_INPUT_MAX + 1));
        assert_eq!(cut, format!("\"{}…\"", "ä".repeat(QUOTED_INPUT_MAX)));
    }
}
