//! Write-Attributes, Discover and Observe with attributes (LwM2M 1.1 Core §5.1, §6.3.2, §6.3.4).

use anyhow::Result;
use coap::{Code, Message, Options};
use console_api::ValueContent;
use whole_program_tests::{RawPeer, TestContext};

use crate::asked;

async fn device(context: &TestContext, version: &str) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register_as(version, "lamp", "</1/0>,</3/0>,</3303/0>,</3342/0>").await?;
    Ok(peer)
}

/// What reaches the device of a request that it answers with 2.04.
async fn on_the_wire(context: &TestContext, peer: &RawPeer, json: &str) -> Result<Message> {
    let request = asked(json);
    let (answer, request) = tokio::try_join!(context.operate("lamp", &request), async {
        let request = peer.receive().await?;
        peer.answer(&request, Code::CHANGED, Options::new(), b"").await?;
        Ok(request)
    })?;
    assert_eq!(answer.code, "2.04");
    Ok(request)
}

/// Expected and got of a request that nothing is sent for.
async fn refused(context: &TestContext, peer: &RawPeer, json: &str) -> Result<(String, String)> {
    let error = context.try_operate("lamp", &asked(json)).await?.error(400)?;
    peer.expect_silence().await?;
    let details = error.details.unwrap_or_else(|| panic!("{json}: {}", error.message));
    Ok((details.expected, details.got))
}

#[tokio::test]
async fn s_071_write_attributes_sends_what_is_given_and_no_payload() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    for attributes in [r#"{"pmin":10,"gt":45.5}"#, r#""pmin=10&gt=45.5""#] {
        let json = format!(r#"{{"op":"write-attributes","path":"/3303/0/5700","attributes":{attributes}}}"#);
        let request = on_the_wire(&context, &peer, &json).await?;
        assert_eq!(request.code, Code::PUT);
        assert_eq!(request.options.uri_path()?, ["3303", "0", "5700"]);
        assert_eq!(request.options.uri_query()?, ["pmin=10", "gt=45.5"]);
        assert_eq!((request.payload.len(), request.options.content_format()), (0, None));
    }
    Ok(())
}

#[tokio::test]
async fn s_072_an_attribute_is_unset_by_its_bare_name() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    for attributes in [r#"{"pmin":null,"gt":null,"lt":5}"#, r#""lt=5&gt&pmin""#] {
        let json = format!(r#"{{"op":"write-attributes","path":"/3303/0/5700","attributes":{attributes}}}"#);
        let request = on_the_wire(&context, &peer, &json).await?;
        assert_eq!(request.options.uri_query()?, ["pmin", "gt", "lt=5"]);
    }
    Ok(())
}

