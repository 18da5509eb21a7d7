//! The first message of a stranger and the answer to it (RFC 6347 §4.2.1).

use std::net::SocketAddr;

use dtls_record::{
    ClientHello, ClientHelloError, ConnectionId, ContentType, Cookies, HELLO_VERIFY_REQUEST_LENGTH,
    hello_verify_request, records,
};

/// A ClientHello with a cookie and these extensions.
fn client_hello(cookie: &[u8], extensions: Option<&[u8]>) -> Vec<u8> {
    let short = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap()], bytes].concat();
    let long = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let body = [
        vec![0xfe, 0xfd],
        vec![7; 32],
        short(&[5; 4]),
        short(cookie),
        long(&[0xc0, 0xa8, 0x00, 0xff]),
        short(&[0]),
        extensions.map(long).unwrap_or_default(),
    ]
    .concat();
    let length = &u32::try_from(body.len()).unwrap().to_be_bytes()[1..];
    [&[1][..], length, &[0, 1], &[0, 0, 0], length, &body].concat()
}

#[test]
fn what_a_client_hello_says() {
    let bytes = client_hello(b"cookie", Some(&[0, 54, 0, 3, 2, 8, 9, 0, 22, 0, 0]));
    let hello = ClientHello::parse(&bytes).unwrap();
    assert_eq!((hello.message_sequence, hello.version), (1, 0xfefd));
    assert_eq!((hello.random, hello.session_id, hello.cookie), (&[7; 32], &[5; 4][..], &b"cookie"[..]));
    assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [0xc0a8, 0x00ff]);
    assert_eq!(hello.extensions().collect::<Vec<_>>(), [(54, &[2, 8, 9][..]), (22, &[])]);
    assert_eq!(hello.connection_id(), ConnectionId::new(&[8, 9]));
}

#[test]
fn a_client_hello_without_extensions() {
    let bytes = client_hello(b"", None);
    let hello = ClientHello::parse(&bytes).unwrap();
    assert_eq!((hello.extensions().count(), hello.connection_id()), (0, None));
}

#[test]
fn what_is_no_client_hello() {
    let good = client_hello(b"", Some(&[0, 22, 0, 0]));
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let refused = |bytes: &[u8]| ClientHello::parse(bytes).unwrap_err();
    assert_eq!(refused(&with(0, 16)), ClientHelloError::OtherMessage { got: 16 });
    assert!(matches!(refused(&with(11, 1)), ClientHelloError::Fragmented { .. }));
    assert!(matches!(refused(&with(8, 1)), ClientHelloError::Fragmented { .. }));
    for length in 0..good.len() {
        assert!(ClientHello::parse(&good[..length]).is_err(), "{length} bytes");
    }
    assert!(ClientHello::parse(&[&good[..], &[0]].concat()).is_err());
    let malformed = |field| ClientHelloError::Malformed { field };
    assert_eq!(refused(&with(46, 33)), malformed("session_id"));
    assert_eq!(refused(&with(53, 3)), malformed("cipher_suites"));
    assert_eq!(refused(&client_hello(b"", Some(&[0, 22, 0, 1]))), malformed("extensions"));
    assert_eq!(refused(&client_hello(b"", Some(&[0, 22, 0]))), malformed("extensions"));
}

#[test]
fn a_cookie_is_for_one_address_and_one_hello() {
    let cookies = Cookies::new([9; 32]);
    let from: SocketAddr = "192.0.2.7:5684".parse().unwrap();
    let first = client_hello(b"", None);
    let cookie = cookies.cookie(from, &ClientHello::parse(&first).unwrap());
    let second = client_hello(&cookie, None);
    let hello = ClientHello::parse(&second).unwrap();
    assert!(cookies.verify(from, &hello));
    for elsewhere in ["192.0.2.8:5684", "192.0.2.7:5685", "[::ffff:192.0.2.7]:5684"] {
        assert!(!cookies.verify(elsewhere.parse().unwrap(), &hello), "{elsewhere}");
    }
    // Another random, session id, suite, compression method.
    for at in [20, 47, second.len() - 5, second.len() - 1] {
        let mut other = second.clone();
        other[at] ^= 1;
        assert!(!cookies.verify(from, &ClientHello::parse(&other).unwrap()), "byte {at}");
    }
    for wrong in [&b""[..], &cookie[..15], &[&cookie[..], &[0]].concat(), &[0; 16]] {
        let other = client_hello(wrong, None);
        assert!(!cookies.verify(from, &ClientHello::parse(&other).unwrap()));
    }
}

#[test]
fn a_cookie_outlives_one_change_of_the_secret() {
    let mut cookies = Cookies::new([1; 32]);
    let from: SocketAddr = "[2001:db8::1]:1".parse().unwrap();
    let first = client_hello(b"", None);
    let cookie = cookies.cookie(from, &ClientHello::parse(&first).unwrap());
    let second = client_hello(&cookie, None);
    let hello = ClientHello::parse(&second).unwrap();
    cookies.rotate([2; 32]);
    assert!(cookies.verify(from, &hello));
    cookies.rotate([3; 32]);
    assert!(!cookies.verify(from, &hello));
}

/// RFC 6347 §4.2.1: DTLS 1.0, the sequence number of the ClientHello, message_seq 0; and shorter than what it answers.
#[test]
fn hello_verify_request_on_the_wire() {
    let datagram = hello_verify_request(0x0102_0304_0506, &[0xcc; 16]);
    let record = records(&datagram, 0).next().unwrap().unwrap();
    assert_eq!((record.content_type, record.version), (ContentType::HANDSHAKE, 0xfeff));
    assert_eq!((record.epoch, record.sequence), (0, 0x0102_0304_0506));
    assert_eq!(record.range, 0..HELLO_VERIFY_REQUEST_LENGTH);
    let expected = [&[3, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 19, 0xfe, 0xff, 16][..], &[0xcc; 16]].concat();
    assert_eq!(datagram[record.fragment], expected);
    assert!(datagram.len() < 13 + client_hello(b"", None).len());
}
