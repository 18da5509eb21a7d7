//! The WebSocket: windows of a large fleet, resuming, consoles that are too slow, and mistakes.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, bail};
use coap::{Code, Message, MessageType, Options};
use console_api::{
    ClientFrame, ClientQuery, DeviceSnapshot, Event, FleetView, FleetWindow, Operation, OperationRequest,
    ServerFrame, SortBy, StatusFilter, Topic,
};
use whole_program_tests::{Events, RawPeer, TestContext};

const FLEET: usize = 3_000;
const PATH: &str = "/3303/0/5700";

#[tokio::test]
async fn a_window_of_a_large_fleet_is_kept_true() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    for i in 0..FLEET {
        peer.register(&format!("d{i:04}"), 600, "</1/0>,</3/0>").await?;
    }
    let mut console = context.events().await?;
    let view = FleetView { query: ClientQuery::default(), offset: 1_000, limit: 5 };
    let window = window(console.subscribe(Topic::Fleet(view.clone())).await?)?;
    assert_eq!((window.matching, window.known, &window.view), (3_000, 3_000, &view));
    assert_eq!(names(&window), ["d1000", "d1001", "d1002", "d1003", "d1004"]);

    // One in the window changes and is told; one outside of it is not.
    let outside = peer.register("d0500", 600, "</3/0>").await?;
    let inside = peer.register("d1002", 700, "</3/0>").await?;
    match console.event().await? {
        Event::Registered(client) => {
            assert_eq!((client.endpoint.as_str(), client.lifetime_s), ("d1002", 700));
        }
        other => bail!("expected the Register of d1002, got {other:?}"),
    }
    // One that sorts before the window moves it on.
    peer.register("d0999x", 600, "</3/0>").await?;
    let moved = console.window().await?;
    assert_eq!((moved.matching, names(&moved)[0].as_str()), (3_001, "d0999x"));

    // Those that leave are gone from a query for registered ones, and stay known.
    for location in [outside, inside] {
        let options = Options::new().with_path(&location);
        assert_eq!(peer.exchange(Code::DELETE, options, b"").await?.code, Code::DELETED);
    }
    let mut left = console.window().await?;
    while left.matching > 2_999 {
        left = console.window().await?;
    }
    assert_eq!((left.known, names(&left).len()), (3_001, 5));
    Ok(())
}

#[tokio::test]
async fn a_window_is_filtered_and_sorted_by_the_server() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    for (name, lifetime_s, links) in
        [("a", 900, "</3/0>,</3303/0>"), ("b", 300, "</3/0>,</3303/0>,</3303/1>"), ("c", 600, "</3/0>")]
    {
        peer.register(name, lifetime_s, links).await?;
    }
    let mut console = context.events().await?;
    let query = |change: fn(&mut ClientQuery)| {
        let mut query = ClientQuery::default();
        change(&mut query);
        Topic::Fleet(FleetView { query, offset: 0, limit: 10 })
    };
    let by_lifetime = query(|query| query.sort = SortBy::Lifetime);
    assert_eq!(names(&window(console.subscribe(by_lifetime).await?)?), ["b", "c", "a"]);
    let thermometers = query(|query| (query.text, query.descending) = ("/3303".into(), true));
    assert_eq!(names(&window(console.subscribe(thermometers).await?)?), ["b", "a"]);
    let second = query(|query| query.text = "/3303/1".into());
    assert_eq!(names(&window(console.subscribe(second).await?)?), ["b"]);
    let nobody = query(|query| query.status = StatusFilter::Departed);
    assert_eq!(window(console.subscribe(nobody).await?)?.clients, []);
    Ok(())
}

#[tokio::test]
async fn the_newest_value_is_part_of_the_row() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let mut console = context.events().await?;
    let all = Topic::Fleet(FleetView { limit: 10, ..FleetView::default() });
    let first = window(console.subscribe(all).await?)?.clients.remove(0);
    assert_eq!((first.observation_count, first.latest.context("a value")?.payload), (1, b"21.0".to_vec()));
    notify(&mut peer, &request, 2, b"22.5").await?;
    let reported = console.reported(console_api::Source::Notify).await?;
    assert_eq!((reported.path.as_str(), reported.payload.as_slice()), (PATH, b"22.5".as_slice()));
    let client = context.registered("lamp").await?;
    assert_eq!(client.latest, Some(reported.clone()));
    assert_eq!(client.heard_at_ms, reported.at_ms);
    Ok(())
}

