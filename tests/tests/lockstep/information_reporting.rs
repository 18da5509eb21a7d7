//! Observe, Notify, Cancel Observation (LwM2M 1.1 Core §6.4, RFC 7641).

use anyhow::Result;
use coap::{Code, Message, MessageType, Options};
use console_api::{
    DeviceSnapshot, Event, FleetView, Operation, OperationRequest, ServerFrame, Source, Status, Topic,
};
use whole_program_tests::{Events, RawPeer, TestContext};

const PATH: &str = "/3303/0/5700";

/// A device whose temperature is observed, the request that did it, and the console that watches.
async fn observed(context: &TestContext) -> Result<(RawPeer, Message, Events)> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (answer, request) = tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, PATH).await?;
        assert_eq!(request.options.observe(), Some(0));
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21.0").await?;
        Ok(request)
    })?;
    assert_eq!((answer.code.as_str(), answer.payload_hex.as_str()), ("2.05", "32312e30"));
    let started = events.find("the observation", |event| match event {
        Event::ObservationStarted(observation) => Some(observation),
        _ => None,
    });
    assert_eq!(started.await?.path, PATH);
    Ok((peer, request, events))
}

#[tokio::test]
async fn notifications_are_acknowledged_and_reach_the_console_untouched() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, mut events) = observed(&context).await?;

    // TLV, and not even correct: what the device sent is what the console gets.
    let payload = [0xe4, 0x16, 0x44, 0x41, 0xab, 0x33];
    let options = Options::new().with_observe(2).with_content_format(11542);
    let notification = peer.notify(&request, true, options, &payload).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let reported = loop {
        let reported = events.reported(Source::Notify).await?;
        if reported.sequence == Some(2) {
            break reported;
        }
    };
    assert_eq!((reported.path.as_str(), reported.payload.as_slice()), (PATH, payload.as_slice()));
    assert_eq!((reported.content_format, reported.confirmable), (Some(11542), true));

    let options = Options::new().with_observe(3).with_content_format(0);
    peer.notify(&request, false, options, b"22.5").await?;
    let reported = events.reported(Source::Notify).await?;
    assert_eq!((reported.sequence, reported.confirmable), (Some(3), false));
    assert_eq!(reported.payload, b"22.5");
    peer.expect_silence().await
}

#[tokio::test]
async fn s_095_a_repeated_notification_is_acknowledged_again_but_reported_once() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, mut events) = observed(&context).await?;
    let options = Options::new().with_observe(2).with_content_format(0);
    let notification = peer.notify(&request, true, options.clone(), b"21.5").await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    peer.send(&notification).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let next = peer.notify(&request, true, options.with_observe(3), b"21.6").await?;
    peer.expect_empty(MessageType::Acknowledgement, &next).await?;

    let mut payloads = Vec::new();
    while payloads.last().is_none_or(|payload: &Vec<u8>| payload != b"21.6") {
        payloads.push(events.reported(Source::Notify).await?.payload);
    }
    assert_eq!(payloads.iter().filter(|payload| *payload == b"21.5").count(), 1, "{payloads:?}");
    Ok(())
}

/// RFC 7641 §3.6: a notification that nobody asked for is rejected, so that the device stops.
#[tokio::test]
async fn s_096_a_notification_of_no_observation_is_reset() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3303/0>").await?;
    let stray = peer.confirmable(Code::CONTENT, Options::new().with_observe(7), b"1");
    peer.send(&stray).await?;
    peer.expect_empty(MessageType::Reset, &stray).await
}

#[tokio::test]
async fn s_099_an_observation_is_cancelled_with_the_same_token() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, mut events) = observed(&context).await?;
    let cancel = OperationRequest::new(Operation::CancelObservation, PATH);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &cancel), async {
        let cancel = peer.receive_request(Code::GET, PATH).await?;
        // RFC 7641 §3.6: the same token, Observe 1.
        assert_eq!((cancel.options.observe(), cancel.token), (Some(1), request.token));
        peer.answer(&cancel, Code::CONTENT, Options::new().with_content_format(0), b"21.0").await
    })?;
    assert_eq!(answer.code, "2.05");
    let ended = events.find("its end", |event| match event {
        Event::ObservationEnded { path, .. } => Some(path),
        _ => None,
    });
    assert_eq!(ended.await?, PATH);
    let late = peer.notify(&request, true, Options::new().with_observe(9), b"1").await?;
    peer.expect_empty(MessageType::Reset, &late).await
}

