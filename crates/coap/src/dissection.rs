//! Which bytes of a datagram mean what, for people who look at it.

use core::ops::Range;

use crate::{MessageType, Token, option_number};

/// A run of bytes and what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub range: Range<usize>,
    pub kind: PartKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartKind {
    /// Version, type, and length of the token.
    Head {
        message_type: MessageType,
        token_length: usize,
    },
    Code,
    MessageId,
    Token,
    /// Distance to the number before, and length of the value.
    OptionHead {
        number: u16,
        length: usize,
    },
    OptionValue {
        number: u16,
    },
    PayloadMarker,
    Payload,
    /// From here on it is no CoAP message.
    Malformed {
        expected: String,
        got: String,
    },
}

/// Explains a datagram. Never fails: what cannot be read is the last part, [`PartKind::Malformed`], and it is there
/// exactly when [`Message::decode`](crate::Message::decode) refuses the datagram.
///
/// The ranges are in order, do not overlap, and cover the datagram; only the one of a part that is missing is empty.
pub fn dissect(datagram: &[u8]) -> Vec<Part> {
    let mut dissection = Dissection { datagram, at: 0, parts: Vec::new() };
    if let Err((expected, got)) = dissection.message() {
        let range = dissection.at..datagram.len();
        dissection.parts.push(Part { range, kind: PartKind::Malformed { expected, got } });
    }
    dissection.parts
}

/// What was expected and what came.
type Refusal = (String, String);

struct Dissection<'a> {
    datagram: &'a [u8],
    at: usize,
    parts: Vec<Part>,
}

