//! Read-Composite, Write-Composite, Observe-Composite (LwM2M 1.1 Core §6.3.8, §6.3.9, §6.4.4).

use anyhow::Result;
use coap::{Code, Message, MessageType, Options};
use console_api::{ClientDetails, DeviceSnapshot, Event, ServerFrame, Source, Topic, ValueContent};
use lwm2m_codec::{ContentFormat, Path, decode_paths};
use whole_program_tests::{Events, RawPeer, TestContext};

use crate::asked;

const SENML_JSON: u16 = 110;
const SENML_CBOR: u16 = 112;

async fn device(context: &TestContext) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    Ok(peer)
}

fn in_json() -> Options {
    Options::new().with_content_format(SENML_JSON)
}

fn paths_of(request: &Message) -> Result<Vec<Path>> {
    let format = ContentFormat(request.options.content_format().unwrap_or_default());
    Ok(decode_paths(format, &request.payload)?)
}

#[tokio::test]
async fn s_084_s_085_read_composite_asks_for_paths_and_tells_what_is_missing() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let json = r#"[{"n":"/3/0/0","vs":"Acme"},{"n":"/3303/0/5700","v":21.5}]"#;
    for (more, format, accept) in
        [("", SENML_CBOR, None), (r#","content_format":110,"accept":112"#, SENML_JSON, Some(SENML_CBOR))]
    {
        let read = format!(r#"{{"op":"read-composite","paths":["/3/0/0","/3303","/6/0"]{more}}}"#);
        let read = asked(&read);
        let (answer, ()) = tokio::try_join!(context.operate("lamp", &read), async {
            let request = peer.receive_request(Code::FETCH, "/").await?;
            assert_eq!((request.options.content_format(), request.options.accept()), (Some(format), accept));
            assert_eq!(request.options.observe(), None);
            assert_eq!(
                paths_of(&request)?,
                [Path::resource(3, 0, 0), Path::object(3303), Path::instance(6, 0)]
            );
            peer.answer(&request, Code::CONTENT, in_json(), json.as_bytes()).await
        })?;
        let values: Vec<_> = answer.values.iter().map(|value| (value.path.as_str(), &value.value)).collect();
        let (name, temperature) = (ValueContent::Text("Acme".into()), ValueContent::Float(21.5));
        assert_eq!(values, [("/3/0/0", &name), ("/3303/0/5700", &temperature)]);
        assert_eq!(answer.missing, ["/6/0"]);
    }
    Ok(())
}

#[tokio::test]
async fn s_086_write_composite_goes_by_ipatch() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let write = asked(
        r#"{"op":"write-composite","content_format":110,
            "values":[{"path":"/1/0/2","value":5},{"path":"3/0/15","value":"UTC"}]}"#,
    );
    let (answer, payload) = tokio::try_join!(context.operate("lamp", &write), async {
        let request = peer.receive_request(Code::IPATCH, "/").await?;
        assert_eq!(request.options.content_format(), Some(SENML_JSON));
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await?;
        Ok(request.payload)
    })?;
    assert_eq!(answer.code, "2.04");
    let text = String::from_utf8(payload.clone())?;
    assert!(text.contains("1/0/2") && text.contains("3/0/15") && text.contains("UTC"), "{text}");
    let reported = events.reported(Source::WriteComposite).await?;
    assert_eq!((reported.path.as_str(), reported.payload), ("/", payload));

    let not_one = asked(r#"{"op":"write-composite","values":[{"path":"/3/0","value":5}]}"#);
    context.try_operate("lamp", &not_one).await?.error(400)?;
    peer.expect_silence().await
}

#[tokio::test]
async fn s_087_a_client_of_1_0_is_not_asked() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register_as("1.0", "old", "</3/0>").await?;
    for request in [
        r#"{"op":"read-composite","paths":["/3/0"]}"#,
        r#"{"op":"observe-composite","paths":["/3/0"]}"#,
        r#"{"op":"write-composite","values":[{"path":"/3/0/15","value":"UTC"}]}"#,
    ] {
        let error = context.try_operate("old", &asked(request)).await?.error(400)?;
        assert_eq!(error.code, "not_possible", "{request}");
    }
    peer.expect_silence().await
}

const OBSERVED: &str = r#""paths":["/3303/0/5700","/3/0/9"]"#;

/// A device that accepted an Observe-Composite, the request that did it, and the console that watches.
async fn observed(context: &TestContext) -> Result<(RawPeer, Message, Events)> {
    let peer = device(context).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device("lamp".into())).await?;
    let observe = asked(&format!(r#"{{"op":"observe-composite",{OBSERVED}}}"#));
    let (answer, request) = tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::FETCH, "/").await?;
        assert_eq!(request.options.observe(), Some(0));
        let first = br#"[{"n":"/3303/0/5700","v":21},{"n":"/3/0/9","v":87}]"#;
        peer.answer(&request, Code::CONTENT, in_json().with_observe(1), first).await?;
        Ok(request)
    })?;
    assert_eq!((answer.values.len(), answer.missing.len()), (2, 0));
    let started = events.find("the observation", |event| match event {
        Event::ObservationStarted(observation) => Some(observation),
        _ => None,
    });
    let mut paths = started.await?.paths;
    paths.sort();
    assert_eq!(paths, ["/3/0/9", "/3303/0/5700"]);
    Ok((peer, request, events))
}

