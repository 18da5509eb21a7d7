//! Send (LwM2M 1.1 Core §6.4.6).

use anyhow::Result;
use coap::{Code, Options};
use console_api::{Operation, OperationRequest, Source, Topic, ValueContent};
use whole_program_tests::{RawPeer, TestContext};

async fn device(context: &TestContext) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    Ok(peer)
}

fn dp(format: u16) -> Options {
    Options::new().with_path("/dp").with_content_format(format)
}

#[tokio::test]
async fn s_109_what_a_client_sends_is_stored_and_shown() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let json = br#"[{"bn":"/3303/0/","n":"5700","v":21.5},{"n":"9999","v":1}]"#;
    let cbor = [0x81, 0xa2, 0x00, 0x67, b'/', b'3', b'/', b'0', b'/', b'1', b'3', 0x02, 0x01];
    for (format, payload) in [(110, json.as_slice()), (112, &cbor)] {
        let response = peer.exchange(Code::POST, dp(format), payload).await?;
        assert_eq!((response.code, response.payload.len()), (Code::CHANGED, 0));
        let reported = events.reported(Source::Send).await?;
        assert_eq!((reported.path.as_str(), reported.content_format), ("/", Some(format)));
        assert_eq!(reported.payload, payload);
    }
    Ok(())
}

#[tokio::test]
async fn s_109_a_large_send_comes_in_blocks() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let records = (0..200).map(|id| format!(r#"{{"n":"/3303/0/{}","v":{id}}}"#, 6000 + id));
    let payload = format!("[{}]", records.collect::<Vec<_>>().join(","));
    let response = peer.exchange_in_blocks(Code::POST, &dp(110), payload.as_bytes(), 4).await?;
    assert_eq!(response.code, Code::CHANGED);
    assert_eq!(events.reported(Source::Send).await?.payload, payload.as_bytes());
    Ok(())
}

#[tokio::test]
async fn s_110_a_send_of_an_unregistered_object_is_not_found() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let payload = br#"[{"n":"/3/0/9","v":1},{"n":"/6/0/0","v":1}]"#;
    let response = peer.exchange(Code::POST, dp(110), payload).await?;
    assert_eq!(response.code, Code::NOT_FOUND);
    let words = String::from_utf8(response.payload)?;
    assert!(words.contains("/6/0/0"), "{words}");
    Ok(())
}

#[tokio::test]
async fn s_111_a_malformed_send_or_one_of_a_stranger_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let cases: [(&str, Options, &[u8], Code); 5] = [
        ("no SenML", dp(110), b"[{", Code::BAD_REQUEST),
        ("no value", dp(110), br#"[{"n":"/3/0/9"}]"#, Code::BAD_REQUEST),
        ("nothing", dp(110), b"", Code::BAD_REQUEST),
        ("no Content-Format", Options::new().with_path("/dp"), b"[]", Code::BAD_REQUEST),
        ("TLV", dp(11542), &[0xc1, 9, 1], Code::UNSUPPORTED_CONTENT_FORMAT),
    ];
    for (what, options, payload, expected) in cases {
        assert_eq!(peer.exchange(Code::POST, options, payload).await?.code, expected, "{what}");
    }
    let mut stranger = context.peer().await?;
    let response = stranger.exchange(Code::POST, dp(110), br#"[{"n":"/3/0/9","v":1}]"#).await?;
    assert_eq!(response.code, Code::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn s_112_sending_can_be_muted() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut mute = OperationRequest::new(Operation::Write, "/1/0/23");
    mute.value = Some(ValueContent::Boolean(true));
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &mute), async {
        let request = peer.receive_request(Code::PUT, "/1/0/23").await?;
        assert_eq!(
            (request.options.content_format(), request.payload.as_slice()),
            (Some(0), b"1".as_slice())
        );
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "2.04");
    Ok(())
}
