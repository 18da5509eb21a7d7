use serde_json::{Map, Value};

use super::Import;
use crate::{Draft, Field, Wrong};

const EXPECTED: &str = "a JSON object for each credential, in an array or one a line";

/// An array of objects, or an object a line.
pub(super) fn read(file: &[u8], import: &mut Import) {
    let Ok(text) = core::str::from_utf8(file) else {
        return import.refuse(1, Field::Entry.wrong(EXPECTED, "something else than UTF-8"));
    };
    if text.trim_start().starts_with('[') {
        return read_array(text, import);
    }
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        if !import.add(line, entry(text)) {
            return;
        }
    }
}

/// Element by element, so that one that cannot be read does not hide the others.
fn read_array(text: &str, import: &mut Import) {
    let mut elements = Elements { text, position: 0, line: 1 };
    elements.skip_space();
    elements.step();
    let mut is_first = true;
    loop {
        elements.skip_space();
        match elements.next_byte() {
            Some(b']') => {
                elements.step();
                elements.skip_space();
                if elements.next_byte().is_some() {
                    let wrong = Field::Entry.wrong("nothing after the array", "something");
                    import.refuse(elements.line, wrong);
                }
                return;
            }
            Some(b',') if !is_first => elements.step(),
            None => {
                return import.refuse(elements.line, Field::Entry.wrong("the end of the array", "nothing"));
            }
            Some(_) if is_first => {}
            Some(_) => {
                let wrong = Field::Entry.wrong("a comma or the end of the array", "something else");
                return import.refuse(elements.line, wrong);
            }
        }
        elements.skip_space();
        let line = elements.line;
        let element = elements.take();
        if !import.add(line, entry(element)) {
            return;
        }
        is_first = false;
    }
}

fn entry(text: &str) -> Result<crate::Ready, Vec<Wrong>> {
    let members: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        let got = match error.classify() {
            serde_json::error::Category::Data => "something else".to_owned(),
            _ => format!("no JSON at character {}", error.column()),
        };
        vec![Field::Entry.wrong("a JSON object", got)]
    })?;
    let draft = Draft::from_json(members)?;
    if draft.retire_after_s.is_some() {
        // What a file adds stands beside what there is.
        return Err(vec![Field::RetireAfter.wrong("nothing, in a file", "something")]);
    }
    draft.check()
}

/// The text of an array, taken apart by its brackets and quotation marks alone.
struct Elements<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Elements<'a> {
    fn next_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn step(&mut self) {
        self.line += usize::from(self.next_byte() == Some(b'\n'));
        self.position += 1;
    }

    fn skip_space(&mut self) {
        while self.next_byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.step();
        }
    }

    /// Up to the comma or bracket that ends it.
    fn take(&mut self) -> &'a str {
        let (start, mut depth, mut quoted) = (self.position, 0_usize, false);
        while let Some(byte) = self.next_byte() {
            match byte {
                b'\\' if quoted => self.step(),
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b',' | b']' if depth == 0 => break,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.step();
        }
        // A backslash may have been the last byte.
        self.text.get(start..self.position.min(self.text.len())).unwrap_or_default()
    }
}