#[tokio::test]
async fn s_105_observe_composite_is_notified_and_cancelled_with_the_same_list() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, mut events) = observed(&context).await?;
    let json = br#"[{"n":"/3303/0/5700","v":22},{"n":"/3/0/9","v":86}]"#;
    let notification = peer.notify(&request, true, in_json().with_observe(2), json).await?;
    peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    let reported = loop {
        let reported = events.reported(Source::Notify).await?;
        if reported.sequence == Some(2) {
            break reported;
        }
    };
    assert_eq!((reported.path.as_str(), reported.payload.as_slice()), ("/", json.as_slice()));
    let details: ClientDetails = context.rest.get("/api/v1/clients/lamp").await?.json(200)?;
    assert_eq!((details.observations.len(), details.observations[0].path.as_str()), (1, "/"));
    assert_eq!(details.observations[0].paths.len(), 2);

    let cancel = asked(&format!(r#"{{"op":"cancel-observation-composite",{OBSERVED}}}"#));
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &cancel), async {
        let cancel = peer.receive_request(Code::FETCH, "/").await?;
        assert_eq!((cancel.options.observe(), cancel.token), (Some(1), request.token));
        assert_eq!(cancel.options.content_format(), request.options.content_format());
        assert_eq!(cancel.payload, request.payload, "the same list");
        peer.answer(&cancel, Code::CONTENT, in_json(), json).await
    })?;
    assert_eq!(answer.code, "2.05");
    let late = peer.notify(&request, true, in_json().with_observe(9), json).await?;
    peer.expect_empty(MessageType::Reset, &late).await
}

#[tokio::test]
async fn s_105_observe_composite_can_be_cancelled_without_a_request() -> Result<()> {
    let context = TestContext::start().await?;
    let (mut peer, request, _events) = observed(&context).await?;
    let cancel = asked(&format!(r#"{{"op":"cancel-observation-composite","how":"passive",{OBSERVED}}}"#));
    context.operate("lamp", &cancel).await?;
    peer.expect_silence().await?;
    let next = peer.notify(&request, true, in_json().with_observe(2), b"[]").await?;
    peer.expect_empty(MessageType::Reset, &next).await
}

/// Two composite payloads about different things do not push each other out of what a new console is shown.
#[tokio::test]
async fn composite_payloads_about_different_paths_are_all_shown() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = device(&context).await?;
    let dp = Options::new().with_path("/dp").with_content_format(SENML_JSON);
    let sent: [&[u8]; 3] =
        [br#"[{"n":"/3/0/9","v":87}]"#, br#"[{"n":"/3303/0/5700","v":21}]"#, br#"[{"n":"/3/0/9","v":86}]"#];
    for payload in sent {
        assert_eq!(peer.exchange(Code::POST, dp.clone(), payload).await?.code, Code::CHANGED);
    }
    let snapshot = context.events().await?.subscribe(Topic::Device("lamp".into())).await?;
    let ServerFrame::Device(DeviceSnapshot { reported, .. }) = snapshot else { panic!("{snapshot:?}") };
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(reported.iter().all(|reported| reported.path == "/" && reported.source == Source::Send));
    assert!(sent[1..].iter().all(|payload| reported.iter().any(|reported| reported.payload == *payload)));
    Ok(())
}

/// Some clients acknowledge a FETCH and then say nothing. That is no reason to give the client up.
#[tokio::test]
async fn a_client_that_is_silent_about_fetch_stays_registered() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context).await?;
    let read = asked(r#"{"op":"read-composite","paths":["/3/0"],"timeout_ms":500}"#);
    let (answer, ()) = tokio::try_join!(context.try_operate("lamp", &read), async {
        let request = peer.receive_request(Code::FETCH, "/").await?;
        peer.send(&Message::empty(MessageType::Acknowledgement, request.message_id)).await
    })?;
    assert_eq!(answer.error(504)?.code, "no_response");

    let single = asked(r#"{"op":"read","path":"/3/0/9"}"#);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &single), async {
        let request = peer.receive_request(Code::GET, "/3/0/9").await?;
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"87").await
    })?;
    assert_eq!(answer.values[0].value, ValueContent::Integer(87));

    let details: ClientDetails = context.rest.get("/api/v1/clients/lamp").await?.json(200)?;
    assert_eq!(details.refused, ["Read-Composite and Observe-Composite"]);
    assert_eq!(context.try_operate("lamp", &read).await?.error(400)?.code, "not_possible");
    peer.expect_silence().await?;

    let host = context.http.to_string();
    let headers = [("host", host.as_str())];
    let forgotten = context.rest.request("DELETE", "/api/v1/clients/lamp/refusals", &headers, "").await?;
    assert_eq!(forgotten.status, 204);
    tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::FETCH, "/").await?;
        peer.answer(&request, Code::CONTENT, in_json(), b"[]").await
    })?;
    Ok(())
}
