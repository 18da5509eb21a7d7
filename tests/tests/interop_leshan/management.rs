//! Create, Delete, Write-Attributes, Discover and large payloads.

use anyhow::Result;
use console_api::ValueContent;
use whole_program_tests::{Leshan, TestContext, wait};

use crate::{ENDPOINT, ask};

async fn instances(context: &TestContext, object: u16) -> Result<Vec<u16>> {
    let client = context.registered(ENDPOINT).await?;
    let found = client.objects.into_iter().find(|known| known.id == object);
    Ok(found.map(|object| object.instances).unwrap_or_default())
}

async fn until_instances(context: &TestContext, object: u16, expected: &[u16]) -> Result<()> {
    wait::until(&format!("instances {expected:?} of object {object}"), async || {
        Ok((instances(context, object).await? == expected).then_some(()))
    })
    .await
}

#[tokio::test]
async fn s_079_s_082_it_creates_and_deletes_instances() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let create = r#"{"op":"create","path":"/16","values":[{"path":"0/0","value":"Red"}]}"#;
    let created = ask(&context, create).await?;
    assert_eq!((created.code.as_str(), created.location.as_deref()), ("2.01", Some("/16/1")));
    // It tells of each change with an Update. Of changes that come faster it may leave one out.
    let mut instances = vec![0, 1];
    until_instances(&context, 16, &instances).await?;
    for format in [110, 112, 11542] {
        let id = format % 1000;
        let create = format!(
            r#"{{"op":"create","path":"/16/{id}","content_format":{format},"values":[{{"path":"0/3","value":"{id}"}}]}}"#
        );
        assert_eq!(ask(&context, &create).await?.code, "2.01", "{create}");
        let read = ask(&context, &format!(r#"{{"op":"read","path":"/16/{id}/0/3"}}"#)).await?;
        assert_eq!(read.values[0].value, ValueContent::Text(id.to_string()));
        assert_eq!(ask(&context, &create).await?.code, "4.00", "the instance is there already");
        instances.push(id);
        until_instances(&context, 16, &instances).await?;
    }
    while let Some(id) = instances.pop_if(|id| *id > 0) {
        let delete = format!(r#"{{"op":"delete","path":"/16/{id}"}}"#);
        assert_eq!(ask(&context, &delete).await?.code, "2.02");
        until_instances(&context, 16, &instances).await?;
    }
    assert_eq!(ask(&context, r#"{"op":"delete","path":"/16/1"}"#).await?.code, "4.04");
    assert_eq!(ask(&context, r#"{"op":"delete","path":"/3/0"}"#).await?.code, "4.05");
    Ok(())
}

#[tokio::test]
async fn s_062_s_071_s_072_it_keeps_attributes_and_shows_them() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let attributes = async || {
        let discovered = ask(&context, r#"{"op":"discover","path":"/3303/0/5700"}"#).await?;
        assert_eq!((discovered.code.as_str(), discovered.links.len()), ("2.05", 1));
        Ok::<_, anyhow::Error>(discovered.links[0].attributes.clone())
    };
    let write = r#"{"op":"write-attributes","path":"/3303/0/5700","attributes":{"pmin":10,"pmax":60,"gt":25.5,"st":0.5}}"#;
    assert_eq!(ask(&context, write).await?.code, "2.04");
    let shown = attributes().await?;
    assert_eq!(shown["pmin"], Some(ValueContent::Integer(10)));
    assert_eq!(shown["pmax"], Some(ValueContent::Integer(60)));
    assert_eq!(shown["gt"], Some(ValueContent::Float(25.5)));
    assert_eq!(shown["st"], Some(ValueContent::Float(0.5)));
    let unset = r#"{"op":"write-attributes","path":"/3303/0/5700","attributes":"gt&pmin=5"}"#;
    assert_eq!(ask(&context, unset).await?.code, "2.04");
    let shown = attributes().await?;
    assert_eq!((shown.get("gt"), &shown["pmin"]), (None, &Some(ValueContent::Integer(5))));

    let several = ask(&context, r#"{"op":"discover","path":"/16/0/0"}"#).await?;
    assert_eq!(several.links[0].attributes["dim"], Some(ValueContent::Integer(2)));
    let paths: Vec<&str> = several.links.iter().map(|link| link.path.as_str()).collect();
    assert_eq!(paths, ["/16/0/0", "/16/0/0/0", "/16/0/0/1"]);
    Ok(())
}

#[tokio::test]
async fn s_069_it_takes_and_gives_large_payloads() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let data: Vec<u8> = (0..5_000_u16).map(|i| i.to_be_bytes()[1] ^ 0x5a).collect();
    let hex = console_api::hex_encode(&data);
    let write = format!(r#"{{"op":"write","path":"/19/0/0/0","value":"{hex}"}}"#);
    let written = ask(&context, &write).await?;
    assert_eq!((written.code.as_str(), written.sent_format), ("2.04", Some(42)));
    for format in [42, 11542, 110, 112] {
        let read = format!(r#"{{"op":"read","path":"/19/0/0/0","accept":{format}}}"#);
        let read = ask(&context, &read).await?;
        assert_eq!((read.code.as_str(), &read.decode_error), ("2.05", &None), "{format}");
        assert_eq!(read.values[0].value, ValueContent::Text(hex.clone()), "{format}");
    }
    Ok(())
}

#[tokio::test]
async fn s_066_s_067_it_is_written_in_part_and_as_a_whole() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let _leshan = Leshan::start(&context, ENDPOINT, 0).await?;
    let part = r#"{"op":"write","path":"/3/0","mode":"partial-update",
        "values":[{"path":"14","value":"+02:00"},{"path":"15","value":"Europe/Oslo"}]}"#;
    assert_eq!(ask(&context, part).await?.code, "2.04");
    let read = ask(&context, r#"{"op":"read","path":"/3/0/14"}"#).await?;
    assert_eq!(read.values[0].value, ValueContent::Text("+02:00".into()));

    let names = async || {
        let read = ask(&context, r#"{"op":"read","path":"/16/0/0"}"#).await?;
        let named = read.values.into_iter().map(|value| (value.path, value.value));
        Ok::<_, anyhow::Error>(named.collect::<Vec<_>>())
    };
    let named = |id: u16, text: &str| (format!("/16/0/0/{id}"), ValueContent::Text(text.into()));
    let one = r#"{"op":"write","path":"/16/0/0/1","value":"Yellow"}"#;
    assert_eq!(ask(&context, one).await?.code, "2.04");
    assert_eq!(names().await?, [named(0, "Host"), named(1, "Yellow")]);
    let whole = r#"{"op":"write","path":"/16/0/0","values":[{"path":"2","value":"Blue"}]}"#;
    assert_eq!(ask(&context, whole).await?.code, "2.04");
    assert_eq!(names().await?, [named(2, "Blue")]);
    Ok(())
}