/// RFC 7641 §3.6: nothing is asked, and the next notification is told that nobody wants it.
#[tokio::test]
async fn s_100_an_observation_is_cancelled_by_a_reset() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, mut events) = observed(&context).await?;
    let cancel = crate::asked(&format!(r#"{{"op":"cancel-observation","path":"{PATH}","how":"passive"}}"#));
    context.operate("lamp", &cancel).await?;
    peer.expect_silence().await?;
    let ended = events.find("its end", |event| match event {
        Event::ObservationEnded { path, .. } => Some(path),
        _ => None,
    });
    assert_eq!(ended.await?, PATH);
    for confirmable in [true, false] {
        let next = peer.notify(&request, confirmable, Options::new().with_observe(9), b"1").await?;
        peer.expect_empty(MessageType::Reset, &next).await?;
    }
    Ok(())
}

/// What the operator wants to see is observed again; what the old registration had set up is void.
#[tokio::test]
async fn s_103_a_new_registration_is_observed_again() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, old, mut events) = observed(&context).await?;
    peer.register("lamp", 300, "</3303/0>").await?;
    let new = peer.receive_request(Code::GET, PATH).await?;
    assert_eq!(new.options.observe(), Some(0));
    assert_ne!(new.token, old.token);
    let options = Options::new().with_observe(1).with_content_format(0);
    peer.answer(&new, Code::CONTENT, options, b"21.0").await?;

    let stray = peer.notify(&old, true, Options::new().with_observe(9), b"1").await?;
    peer.expect_empty(MessageType::Reset, &stray).await?;
    let options = Options::new().with_observe(2).with_content_format(0);
    let notification = peer.notify(&new, true, options, b"22.0").await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;

    let snapshot = events.subscribe(Topic::Device("lamp".into())).await?;
    let ServerFrame::Device(DeviceSnapshot { observations, client: Some(_), .. }) = snapshot else {
        panic!("{snapshot:?}")
    };
    let paths: Vec<&str> = observations.iter().map(|observation| observation.path.as_str()).collect();
    assert_eq!(paths, [PATH]);
    Ok(())
}

#[tokio::test]
async fn observations_end_with_the_registration() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let (mut observed_peer, request, mut events) = observed(&context).await?;
    let location = format!("/rd/{}", context.registered("lamp").await?.registration_id);
    // From another address, as after a restart of the device behind a NAT.
    assert_eq!(
        peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?.code,
        Code::DELETED
    );
    let snapshot = events.subscribe(Topic::Device("lamp".into())).await?;
    let ServerFrame::Device(DeviceSnapshot { observations, client: Some(client), .. }) = snapshot else {
        panic!("{snapshot:?}")
    };
    assert_eq!((observations.len(), client.status), (0, Status::Deregistered));
    let late = observed_peer.notify(&request, true, Options::new().with_observe(9), b"1").await?;
    observed_peer.expect_empty(MessageType::Reset, &late).await
}

#[tokio::test]
async fn the_fleet_is_told_who_comes_and_goes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut events = context.events().await?;
    let snapshot = events.subscribe(Topic::Fleet(FleetView { limit: 10, ..FleetView::default() })).await?;
    let ServerFrame::Fleet(window) = snapshot else { panic!("{snapshot:?}") };
    assert!(window.clients.is_empty(), "{window:?}");
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</3/0>").await?;
    let came = events.window().await?;
    assert_eq!((came.matching, came.clients[0].endpoint.as_str()), (1, "lamp"));
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
    let went = events.find("the departure", |event| match event {
        Event::Departed { endpoint, why, .. } => Some((endpoint, why)),
        _ => None,
    });
    assert_eq!(went.await?, ("lamp".to_owned(), console_api::Departure::Deregistered));
    Ok(())
}
