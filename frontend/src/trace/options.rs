use coap::{Block, Message, option_number as number};
use lwm2m_codec::ContentFormat;

use crate::format;

/// An option as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OptionLine {
    pub(crate) number: u16,
    /// `Uri-Path`, or `Option 65000`.
    pub(crate) name: String,
    pub(crate) value: String,
    /// A receiver that does not know it must not act on the message.
    pub(crate) critical: bool,
}

/// All options of a message, in their order.
pub(crate) fn option_lines(message: &Message) -> Vec<OptionLine> {
    let line = |(option, value): (u16, &[u8])| OptionLine {
        number: option,
        name: name(option),
        value: value_text(option, value, message.code.is_request()),
        critical: number::is_critical(option),
    };
    message.options.iter().map(line).collect()
}

pub(super) fn name(option: u16) -> String {
    number::name(option).map_or_else(|| format!("Option {option}"), str::to_owned)
}

pub(super) fn value_text(option: u16, value: &[u8], request: bool) -> String {
    match option {
        number::URI_HOST
        | number::LOCATION_PATH
        | number::URI_PATH
        | number::URI_QUERY
        | number::LOCATION_QUERY
        | number::PROXY_URI
        | number::PROXY_SCHEME => text(value),
        number::CONTENT_FORMAT | number::ACCEPT => match uint(value).map(u16::try_from) {
            Some(Ok(format)) => ContentFormat(format).to_string(),
            _ => format::octets(value),
        },
        number::OBSERVE => match uint(value) {
            Some(0) if request => "0, register".into(),
            Some(1) if request => "1, de-register".into(),
            Some(sequence) => format::count(sequence.into()),
            None => format::octets(value),
        },
        number::BLOCK1 | number::BLOCK2 => match uint(value).and_then(Block::from_uint) {
            Some(block) => {
                let more = if block.more { "more follow" } else { "the last" };
                format!("block {} of {} bytes, {more}", block.num, block.size())
            }
            None => format::octets(value),
        },
        number::MAX_AGE => match uint(value) {
            Some(seconds) => format!("{} s", format::count(seconds.into())),
            None => format::octets(value),
        },
        number::URI_PORT | number::SIZE1 | number::SIZE2 => match uint(value) {
            Some(value) => value.to_string(),
            None => format::octets(value),
        },
        _ => format::octets(value),
    }
}

/// Path and query as in a URI: `/3/0?pmin=5`.
pub(super) fn target(message: &Message) -> String {
    let all = |option| message.options.all(option).map(text).collect::<Vec<_>>();
    let query = all(number::URI_QUERY);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/{}{mark}{}", all(number::URI_PATH).join("/"), query.join("&"))
}

/// What a Create or a Register gave a name: `/rd/5`.
pub(super) fn location(message: &Message) -> Option<String> {
    let segments: Vec<_> = message.options.all(number::LOCATION_PATH).map(text).collect();
    (!segments.is_empty()).then(|| format!("/{}", segments.join("/")))
}

/// Which part of a payload a message carries, when it is not all of it.
pub(super) fn part(message: &Message) -> Option<Block> {
    // Block1 is about the payload of requests, Block2 about that of responses (RFC 7959 §2.1).
    let block = if message.code.is_request() { message.options.block1() } else { message.options.block2() };
    block.filter(|block| block.num > 0 || block.more)
}

fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => format::octets(value),
    }
}

fn uint(value: &[u8]) -> Option<u32> {
    let significant = &value[value.iter().take_while(|byte| **byte == 0).count()..];
    (significant.len() <= 4).then(|| significant.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_what_they_are() {
        assert_eq!(value_text(number::URI_PATH, b"rd", true), "rd");
        assert_eq!(value_text(number::URI_PATH, &[0xff], true), "ff");
        assert_eq!(value_text(number::CONTENT_FORMAT, &[0x2d, 0x16], false), "11542 (TLV)");
        assert_eq!(value_text(number::ACCEPT, &[], true), "0 (text)");
        assert_eq!(value_text(number::ACCEPT, &[1, 0, 0], true), "01 00 00");
        assert_eq!(value_text(number::OBSERVE, &[], true), "0, register");
        assert_eq!(value_text(number::OBSERVE, &[1], true), "1, de-register");
        assert_eq!(value_text(number::OBSERVE, &[1], false), "1");
        assert_eq!(value_text(number::BLOCK2, &[0x2e], false), "block 2 of 1024 bytes, more follow");
        assert_eq!(value_text(number::BLOCK1, &[0x16], true), "block 1 of 1024 bytes, the last");
        assert_eq!(value_text(number::MAX_AGE, &[0, 60], false), "60 s");
        assert_eq!(value_text(number::ETAG, &[0xab], false), "ab");
        assert_eq!((name(number::OBSERVE), name(65000)), ("Observe".into(), "Option 65000".into()));
    }
}
