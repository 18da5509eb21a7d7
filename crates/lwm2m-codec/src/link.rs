//! CoRE link format (RFC 6690), as used in registrations and Discover answers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::annotate::{Annotation, AnnotationKind};
use crate::content::utf8;
use crate::cursor::Cursor;
use crate::error::{DecodeError, ErrorClass, payload_too_large, quoted};
use crate::limits::{ITEMS_MAX, LINK_ATTRIBUTES_MAX, PAYLOAD_MAX};

/// One link: `</1/0>;ver=1.1;hidden`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub target: String,
    /// In the order given; values without quotes and escapes, `None` for an attribute without a value.
    pub attributes: Vec<(String, Option<String>)>,
}

impl Link {
    #[must_use]
    pub const fn new(target: String) -> Self {
        Self { target, attributes: Vec::new() }
    }

    /// The value of the first attribute of that name: `Some(None)` when it is there without a value.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Option<&str>> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_deref())
    }
}

/// Reads a list of links; an empty payload is an empty list. Blanks around separators are accepted.
///
/// # Errors
/// When the payload is not in link format (`LINK_…`), not UTF-8, or too large.
pub fn parse(payload: &[u8]) -> Result<Vec<Link>, DecodeError> {
    let mut links = Vec::new();
    each(payload, |link, _| {
        links.push(link);
        Ok(())
    })?;
    Ok(links)
}

/// Reads a list of links and says where each of them stands.
pub(crate) fn each(
    payload: &[u8],
    mut found: impl FnMut(Link, Range<usize>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    if payload.len() > PAYLOAD_MAX {
        return Err(payload_too_large(payload.len()));
    }
    let mut cursor = Cursor::new(utf8(payload)?);
    let mut count = 0;
    cursor.skip_blanks();
    if cursor.is_at_end() {
        return Ok(());
    }
    loop {
        let start = cursor.offset();
        let link = cursor.link()?;
        // An attribute takes as much memory as a link.
        count += 1 + link.attributes.len();
        if count > ITEMS_MAX {
            let expected = format!("at most {ITEMS_MAX} links and attributes");
            return Err(DecodeError::new(ErrorClass::TooManyItems, expected, "more").at(start));
        }
        found(link, start..cursor.offset())?;
        if cursor.is_at_end() {
            return Ok(());
        }
        if !cursor.accept(',') {
            return Err(cursor.error(ErrorClass::LinkJunkAfterLink, "\",\", \";\" or the end"));
        }
        cursor.skip_blanks();
        if cursor.is_at_end() {
            return Err(cursor.error(ErrorClass::LinkTrailingComma, "a link after \",\""));
        }
    }
}

/// What the bytes of a list mean, and why it is refused if it is.
pub(crate) fn explain(payload: &[u8]) -> (Vec<Annotation>, Option<DecodeError>) {
    let mut notes = Vec::new();
    let outcome = each(payload, |link, range| {
        let text = match link.attributes.len() {
            0 => format!("link to {}", quoted(&link.target)),
            _ => format!("link to {} with {}", quoted(&link.target), quoted(&written_attributes(&link))),
        };
        let path = link.target.parse().ok();
        notes.push(Annotation { range, kind: AnnotationKind::Link, path, text });
        Ok(())
    });
    (notes, outcome.err())
}

/// Writes links, with values in quotes wherever a bare token would not do.
#[must_use]
pub fn write(links: &[Link]) -> String {
    let mut text = String::new();
    for (position, link) in links.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.extend(["<", &link.target, ">"]);
        text.push_str(&written_attributes(link));
    }
    text
}

fn written_attributes(link: &Link) -> String {
    let mut text = String::new();
    for (name, value) in &link.attributes {
        text.extend([";", name]);
        if let Some(value) = value {
            text.push('=');
            write_value(&mut text, name, value);
        }
    }
    text
}

/// Attributes whose values RFC 6690 §2 wants in quotes, or that are commonly found in quotes only.
const QUOTED_ATTRIBUTES: [&str; 5] = ["anchor", "if", "rt", "title", "uri"];

fn write_value(text: &mut String, name: &str, value: &str) {
    let token = !value.is_empty() && value.chars().all(is_token);
    if token && !QUOTED_ATTRIBUTES.contains(&name) {
        text.push_str(value);
        return;
    }
    text.push('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
}

/// `ptoken` of RFC 6690 §2: an attribute value without quotes. Commas and semicolons end it.
const fn is_token(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '"' | ',' | ';' | '\\')
}

/// `parmname` of RFC 6690 §2, with the `*` that marks an encoded value (RFC 5987 §3.2.1).
const fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '!' | '#' | '$' | '&' | '+' | '-' | '.' | '^' | '_' | '`' | '|' | '~' | '*')
}

/// A path or an absolute URI; RFC 3986 has neither blanks nor the characters that end a target.
fn is_target(target: &str) -> bool {
    let legal =
        |character: char| !character.is_ascii_control() && !matches!(character, ' ' | '<' | '>' | '"' | '\\');
    (target.starts_with('/') || target.contains("://")) && target.chars().all(legal)
}

impl<'a> Cursor<'a> {
    fn link(&mut self) -> Result<Link, DecodeError> {
        let mut link = Link::new(String::from(self.target()?));
        self.skip_blanks();
        while self.accept(';') {
            self.skip_blanks();
            let attribute = self.attribute(&link)?;
            link.attributes.push(attribute);
            self.skip_blanks();
        }
        link.attributes.shrink_to_fit();
        Ok(link)
    }

