use std::{fmt, str::FromStr};

use coap::Instant;

/// Where a payload stands among all that ever came. It stays there while others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    pub at: Instant,
    /// Its number within its day.
    pub row: i64,
}

/// `1764115200000-17`
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.as_millis(), self.row)
    }
}

/// A text that is no [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (at, row) = text.split_once('-').ok_or(NoCursor)?;
        if ![at, row].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(NoCursor);
        }
        let at = at.parse().map_err(|_| NoCursor)?;
        Ok(Self { at: Instant::from_millis(at), row: row.parse().map_err(|_| NoCursor)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_back(at: u64, row in 0..=i64::MAX) {
            let cursor = Cursor { at: Instant::from_millis(at), row };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9a ]{0,40}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "-1",
            "+1-1",
            "1-+1",
            "1-1-1",
            "1-9223372036854775808",
            "18446744073709551616-1",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text:?}");
        }
    }
}