impl Dissection<'_> {
    fn message(&mut self) -> Result<(), Refusal> {
        let &[first, code, _, _, ..] = self.datagram else {
            return Err(("at least 4 bytes".into(), self.datagram.len().to_string()));
        };
        if first >> 6 != 1 {
            return Err(("version 1".into(), (first >> 6).to_string()));
        }
        let token_length = usize::from(first & 0x0f);
        let message_type = MessageType::from_bits(first >> 4);
        self.take(1, PartKind::Head { message_type, token_length });
        self.take(1, PartKind::Code);
        self.take(2, PartKind::MessageId);
        let rest = self.datagram.len() - self.at;
        if code == 0 && (token_length > 0 || rest > 0) {
            let got = format!("{rest} more and a token length of {token_length}");
            return Err(("an Empty message to end after its Message ID".into(), got));
        }
        if token_length > Token::MAX_LENGTH {
            return Err(("a token of at most 8 bytes".into(), token_length.to_string()));
        }
        if token_length > rest {
            return Err((format!("a token of {token_length} bytes"), format!("{rest} bytes")));
        }
        self.take(token_length, PartKind::Token);
        self.options_and_payload()
    }

    fn options_and_payload(&mut self) -> Result<(), Refusal> {
        let mut number = 0;
        while let Some(&first) = self.datagram.get(self.at) {
            if first == 0xff {
                self.take(1, PartKind::PayloadMarker);
                let length = self.datagram.len() - self.at;
                if length == 0 {
                    return Err(("a payload after its marker".into(), "the end".into()));
                }
                self.take(length, PartKind::Payload);
                return Ok(());
            }
            number = self.option(number, first)?;
        }
        Ok(())
    }

    /// One option: its number.
    fn option(&mut self, previous: u16, first: u8) -> Result<u16, Refusal> {
        let (delta, after_delta) = self.extended(first >> 4, self.at + 1, "an option delta")?;
        let (length, value) = self.extended(first & 0x0f, after_delta, "an option length")?;
        let number = u16::try_from(usize::from(previous) + delta).map_err(|_| {
            ("an option number of at most 65535".into(), (usize::from(previous) + delta).to_string())
        })?;
        // A length is written in 16 bits as well: its 269 come on top.
        if length > usize::from(u16::MAX) {
            return Err(("an option of at most 65535 bytes".into(), length.to_string()));
        }
        let rest = self.datagram.len() - value;
        if length > rest {
            let name = option_number::name(number).map_or_else(|| format!("option {number}"), str::to_owned);
            return Err((format!("{length} bytes of {name}"), rest.to_string()));
        }
        self.take(value - self.at, PartKind::OptionHead { number, length });
        self.take(length, PartKind::OptionValue { number });
        Ok(number)
    }

    /// A delta or length (RFC 7252 §3.1), and where what follows begins.
    fn extended(&self, nibble: u8, at: usize, what: &str) -> Result<(usize, usize), Refusal> {
        let missing = || (format!("{what} to be complete"), "the end".to_owned());
        match nibble {
            13 => {
                let byte = self.datagram.get(at).ok_or_else(missing)?;
                Ok((usize::from(*byte) + 13, at + 1))
            }
            14 => {
                let bytes = self.datagram.get(at..).and_then(<[u8]>::first_chunk).ok_or_else(missing)?;
                Ok((usize::from(u16::from_be_bytes(*bytes)) + 269, at + 2))
            }
            15 => Err((what.to_owned(), "the reserved 15".into())),
            _ => Ok((usize::from(nibble), at)),
        }
    }

    fn take(&mut self, length: usize, kind: PartKind) {
        if length > 0 {
            let range = self.at..self.at + length;
            self.at = range.end;
            self.parts.push(Part { range, kind });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Code, Message, MessageId, Options};

    fn kinds(datagram: &[u8]) -> Vec<(usize, PartKind)> {
        dissect(datagram).into_iter().map(|part| (part.range.start, part.kind)).collect()
    }

    fn refusal(datagram: &[u8]) -> String {
        match kinds(datagram).pop() {
            Some((at, PartKind::Malformed { expected, got })) => format!("{at}: {expected}, {got}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_byte_of_a_request_is_explained() {
        let message = Message {
            message_type: MessageType::Confirmable,
            code: Code::PUT,
            message_id: MessageId(7),
            token: Token::new(&[9, 8]).unwrap(),
            options: Options::new().with_path("/3/15").with_content_format(0),
            payload: b"UTC".to_vec(),
        };
        let path = option_number::URI_PATH;
        let format = option_number::CONTENT_FORMAT;
        assert_eq!(
            kinds(&message.encode().unwrap()),
            [
                (0, PartKind::Head { message_type: MessageType::Confirmable, token_length: 2 }),
                (1, PartKind::Code),
                (2, PartKind::MessageId),
                (4, PartKind::Token),
                (6, PartKind::OptionHead { number: path, length: 1 }),
                (7, PartKind::OptionValue { number: path }),
                (8, PartKind::OptionHead { number: path, length: 2 }),
                (9, PartKind::OptionValue { number: path }),
                (11, PartKind::OptionHead { number: format, length: 0 }),
                (12, PartKind::PayloadMarker),
                (13, PartKind::Payload),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert_eq!(refusal(&[0x40, 1]), "0: at least 4 bytes, 2");
        assert_eq!(refusal(&[0x80, 1, 0, 1]), "0: version 1, 2");
        assert_eq!(refusal(&[0x49, 1, 0, 1]), "4: a token of at most 8 bytes, 9");
        assert_eq!(refusal(&[0x42, 1, 0, 1, 5]), "4: a token of 2 bytes, 1 bytes");
        assert_eq!(refusal(&[0x40, 1, 0, 1, 0xb5, b'r', b'd']), "4: 5 bytes of Uri-Path, 2");
        assert_eq!(refusal(&[0x40, 1, 0, 1, 0xf0]), "4: an option delta, the reserved 15");
        assert_eq!(refusal(&[0x40, 1, 0, 1, 0xd0]), "4: an option delta to be complete, the end");
        assert_eq!(refusal(&[0x40, 1, 0, 1, 0xff]), "5: a payload after its marker, the end");
        assert!(refusal(&[0x40, 0, 0, 1, 1]).starts_with("4: an Empty message to end"));
    }

    proptest! {
        /// Datagrams that begin like CoAP, so that most of them get far.
        #[test]
        fn parts_cover_the_datagram_and_agree_with_the_decoder(
            first in 0x40_u8..0x7f,
            rest in proptest::collection::vec(any::<u8>(), 0..80),
            large in any::<bool>(),
        ) {
            let mut datagram = vec![first];
            datagram.extend(rest);
            if large {
                // Room for the long forms of delta and length.
                datagram.extend([0; 70_000]);
            }
            let parts = dissect(&datagram);
            let mut at = 0;
            for part in &parts {
                prop_assert_eq!(part.range.start, at);
                at = part.range.end;
            }
            prop_assert_eq!(at, datagram.len());
            let malformed = parts.iter().any(|part| matches!(part.kind, PartKind::Malformed { .. }));
            prop_assert_eq!(malformed, Message::decode(&datagram).is_err());
        }
    }
}
