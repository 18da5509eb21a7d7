use alloc::string::String;
use core::fmt;

use super::parameter_error::ParameterError;
use super::version::LwM2mVersion;
use crate::error::quoted;

/// The binding of a registration: letters of the transports a client supports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Binding(String);

impl Binding {
    /// Reads the letters by the rules of a version.
    ///
    /// 1.0 knows six combinations, with queue mode as the letter `Q`. Since 1.1 any transports may be
    /// combined and queue mode is a parameter of its own; clients that still send `Q` here are understood.
    ///
    /// # Errors
    /// [`ParameterError::Malformed`] when the letters are not legal in that version.
    pub fn parse(text: &str, version: LwM2mVersion) -> Result<Self, ParameterError> {
        let (legal, expected) = match version {
            LwM2mVersion::V1_0 => {
                (matches!(text, "U" | "UQ" | "S" | "SQ" | "US" | "UQS"), "U, UQ, S, SQ, US or UQS")
            }
            LwM2mVersion::V1_1 => (are_letters_of("UTSNQ", text), "letters of U, T, S, N, each once"),
            LwM2mVersion::V1_2 => (are_letters_of("UTSNMHQ", text), "letters of U, T, S, N, M, H, each once"),
        };
        if legal {
            Ok(Self(String::from(text)))
        } else {
            Err(ParameterError::Malformed { name: "b", expected, got: quoted(text) })
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the letters ask for queue mode.
    #[must_use]
    pub fn queue_mode(&self) -> bool {
        self.0.contains('Q')
    }

    /// The binding with the letter for queue mode, which 1.0 puts after the transport it is for.
    #[must_use]
    pub(super) fn with_queue_mode(&self) -> Self {
        if self.queue_mode() {
            return self.clone();
        }
        let mut letters = self.0.clone();
        letters.insert(letters.len().min(1), 'Q');
        Self(letters)
    }
}

/// UDP, what a client means that does not say.
impl Default for Binding {
    fn default() -> Self {
        Self(String::from("U"))
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// At least one transport, every letter once.
fn are_letters_of(letters: &str, text: &str) -> bool {
    let once = |letter: char| letters.contains(letter) && text.matches(letter).count() == 1;
    !matches!(text, "" | "Q") && text.chars().all(once)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_by_version() {
        for text in ["U", "UQ", "S", "SQ", "US", "UQS"] {
            assert!(Binding::parse(text, LwM2mVersion::V1_0).is_ok(), "{text}");
        }
        for text in ["", "Q", "T", "UQSQ", "USQ", "SU", "UU", "u", "U "] {
            assert!(Binding::parse(text, LwM2mVersion::V1_0).is_err(), "{text}");
        }
        for text in ["U", "T", "SU", "UTSN", "UQ", "USQ"] {
            assert!(Binding::parse(text, LwM2mVersion::V1_1).is_ok(), "{text}");
        }
        for text in ["", "Q", "M", "UU", "UQQ", "X"] {
            assert!(Binding::parse(text, LwM2mVersion::V1_1).is_err(), "{text}");
        }
        assert!(Binding::parse("UMH", LwM2mVersion::V1_2).is_ok());
    }

    #[test]
    fn queue_mode_of_1_0_is_a_letter() {
        let binding = |text| Binding::parse(text, LwM2mVersion::V1_0).unwrap();
        assert!(binding("UQS").queue_mode());
        assert!(!binding("US").queue_mode());
        for (plain, queued) in [("U", "UQ"), ("S", "SQ"), ("US", "UQS"), ("UQ", "UQ")] {
            assert_eq!(binding(plain).with_queue_mode(), binding(queued));
        }
    }
}