#[tokio::test]
async fn a_console_resumes_without_a_gap() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let mut console = context.events().await?;
    let topics = vec![Topic::Device("lamp".into())];
    let ServerFrame::Device(DeviceSnapshot { seq, .. }) = console.subscribe(topics[0].clone()).await? else {
        bail!("expected a snapshot");
    };
    let run = console.run;
    drop(console);
    let missed: Vec<Vec<u8>> = (0..20u8).map(|i| format!("2{i}.0").into_bytes()).collect();
    for (i, payload) in missed.iter().enumerate() {
        notify(&mut peer, &request, i as u32 + 2, payload).await?;
    }
    let mut console = context.events().await?;
    assert_eq!(console.run, run, "the same server");
    console.send(&ClientFrame::Resume { run, seq, topics: topics.clone() }).await?;
    assert_eq!(console.frame().await?, ServerFrame::Resumed);
    let mut told = Vec::new();
    while told.len() < missed.len() {
        told.push(console.reported(console_api::Source::Notify).await?.payload);
    }
    assert_eq!(told, missed, "every one, once, in order");

    // Of another run of the server nothing is left.
    console.send(&ClientFrame::Resume { run: run + 1, seq, topics }).await?;
    match console.frame().await? {
        ServerFrame::Device(snapshot) => assert_eq!(snapshot.reported[0].payload, missed[19]),
        other => bail!("expected a snapshot, got {other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_console_is_told_what_it_missed_and_holds_up_nobody() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request) = observed(&context, "lamp").await?;
    let topic = Topic::Device("lamp".into());
    let mut slow = Events::connect_narrow(context.http).await?;
    slow.subscribe(topic.clone()).await?;
    let mut quick = context.events().await?;
    quick.subscribe(topic).await?;

    // The slow one reads nothing: what the system buffers for it fills up, and then the journal passes it by.
    let payload = vec![b'x'; 1_000];
    for hundred in 1..160 {
        // What comes together is stored together.
        let mut acknowledged = BTreeSet::new();
        for sequence in 100 * hundred..100 * (hundred + 1) {
            let options = Options::new().with_observe(sequence).with_content_format(0);
            acknowledged.insert(peer.notify(&request, true, options, &payload).await?.message_id.0);
        }
        while !acknowledged.is_empty() {
            acknowledged.remove(&peer.receive().await?.message_id.0);
        }
        let last = 100 * hundred + 99;
        while quick.reported(console_api::Source::Notify).await?.sequence != Some(last) {}
    }
    notify(&mut peer, &request, 16_000, b"last").await?;
    let missed = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            match slow.frame().await? {
                ServerFrame::Lagged { missed } => return anyhow::Ok(missed),
                ServerFrame::Events { .. } => {}
                other => bail!("expected Lagged, got {other:?}"),
            }
        }
    })
    .await??;
    assert!(missed > 0);
    match slow.frame().await? {
        ServerFrame::Device(snapshot) => assert_eq!(snapshot.reported[0].payload, b"last"),
        other => bail!("expected a fresh snapshot, got {other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn mistakes_are_answered_and_the_console_goes_on() -> Result<()> {
    let context = TestContext::start().await?;
    let mut console = context.events().await?;
    let query = ClientQuery { text: "x".repeat(2_000), ..ClientQuery::default() };
    console.send(&ClientFrame::Subscribe(Topic::Fleet(FleetView { query, offset: 0, limit: 1 }))).await?;
    match console.frame().await? {
        ServerFrame::Refused(error) => assert_eq!(error.details.context("details")?.got, "2000"),
        other => bail!("expected Refused, got {other:?}"),
    }
    console.send(&ClientFrame::Ping(7)).await?;
    assert!(matches!(console.frame().await?, ServerFrame::Pong { ping: 7, .. }));
    Ok(())
}

async fn observed(context: &TestContext, endpoint: &str) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register(endpoint, 300, "</1/0>,</3/0>,</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate(endpoint, &observe), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21.0").await?;
        Ok(request)
    })?;
    Ok((peer, request))
}

async fn notify(peer: &mut RawPeer, request: &Message, sequence: u32, payload: &[u8]) -> Result<()> {
    let options = Options::new().with_observe(sequence).with_content_format(0);
    let notification = peer.notify(request, true, options, payload).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await
}

fn window(frame: ServerFrame) -> Result<FleetWindow> {
    match frame {
        ServerFrame::Fleet(window) => Ok(window),
        other => bail!("expected a window, got {other:?}"),
    }
}

fn names(window: &FleetWindow) -> Vec<String> {
    window.clients.iter().map(|client| client.endpoint.clone()).collect()
}
