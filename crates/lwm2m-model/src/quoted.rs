use crate::limits::{MESSAGE_MAX, QUOTED_INPUT_MAX};

/// The beginning of an input for a message, in quotes and with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_INPUT_MAX) {
        Some((end, _)) => format!("\"{}…\"", text.get(..end).unwrap_or_default().escape_debug()),
        None => format!("{text:?}"),
    }
}

/// A message without its middle, if it is a long one.
pub(crate) fn shortened(message: &str) -> String {
    let length = message.chars().count();
    if length <= MESSAGE_MAX {
        return message.to_owned();
    }
    let end = MESSAGE_MAX / 4;
    let beginning = message.chars().take(MESSAGE_MAX - end);
    beginning.chain(['…']).chain(message.chars().skip(length - end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_lose_their_middle() {
        let message = format!("invalid: \"{}\" at line 7", "ä".repeat(MESSAGE_MAX));
        let short = shortened(&message);
        assert!(short.starts_with("invalid: \"ä") && short.ends_with("ä\" at line 7"), "{short}");
        assert_eq!(short.chars().count(), MESSAGE_MAX + 1);
        assert_eq!(shortened("invalid"), "invalid");
    }

    #[test]
    fn long_input_is_cut() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        let cut = quoted(&"ä".repeat(QUOTED_INPUT_MAX + 1));
        assert_eq!(cut, format!("\"{}…\"", "ä".repeat(QUOTED_INPUT_MAX)));
    }
}
