//! The server with the client of Eclipse Leshan: a device that shares no code with us.

mod composite;
mod fleet;
mod management;
mod reporting;

use anyhow::Result;
use console_api::{Operation, OperationRequest, OperationResponse, Source, Topic, ValueContent};
use lwm2m_codec::{ContentFormat, Path, Record, Value, encode};
use whole_program_tests::{Leshan, TestContext};

const ENDPOINT: &str = "leshan";

/// What the client answers to a request as callers of the REST interface write it.
async fn ask(context: &TestContext, json: &str) -> Result<OperationResponse> {
    context.operate(ENDPOINT, &serde_json::from_str(json)?).await
}

#[tokio::test]
async fn it_registers_with_its_objects() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let client = context.registered(ENDPOINT).await?;
    let objects: Vec<u16> = client.objects.iter().map(|object| object.id).collect();
    assert_eq!(objects, [1, 3, 6, 16, 19, 3303]);
    assert_eq!((client.lifetime_s, client.lwm2m_version.as_str()), (120, "1.1"));
    Ok(())
}

#[tokio::test]
async fn it_is_read_at_every_level() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let read = |path| OperationRequest::new(Operation::Read, path);
    let manufacturer = context.operate(ENDPOINT, &read("/3/0/0")).await?;
    assert_eq!(manufacturer.code, "2.05");
    assert_eq!(manufacturer.values[0].value, ValueContent::Text("Eclipse Leshan".into()));
    for path in ["/3/0", "/3", "/3303/0"] {
        let answer = context.operate(ENDPOINT, &read(path)).await?;
        assert_eq!((answer.code.as_str(), &answer.decode_error), ("2.05", &None), "{path}");
        assert!(answer.values.len() >= 2, "{path}: {:?}", answer.values);
    }
    let level = context.operate(ENDPOINT, &read("/3/0/9")).await?;
    assert_eq!(level.values[0].value, ValueContent::Integer(87));
    let unknown = context.operate(ENDPOINT, &read("/3/0/9999")).await?;
    assert_eq!((unknown.code.as_str(), unknown.values.len()), ("4.04", 0));
    Ok(())
}

#[tokio::test]
async fn it_is_written_and_executed() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let value = ValueContent::Text("Europe/Stockholm".into());
    let mut write = OperationRequest::new(Operation::Write, "/3/0/15");
    write.value = Some(value.clone());
    assert_eq!(context.operate(ENDPOINT, &write).await?.code, "2.04");
    let read = OperationRequest::new(Operation::Read, "/3/0/15");
    assert_eq!(context.operate(ENDPOINT, &read).await?.values[0].value, value);

    let mut reboot = OperationRequest::new(Operation::Execute, "/3/0/4");
    assert_eq!(context.operate(ENDPOINT, &reboot).await?.code, "2.04");
    reboot.arguments = Some("0='now'".into());
    assert_eq!(context.operate(ENDPOINT, &reboot).await?.code, "2.04");
    let not_executable = OperationRequest::new(Operation::Execute, "/3/0/0");
    assert_eq!(context.operate(ENDPOINT, &not_executable).await?.code, "4.05");
    Ok(())
}

/// What we decode of its payloads is the same in every format it can write.
#[tokio::test]
async fn its_payloads_say_the_same_in_every_format() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let read = async |path: &str, format: ContentFormat| {
        let mut read = OperationRequest::new(Operation::Read, path);
        read.accept = Some(format.0);
        let answer = context.operate(ENDPOINT, &read).await?;
        assert_eq!((answer.code.as_str(), &answer.decode_error), ("2.05", &None), "{path} in {format}");
        assert_eq!(answer.content_format, Some(format.0), "{path} in {format}");
        // Its clock goes on between two answers.
        let values = answer.values.into_iter().filter(|value| value.path != "/3/0/13");
        let values = values.map(|value| (value.path, value.value_type, value.value));
        Ok::<_, anyhow::Error>(values.collect::<Vec<_>>())
    };
    let tlv = read("/3/0", ContentFormat::TLV).await?;
    assert!(tlv.len() >= 7, "{tlv:?}");
    for format in [ContentFormat::JSON, ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR] {
        assert_eq!(read("/3/0", format).await?, tlv, "{format}");
    }
    for path in ["/3/0/0", "/3/0/9", "/3303/0/5700"] {
        let tlv = read(path, ContentFormat::TLV).await?;
        assert_eq!(tlv.len(), 1);
        for format in [
            ContentFormat::TEXT,
            ContentFormat::CBOR,
            ContentFormat::JSON,
            ContentFormat::SENML_JSON,
            ContentFormat::SENML_CBOR,
        ] {
            assert_eq!(read(path, format).await?, tlv, "{path} in {format}");
        }
    }
    Ok(())
}

/// It understands what we encode.
#[tokio::test]
async fn it_is_written_in_every_format() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let path = Path::resource(3, 0, 15);
    for format in [
        ContentFormat::TEXT,
        ContentFormat::CBOR,
        ContentFormat::TLV,
        ContentFormat::JSON,
        ContentFormat::SENML_JSON,
        ContentFormat::SENML_CBOR,
    ] {
        let text = format!("Zone \"{}\" é", format.0);
        let payload = encode(format, &path, &[Record::new(path, Value::string(text.as_str()))])?;
        let mut write = OperationRequest::new(Operation::Write, path.to_string());
        write.payload_hex = Some(console_api::hex_encode(&payload));
        write.content_format = Some(format.0);
        assert_eq!(context.operate(ENDPOINT, &write).await?.code, "2.04", "{format}");
        let read = OperationRequest::new(Operation::Read, path.to_string());
        let answer = context.operate(ENDPOINT, &read).await?;
        assert_eq!(answer.values[0].value, ValueContent::Text(text), "{format}");
    }
    Ok(())
}

#[tokio::test]
async fn it_is_discovered() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let answer = context.operate(ENDPOINT, &OperationRequest::new(Operation::Discover, "/3/0")).await?;
    assert_eq!((answer.code.as_str(), answer.content_format), ("2.05", Some(40)));
    let links = console_api::hex_decode(&answer.payload_hex).unwrap_or_default();
    let links = String::from_utf8(links)?;
    assert!(links.contains("</3/0/0>") && links.contains("</3/0/15>"), "{links}");
    Ok(())
}

#[tokio::test]
async fn its_notifications_arrive() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 200).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(ENDPOINT.into())).await?;
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    assert_eq!(context.operate(ENDPOINT, &observe).await?.code, "2.05");
    let mut payloads = Vec::new();
    while payloads.len() < 4 {
        let reported = events.reported(Source::Notify).await?;
        assert_eq!(reported.path, "/3303/0/5700");
        payloads.push(reported.payload);
    }
    payloads.dedup();
    assert!(payloads.len() >= 3, "every change is another value: {payloads:02x?}");
    let cancel = OperationRequest::new(Operation::CancelObservation, "/3303/0/5700");
    assert_eq!(context.operate(ENDPOINT, &cancel).await?.code, "2.05");
    Ok(())
}

#[tokio::test]
async fn it_deregisters_when_it_stops() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let mut leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    context.registered(ENDPOINT).await?;
    leshan.process.terminate().await?;
    context.departed(ENDPOINT).await
}
