//! Arguments of Execute (LwM2M Core §6.3.5): `2='10.3',7`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cursor::Cursor;
use crate::error::{DecodeError, ErrorClass};

/// One argument: a digit, and a value if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// 0 to 9.
    pub digit: u8,
    pub value: Option<String>,
}

/// Reads a list of arguments; an empty text is an empty list. A digit may appear once
/// (LwM2M Core 1.2.2 §6.3.5).
///
/// # Errors
/// When the text does not follow the grammar (`ARG_…`).
pub fn parse(text: &str) -> Result<Vec<Argument>, DecodeError> {
    let mut cursor = Cursor::new(text);
    let mut arguments: Vec<Argument> = Vec::new();
    if cursor.is_at_end() {
        return Ok(arguments);
    }
    loop {
        let start = cursor.offset();
        let argument = cursor.argument()?;
        if arguments.iter().any(|earlier| earlier.digit == argument.digit) {
            return Err(duplicate(argument.digit).at(start));
        }
        arguments.push(argument);
        if cursor.is_at_end() {
            return Ok(arguments);
        }
        if !cursor.accept(',') {
            return Err(cursor.error(ErrorClass::ArgExpectedComma, "\",\" or the end"));
        }
    }
}

/// Writes a list of arguments.
///
/// # Errors
/// When a digit is above 9 or given twice, or a value has characters that the grammar has no room for.
pub fn write(arguments: &[Argument]) -> Result<String, DecodeError> {
    let mut text = String::new();
    for (position, Argument { digit, value }) in arguments.iter().enumerate() {
        if *digit > 9 {
            let class = ErrorClass::ArgExpectedDigit;
            return Err(DecodeError::new(class, "a digit from 0 to 9", format!("{digit}")));
        }
        if arguments.iter().take(position).any(|earlier| earlier.digit == *digit) {
            return Err(duplicate(*digit));
        }
        if position > 0 {
            text.push(',');
        }
        text.push(char::from(b'0' + digit));
        if let Some(value) = value {
            if let Some(character) = value.chars().find(|character| !is_value_character(*character)) {
                let found = format!("{character:?}");
                return Err(DecodeError::new(ErrorClass::ArgBadChar, VALUE_CHARACTERS, found));
            }
            text.extend(["='", value, "'"]);
        }
    }
    Ok(text)
}

const VALUE_CHARACTERS: &str = "a printable ASCII character other than blank, quotes and backslash";

const fn is_value_character(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '"' | '\'' | '\\')
}

fn duplicate(digit: u8) -> DecodeError {
    DecodeError::new(ErrorClass::ArgDuplicate, "every argument once", format!("{digit} again"))
}

impl Cursor<'_> {
    fn argument(&mut self) -> Result<Argument, DecodeError> {
        let digit = self.peek().and_then(|character| character.to_digit(10));
        let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()) else {
            return Err(self.error(ErrorClass::ArgExpectedDigit, "a digit"));
        };
        self.bump();
        let value = if self.accept('=') { Some(self.argument_value()?) } else { None };
        Ok(Argument { digit, value })
    }

    fn argument_value(&mut self) -> Result<String, DecodeError> {
        if !self.accept('\'') {
            return Err(self.error(ErrorClass::ArgExpectedQuote, "\"'\" after \"=\""));
        }
        let value = self.take_while(is_value_character);
        if self.accept('\'') {
            Ok(String::from(value))
        } else if self.is_at_end() {
            Err(self.error(ErrorClass::ArgUnterminated, "the closing \"'\""))
        } else {
            Err(self.error(ErrorClass::ArgBadChar, VALUE_CHARACTERS))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn argument(digit: u8, value: &str) -> Argument {
        Argument { digit, value: Some(String::from(value)) }
    }

    #[test]
    fn what_the_grammar_cannot_carry_is_not_written() {
        assert_eq!(write(&[argument(10, "x")]).unwrap_err().class, ErrorClass::ArgExpectedDigit);
        assert_eq!(write(&[argument(0, "x',1='y")]).unwrap_err().class, ErrorClass::ArgBadChar);
        assert_eq!(write(&[argument(0, "a b")]).unwrap_err().class, ErrorClass::ArgBadChar);
        assert_eq!(write(&[argument(0, "x"), argument(0, "y")]).unwrap_err().class, ErrorClass::ArgDuplicate);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_legal_is_written_back(text in "[0-9=',a \\\\é]{0,16}") {
            if let Ok(arguments) = parse(&text) {
                prop_assert_eq!(write(&arguments), Ok(text));
            }
        }
    }
}
