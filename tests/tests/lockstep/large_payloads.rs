//! Payloads that need several messages (RFC 7959).

use anyhow::{Context as _, Result};
use coap::{Block, Code, MessageType, Options};
use console_api::{FleetView, Operation, OperationRequest, Source, Topic};
use whole_program_tests::{RawPeer, TestContext, register_options};

const PACKAGE: &str = "/5/0/0";

async fn device(context: &TestContext) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</5/0>").await?;
    Ok(peer)
}

fn write_package(bytes: &[u8]) -> OperationRequest {
    let mut write = OperationRequest::new(Operation::Write, PACKAGE);
    write.payload_hex = Some(console_api::hex_encode(bytes));
    write.content_format = Some(42);
    write
}

fn counting_bytes(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}

#[tokio::test]
async fn s_069_a_large_write_goes_in_blocks_of_the_size_that_the_device_wants() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let package = counting_bytes(3000);
    let write = write_package(&package);
    let (answer, sizes) = tokio::try_join!(context.operate("lamp", &write), async {
        let (mut received, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let request = peer.receive_request(Code::PUT, PACKAGE).await?;
            let block = request.options.block1().context("a block")?;
            assert_eq!(block.offset(), received.len(), "{block}");
            assert_eq!(request.options.content_format(), Some(42));
            received.extend_from_slice(&request.payload);
            sizes.push(request.payload.len());
            // RFC 7959 §2.3: the answer to the first block asks for smaller ones.
            let answer = Options::new().with_block1(Block { szx: 4, ..block });
            if !block.more {
                peer.answer(&request, Code::CHANGED, answer, b"").await?;
                assert_eq!(received, package);
                return Ok(sizes);
            }
            peer.answer(&request, Code::CONTINUE, answer, b"").await?;
        }
    })?;
    assert_eq!((answer.code.as_str(), answer.block), ("2.04", None));
    assert_eq!(sizes, [1024, 256, 256, 256, 256, 256, 256, 256, 184]);
    Ok(())
}

#[tokio::test]
async fn s_070_a_refused_block_is_named() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let write = write_package(&counting_bytes(3000));
    for (code, shown) in [
        (Code::REQUEST_ENTITY_TOO_LARGE, "4.13"),
        (Code::REQUEST_ENTITY_INCOMPLETE, "4.08"),
        (Code::UNSUPPORTED_CONTENT_FORMAT, "4.15"),
    ] {
        let (answer, ()) = tokio::try_join!(context.operate("lamp", &write), async {
            let first = peer.receive_request(Code::PUT, PACKAGE).await?;
            let block = first.options.block1().context("the first block")?;
            peer.answer(&first, Code::CONTINUE, Options::new().with_block1(block), b"").await?;
            let second = peer.receive_request(Code::PUT, PACKAGE).await?;
            let block = second.options.block1().context("the second block")?;
            peer.answer(&second, code, Options::new().with_block1(block), b"").await
        })?;
        assert_eq!((answer.code.as_str(), answer.block), (shown, Some(1)));
        peer.expect_silence().await?;
    }
    Ok(())
}

/// RFC 7959 §3.4: only the first block is a notification, the others are fetched.
#[tokio::test]
async fn s_113_a_large_notification_is_completed_by_plain_gets() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let observe = OperationRequest::new(Operation::Observe, "/5/0/7");
    let (_, request) = tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, "/5/0/7").await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"1.0").await?;
        Ok(request)
    })?;
    let whole = "0123456789abcdef".repeat(10);
    let block = |num: usize| Block { num: num as u32, more: (num + 1) * 64 < whole.len(), szx: 2 };
    let part = |num: usize| whole.as_bytes().chunks(64).nth(num).unwrap_or_default();
    let options = Options::new().with_content_format(0).with_block2(block(0));
    let notification = peer.notify(&request, true, options.with_observe(2), part(0)).await?;
    let (mut acknowledged, mut next) = (false, 1);
    while !acknowledged || next < 3 {
        let message = peer.receive().await?;
        if message.message_type == MessageType::Acknowledgement {
            assert_eq!(message.message_id, notification.message_id);
            acknowledged = true;
            continue;
        }
        assert_eq!((message.code, message.options.uri_path()?), (Code::GET, vec!["5", "0", "7"]));
        assert_eq!(message.options.observe(), None);
        assert_ne!(message.token, request.token);
        let asked = message.options.block2().context("the next block")?;
        assert_eq!((asked.num, asked.szx), (next, 2));
        let options = Options::new().with_content_format(0).with_block2(block(next as usize));
        peer.answer(&message, Code::CONTENT, options, part(next as usize)).await?;
        next += 1;
    }
    let reported = loop {
        let reported = events.reported(Source::Notify).await?;
        if reported.sequence == Some(2) {
            break reported;
        }
    };
    assert_eq!(reported.payload, whole.as_bytes());
    Ok(())
}

#[tokio::test]
async fn s_031_a_register_comes_in_blocks() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Fleet(FleetView { limit: 10, ..FleetView::default() })).await?;
    let links: Vec<String> = (0..60).map(|instance| format!("</3303/{instance}>")).collect();
    let links = links.join(",");
    let options = register_options("large", 300);
    let response = peer.exchange_in_blocks(Code::POST, &options, links.as_bytes(), 2).await?;
    assert_eq!(response.code, Code::CREATED);
    assert_eq!(response.options.location_path()?.len(), 2);
    assert_eq!(events.window().await?.clients[0].objects[0].instances.len(), 60);
    Ok(())
}

/// RFC 7959 §2.5: what misses a block is refused, and the device can begin again.
#[tokio::test]
async fn s_149_a_gap_between_blocks_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let options = |num, more| register_options("large", 300).with_block1(Block { num, more, szx: 2 });
    let links = "</3303/0>,</3303/1>,</3303/2>,</3303/3>,</3303/4>,</3303/5>,</3/0>";
    let first = peer.exchange(Code::POST, options(0, true), &links.as_bytes()[..64]).await?;
    assert_eq!(first.code, Code::CONTINUE);
    let third = peer.exchange(Code::POST, options(2, false), b"0>").await?;
    assert_eq!(third.code, Code::REQUEST_ENTITY_INCOMPLETE);
    assert_eq!(context.clients().await?, []);
    let anew = register_options("large", 300);
    let whole = peer.exchange_in_blocks(Code::POST, &anew, links.as_bytes(), 2).await?;
    assert_eq!(whole.code, Code::CREATED);
    Ok(())
}
