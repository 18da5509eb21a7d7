//! The trace: every datagram, as it came and went.

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Message};
use console_api::{Direction, Operation, OperationRequest, ServerFrame, Topic, Trace, hex_decode};
use whole_program_tests::{RawPeer, TestContext, encode_segment};

/// So many CoAP pings (RFC 7252 §4.3), each of which is answered.
pub(crate) async fn ping(peer: &RawPeer, count: u16) -> Result<()> {
    /// No more at once than the socket takes.
    const AT_ONCE: usize = 64;
    let ids: Vec<u16> = (0..count).collect();
    for ids in ids.chunks(AT_ONCE) {
        for id in ids {
            let [high, low] = id.to_be_bytes();
            peer.send_bytes(&[0x40, 0, high, low]).await?;
        }
        for _ in ids {
            peer.receive_bytes().await?;
        }
    }
    Ok(())
}

async fn trace(context: &TestContext, query: &str) -> Result<Trace> {
    context.rest.get(&format!("/api/v1/trace{query}")).await?.json(200)
}

/// A device that has registered and was read once.
async fn read_once(context: &TestContext, endpoint: &str) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, "</3/0>").await?;
    context.registered(endpoint).await?;
    let read = OperationRequest::new(Operation::Read, "/3/0/0");
    let (_, ()) = tokio::try_join!(context.operate(endpoint, &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/0").await?;
        peer.answer(&request, Code::CONTENT, coap::Options::new().with_content_format(0), b"ACME").await
    })?;
    Ok(peer)
}

#[tokio::test]
async fn every_datagram_is_there_with_its_client_from_the_register_on() -> Result<()> {
    let context = TestContext::start().await?;
    let lamp = read_once(&context, "lamp").await?;
    read_once(&context, "a/b \"ü\"").await?;
    let all = trace(&context, "").await?;
    assert_eq!(all.records.iter().map(|record| record.seq).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert_eq!(all.missed, 0);

    let of_lamp = trace(&context, "?endpoint=lamp").await?.records;
    let shown: Vec<_> = of_lamp
        .iter()
        .map(|record| {
            let message = Message::decode(&record.datagram).expect("a message");
            (record.direction, message.code, message.payload)
        })
        .collect();
    use Direction::{Received, Sent};
    assert_eq!(
        shown,
        [
            (Received, Code::POST, b"</3/0>".to_vec()),
            (Sent, Code::CREATED, Vec::new()),
            (Sent, Code::GET, Vec::new()),
            (Received, Code::CONTENT, b"ACME".to_vec()),
        ]
    );
    let address = lamp.address()?.to_string();
    assert!(of_lamp.iter().all(|record| record.peer == address && record.at_ms > 1_700_000_000_000));
    let other = trace(&context, &format!("?endpoint={}", encode_segment("a/b \"ü\""))).await?;
    assert_eq!(other.records.len(), 4);

    let page = trace(&context, "?after=2&limit=3").await?.records;
    assert_eq!(page.iter().map(|record| record.seq).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(trace(&context, "?limit=1").await?.records[0].seq, 8, "without `after` the newest");
    for query in ["?limit=10001", "?limit=x", "?after=-1", "?nothing=1"] {
        let refused = context.rest.get(&format!("/api/v1/trace{query}")).await?.error(400)?;
        assert!(refused.details.is_some(), "{query}: {refused:?}");
    }
    Ok(())
}

/// What is no CoAP message at all is what one wants to see most.
#[tokio::test]
async fn a_malformed_datagram_is_there_too() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = context.peer().await?;
    peer.send_bytes(&[0xff, 0xff]).await?;
    let found = whole_program_tests::wait::until("the datagram", async || {
        Ok(trace(&context, "").await?.records.into_iter().next())
    });
    let found = found.await?;
    assert_eq!((found.datagram.as_slice(), found.endpoint), (&[0xff, 0xff][..], None));
    Ok(())
}

#[tokio::test]
async fn a_console_gets_what_is_there_and_then_what_comes() -> Result<()> {
    let context = TestContext::start().await?;
    read_once(&context, "lamp").await?;
    let mut events = context.events().await?;
    let ServerFrame::Trace(first) = events.subscribe(Topic::Trace(Some("lamp".into()))).await? else {
        anyhow::bail!("expected the trace");
    };
    assert_eq!((first.records.len(), first.missed), (4, 0));
    read_once(&context, "other").await?;
    let mut lamp = context.peer().await?;
    lamp.register("lamp", 300, "</3/0>").await?;
    let mut seqs = Vec::new();
    while seqs.len() < 2 {
        if let ServerFrame::Trace(more) = events.frame().await? {
            seqs.extend(more.records.iter().map(|record| (record.seq, record.endpoint.clone())));
        }
    }
    assert_eq!(seqs, [(9, Some("lamp".to_owned())), (10, Some("lamp".to_owned()))]);
    Ok(())
}

/// A tab that cannot keep up is told how much it did not get.
#[tokio::test]
async fn at_high_rates_a_console_gets_a_part_and_a_number() -> Result<()> {
    const PINGS: u16 = 3_000;
    const DATAGRAMS: u64 = 2 * PINGS as u64;
    let context = TestContext::start().await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Trace(None)).await?;
    let peer = context.peer().await?;
    ping(&peer, PINGS).await?;
    let (mut told, mut missed) = (0, 0);
    while told + missed < DATAGRAMS {
        let ServerFrame::Trace(part) = events.frame().await? else { continue };
        ensure!(part.records.len() <= 256, "{} records at once", part.records.len());
        told += part.records.len() as u64;
        missed += part.missed;
    }
    assert_eq!(told + missed, DATAGRAMS);
    assert!(missed > 0, "{told} told");
    Ok(())
}

#[tokio::test]
async fn a_capture_has_real_addresses_and_the_datagrams() -> Result<()> {
    let context = TestContext::start().await?;
    let lamp = read_once(&context, "lamp").await?;
    read_once(&context, "other").await?;
    let file = context.rest.download("/api/v1/trace.pcap?endpoint=lamp").await?;
    let records = trace(&context, "?endpoint=lamp").await?.records;
    assert_eq!(file[..4], hex_decode("d4c3b2a1").context("hex")?);
    let mut rest = &file[24..];
    let lamp = lamp.address()?.port();
    for record in &records {
        let length = u32::from_le_bytes(rest[8..12].try_into()?) as usize;
        let (packet, after) = rest[16..].split_at(length);
        rest = after;
        let port = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        assert_eq!(
            (packet[0], &packet[12..16], &packet[16..20]),
            (0x45, &[127, 0, 0, 1][..], &[127, 0, 0, 1][..])
        );
        let ports = match record.direction {
            Direction::Received => (lamp, context.coap.port()),
            Direction::Sent => (context.coap.port(), lamp),
        };
        assert_eq!((port(20), port(22)), ports);
        assert_eq!(&packet[28..], record.datagram);
    }
    assert_eq!((records.len(), rest.len()), (4, 0));
    Ok(())
}
