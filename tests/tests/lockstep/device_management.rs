//! Read, Write, Execute, Discover: from REST to the device and back (LwM2M 1.1 Core §6.3).

use anyhow::Result;
use coap::{Code, Message, MessageType, Options};
use console_api::{Operation, OperationRequest, ValueContent, WriteMode};
use whole_program_tests::{RawPeer, TestContext};

async fn device(context: &TestContext) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    Ok(peer)
}

#[tokio::test]
async fn a_read_reaches_the_device_and_its_bytes_come_back() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        assert_eq!((request.options.observe(), request.options.accept()), (None, None));
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"Acme").await
    })?;
    assert_eq!((answer.code.as_str(), answer.content_format), ("2.05", Some(0)));
    assert_eq!(answer.payload_hex, "41636d65");
    assert_eq!(answer.values.len(), 1);
    assert_eq!((answer.values[0].path.as_str(), answer.values[0].value_type.as_str()), ("/3/0/0", "string"));
    assert_eq!(answer.values[0].value, ValueContent::Text("Acme".into()));
    Ok(())
}

#[tokio::test]
async fn a_whole_instance_is_read_as_tlv() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut read = OperationRequest::new(Operation::Read, "/3303/0");
    read.accept = Some(11542);
    // Resource 5700 as a float of four bytes, Resource 5701 as text.
    let payload = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33, 0x33, 0xe3, 0x16, 0x45, b'C', b'e', b'l'];
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3303/0").await?;
        assert_eq!(request.options.accept(), Some(11542));
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(11542), &payload).await
    })?;
    assert_eq!(answer.payload_hex, console_api::hex_encode(&payload));
    let paths: Vec<&str> = answer.values.iter().map(|value| value.path.as_str()).collect();
    assert_eq!(paths, ["/3303/0/5700", "/3303/0/5701"]);
    let ValueContent::Float(temperature) = answer.values[0].value else { panic!("{:?}", answer.values) };
    assert!((temperature - 21.4).abs() < 0.001, "{temperature}");
    assert_eq!(answer.values[1].value, ValueContent::Text("Cel".into()));
    Ok(())
}

/// An undecodable payload is not lost: the caller gets the bytes and the reason.
#[tokio::test]
async fn an_undecodable_answer_still_shows_its_bytes() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = OperationRequest::new(Operation::Read, "/3303/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3303/0").await?;
        let options = Options::new().with_content_format(11542);
        peer.answer(&request, Code::CONTENT, options, &[0xe4, 0x16]).await
    })?;
    assert_eq!((answer.payload_hex.as_str(), answer.values.len()), ("e416", 0));
    assert!(answer.decode_error.is_some());
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_the_device_is_an_answer() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let execute = OperationRequest::new(Operation::Execute, "/3/0/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &execute), async {
        let request = peer.receive_request(Code::POST, "/3/0/0").await?;
        peer.answer(&request, Code::METHOD_NOT_ALLOWED, Options::new(), b"").await
    })?;
    assert_eq!((answer.code.as_str(), answer.payload_hex.as_str()), ("4.05", ""));
    Ok(())
}

#[tokio::test]
async fn a_value_is_encoded_by_its_type_and_written() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut write = OperationRequest::new(Operation::Write, "/3/0/15");
    write.value = Some(ValueContent::Text("Europe/Stockholm".into()));
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &write), async {
        let request = peer.receive_request(Code::PUT, "/3/0/15").await?;
        assert_eq!(request.options.content_format(), Some(0));
        assert_eq!(request.payload, b"Europe/Stockholm");
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "2.04");
    Ok(())
}

#[tokio::test]
async fn an_encoded_payload_is_written_as_it_is() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut write = OperationRequest::new(Operation::Write, "/3/0");
    write.payload_hex = Some("c80f03555443".into());
    write.content_format = Some(11542);
    write.mode = Some(WriteMode::PartialUpdate);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &write), async {
        let request = peer.receive_request(Code::POST, "/3/0").await?;
        assert_eq!(request.options.content_format(), Some(11542));
        assert_eq!(request.payload, [0xc8, 0x0f, 0x03, b'U', b'T', b'C']);
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "2.04");
    Ok(())
}