#[tokio::test]
async fn s_073_thresholds_that_contradict_each_other_are_not_sent() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    let write = |attributes: &str| {
        format!(r#"{{"op":"write-attributes","path":"/3303/0/5700","attributes":{attributes}}}"#)
    };
    let (expected, got) = refused(&context, &peer, &write(r#"{"lt":50,"gt":45}"#)).await?;
    assert_eq!((expected.as_str(), got.as_str()), ("lt below gt", "lt=50 and gt=45"));
    let (expected, _) = refused(&context, &peer, &write(r#"{"lt":40,"gt":45,"st":2.5}"#)).await?;
    assert_eq!(expected, "lt + 2 * st below gt");
    on_the_wire(&context, &peer, &write(r#"{"lt":40,"gt":45,"st":2}"#)).await?;
    Ok(())
}

#[tokio::test]
async fn s_074_attributes_are_written_at_every_level() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    for path in ["/3", "/3/0", "/3/0/7", "/3/0/7/0"] {
        let json = format!(r#"{{"op":"write-attributes","path":"{path}","attributes":{{"pmax":60}}}}"#);
        let request = on_the_wire(&context, &peer, &json).await?;
        assert_eq!(format!("/{}", request.options.uri_path()?.join("/")), path);
    }
    let mut old = context.peer().await?;
    old.register_as("1.0", "old", "</3/0>").await?;
    let instance = asked(r#"{"op":"write-attributes","path":"/3/0/7/0","attributes":{"pmax":60}}"#);
    context.try_operate("old", &instance).await?.error(400)?;
    old.expect_silence().await
}

#[tokio::test]
async fn s_075_thresholds_are_for_numbers_and_edges_for_booleans() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    let write = |path: &str, attributes: &str| {
        format!(r#"{{"op":"write-attributes","path":"{path}","attributes":{attributes}}}"#)
    };
    for attributes in [r#"{"gt":1}"#, r#"{"lt":1}"#, r#"{"st":1}"#] {
        let (expected, got) = refused(&context, &peer, &write("/3/0/0", attributes)).await?;
        assert_eq!((expected.as_str(), got.as_str()), ("a resource that is a number", "one of type string"));
        refused(&context, &peer, &write("/3303/0", attributes)).await?;
        on_the_wire(&context, &peer, &write("/3/0/9", attributes)).await?;
    }
    let (expected, _) = refused(&context, &peer, &write("/3/0/9", r#"{"edge":1}"#)).await?;
    assert_eq!(expected, "a Boolean resource");
    let request = on_the_wire(&context, &peer, &write("/3342/0/5500", r#"{"edge":true}"#)).await?;
    assert_eq!(request.options.uri_query()?, ["edge=1"]);
    Ok(())
}

#[tokio::test]
async fn s_062_s_064_discovered_links_come_with_their_attributes() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    let links = b"</3>;ver=1.2;pmin=10;pmax=60;epmin=1;epmax=5,</3/0/7>;dim=2;gt=50;lt=42.2;st=0.5,\
                  </3342/0/5500>;edge=1;con=0;hqmax=7;extra,</3/0/7/0>";
    let discover = asked(r#"{"op":"discover","path":"/3"}"#);
    let (answer, ()) = tokio::try_join!(context.operate("lamp", &discover), async {
        let request = peer.receive_request(Code::GET, "/3").await?;
        assert_eq!((request.options.accept(), request.options.uri_query()?.len()), (Some(40), 0));
        let options = Options::new().with_content_format(40);
        peer.answer(&request, Code::CONTENT, options, links).await
    })?;
    let paths: Vec<&str> = answer.links.iter().map(|link| link.path.as_str()).collect();
    assert_eq!(paths, ["/3", "/3/0/7", "/3342/0/5500", "/3/0/7/0"]);
    let attribute = |link: usize, name: &str| answer.links[link].attributes[name].clone();
    let whole = |number| Some(ValueContent::Integer(number));
    assert_eq!(attribute(0, "ver"), Some(ValueContent::Text("1.2".into())));
    for (name, number) in [("pmin", 10), ("pmax", 60), ("epmin", 1), ("epmax", 5)] {
        assert_eq!(attribute(0, name), whole(number), "{name}");
    }
    assert_eq!((attribute(1, "dim"), attribute(1, "gt")), (whole(2), whole(50)));
    assert_eq!(attribute(1, "lt"), Some(ValueContent::Float(42.2)));
    assert_eq!(attribute(1, "st"), Some(ValueContent::Float(0.5)));
    assert_eq!(
        (attribute(2, "edge"), attribute(2, "con"), attribute(2, "hqmax")),
        (whole(1), whole(0), whole(7))
    );
    assert_eq!(attribute(2, "extra"), None);
    assert!(answer.links[3].attributes.is_empty());
    assert_eq!(console_api::hex_decode(&answer.payload_hex).as_deref(), Some(links.as_slice()));
    Ok(())
}

#[tokio::test]
async fn s_063_only_a_client_of_1_2_is_asked_for_a_depth() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    for depth in 0..=3 {
        let discover = asked(&format!(r#"{{"op":"discover","path":"/3","depth":{depth}}}"#));
        tokio::try_join!(context.operate("lamp", &discover), async {
            let request = peer.receive_request(Code::GET, "/3").await?;
            assert_eq!(request.options.uri_query()?, [format!("depth={depth}")]);
            peer.answer(&request, Code::CONTENT, Options::new().with_content_format(40), b"</3>").await
        })?;
    }
    refused(&context, &peer, r#"{"op":"discover","path":"/3","depth":4}"#).await?;
    let mut older = context.peer().await?;
    older.register_as("1.1", "older", "</3/0>").await?;
    let discover = asked(r#"{"op":"discover","path":"/3","depth":1}"#);
    context.try_operate("older", &discover).await?.error(400)?;
    older.expect_silence().await
}

#[tokio::test]
async fn s_106_an_observation_brings_its_attributes_along_to_a_client_of_1_2() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    let observe = asked(r#"{"op":"observe","path":"/3303/0/5700","attributes":{"pmin":5,"gt":30}}"#);
    tokio::try_join!(context.operate("lamp", &observe), async {
        let request = peer.receive_request(Code::GET, "/3303/0/5700").await?;
        assert_eq!(request.options.observe(), Some(0));
        assert_eq!(request.options.uri_query()?, ["pmin=5", "gt=30"]);
        let options = Options::new().with_observe(1).with_content_format(0);
        peer.answer(&request, Code::CONTENT, options, b"21").await
    })?;
    let mut older = context.peer().await?;
    older.register_as("1.1", "older", "</3303/0>").await?;
    context.try_operate("older", &observe).await?.error(400)?;
    older.expect_silence().await
}
