//! What was acknowledged before the server was killed is so after it has come back.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use coap::{Code, Message, MessageType, Options};
use console_api::{
    ClientDetails, Command, CommandState, Label, ObservationList, ObservationState, Operation,
    OperationRequest, OperationResponse, ServerFrame, Source, Status, Topic,
};
use tokio::task::JoinSet;
use whole_program_tests::{RawPeer, TestContext, register_options, wait};

const PATH: &str = "/3303/0/5700";

async fn observe(context: &TestContext, peer: &RawPeer) -> Result<Message> {
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21.0").await?;
        Ok(request)
    })?;
    Ok(request)
}

async fn observations(context: &TestContext) -> Result<ObservationList> {
    context.rest.get("/api/v1/observations").await?.json(200)
}

#[tokio::test]
async fn a_registration_goes_on_at_its_location() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    let label = Label { name: Some("Hall".into()), tags: vec!["a".into()], notes: "n".into() };
    let path = "/api/v1/clients/lamp/label";
    assert_eq!(context.rest.put(path, &serde_json::to_string(&label)?).await?.status, 204);
    let before = context.client("lamp").await?.context("registered")?;

    context.crash().await?;
    let after = context.client("lamp").await?.context("still registered")?;
    assert_eq!(after, before);
    let known: ClientDetails = context.rest.get("/api/v1/clients/lamp").await?.json(200)?;
    assert_eq!((known.client.name, known.client.tags, known.notes), (label.name, label.tags, label.notes));
    // The device notices nothing.
    let update = Options::new().with_path(&location);
    assert_eq!(peer.exchange(Code::POST, update.clone(), b"").await?.code, Code::CHANGED);
    assert_eq!(peer.exchange(Code::DELETE, update.clone(), b"").await?.code, Code::DELETED);

    context.crash().await?;
    assert_eq!(context.client("lamp").await?, None, "it had de-registered");
    assert_eq!(peer.exchange(Code::POST, update, b"").await?.code, Code::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn an_observation_goes_on_under_its_token() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    let request = observe(&context, &peer).await?;
    let options = |sequence| Options::new().with_observe(sequence).with_content_format(0);
    let notification = peer.notify(&request, true, options(2), b"22.0").await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;

    context.crash().await?;
    let listed = observations(&context).await?;
    assert_eq!(listed.observations[0].state, ObservationState::Active, "{listed:?}");
    let mut events = context.events().await?;
    let frame = events.subscribe(Topic::Device("lamp".into())).await?;
    let ServerFrame::Device(snapshot) = frame else { panic!("a device expected, got {frame:?}") };
    let [value] = &snapshot.reported[..] else { panic!("one value expected, got {:?}", snapshot.reported) };
    assert_eq!((value.payload.as_slice(), value.source), (b"22.0".as_slice(), Source::Notify));
    assert_eq!((value.path.as_str(), value.content_format), (PATH, Some(0)));

    // A retransmission of what was acknowledged, and then something new.
    peer.send(&notification).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let next = peer.notify(&request, true, options(3), b"23.0").await?;
    peer.expect_empty(MessageType::Acknowledgement, &next).await?;
    assert_eq!(events.reported(Source::Notify).await?.payload, b"23.0");
    Ok(())
}

/// All that a device in queue mode has to do with a server, with a crash in the middle of its sleep.
#[tokio::test]
async fn a_device_does_not_notice_a_restart_while_it_sleeps() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let options = register_options("lamp", 300).with_query("Q");
    let response = peer.exchange(Code::POST, options, b"</1/0>,</3/0>,</3303/0>").await?;
    let location = format!("/{}", response.options.location_path()?.join("/"));
    let update = || Options::new().with_path(&location);
    let request = observe(&context, &peer).await?;
    assert_eq!(context.rest.put("/api/v1/clients/lamp/config", r#"{"awake_s":1}"#).await?.status, 204);
    assert_eq!(peer.exchange(Code::POST, update(), b"").await?.code, Code::CHANGED);
    wait::until("the lamp to sleep", async || {
        Ok(context.client("lamp").await?.filter(|client| client.status == Status::Asleep))
    })
    .await?;
    let write = r#"{"op":"write","path":"/3/0/15","value":"UTC"}"#;
    let queued: Command<OperationResponse> =
        context.rest.post("/api/v1/clients/lamp/operations", write).await?.json(202)?;

    context.crash().await?;
    // It sleeps still, so that nothing is sent to it, a Reset neither.
    peer.expect_silence().await?;
    let options = Options::new().with_observe(2).with_content_format(0);
    let notification = peer.notify(&request, true, options, b"22.0").await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let write = peer.receive_request(Code::PUT, "/3/0/15").await?;
    peer.answer(&write, Code::CHANGED, Options::new(), b"").await?;
    assert_eq!(peer.exchange(Code::POST, update(), b"").await?.code, Code::CHANGED);
    let command = wait::until("the answer to be stored", async || {
        let path = format!("/api/v1/commands/{}", queued.id);
        let command: Command<OperationResponse> = context.rest.get(&path).await?.json(200)?;
        Ok(command.is_over().then_some(command))
    })
    .await?;
    assert_eq!((command.state, command.attempts), (CommandState::Answered, 1));
    Ok(())
}

#[tokio::test]
async fn what_is_wanted_outlives_the_registration_and_the_server() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    observe(&context, &peer).await?;
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;

    context.crash().await?;
    assert_eq!(observations(&context).await?.observations[0].state, ObservationState::Waiting);
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    let request = peer.receive_request(Code::GET, PATH).await?;
    assert_eq!(request.options.observe(), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_lifetime_that_ran_out_meanwhile_has_expired() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("short", 1, "</3/0>").await?;
    peer.register("long", 300, "</3/0>").await?;
    context.server.kill().await?;
    // With what a renewal may have been stored late.
    let over = Instant::now() + Duration::from_millis(1_500);
    wait::until("the lifetime to be over", async || Ok((Instant::now() >= over).then_some(()))).await?;
    context.restart().await?;
    context.departed("short").await?;
    let known: ClientDetails = context.rest.get("/api/v1/clients/short?status=any").await?.json(200)?;
    assert_eq!(known.client.status, Status::Expired);
    context.registered("long").await?;
    Ok(())
}

/// Whatever the server has acknowledged when it is stopped in the middle of it.
#[tokio::test]
async fn stopping_under_load_loses_nothing() -> Result<()> {
    let mut context = TestContext::start().await?;
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut devices = JoinSet::new();
    for device in 0..8 {
        let mut peer = context.peer().await?;
        let acknowledged = Arc::clone(&acknowledged);
        devices.spawn(async move {
            for number in 0.. {
                let endpoint = format!("d{device}-{number}");
                peer.register(&endpoint, 300, "</3/0>").await?;
                acknowledged.lock().expect("whole").push(endpoint);
            }
            anyhow::Ok(())
        });
    }
    let count = || acknowledged.lock().expect("whole").len();
    wait::until("many clients", async || Ok((count() > 100).then_some(()))).await?;
    context.server.terminate().await?;
    devices.shutdown().await;
    context.restart().await?;
    let there: BTreeSet<String> =
        context.clients().await?.into_iter().map(|client| client.endpoint).collect();
    let acknowledged = acknowledged.lock().expect("whole");
    let lost: Vec<_> = acknowledged.iter().filter(|endpoint| !there.contains(*endpoint)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    Ok(())
}
