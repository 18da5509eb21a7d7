use crate::{content_type::ContentType, cookies::Cookie, limits::COOKIE_LENGTH, record::DTLS_1_0};

const HELLO_VERIFY_REQUEST: u8 = 3;
const BODY_LENGTH: usize = 3 + COOKIE_LENGTH;
const HANDSHAKE_HEADER_LENGTH: usize = 12;
/// Shorter than any ClientHello, so that it is no use for making a flood larger.
pub const HELLO_VERIFY_REQUEST_LENGTH: usize = 13 + HANDSHAKE_HEADER_LENGTH + BODY_LENGTH;

/// The datagram that asks a client for its cookie (RFC 6347 §4.2.1). `sequence` is the one of the record with its
/// ClientHello. The version is DTLS 1.0, whatever the handshake will agree upon.
pub fn hello_verify_request(sequence: u64, cookie: &Cookie) -> [u8; HELLO_VERIFY_REQUEST_LENGTH] {
    let [_, _, sequence @ ..] = sequence.to_be_bytes();
    let version = DTLS_1_0.to_be_bytes();
    let [body_length, cookie_length] = [BODY_LENGTH, COOKIE_LENGTH].map(|length| length as u8);
    let fragment_length = body_length + HANDSHAKE_HEADER_LENGTH as u8;
    let mut datagram = [0; HELLO_VERIFY_REQUEST_LENGTH];
    let parts: [&[u8]; 9] = [
        // Record: type, version, epoch 0, sequence number, length.
        &[ContentType::HANDSHAKE.0],
        &version,
        &[0, 0],
        &sequence,
        &[0, fragment_length],
        // Handshake message: type, length, message_seq 0, fragment offset and length.
        &[HELLO_VERIFY_REQUEST, 0, 0, body_length, 0, 0, 0, 0, 0, 0, 0, body_length],
        // server_version, cookie
        &version,
        &[cookie_length],
        cookie,
    ];
    let mut rest = datagram.as_mut_slice();
    for part in parts {
        let (place, after) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = after;
    }
    datagram
}
