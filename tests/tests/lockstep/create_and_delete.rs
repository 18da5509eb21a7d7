//! Create and Delete (LwM2M 1.1 Core §6.3.6, §6.3.7).

use anyhow::Result;
use coap::{Code, Message, Options};
use console_api::OperationResponse;
use whole_program_tests::{RawPeer, TestContext};

use crate::asked;

async fn device(context: &TestContext, version: &str) -> Result<RawPeer> {
    let mut peer = context.peer().await?;
    peer.register_as(version, "hub", "</1/0>,</3/0>,</16/0>").await?;
    Ok(peer)
}

async fn answered(
    context: &TestContext,
    peer: &RawPeer,
    json: &str,
    code: Code,
    options: Options,
) -> Result<(OperationResponse, Message)> {
    let request = asked(json);
    tokio::try_join!(context.operate("hub", &request), async {
        let request = peer.receive().await?;
        peer.answer(&request, code, options, b"").await?;
        Ok(request)
    })
}

#[tokio::test]
async fn s_079_create_lets_the_client_choose_the_id_and_tells_it() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    let create = r#"{"op":"create","path":"/16","values":[{"path":"0/0","value":"Host"}]}"#;
    let location = Options::new().with_location(&["16", "3"]);
    let (answer, request) = answered(&context, &peer, create, Code::CREATED, location).await?;
    assert_eq!((request.code, request.options.uri_path()?), (Code::POST, vec!["16"]));
    assert_eq!(request.options.content_format(), Some(11542));
    // Resource 0 with its instance 0; no Object Instance around it.
    assert_eq!(request.payload, [0x86, 0, 0x44, 0, b'H', b'o', b's', b't']);
    assert_eq!((answer.code.as_str(), answer.location.as_deref()), ("2.01", Some("/16/3")));
    assert_eq!(answer.sent_format, Some(11542));
    Ok(())
}

#[tokio::test]
async fn s_079_create_with_an_id_names_the_instance() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    let location = || Options::new().with_location(&["16", "3"]);
    for create in [
        r#"{"op":"create","path":"/16/3","values":[{"path":"0/0","value":"Host"}]}"#,
        r#"{"op":"create","path":"/16","values":[{"path":"/16/3/0/0","value":"Host"}]}"#,
    ] {
        let (answer, request) = answered(&context, &peer, create, Code::CREATED, location()).await?;
        assert_eq!(request.options.uri_path()?, ["16"]);
        assert_eq!(request.payload, [0x08, 3, 8, 0x86, 0, 0x44, 0, b'H', b'o', b's', b't']);
        assert_eq!(answer.location.as_deref(), Some("/16/3"));
    }
    let json =
        r#"{"op":"create","path":"/16/3","content_format":110,"values":[{"path":"0/0","value":"Host"}]}"#;
    let (_, request) = answered(&context, &peer, json, Code::CREATED, location()).await?;
    assert_eq!(request.options.content_format(), Some(110));
    assert!(String::from_utf8(request.payload)?.contains("/16/"));
    Ok(())
}

#[tokio::test]
async fn s_080_only_a_client_of_1_2_creates_from_nothing() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    let create = r#"{"op":"create","path":"/16"}"#;
    let location = Options::new().with_location(&["16", "1"]);
    let (answer, request) = answered(&context, &peer, create, Code::CREATED, location).await?;
    assert_eq!((request.payload.len(), request.options.content_format()), (0, None));
    assert_eq!(answer.location.as_deref(), Some("/16/1"));
    let mut older = context.peer().await?;
    older.register_as("1.1", "older", "</16>").await?;
    context.try_operate("older", &asked(create)).await?.error(400)?;
    older.expect_silence().await
}

#[tokio::test]
async fn s_081_a_refused_create_is_an_answer() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    let create = r#"{"op":"create","path":"/16","values":[{"path":"0/0","value":"Host"}]}"#;
    for (code, shown) in
        [(Code::BAD_REQUEST, "4.00"), (Code::UNAUTHORIZED, "4.01"), (Code::METHOD_NOT_ALLOWED, "4.05")]
    {
        let (answer, _) = answered(&context, &peer, create, code, Options::new()).await?;
        assert_eq!((answer.code.as_str(), answer.location), (shown, None));
    }
    Ok(())
}

#[tokio::test]
async fn s_082_delete_of_an_instance() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.1").await?;
    let delete = r#"{"op":"delete","path":"/16/0"}"#;
    let (answer, request) = answered(&context, &peer, delete, Code::DELETED, Options::new()).await?;
    assert_eq!((request.code, request.options.uri_path()?), (Code::DELETE, vec!["16", "0"]));
    assert_eq!(answer.code, "2.02");
    let device = r#"{"op":"delete","path":"/3/0"}"#;
    let (answer, _) = answered(&context, &peer, device, Code::METHOD_NOT_ALLOWED, Options::new()).await?;
    assert_eq!(answer.code, "4.05");
    context.try_operate("hub", &asked(r#"{"op":"delete","path":"/16"}"#)).await?.error(400)?;
    peer.expect_silence().await
}

#[tokio::test]
async fn s_083_a_resource_instance_is_deleted_by_clients_of_1_2() -> Result<()> {
    let context = TestContext::start().await?;
    let peer = device(&context, "1.2").await?;
    let delete = r#"{"op":"delete","path":"/16/0/0/2"}"#;
    let (answer, request) = answered(&context, &peer, delete, Code::DELETED, Options::new()).await?;
    assert_eq!(request.options.uri_path()?, ["16", "0", "0", "2"]);
    assert_eq!(answer.code, "2.02");
    let mut older = context.peer().await?;
    older.register_as("1.1", "older", "</16/0>").await?;
    context.try_operate("older", &asked(delete)).await?.error(400)?;
    older.expect_silence().await
}
