use alloc::format;
use alloc::string::String;

use super::text::{JsonText, code_unit, plain_length};
use crate::content::{empty_payload, utf8};
use crate::error::{DecodeError, ErrorClass};
use crate::limits::JSON_DEPTH_MAX;

/// `{"v":1},`
const RECORD_BYTES_MIN: usize = 8;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    pub(in crate::content) const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        }
    }
}

/// Reads a document token by token. Nothing is copied.
#[derive(Clone)]
pub(in crate::content) struct Reader<'a> {
    text: &'a str,
    position: usize,
    /// Objects and arrays that were entered and not left yet.
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first value of a payload that is UTF-8 and not blank.
    pub(in crate::content) fn new(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Self { text: utf8(payload)?, position: 0, depth: 0 };
        reader.skip_blanks();
        if reader.peek().is_none() {
            return Err(empty_payload());
        }
        Ok(reader)
    }

    /// Checks that the rest is one whole value.
    pub(in crate::content) fn check(&self) -> Result<(), DecodeError> {
        let mut reader = self.clone();
        reader.skip()?;
        reader.finish()
    }

    /// Checks that nothing follows.
    pub(in crate::content) fn finish(&mut self) -> Result<(), DecodeError> {
        self.skip_blanks();
        if self.peek().is_some() { Err(self.unexpected("the end")) } else { Ok(()) }
    }

    /// How many records there may be: each is an object, and takes some bytes. Braces inside strings make it more.
    pub(in crate::content) fn most_records(&self) -> usize {
        let braces = self.text.bytes().filter(|byte| *byte == b'{').count();
        braces.min(self.text.len() / RECORD_BYTES_MIN)
    }

    /// Bytes read so far.
    pub(in crate::content) const fn position(&self) -> usize {
        self.position
    }

    /// The kind of the value that comes next.
    pub(in crate::content) fn kind(&self) -> Result<Kind, DecodeError> {
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Enters an object or array whose kind has been seen.
    pub(in crate::content) fn enter(&mut self) {
        self.position += 1;
        self.depth += 1;
    }

    /// The name of the next member of an object; none at its end.
    pub(in crate::content) fn member(
        &mut self,
        first: &mut bool,
    ) -> Result<Option<JsonText<'a>>, DecodeError> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a name in quotes"));
        }
        let name = self.string()?;
        self.skip_blanks();
        if !self.accept(b':') {
            return Err(self.unexpected("\":\""));
        }
        self.skip_blanks();
        Ok(Some(name))
    }

    /// Whether an array has another element.
    pub(in crate::content) fn element(&mut self, first: &mut bool) -> Result<bool, DecodeError> {
        self.more(first, b']')
    }

    pub(in crate::content) fn string(&mut self) -> Result<JsonText<'a>, DecodeError> {
        self.position += 1;
        let start = self.position;
        let mut escaped = false;
        loop {
            self.position += plain_length(self.bytes_from(self.position));
            match self.peek() {
                Some(b'"') => {
                    let raw = self.text.get(start..self.position).unwrap_or_default();
                    self.position += 1;
                    return Ok(JsonText { raw, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.unexpected("an escape for a control character")),
                None => return Err(self.unexpected("the closing quotes")),
            }
        }
    }

    /// A number as it is written.
    pub(in crate::content) fn number(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.position;
        self.accept(b'-');
        if !self.accept(b'0') {
            self.digits()?;
        }
        if self.accept(b'.') {
            self.digits()?;
        }
        if self.accept(b'e') || self.accept(b'E') {
            let _ = self.accept(b'+') || self.accept(b'-');
            self.digits()?;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'))
        {
            return Err(self.unexpected("the end of the number"));
        }
        Ok(self.text.get(start..self.position).unwrap_or_default())
    }

    pub(in crate::content) fn boolean(&mut self) -> Result<bool, DecodeError> {
        if self.peek() == Some(b't') {
            self.literal("true").map(|()| true)
        } else {
            self.literal("false").map(|()| false)
        }
    }

    /// Passes over one value of any kind. The recursion is as deep as JSON may be at most.
    pub(in crate::content) fn skip(&mut self) -> Result<(), DecodeError> {
        let kind = self.kind()?;
        if matches!(kind, Kind::Object | Kind::Array) && self.depth >= JSON_DEPTH_MAX {
            let expected = format!("at most {JSON_DEPTH_MAX} levels of objects and arrays");
            return Err(DecodeError::new(ErrorClass::JsonTooDeep, expected, "more").at(self.position));
        }
        let mut first = true;
        match kind {
            Kind::Object => {
                self.enter();
                while self.member(&mut first)?.is_some() {
                    self.skip()?;
                }
            }
            Kind::Array => {
                self.enter();
                while self.element(&mut first)? {
                    self.skip()?;
                }
            }
            Kind::String => {
                self.string()?;
            }
            Kind::Number => {
                self.number()?;
            }
            Kind::Boolean => {
                self.boolean()?;
            }
            Kind::Null => self.literal("null")?,
        }
        Ok(())
    }

    /// Passes over what is between two members or elements; false at the end of the object or array.
    fn more(&mut self, first: &mut bool, end: u8) -> Result<bool, DecodeError> {
        self.skip_blanks();
        if self.accept(end) {
            self.depth = self.depth.saturating_sub(1);
            return Ok(false);
        }
        if !*first {
            if !self.accept(b',') {
                let expected = if end == b'}' { "\",\" or \"}\"" } else { "\",\" or \"]\"" };
                return Err(self.unexpected(expected));
            }
            self.skip_blanks();
        }
        *first = false;
        Ok(true)
    }

    fn escape(&mut self) -> Result<(), DecodeError> {
        let start = self.position;
        self.position += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.position += 1;
                Ok(())
            }
            Some(b'u') => {
                self.position += 1;
                match self.code_unit()? {
                    0xD800..=0xDBFF => self.low_surrogate(start),
                    0xDC00..=0xDFFF => Err(lone_surrogate(start)),
                    _ => Ok(()),
                }
            }
            _ => Err(self.unexpected("one of \" \\ / b f n r t u after a backslash")),
        }
    }

    /// RFC 8259 §7: a character beyond the Basic Multilingual Plane is a pair of escapes.
    fn low_surrogate(&mut self, start: usize) -> Result<(), DecodeError> {
        if !self.bytes_from(self.position).starts_with(b"\\u") {
            return Err(lone_surrogate(start));
        }
        self.position += 2;
        match self.code_unit()? {
            0xDC00..=0xDFFF => Ok(()),
            _ => Err(lone_surrogate(start)),
        }
    }

    fn code_unit(&mut self) -> Result<u32, DecodeError> {
        let digits = self.bytes_from(self.position).iter().take(4);
        let hexadecimal = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
        let text = self.text.get(self.position..self.position + hexadecimal).unwrap_or_default();
        self.position += hexadecimal;
        if hexadecimal < 4 {
            return Err(self.unexpected("four hexadecimal digits"));
        }
        Ok(code_unit(text).0)
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let digits = self.bytes_from(self.position).iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += digits;
        if digits == 0 { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn literal(&mut self, literal: &'static str) -> Result<(), DecodeError> {
        if !self.bytes_from(self.position).starts_with(literal.as_bytes()) {
            return Err(self.unexpected(literal));
        }
        self.position += literal.len();
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.position += usize::from(there);
        there
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    fn bytes_from(&self, position: usize) -> &'a [u8] {
        self.text.as_bytes().get(position..).unwrap_or_default()
    }

    fn unexpected(&self, expected: &'static str) -> DecodeError {
        // Inside a character there is no boundary to read from, but no token ends there either.
        let found = match self.text.get(self.position..).and_then(|rest| rest.chars().next()) {
            Some(character) => format!("{character:?}"),
            None => String::from("the end"),
        };
        DecodeError::new(ErrorClass::JsonSyntax, expected, found).at(self.position)
    }
}

fn lone_surrogate(offset: usize) -> DecodeError {
    let expected = "a pair of surrogates";
    DecodeError::new(ErrorClass::BadUtf8, expected, "half of one").at(offset)
}
