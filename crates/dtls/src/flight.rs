use dtls_record::{ContentType, Session};

/// The messages that the peer gets again until it goes on (RFC 6347 §4.2.4), and how they are numbered.
#[derive(Default)]
pub(crate) struct Flight {
    messages: Vec<Message>,
    /// Number of the next record in epoch 0. A repeated message has a new one, since the peer drops the old one.
    next_sequence: u64,
}

/// One record as OpenSSL made it.
pub(crate) enum Message {
    /// Of epoch 0, with its header.
    Plain(Vec<u8>),
    /// Of epoch 1: sealed anew each time it is sent.
    Protected { content_type: ContentType, plaintext: Vec<u8> },
    /// Of epoch 1, in a suite that only OpenSSL knows.
    Whole(Vec<u8>),
}

/// Where the 48 bits of a sequence number are in a record.
const SEQUENCE: core::ops::Range<usize> = 5..11;

impl Flight {
    /// A record of epoch 0 with the next number.
    fn numbered(&mut self, record: &[u8]) -> Vec<u8> {
        let mut record = record.to_vec();
        if let Some(place) = record.get_mut(SEQUENCE) {
            let [_, _, given @ ..] = self.next_sequence.to_be_bytes();
            // OpenSSL begins where the record with the ClientHello left off (RFC 6347 §4.2.1).
            if *place < given[..] {
                place.copy_from_slice(&given);
            }
            let number = place.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            self.next_sequence = number + 1;
        }
        record
    }

    /// A new flight replaces the one before; `first` says that this message begins one.
    pub(crate) fn push(&mut self, message: Message, first: bool) {
        if first {
            self.messages.clear();
        }
        self.messages.push(message);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(crate) fn forget(&mut self) {
        self.messages.clear();
    }

    /// All messages once more, one datagram each.
    pub(crate) fn repeat(&mut self, session: Option<&mut Session>, out: &mut Vec<Vec<u8>>) {
        let messages = core::mem::take(&mut self.messages);
        let mut session = session;
        for message in &messages {
            self.transmit(message, session.as_deref_mut(), out);
        }
        self.messages = messages;
    }

    pub(crate) fn transmit(
        &mut self,
        message: &Message,
        session: Option<&mut Session>,
        out: &mut Vec<Vec<u8>>,
    ) {
        match message {
            Message::Plain(record) => {
                let record = self.numbered(record);
                out.push(record);
            }
            Message::Protected { content_type, plaintext } => {
                let mut record = Vec::new();
                // Sixty thousand numbers are reserved; a handshake that used them all is lost anyway.
                if session.is_some_and(|session| session.seal(*content_type, plaintext, &mut record).is_ok())
                {
                    out.push(record);
                }
            }
            Message::Whole(record) => out.push(record.clone()),
        }
    }

    /// A fatal alert in the clear.
    pub(crate) fn alert(&mut self, alert: u8, out: &mut Vec<Vec<u8>>) {
        let mut record = vec![ContentType::ALERT.0, 0xfe, 0xfd];
        record.extend_from_slice(&[0; 8]);
        record.extend_from_slice(&[0, 2, FATAL, alert]);
        let record = self.numbered(&record);
        out.push(record);
    }
}

pub(crate) const FATAL: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_has_a_number_of_its_own() {
        let mut flight = Flight::default();
        let mut out = Vec::new();
        let record = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0];
        flight.push(Message::Plain(record.to_vec()), true);
        flight.repeat(None, &mut out);
        flight.repeat(None, &mut out);
        flight.alert(20, &mut out);
        let numbers: Vec<u8> = out.iter().map(|record| record[10]).collect();
        assert_eq!(numbers, [7, 8, 9]);
    }
}
