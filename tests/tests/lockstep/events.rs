//! Events for scripts: the WebSocket in JSON, `GET /api/v1/events` as a list and as Server-Sent Events.

use anyhow::{Context as _, Result};
use coap::{Code, Message, MessageType, Options};
use console_api::{Event, EventList, NumberedEvent, Operation, OperationRequest};
use serde_json::Value;
use whole_program_tests::{EventStream, JsonEvents, RawPeer, TestContext};

const PATH: &str = "/3303/0/5700";

#[tokio::test]
async fn scripts_get_frames_as_json_with_values() -> Result<()> {
    let context = TestContext::start().await?;
    let mut script = JsonEvents::connect(context.http).await?;
    assert_eq!(script.frame().await?["hello"]["protocol"], console_api::PROTOCOL);
    let (mut peer, request) = observed(&context).await?;
    script.send(r#"{"subscribe":{"device":"lamp"}}"#).await?;
    let snapshot = script.frame().await?;
    assert_eq!(snapshot["device"]["client"]["latest"]["values"][0]["value"], 21.0, "{snapshot}");
    assert_eq!(snapshot["device"]["reported"][0]["values"][0]["path"], PATH, "{snapshot}");

    notify(&mut peer, &request, 2, b"22.5").await?;
    let reported = script.frame().await?["events"]["events"][0]["reported"].clone();
    assert_eq!(reported["payload_hex"], "32322e35");
    assert_eq!(reported["values"][0]["type"], "float");
    notify(&mut peer, &request, 3, b"warm").await?;
    let reported = script.frame().await?["events"]["events"][0]["reported"].clone();
    assert!(reported["decode_error"].is_string() && reported["values"].is_null(), "{reported}");

    script.send(r#"{"subscribe":{"shelf":1}}"#).await?;
    assert_eq!(script.frame().await?["refused"]["code"], "bad_request");
    script.send(r#"{"subscribe":{"fleet":{"limit":10,"query":{"text":"lamp"}}}}"#).await?;
    let window = script.frame().await?;
    assert_eq!(window["fleet"]["clients"][0]["endpoint"], "lamp", "{window}");
    script.send(r#"{"ping":4}"#).await?;
    assert_eq!(script.frame().await?["pong"]["ping"], 4);
    Ok(())
}

#[tokio::test]
async fn events_are_listed_after_a_number() -> Result<()> {
    let context = TestContext::start().await?;
    let list = async |query: &str| -> Result<EventList<NumberedEvent>> {
        context.rest.get(&format!("/api/v1/events{query}")).await?.json(200)
    };
    // From the first question on events are kept.
    let first = list("").await?;
    let (mut peer, request) = observed(&context).await?;
    context.peer().await?.register("other", 300, "</3/0>").await?;
    notify(&mut peer, &request, 2, b"22.5").await?;
    let events = list(&format!("?after={}", first.seq)).await?;
    assert_eq!((events.run, events.missed), (first.run, 0));
    assert!(matches!(&events.events[0].event, Event::Registered(client) if client.endpoint == "lamp"));
    let last = events.events.last().context("an event")?;
    assert_eq!((last.seq, last.endpoint.as_deref()), (events.seq, Some("lamp")));
    assert!(matches!(&last.event, Event::Reported(reported) if reported.payload == b"22.5"));

    let part = list(&format!("?after={}&limit=1", first.seq)).await?;
    assert_eq!((part.events.len(), part.seq), (1, part.events[0].seq));
    let rest = list(&format!("?after={}", part.seq)).await?;
    assert_eq!(rest.events.len(), events.events.len() - 1);
    let of_other = list("?endpoint=other").await?;
    assert_eq!(of_other.events.len(), 1);
    assert!(list(&format!("?after={}", events.seq)).await?.events.is_empty());
    assert_eq!(context.rest.get("/api/v1/events?after=x").await?.error(400)?.code, "bad_query");
    Ok(())
}

#[tokio::test]
async fn a_stream_of_events_resumes_where_it_was() -> Result<()> {
    let context = TestContext::start().await?;
    let mut stream = EventStream::connect(context.http, "/api/v1/events", None).await?;
    let (mut peer, request) = observed(&context).await?;
    let registered = stream.event().await?;
    assert_eq!(registered.data["event"]["registered"]["endpoint"], "lamp");
    let id = registered.id.context("an id")?;
    drop(stream);
    notify(&mut peer, &request, 2, b"22.5").await?;
    let path = "/api/v1/events?endpoint=lamp";
    let mut stream = EventStream::connect(context.http, path, Some(&id)).await?;
    let mut payloads = Vec::new();
    while payloads.last() != Some(&Value::from("32322e35")) {
        let event = stream.event().await?;
        let payload = event.data["event"]["reported"]["payload_hex"].clone();
        payloads.extend(Some(payload).filter(Value::is_string));
    }
    assert_eq!(payloads, ["32312e30", "32322e35"], "what came between, and no more");

    // After a restart the numbers are others: nobody knows what was missed.
    let mut stream = EventStream::connect(context.http, path, Some("1-5")).await?;
    let lagged = stream.event().await?;
    assert_eq!((lagged.name.as_deref(), &lagged.data["missed"]), (Some("lagged"), &Value::Null));
    Ok(())
}

async fn observed(context: &TestContext) -> Result<(RawPeer, Message)> {
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</1/0>,</3/0>,</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, PATH);
    let (_, request) = tokio::try_join!(context.operate("lamp", &observe), async {
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
