//! Clients over REST: queries and pages, labels, and devices that are forgotten.

use anyhow::{Context as _, Result};
use coap::{Code, Options};
use console_api::{
    Client, ClientDetails, ClientList, Event, FleetView, Label, Operation, OperationRequest, Status, Topic,
};
use whole_program_tests::{TestContext, encode_segment};

const HOSTILE: [&str; 6] =
    ["<img src=x onerror=alert(1)>", "a/b", "a%2Fb", "\"it's\" `quoted`", "Ünïcode ☃ 日本", "a b?c#d&e=f"];

#[tokio::test]
async fn clients_are_listed_in_pages() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    for i in 0..25 {
        let links = if i % 5 == 0 { "</3/0>,</3303/0>" } else { "</3/0>" };
        peer.register(&format!("d{i:02}"), 300 + i, links).await?;
    }
    let list = async |query: &str| -> Result<(usize, String)> {
        let list: ClientList = context.rest.get(&format!("/api/v1/clients{query}")).await?.json(200)?;
        let names: Vec<String> = list.clients.into_iter().map(|client| client.endpoint).collect();
        Ok((list.total, names.join(" ")))
    };
    assert_eq!(list("?offset=10&limit=2").await?, (25, "d10 d11".to_owned()));
    assert_eq!(list("?offset=24").await?, (25, "d24".to_owned()));
    assert_eq!(list("?offset=99").await?, (25, String::new()));
    assert_eq!(list("?object=3303&limit=2").await?, (5, "d00 d05".to_owned()));
    assert_eq!(list("?text=%2F3303%20d1&sort=lifetime&descending=true").await?, (2, "d15 d10".to_owned()));
    assert_eq!(list("?status=departed").await?, (0, String::new()));
    assert_eq!(list("?version=1.1&security=no_sec&binding=U&limit=0").await?, (25, String::new()));
    Ok(())
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_with_the_reason() -> Result<()> {
    let context = TestContext::start().await?;
    for query in
        ["limit=10001", "limit=-1", "offset=x", "status=gone", "sort=color", "object=70000", "colour=1"]
    {
        let error = context.rest.get(&format!("/api/v1/clients?{query}")).await?.error(400)?;
        assert!(error.details.is_some(), "{query}: {error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_left_is_still_known() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</3/0>").await?;
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
    context.departed("lamp").await?;
    let known: ClientDetails = context.rest.get("/api/v1/clients/lamp?status=any").await?.json(200)?;
    assert_eq!(known.client.status, Status::Deregistered);
    let departed: ClientList = context.rest.get("/api/v1/clients?status=deregistered").await?.json(200)?;
    assert_eq!(departed.clients[0].departed, known.client.departed);
    assert!(known.client.departed.context("departed")?.at_ms >= known.client.registered_at_ms);
    Ok(())
}

#[tokio::test]
async fn a_label_is_kept_and_found() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</3/0>").await?;
    let mut console = context.events().await?;
    console.subscribe(Topic::Fleet(FleetView { limit: 5, ..FleetView::default() })).await?;
    let label = r#"{"name":" Küche ","tags":["floor-2","floor-2"],"notes":"<b>x</b>"}"#;
    assert_eq!(context.rest.put("/api/v1/clients/lamp/label", label).await?.status, 204);
    let kept = Label { name: Some("Küche".into()), tags: vec!["floor-2".into()], notes: "<b>x</b>".into() };
    match console.event().await? {
        Event::Labelled { endpoint, label, .. } => assert_eq!((endpoint.as_str(), &label), ("lamp", &kept)),
        other => anyhow::bail!("expected Labelled, got {other:?}"),
    }
    for query in ["text=k%C3%BCche", "tag=floor-2", "text=FLOOR"] {
        let found: ClientList = context.rest.get(&format!("/api/v1/clients?{query}")).await?.json(200)?;
        assert_eq!((found.total, found.clients[0].name.as_deref()), (1, Some("Küche")), "{query}");
    }
    // It outlives the registration.
    peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
    peer.register("lamp", 300, "</3/0>").await?;
    let details: ClientDetails = context.rest.get("/api/v1/clients/lamp").await?.json(200)?;
    assert_eq!((details.client.tags, details.notes), (kept.tags, kept.notes));
    Ok(())
}

#[tokio::test]
async fn a_label_that_is_none_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    context.peer().await?.register("lamp", 300, "</3/0>").await?;
    let path = "/api/v1/clients/lamp/label";
    let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(257));
    let details = context.rest.put(path, &long).await?.error(400)?.details.context("details")?;
    assert_eq!((details.expected.as_str(), details.got.as_str()), ("at most 256 bytes", "257 bytes"));
    assert_eq!(context.rest.put(path, r#"{"colour":"red"}"#).await?.error(422)?.code, "bad_request");
    assert_eq!(context.rest.put(path, "{").await?.error(400)?.code, "bad_request");
    let nobody = context.rest.put("/api/v1/clients/nobody/label", "{}").await?.error(404)?;
    assert_eq!(nobody.code, "unknown_client");
    Ok(())
}

#[tokio::test]
async fn a_forgotten_device_is_unknown_and_may_register_anew() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    let location = peer.register("lamp", 300, "</3/0>,</3303/0>").await?;
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, "/3303/0/5700").await?;
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21.0").await
    })?;
    context.rest.put("/api/v1/clients/lamp/label", r#"{"name":"Hall"}"#).await?;
    let mut console = context.events().await?;
    console.subscribe(Topic::Device("lamp".into())).await?;

    assert_eq!(context.rest.delete("/api/v1/clients/lamp").await?.status, 204);
    assert!(matches!(console.event().await?, Event::Forgotten { endpoint, .. } if endpoint == "lamp"));
    let gone = context.rest.get("/api/v1/clients/lamp?status=any").await?.error(404)?;
    assert_eq!(gone.code, "unknown_client");
    assert_eq!(context.rest.delete("/api/v1/clients/lamp").await?.status, 404);
    let update = peer.exchange(Code::POST, Options::new().with_path(&location), b"").await?;
    assert_eq!(update.code, Code::NOT_FOUND);

    peer.register("lamp", 300, "</3/0>,</3303/0>").await?;
    let client = context.registered("lamp").await?;
    assert_eq!((client.name, client.latest, client.observation_count), (None, None, 0));
    peer.expect_silence().await // it is not observed again
}

#[tokio::test]
async fn any_legal_name_can_be_labelled_and_forgotten() -> Result<()> {
    let context = TestContext::start().await?;
    let longest = "é".repeat(126); // Uri-Query holds 255 bytes, and `ep=` is three of them
    for endpoint in HOSTILE.into_iter().chain([longest.as_str()]) {
        context.peer().await?.register(endpoint, 300, "</3/0>").await?;
        let path = format!("/api/v1/clients/{}", encode_segment(endpoint));
        assert_eq!(context.rest.get(&path).await?.json::<Client>(200)?.endpoint, endpoint);
        let label = context.rest.put(&format!("{path}/label"), r#"{"name":"<b>"}"#).await?;
        assert_eq!(label.status, 204, "{endpoint}");
        let query = format!(
            "/api/v1/clients?text={}",
            encode_segment(endpoint.split(' ').next().unwrap_or_default())
        );
        let found: ClientList = context.rest.get(&query).await?.json(200)?;
        assert!(found.clients.iter().any(|client| client.endpoint == endpoint), "{endpoint}");
        assert_eq!(context.rest.delete(&path).await?.status, 204, "{endpoint}");
        assert_eq!(context.rest.get(&path).await?.status, 404, "{endpoint}");
    }
    Ok(())
}
