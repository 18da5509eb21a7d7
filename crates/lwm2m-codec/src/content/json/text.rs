use alloc::borrow::Cow;
use alloc::string::String;

/// A string of a JSON document between its quotes, with escapes that have been checked.
#[derive(Clone, Copy, Debug)]
pub(in crate::content) struct JsonText<'a> {
    pub(super) raw: &'a str,
    pub(super) escaped: bool,
}

/// Length of the text before the first byte that a string cannot hold as it is.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const fn is_plain(byte: u8) -> bool {
        !matches!(byte, b'"' | b'\\' | 0..=0x1F)
    }
    // Whole blocks first: without an early end in them they cost a few instructions each.
    let (blocks, _) = bytes.as_chunks::<16>();
    let is_whole = |block: &&[u8; 16]| block.iter().fold(true, |all, byte| all & is_plain(*byte));
    let whole = 16 * blocks.iter().take_while(is_whole).count();
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len())
}

impl<'a> JsonText<'a> {
    pub(in crate::content) fn unescaped(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { Cow::Borrowed(self.raw) }
    }
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut characters = escape.chars();
        match characters.next() {
            Some('u') => {
                let (character, after) = unicode(characters.as_str());
                text.push(character);
                rest = after;
                continue;
            }
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(itself) => text.push(itself),
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// The character of `XXXX` or of the pair `XXXX\uYYYY`, and what follows.
fn unicode(digits: &str) -> (char, &str) {
    let (first, rest) = code_unit(digits);
    if let Some(character) = char::from_u32(first) {
        return (character, rest);
    }
    let (second, after) = rest.strip_prefix("\\u").map_or((0, rest), code_unit);
    let combined = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
    (char::from_u32(combined).unwrap_or(char::REPLACEMENT_CHARACTER), after)
}

pub(super) fn code_unit(digits: &str) -> (u32, &str) {
    let (digits, rest) = digits.split_at_checked(4).unwrap_or((digits, ""));
    (u32::from_str_radix(digits, 16).unwrap_or(0), rest)
}
