//! Send, and the two ways to end an observation.

use anyhow::Result;
use console_api::{ServerStatus, Source, Topic};
use lwm2m_codec::{ContentFormat, NoDefinitions, Path, decode};
use whole_program_tests::{Leshan, TestContext, wait};

use crate::{ENDPOINT, ask};

#[tokio::test]
async fn s_109_what_it_sends_arrives_however_large() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let mut leshan = Leshan::start_with(&context, &["--name", ENDPOINT, "-t", "0"], 1).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(ENDPOINT.into())).await?;
    assert_eq!(ask(&context, r#"{"op":"execute","path":"/3303/1/5605"}"#).await?.code, "2.04");
    let reported = events.reported(Source::Send).await?;
    assert_eq!((reported.path.as_str(), reported.content_format), ("/", Some(112)));
    assert!(reported.payload.len() > 3_000, "{}", reported.payload.len());
    let records = decode(ContentFormat::SENML_CBOR, &Path::ROOT, &reported.payload, &NoDefinitions)?;
    let mut paths: Vec<String> = records.iter().map(|record| record.path.to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["/19/0/0/0", "/3/0/9", "/3303/1/5700"]);
    let line = leshan.process.line_with("send answered").await?;
    assert!(line.contains("204"), "{line}");
    Ok(())
}

#[tokio::test]
async fn s_109_it_sends_by_itself() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan =
        Leshan::start_with(&context, &["--name", ENDPOINT, "-t", "100", "--send", "150"], 1).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(ENDPOINT.into())).await?;
    let first = events.reported(Source::Send).await?;
    let second = events.reported(Source::Send).await?;
    assert_ne!(first.payload, second.payload);
    Ok(())
}

#[tokio::test]
async fn s_099_s_100_an_observation_ends_both_ways() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 100).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(ENDPOINT.into())).await?;
    let status = async || context.rest.get("/api/v1/server").await?.json::<ServerStatus>(200);
    for how in ["active", "passive"] {
        let observe = r#"{"op":"observe","path":"/3303/0"}"#;
        assert_eq!(ask(&context, observe).await?.code, "2.05");
        events.reported(Source::Notify).await?;
        ask(&context, &format!(r#"{{"op":"cancel-observation","path":"/3303/0","how":"{how}"}}"#)).await?;
        assert_eq!(status().await?.observations, 0);
        // At most one more notification, which is rejected, and then nothing.
        wait::until_still(&format!("silence after an {how} cancellation"), async || {
            Ok(status().await?.datagrams_received)
        })
        .await?;
    }
    Ok(())
}