    fn target(&mut self) -> Result<&'a str, DecodeError> {
        if !self.accept('<') {
            return Err(self.error(ErrorClass::LinkExpectedLt, "\"<\""));
        }
        let start = self.offset();
        let target = self.take_while(|character| !matches!(character, '<' | '>'));
        match self.peek() {
            None => Err(self.error(ErrorClass::LinkUnterminatedTarget, "\">\"")),
            Some('>') if is_target(target) => {
                self.bump();
                Ok(target)
            }
            Some('>') => {
                let expected = "a target beginning with \"/\", without blanks or quotes";
                Err(DecodeError::new(ErrorClass::LinkBadTarget, expected, quoted(target)).at(start))
            }
            Some(_) => Err(self.error(ErrorClass::LinkBadTarget, "\">\"")),
        }
    }

    fn attribute(&mut self, link: &Link) -> Result<(String, Option<String>), DecodeError> {
        let start = self.offset();
        let name = self.take_while(is_name);
        if name.is_empty() {
            return Err(self.error(ErrorClass::LinkEmptyParam, "the name of an attribute"));
        }
        // RFC 5988 §5.4: only `hreflang` may be given several times.
        if name != "hreflang" && link.attribute(name).is_some() {
            let expected = format!("the attribute {name} once");
            return Err(DecodeError::new(ErrorClass::LinkDuplicateParam, expected, "it again").at(start));
        }
        if link.attributes.len() == LINK_ATTRIBUTES_MAX {
            let expected = format!("at most {LINK_ATTRIBUTES_MAX} attributes of a link");
            return Err(DecodeError::new(ErrorClass::TooManyItems, expected, "more").at(start));
        }
        self.skip_blanks();
        if !self.accept('=') {
            return Ok((String::from(name), None));
        }
        self.skip_blanks();
        let value = if self.accept('"') { self.quoted_value()? } else { self.token_value()? };
        Ok((String::from(name), Some(value)))
    }

    fn token_value(&mut self) -> Result<String, DecodeError> {
        let token = self.take_while(is_token);
        if token.is_empty() {
            return Err(self.error(ErrorClass::LinkEmptyValue, "a value after \"=\""));
        }
        Ok(String::from(token))
    }

    fn quoted_value(&mut self) -> Result<String, DecodeError> {
        let mut value = String::new();
        loop {
            value.push_str(self.take_while(|character| !matches!(character, '"' | '\\')));
            let delimiter = self.peek();
            self.bump();
            match (delimiter, self.peek()) {
                (Some('"'), _) => return Ok(value),
                (Some(_), Some(escaped)) => {
                    self.bump();
                    value.push(escaped);
                }
                _ => return Err(self.error(ErrorClass::LinkUnterminatedQuote, "the closing '\"'")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn attributes_lose_quotes_and_escapes() {
        let links = parse(br#"</1/0>;hidden;title="a \"b\", c";ver=1.1 , </3/0> ; rt = x"#).unwrap();
        assert_eq!(links[0].attribute("hidden"), Some(None));
        assert_eq!(links[0].attribute("title"), Some(Some("a \"b\", c")));
        assert_eq!(links[0].attribute("ver"), Some(Some("1.1")));
        assert_eq!(links[1].attribute("rt"), Some(Some("x")));
        assert_eq!(links[1].attribute("ct"), None);
    }

    #[test]
    fn hreflang_may_be_repeated_and_others_not() {
        assert!(parse(b"</a>;hreflang=en;hreflang=de").is_ok());
        let error = parse(b"</a>;sz=1;sz=2").unwrap_err();
        assert_eq!((error.class, error.offset), (ErrorClass::LinkDuplicateParam, Some(10)));
    }

    #[test]
    fn errors_say_what_and_where() {
        let error = parse(b"</1/0>x").unwrap_err();
        assert_eq!(error.to_string(), "expected \",\", \";\" or the end, got 'x', at byte 6");
    }

    #[test]
    fn attributes_are_bounded() {
        let many: String = (0..=LINK_ATTRIBUTES_MAX).map(|number| format!(";a{number}")).collect();
        let error = parse(format!("</1>{many}").as_bytes()).unwrap_err();
        assert_eq!(error.class, ErrorClass::TooManyItems);
    }

    fn any_link() -> impl Strategy<Value = Link> {
        let value = prop_oneof![Just(None), "[ -~é]{0,8}".prop_map(Some)];
        let attributes = prop::collection::btree_map("[a-z]{1,6}", value, 0..4);
        ("/[a-z0-9/.:?=&-]{0,10}", attributes)
            .prop_map(|(target, attributes)| Link { target, attributes: attributes.into_iter().collect() })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(links in prop::collection::vec(any_link(), 0..5)) {
            prop_assert_eq!(parse(write(&links).as_bytes()), Ok(links));
        }

        #[test]
        fn any_input_is_answered(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            text in "[<>/0-9;,=\" a\\\\]{0,40}",
        ) {
            let _ = parse(&bytes);
            if let Ok(links) = parse(text.as_bytes()) {
                prop_assert_eq!(parse(write(&links).as_bytes()), Ok(links));
            }
        }
    }
}
