//! The composite operations.

use anyhow::Result;
use console_api::{ClientDetails, Source, Topic, ValueContent};
use whole_program_tests::{Leshan, TestContext};

use crate::{ENDPOINT, ask};

#[tokio::test]
async fn s_084_s_085_it_is_read_in_many_places_at_once() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    for formats in
        ["", r#","content_format":110"#, r#","content_format":110,"accept":112"#, r#","accept":110"#]
    {
        let paths = r#"["/3/0/0","/3303/1","/16/0/0/1","/3/0/9999"]"#;
        let read = format!(r#"{{"op":"read-composite","paths":{paths}{formats}}}"#);
        let answer = ask(&context, &read).await?;
        assert_eq!((answer.code.as_str(), &answer.decode_error), ("2.05", &None), "{formats}");
        let mut paths: Vec<&str> = answer.values.iter().map(|value| value.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["/16/0/0/1", "/3/0/0", "/3303/1/5700", "/3303/1/5701"], "{formats}");
        assert_eq!(answer.missing, ["/3/0/9999"]);
    }
    Ok(())
}

#[tokio::test]
async fn s_086_it_is_written_in_many_places_at_once() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    for format in [110, 112] {
        let values = format!(
            r#"[{{"path":"/3/0/15","value":"Zone/{format}"}},{{"path":"/16/0/0/1","value":"Name {format}"}}]"#
        );
        let write = format!(r#"{{"op":"write-composite","content_format":{format},"values":{values}}}"#);
        assert_eq!(ask(&context, &write).await?.code, "2.04", "{format}");
        let read = ask(&context, r#"{"op":"read-composite","paths":["/3/0/15","/16/0/0/1"]}"#).await?;
        let mut texts: Vec<_> = read.values.into_iter().map(|value| value.value).collect();
        texts.sort_by_key(|text| format!("{text:?}"));
        let text = |words: &str| ValueContent::Text(format!("{words}{format}"));
        assert_eq!(texts, [text("Name "), text("Zone/")]);
    }
    let not_writable =
        r#"{"op":"write-composite","payload_hex":"81a2002f332f302f3003617","content_format":112}"#;
    assert!(ask(&context, not_writable).await.is_err(), "not hexadecimal");
    Ok(())
}

#[tokio::test]
async fn s_105_it_is_observed_in_many_places_at_once() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 200).await?;
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(ENDPOINT.into())).await?;
    let paths = r#""paths":["/3303/0/5700","/3/0/15"]"#;
    let observed = async || {
        let details: ClientDetails = context.rest.get("/api/v1/clients/leshan").await?.json(200)?;
        Ok::<_, anyhow::Error>(details.observations)
    };
    for how in ["active", "passive"] {
        let answer = ask(&context, &format!(r#"{{"op":"observe-composite",{paths}}}"#)).await?;
        assert_eq!((answer.code.as_str(), answer.values.len()), ("2.05", 2), "{answer:?}");
        assert_eq!(observed().await?[0].paths.len(), 2);
        let mut payloads = Vec::new();
        while payloads.len() < 4 {
            let reported = events.reported(Source::Notify).await?;
            assert_eq!(reported.path, "/");
            payloads.push(reported.payload);
        }
        payloads.dedup();
        assert!(payloads.len() >= 3, "every change is another value: {payloads:02x?}");
        ask(&context, &format!(r#"{{"op":"cancel-observation-composite","how":"{how}",{paths}}}"#)).await?;
        assert_eq!(observed().await?, []);
    }
    Ok(())
}
