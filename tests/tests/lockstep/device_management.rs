//! Read, Write, Execute, Discover: from REST to the device and back (LwM2M 1.1 Core §6.3).

use anyhow::Result;
use coap::{Code, Message, MessageType, Options};
use console_api::{Operation, OperationRequest, ValueContent, WriteMode};
use tokio::sync::Notify;
use whole_program_tests::{RawPeer, TestContext};

use crate::asked;

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
async fn s_053_a_whole_instance_is_read_as_tlv() -> Result<()> {
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
async fn s_061_an_undecodable_answer_still_shows_its_bytes() -> Result<()> {
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
async fn s_078_a_refusal_of_the_device_is_an_answer() -> Result<()> {
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
async fn s_066_an_encoded_payload_is_written_as_it_is() -> Result<()> {
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

/// Format and payload that reach the device of a Write that it takes.
async fn written(
    context: &TestContext,
    endpoint: &str,
    peer: &RawPeer,
    json: &str,
) -> Result<(u16, Vec<u8>)> {
    let write = asked(json);
    let (answer, request) = tokio::try_join!(context.operate(endpoint, &write), async {
        let request = peer.receive().await?;
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await?;
        Ok(request)
    })?;
    assert_eq!((answer.code.as_str(), request.code), ("2.04", Code::PUT));
    assert_eq!(answer.sent_format, write.content_format.xor(request.options.content_format()));
    Ok((request.options.content_format().unwrap_or(u16::MAX), request.payload))
}

#[tokio::test]
async fn s_065_a_value_is_written_in_any_format() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let cases: [(u16, &[u8]); 6] = [
        (0, b"UTC"),
        (60, b"\x63UTC"),
        (11542, &[0xe3, 0, 15, b'U', b'T', b'C']),
        (11543, br#"{"bn":"/3/0/15","e":[{"sv":"UTC"}]}"#),
        (110, br#"[{"bn":"/3/0/15","vs":"UTC"}]"#),
        (112, b"\x81\xa2\x21\x67/3/0/15\x03\x63UTC"),
    ];
    for (format, expected) in cases {
        let json = format!(r#"{{"op":"write","path":"/3/0/15","value":"UTC","content_format":{format}}}"#);
        let (sent, payload) = written(&context, "lamp", &peer, &json).await?;
        assert_eq!(sent, format);
        if format != 11542 {
            assert_eq!(payload, expected, "{format}");
        } else {
            assert_eq!(payload, [0xc3, 15, b'U', b'T', b'C']);
        }
    }
    let json = r#"{"op":"write","path":"/3/0","values":[{"path":"15","value":"UTC"},{"path":"/3/0/14","value":"+01"}]}"#;
    let (sent, payload) = written(&context, "lamp", &peer, json).await?;
    assert_eq!((sent, payload.len()), (11542, 10));
    Ok(())
}

#[tokio::test]
async fn s_067_resource_instances_are_written_one_or_all() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("hub", 300, "</3/0>,</16/0>").await?;
    let one = r#"{"op":"write","path":"/16/0/0/1","value":"Fleet"}"#;
    assert_eq!(written(&context, "hub", &peer, one).await?, (0, b"Fleet".to_vec()));
    let all =
        r#"{"op":"write","path":"/16/0/0","values":[{"path":"0","value":"A"},{"path":"2","value":"B"}]}"#;
    let (format, payload) = written(&context, "hub", &peer, all).await?;
    assert_eq!((format, payload), (11542, vec![0x86, 0, 0x41, 0, b'A', 0x41, 2, b'B']));
    Ok(())
}

/// What a client lists, or refused before, decides how it is written to.
#[tokio::test]
async fn values_go_in_a_format_that_the_client_takes() -> Result<()> {
    let context = TestContext::start().await?;
    let values = r#"{"op":"write","path":"/3/0","values":[{"path":"15","value":"UTC"}]}"#;
    for (endpoint, version, root, format) in [
        ("plain-1.0", "1.0", "", 11542),
        ("plain-1.1", "1.1", "", 11542),
        ("plain-1.2", "1.2", "", 112),
        ("listed", "1.1", r#"</>;rt="oma.lwm2m";ct="60 110","#, 110),
        ("hierarchical", "1.2", r#"</>;rt="oma.lwm2m";ct=11544,"#, 11544),
    ] {
        let mut peer = context.peer().await?;
        peer.register_as(version, endpoint, &format!("{root}</3/0>")).await?;
        assert_eq!(written(&context, endpoint, &peer, values).await?.0, format, "{endpoint}");
    }
    let peer = device(&context).await?;
    let write = asked(values);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &write), async {
        let request = peer.receive_request(Code::PUT, "/3/0").await?;
        assert_eq!(request.options.content_format(), Some(11542));
        peer.answer(&request, Code::UNSUPPORTED_CONTENT_FORMAT, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "4.15");
    assert_eq!(written(&context, "lamp", &peer, values).await?.0, 112, "not TLV again");
    Ok(())
}

#[tokio::test]
async fn s_068_a_value_that_the_definition_forbids_is_not_sent() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let cases = [
        (r#"{"op":"write","path":"/3/0/15","value":5}"#, "string", "5"),
        (r#"{"op":"write","path":"/1/0/1","value":"long"}"#, "integer", "\"long\""),
        (r#"{"op":"write","path":"/3/0/9","value":101}"#, "0 to 100", "101"),
        (r#"{"op":"write","path":"/3/0/4","value":1}"#, "a Resource with a value", "/3/0/4"),
        (r#"{"op":"write","path":"/3/0/11","value":1}"#, "/3/0/11/0", "/3/0/11"),
        (r#"{"op":"write","path":"/3/0/15/0","value":"UTC"}"#, "/3/0/15", "/3/0/15/0"),
        (r#"{"op":"write","path":"/3/0","values":[{"path":"9","value":-1}]}"#, "0 to 100", "-1"),
        (r#"{"op":"write-composite","values":[{"path":"/3/0/9","value":101}]}"#, "0 to 100", "101"),
        (r#"{"op":"create","path":"/3303","values":[{"path":"5700","value":"hot"}]}"#, "float", "\"hot\""),
    ];
    for (json, expected, got) in cases {
        let error = context.try_operate("lamp", &asked(json)).await?.error(400)?;
        let details = error.details.unwrap_or_else(|| panic!("{json}: {}", error.message));
        assert_eq!((details.expected.as_str(), details.got.as_str()), (expected, got), "{json}");
    }
    peer.expect_silence().await
}

#[tokio::test]
async fn s_077_arguments_that_break_the_grammar_are_not_sent() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    for arguments in ["a", "0='", "1,1", "0='a b'"] {
        let mut execute = OperationRequest::new(Operation::Execute, "/3/0/4");
        execute.arguments = Some(arguments.into());
        let error = context.try_operate("lamp", &execute).await?.error(400)?;
        assert!(error.details.is_some(), "{arguments}: {error:?}");
    }
    peer.expect_silence().await
}

#[tokio::test]
async fn s_059_codes_of_the_device_reach_the_caller_unchanged() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    for (class, detail) in [(4, 0), (4, 1), (4, 4), (4, 5), (4, 6), (5, 0), (5, 3)] {
        let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
            let request = peer.receive_request(Code::GET, "/3/0/0").await?;
            peer.answer(&request, Code::new(class, detail), Options::new(), b"").await
        })?;
        assert_eq!(answer.code, format!("{class}.{detail:02}"));
    }
    Ok(())
}

#[tokio::test]
async fn s_092_requests_leave_in_the_order_they_came() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let turns = [Notify::new(), Notify::new(), Notify::new()];
    let ask = async |turn: usize, path: &str| {
        turns[turn].notified().await;
        context.operate("lamp", &OperationRequest::new(Operation::Read, path)).await
    };
    tokio::try_join!(ask(0, "/3/0/2"), ask(1, "/3/0/0"), ask(2, "/3/0/1"), async {
        turns[0].notify_one();
        let first = peer.receive_request(Code::GET, "/3/0/2").await?;
        for turn in &turns[1..] {
            turn.notify_one();
            peer.expect_silence().await?;
        }
        peer.answer(&first, Code::CONTENT, Options::new(), b"a").await?;
        let second = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.answer(&second, Code::CONTENT, Options::new(), b"b").await?;
        let third = peer.receive_request(Code::GET, "/3/0/1").await?;
        peer.answer(&third, Code::CONTENT, Options::new(), b"c").await
    })?;
    Ok(())
}

#[tokio::test]
async fn s_076_arguments_of_execute_reach_the_device() -> Result<()> {
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
async fn s_148_a_separate_response_is_acknowledged() -> Result<()> {
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
async fn s_090_requests_to_one_device_wait_for_each_other() -> Result<()> {
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

/// Core 1.1 §6.3: a client answers 4.01, so it is asked only by who insists.
#[tokio::test]
async fn s_089_objects_with_secrets_are_read_by_force_only() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = asked(r#"{"op":"read","path":"/0/0"}"#);
    let refused = context.try_operate("lamp", &read).await?.error(400)?;
    assert_eq!(refused.code, "not_possible");
    let forced = asked(r#"{"op":"read","path":"/0/0","force":true}"#);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &forced), async {
        let request = peer.receive_request(Code::GET, "/0/0").await?;
        peer.answer(&request, Code::UNAUTHORIZED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "4.01");
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
async fn s_143_a_lost_request_is_sent_again() -> Result<()> {
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