#[tokio::test]
async fn arguments_of_execute_reach_the_device() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut execute = OperationRequest::new(Operation::Execute, "/3/0/4");
    execute.arguments = Some("0='now',1".into());
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &execute), async {
        let request = peer.receive_request(Code::POST, "/3/0/4").await?;
        assert_eq!(request.payload, b"0='now',1");
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "2.04");
    Ok(())
}

#[tokio::test]
async fn discover_asks_for_links() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let discover = OperationRequest::new(Operation::Discover, "/3/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &discover), async {
        let request = peer.receive_request(Code::GET, "/3/0").await?;
        assert_eq!(request.options.accept(), Some(40));
        peer.answer(
            &request,
            Code::CONTENT,
            Options::new().with_content_format(40),
            b"</3/0>;pmin=10,</3/0/0>",
        )
        .await
    })?;
    assert_eq!((answer.code.as_str(), answer.content_format), ("2.05", Some(40)));
    assert_eq!(
        console_api::hex_decode(&answer.payload_hex).as_deref(),
        Some(b"</3/0>;pmin=10,</3/0/0>".as_slice())
    );
    Ok(())
}

/// RFC 7252 §5.2.2: an empty acknowledgement first, the response in a message of its own.
#[tokio::test]
async fn a_separate_response_is_acknowledged() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/9");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/9").await?;
        peer.send(&Message::empty(MessageType::Acknowledgement, request.message_id)).await?;
        let mut response = peer.confirmable(Code::CONTENT, Options::new().with_content_format(0), b"87");
        response.token = request.token;
        peer.send(&response).await?;
        peer.expect_empty(MessageType::Acknowledgement, &response).await
    })?;
    assert_eq!(answer.values[0].value, ValueContent::Integer(87));
    Ok(())
}

#[tokio::test]
async fn requests_to_one_device_wait_for_each_other() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let first = OperationRequest::new(Operation::Read, "/3/0/0");
    let second = OperationRequest::new(Operation::Read, "/3/0/1");
    let (first, second, ()) =
        tokio::try_join!(context.operate("lamp", &first), context.operate("lamp", &second), async {
            // RFC 7252 §4.7: NSTART is 1, so the second request comes after the first answer.
            let request = peer.receive().await?;
            peer.expect_silence().await?;
            peer.answer(&request, Code::CONTENT, Options::new(), b"a").await?;
            let request = peer.receive().await?;
            peer.answer(&request, Code::CONTENT, Options::new(), b"b").await
        })?;
    let mut payloads = [first.payload_hex, second.payload_hex];
    payloads.sort();
    assert_eq!(payloads, ["61", "62"]);
    Ok(())
}

/// A device that is away, one that heard but says nothing, and one that wants nothing of it are told apart.
#[tokio::test]
async fn the_ways_of_getting_no_answer_are_told_apart() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut read = OperationRequest::new(Operation::Read, "/3/0/0");
    read.timeout_ms = Some(500);
    let away = context.try_operate("lamp", &read).await?.error(504)?;
    assert_eq!(away.code, "timeout", "{away:?}");
    peer.receive_request(Code::GET, "/3/0/0").await?;

    let (answer, ()) = tokio::try_join!(context.try_operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.send(&Message::empty(MessageType::Acknowledgement, request.message_id)).await
    })?;
    assert_eq!(answer.error(504)?.code, "no_response");

    let (answer, ()) = tokio::try_join!(context.try_operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.send(&Message::empty(MessageType::Reset, request.message_id)).await
    })?;
    assert_eq!(answer.error(502)?.code, "reset");
    Ok(())
}

/// RFC 7252 §4.2: a lost request is sent again, the same bytes, 2 to 3 seconds later.
#[tokio::test]
async fn a_lost_request_is_sent_again() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
        let lost = peer.receive_bytes().await?;
        let again = peer.receive_bytes().await?;
        assert_eq!(again, lost);
        let request = Message::decode(&again)?;
        peer.answer(&request, Code::CONTENT, Options::new(), b"Acme").await
    })?;
    assert!((1900..10_000).contains(&answer.duration_ms), "{}", answer.duration_ms);
    Ok(())
}
