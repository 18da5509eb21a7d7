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
    let (words, _) = bytes.as_chunks::<8>();
    let plain = 8 * words.iter().take_while(|word| are_plain(u64::from_ne_bytes(**word))).count();
    let rest = bytes.get(plain..).unwrap_or_default();
    let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
    plain + special.unwrap_or(rest.len())
}

/// Looks at eight bytes at once. Subtracting leaves the highest bit of a byte set that was smaller and had it clear;
/// what it borrows from the next byte can only add to what has been found already.
const fn are_plain(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGHEST: u64 = 0x80 * ONES;
    const fn any_below(limit: u8, word: u64) -> u64 {
        word.wrapping_sub(limit as u64 * ONES) & !word
    }
    let quotes = word ^ (b'"' as u64 * ONES);
    let backslashes = word ^ (b'\\' as u64 * ONES);
    (any_below(0x20, word) | any_below(1, quotes) | any_below(1, backslashes)) & HIGHEST == 0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes_are_found_wherever_they_are() {
        for byte in 0..=u8::MAX {
            let special = matches!(byte, b'"' | b'\\' | 0..=0x1F);
            for position in 0..24 {
                for around in [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xFF] {
                    let mut bytes = [around; 24];
                    bytes[position] = byte;
                    assert_eq!(plain_length(&bytes), if special { position } else { 24 }, "{bytes:?}");
                }
            }
        }
    }
}
