use alloc::string::String;
use core::fmt::Write as _;

use super::text::plain_length;

/// Writes a document from left to right; the caller keeps it well-formed.
#[derive(Default)]
pub(in crate::content) struct Writer {
    out: String,
}

impl Writer {
    /// Brackets, separators and names that need no escapes.
    pub(in crate::content) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A name that needs no escapes, and the colon.
    pub(in crate::content) fn member(&mut self, name: &str) {
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    pub(in crate::content) fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        while let Some((plain, special)) = rest.split_at_checked(plain_length(rest.as_bytes())) {
            self.out.push_str(plain);
            let mut characters = special.chars();
            let Some(character) = characters.next() else { break };
            self.escaped(character);
            rest = characters.as_str();
        }
        self.out.push('"');
    }

    fn escaped(&mut self, character: char) {
        match character {
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            control if control < ' ' => self.display(format_args!("\\u{:04x}", u32::from(control))),
            itself => self.out.extend(['\\', itself]),
        }
    }

    /// A number; the shortest text that is read back as the same.
    pub(in crate::content) fn float(&mut self, number: f64) {
        self.display(format_args!("{number:?}"));
    }

    pub(in crate::content) fn display(&mut self, text: core::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(text);
    }

    pub(in crate::content) fn finish(self) -> String {
        self.out
    }
}
