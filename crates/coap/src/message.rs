use coap_lite::{CoapOption, MessageType as WireType, Packet};

use crate::{Code, Options, Token, limits};

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId(pub u16);

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MessageType {
    Confirmable,
    NonConfirmable,
    Acknowledgement,
    Reset,
}

impl MessageType {
    /// The lower two bits; what is above them does not matter.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        match bits & 0x03 {
            0 => Self::Confirmable,
            1 => Self::NonConfirmable,
            2 => Self::Acknowledgement,
            _ => Self::Reset,
        }
    }
}

/// One CoAP message (RFC 7252 §3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub message_type: MessageType,
    pub code: Code,
    pub message_id: MessageId,
    pub token: Token,
    pub options: Options,
    pub payload: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// Not CoAP version 1, or not even a header: to be ignored silently (RFC 7252 §3).
    #[error("ignored: {what}")]
    Ignore { what: String },
    /// A message format error: a Confirmable message is answered with a Reset (RFC 7252 §4.2).
    #[error("message format error: {what}")]
    FormatError { message_type: MessageType, message_id: MessageId, what: String },
    /// The message cannot be written down.
    #[error("cannot be encoded: {what}")]
    Unencodable { what: String },
}

const HEADER_LENGTH: usize = 4;

/// Longest value a 16-bit extended option length can express (RFC 7252 §3.1).
const MAX_OPTION_LENGTH: usize = 269 + u16::MAX as usize;

impl Message {
    /// A message without code, token, options and payload: an acknowledgement, a Reset, or a ping.
    pub const fn empty(message_type: MessageType, message_id: MessageId) -> Self {
        Self {
            message_type,
            code: Code::EMPTY,
            message_id,
            token: Token::EMPTY,
            options: Options::new(),
            payload: Vec::new(),
        }
    }

    /// The message without options and payload.
    pub(crate) fn header(&self) -> Self {
        let empty = Self::empty(self.message_type, self.message_id);
        Self { code: self.code, token: self.token, ..empty }
    }

    pub fn decode(datagram: &[u8]) -> Result<Self, MessageError> {
        let (&[first, code, id_high, id_low], after_header) =
            datagram
                .split_first_chunk::<HEADER_LENGTH>()
                .ok_or_else(|| ignore(format!("expected at least 4 bytes, got {}", datagram.len())))?;
        // RFC 7252 §3: messages with unknown version numbers MUST be silently ignored.
        if first >> 6 != 1 {
            return Err(ignore(format!("expected version 1, got {}", first >> 6)));
        }
        let message_type = MessageType::from_bits(first >> 4);
        let message_id = MessageId(u16::from_be_bytes([id_high, id_low]));
        let malformed = |what| MessageError::FormatError { message_type, message_id, what };

        // RFC 7252 §4.1: bytes after the Message ID of an Empty message are a message format error.
        let code = Code::from_byte(code);
        if code == Code::EMPTY && (first & 0x0f != 0 || !after_header.is_empty()) {
            return Err(malformed(format!("an Empty message of {} bytes", datagram.len())));
        }
        let packet = Packet::from_bytes(datagram).map_err(|error| malformed(format!("{error:?}")))?;
        let token = Token::new(packet.get_token()).ok_or_else(|| malformed("token length".to_owned()))?;
        let mut options = Options::new();
        for (number, values) in packet.options() {
            for value in values {
                options.add(*number, value.as_slice());
            }
        }
        let message = Self { message_type, code, message_id, token, options, payload: packet.payload };
        // RFC 7252 §3: a payload marker followed by no payload is a message format error. The codec drops
        // such a marker, so that the length of what it read falls short by one.
        if message.length() != datagram.len() {
            return Err(malformed("a payload marker without payload".to_owned()));
        }
        Ok(message)
    }

    pub fn encode(&self) -> Result<Vec<u8>, MessageError> {
        let unencodable = |what| Err(MessageError::Unencodable { what });
        if self.code == Code::EMPTY && *self != Self::empty(self.message_type, self.message_id) {
            return unencodable("code 0.00 with token, options or payload".to_owned());
        }
        for (number, value) in self.options.iter() {
            if value.len() > MAX_OPTION_LENGTH {
                return unencodable(format!("option {number} of {} bytes", value.len()));
            }
        }
        let length = self.length();
        if length > limits::DATAGRAM_LENGTH {
            return unencodable(format!("expected at most {} bytes, got {length}", limits::DATAGRAM_LENGTH));
        }
        let mut packet = Packet::new();
        packet.header.set_type(match self.message_type {
            MessageType::Confirmable => WireType::Confirmable,
            MessageType::NonConfirmable => WireType::NonConfirmable,
            MessageType::Acknowledgement => WireType::Acknowledgement,
            MessageType::Reset => WireType::Reset,
        });
        packet.header.code = self.code.as_byte().into();
        packet.header.message_id = self.message_id.0;
        packet.set_token(self.token.as_bytes().to_vec());
        for (number, value) in self.options.iter() {
            packet.add_option(CoapOption::from(number), value.to_vec());
        }
        packet.payload.clone_from(&self.payload);
        packet.to_bytes_unlimited().map_err(|error| MessageError::Unencodable { what: format!("{error:?}") })
    }

    /// Number of bytes on the wire.
    fn length(&self) -> usize {
        let mut previous = 0;
        let mut length = HEADER_LENGTH + self.token.as_bytes().len();
        for (number, value) in self.options.iter() {
            length += 1 + extended(usize::from(number - previous)) + extended(value.len()) + value.len();
            previous = number;
        }
        length + if self.payload.is_empty() { 0 } else { 1 + self.payload.len() }
    }
}

fn ignore(what: String) -> MessageError {
    MessageError::Ignore { what }
}

/// Bytes an option delta or length takes beyond its nibble (RFC 7252 §3.1).
const fn extended(value: usize) -> usize {
    match value {
        0..13 => 0,
        13..269 => 1,
        _ => 2,
    }
}
