//! Payloads are read and written by the object version that the device registered (LwM2M 1.1 Core §7.2).
//!
//! Resource 3 of object 3415 is a string in version 1.0 and an integer in 2.0.

use anyhow::Result;
use coap::{Code, Options};
use console_api::{DecodedValue, Operation, OperationRequest, ValueContent};
use whole_program_tests::{RawPeer, TestContext};

const PERIOD: &str = "/3415/0/3";

async fn device(context: &TestContext, endpoint: &str, object: &str) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, &format!("</1/0>,</3/0>,{object}")).await?;
    Ok(peer)
}

/// What the server makes of the answer `3600` in text.
async fn read_3600(context: &TestContext, endpoint: &str, peer: &RawPeer) -> Result<DecodedValue> {
    let read = OperationRequest::new(Operation::Read, PERIOD);
    let (answer, ()) = tokio::try_join!(context.operate(endpoint, &read), async {
        let request = peer.receive_request(Code::GET, PERIOD).await?;
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"3600").await
    })?;
    assert_eq!((answer.payload_hex.as_str(), answer.values.len()), ("33363030", 1));
    Ok(answer.values.into_iter().next().expect("one value"))
}

#[tokio::test]
async fn s_022_a_value_is_read_by_the_version_of_its_object() -> Result<()> {
    let context = TestContext::start().await?;
    let text = |text: &str| ValueContent::Text(text.into());
    let cases = [
        ("</3415>;ver=1.0,</3415/0>", "string", text("3600")),
        ("</3415>;ver=2.0,</3415/0>", "integer", ValueContent::Integer(3600)),
        // Minor versions add and never change.
        ("</3415>;ver=2.7,</3415/0>", "integer", ValueContent::Integer(3600)),
        // Without a version 1.0 is meant, and nothing is known of a version 3.
        ("</3415/0>", "string", text("3600")),
        ("</3415>;ver=3.0,</3415/0>", "raw", text("33363030")),
    ];
    for (number, (object, value_type, value)) in cases.into_iter().enumerate() {
        let endpoint = format!("clock-{number}");
        let peer = device(&context, &endpoint, object).await?;
        let read = read_3600(&context, &endpoint, &peer).await?;
        assert_eq!((read.value_type.as_str(), read.value), (value_type, value), "{object}");
    }
    Ok(())
}

#[tokio::test]
async fn a_new_registration_brings_its_own_versions() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context, "clock", "</3415>;ver=1.0,</3415/0>").await?;
    assert_eq!(read_3600(&context, "clock", &peer).await?.value_type, "string");
    peer.register("clock", 300, "</1/0>,</3/0>,</3415>;ver=2.0,</3415/0>").await?;
    assert_eq!(read_3600(&context, "clock", &peer).await?.value_type, "integer");
    Ok(())
}

#[tokio::test]
async fn a_value_is_written_by_the_version_of_its_object() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "clock", "</3415>;ver=2.0,</3415/0>").await?;
    let _old = device(&context, "old-clock", "</3415>;ver=1.0,</3415/0>").await?;
    context.registered("old-clock").await?;
    let mut write = OperationRequest::new(Operation::Write, PERIOD);
    write.value = Some(ValueContent::Integer(60));
    let (answer, ()) = tokio::try_join!(context.operate("clock", &write), async {
        let request = peer.receive_request(Code::PUT, PERIOD).await?;
        assert_eq!(request.payload, b"60");
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await
    })?;
    assert_eq!(answer.code, "2.04");
    let refused = context.try_operate("old-clock", &write).await?.error(400)?;
    assert_eq!(refused.details.map(|details| details.expected).as_deref(), Some("string"));
    Ok(())
}
