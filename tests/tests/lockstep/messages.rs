//! The message layer and what every request has to obey (RFC 7252).

use anyhow::Result;
use coap::{Code, Message, MessageId, MessageType, Options};
use console_api::{Source, Topic};
use whole_program_tests::{RawPeer, TestContext};

#[tokio::test]
async fn s_144_a_ping_is_answered_with_a_reset() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = context.peer().await?;
    peer.send_bytes(&[0x40, 0x00, 0x12, 0x34]).await?;
    assert_eq!(peer.receive_bytes().await?, [0x70, 0x00, 0x12, 0x34]);
    Ok(())
}

/// RFC 7252 §4.2 and §4.3: a malformed Confirmable message is rejected, everything else is dropped.
#[tokio::test]
async fn s_145_malformed_datagrams_are_reset_or_dropped() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = context.peer().await?;
    let confirmable: [&[u8]; 6] = [
        &[0x49, 0x01, 0x00, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 9], // token of nine bytes
        &[0x40, 0x01, 0x00, 0x02, 0xff],                      // payload marker without payload
        &[0x40, 0x01, 0x00, 0x03, 0xf0],                      // option delta 15
        &[0x40, 0x01, 0x00, 0x04, 0xb5, b'r'],                // option longer than the datagram
        &[0x41, 0x00, 0x00, 0x05, 0x01],                      // Empty with a token
        &[0x40, 0xe1, 0x00, 0x06],                            // reserved class 7
    ];
    for datagram in confirmable {
        peer.send_bytes(datagram).await?;
        assert_eq!(peer.receive_bytes().await?, [0x70, 0x00, datagram[2], datagram[3]], "{datagram:02x?}");
    }
    let ignored: [&[u8]; 5] = [
        &[0x59, 0x01, 0x00, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 9], // the same, Non-confirmable
        &[0x50, 0x01, 0x00, 0x08, 0xff],
        &[0x80, 0x01, 0x00, 0x09], // version 2
        &[0x40, 0x01],             // shorter than a header
        &[0x60, 0x00, 0x00, 0x0a], // an acknowledgement of nothing
    ];
    for datagram in ignored {
        peer.send_bytes(datagram).await?;
        peer.expect_silence().await?;
    }
    assert_alive(&context).await
}

#[tokio::test]
async fn s_050_s_151_unknown_places_and_wrong_methods_are_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let cases = [
        (Code::GET, "/nowhere", Code::NOT_FOUND),
        (Code::POST, "/", Code::NOT_FOUND),
        (Code::GET, "/rd", Code::METHOD_NOT_ALLOWED),
        (Code::PUT, "/rd", Code::METHOD_NOT_ALLOWED),
        (Code::POST, "/rd/none", Code::NOT_FOUND),
        (Code::DELETE, "/rd/none", Code::NOT_FOUND),
        (Code::POST, "/rd/none/deeper", Code::NOT_FOUND),
    ];
    for (method, path, expected) in cases {
        let response = peer.exchange(method, Options::new().with_path(path), b"").await?;
        assert_eq!(response.code, expected, "{method} {path}");
    }
    Ok(())
}

/// RFC 7252 §5.4.1: 4.02 for a Confirmable request, silence for a Non-confirmable one.
#[tokio::test]
async fn s_146_s_147_an_unknown_critical_option_is_refused_and_an_elective_one_ignored() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let options = Options::new().with_path("/rd").with(65001, [1]);
    let response = peer.exchange(Code::POST, options.clone(), b"</3/0>").await?;
    assert_eq!(response.code, Code::BAD_OPTION);
    let words = String::from_utf8(response.payload)?;
    assert!(words.contains("65001"), "{words}");

    let mut request = peer.confirmable(Code::POST, options, b"</3/0>");
    request.message_type = MessageType::NonConfirmable;
    peer.send(&request).await?;
    peer.expect_silence().await?;

    let elective = Options::new().with_path("/nowhere").with(65000, [1]);
    assert_eq!(peer.exchange(Code::GET, elective, b"").await?.code, Code::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn s_150_the_server_lists_its_resources() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let core = || Options::new().with_path("/.well-known/core");
    let response = peer.exchange(Code::GET, core(), b"").await?;
    assert_eq!((response.code, response.options.content_format()), (Code::CONTENT, Some(40)));
    let links = lwm2m_codec::link::parse(&response.payload)?;
    let targets: Vec<&str> = links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(targets, ["/rd", "/dp"]);
    assert_eq!(peer.exchange(Code::GET, core().with_accept(0), b"").await?.code, Code::NOT_ACCEPTABLE);
    Ok(())
}

/// RFC 7252 §4.5: the effect of a duplicate happens once.
#[tokio::test]
async fn s_142_a_repeated_send_is_reported_once() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let dp = Options::new().with_path("/dp").with_content_format(110);
    let send = peer.confirmable(Code::POST, dp.clone(), br#"[{"n":"/3/0/9","v":1}]"#).encode()?;
    peer.send_bytes(&send).await?;
    let first = peer.receive_bytes().await?;
    for _ in 0..3 {
        peer.send_bytes(&send).await?;
        assert_eq!(peer.receive_bytes().await?, first);
    }
    let last = br#"[{"n":"/3/0/9","v":2}]"#;
    assert_eq!(peer.exchange(Code::POST, dp, last).await?.code, Code::CHANGED);
    let mut count = 1;
    while events.reported(Source::Send).await?.payload != last {
        count += 1;
    }
    assert_eq!(count, 2);
    Ok(())
}

/// RFC 7252 §5.2.3: the response to a Non-confirmable request is one too.
#[tokio::test]
async fn a_non_confirmable_request_has_a_non_confirmable_answer() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let mut request = peer.confirmable(Code::GET, Options::new().with_path("/nowhere"), b"");
    request.message_type = MessageType::NonConfirmable;
    peer.send(&request).await?;
    let response = peer.receive().await?;
    assert_eq!(response.message_type, MessageType::NonConfirmable);
    assert_eq!((response.code, response.token), (Code::NOT_FOUND, request.token));
    peer.send(&request).await?;
    peer.expect_silence().await
}

/// RFC 7252 §4.2: a Confirmable response to nothing we asked is rejected.
#[tokio::test]
async fn an_answer_to_nothing_is_reset() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let response = peer.confirmable(Code::CONTENT, Options::new(), b"21");
    peer.send(&response).await?;
    peer.expect_empty(MessageType::Reset, &response).await?;
    peer.send(&Message::empty(MessageType::Reset, MessageId(9))).await?;
    peer.expect_silence().await
}

async fn assert_alive(context: &TestContext) -> Result<()> {
    let mut peer: RawPeer = context.peer().await?;
    peer.register("still here", 300, "</3/0>").await?;
    Ok(())
}
