//! Plain records and handshake messages as strangers write them (RFC 6347 §4.1 and §4.2.2).

pub(crate) const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const HELLO_VERIFY_REQUEST: u8 = 3;
const DTLS_1_2: [u8; 2] = [0xfe, 0xfd];
const RECORD_HEADER: usize = 13;
const MESSAGE_HEADER: usize = 12;

pub(crate) fn record(content_type: u8, epoch: u8, sequence: u16, fragment: &[u8]) -> Vec<u8> {
    let [high, low] = sequence.to_be_bytes();
    let length = u16::try_from(fragment.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[content_type], &DTLS_1_2[..], &[0, epoch, 0, 0, 0, 0, high, low], &length, fragment].concat()
}

/// A part of a message, which may be all of it: `offset` and `whole` need not be true.
pub(crate) fn fragment(kind: u8, number: u16, whole: usize, offset: usize, part: &[u8]) -> Vec<u8> {
    let length = |length: usize| {
        let [.., a, b, c] = length.to_be_bytes();
        [a, b, c]
    };
    let number = number.to_be_bytes();
    [&[kind][..], &length(whole), &number, &length(offset), &length(part.len()), part].concat()
}

pub(crate) struct Hello<'a> {
    pub(crate) random: [u8; 32],
    pub(crate) session_id: &'a [u8],
    pub(crate) cookie: &'a [u8],
    /// With the length of the list before them.
    pub(crate) suites: &'a [u8],
    pub(crate) extensions: &'a [u8],
}

impl Hello<'_> {
    /// In one record. Its number is that of the message, as with clients that send one after the other.
    pub(crate) fn record(&self, number: u16) -> Vec<u8> {
        let short = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        let extensions = u16::try_from(self.extensions.len()).unwrap_or(u16::MAX).to_be_bytes();
        let body = [
            &DTLS_1_2[..],
            &self.random,
            &[short(self.session_id)],
            self.session_id,
            &[short(self.cookie)],
            self.cookie,
            &[0, short(self.suites)],
            self.suites,
            // No compression.
            &[1, 0],
            &extensions,
            self.extensions,
        ]
        .concat();
        record(HANDSHAKE, 0, number, &fragment(CLIENT_HELLO, number, body.len(), 0, &body))
    }
}

/// The cookie that a server asks for.
pub(crate) fn cookie(datagram: &[u8]) -> Option<&[u8]> {
    let message = datagram.get(RECORD_HEADER..)?;
    let body = message.get(MESSAGE_HEADER..).filter(|_| message[0] == HELLO_VERIFY_REQUEST)?;
    body.get(3..)
}

/// A datagram whose first record is a plain handshake message, with that message in two fragments.
pub(crate) fn refragmented(datagram: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (header, rest) = datagram.split_at_checked(RECORD_HEADER)?;
    let [HANDSHAKE, _, _, 0, 0, ..] = *header else { return None };
    let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
    let (message, after) = rest.split_at_checked(length)?;
    let (of_message, body) = message.split_at_checked(MESSAGE_HEADER)?;
    let whole = usize::from(of_message[2]) << 8 | usize::from(of_message[3]);
    if whole != body.len() || body.len() < 2 {
        return None;
    }
    let number = u16::from_be_bytes([of_message[4], of_message[5]]);
    let sequence = u16::from_be_bytes([header[9], header[10]]);
    let (first, second) = body.split_at(body.len() / 2);
    let part = |sequence, offset, part| {
        record(HANDSHAKE, 0, sequence, &fragment(of_message[0], number, whole, offset, part))
    };
    // The second has a number of its own, which no other record of the flight comes to.
    let parts = vec![part(sequence | 0x4000, first.len(), second), part(sequence, 0, first)];
    Some(parts.into_iter().chain((!after.is_empty()).then(|| after.to_vec())).collect())
}
