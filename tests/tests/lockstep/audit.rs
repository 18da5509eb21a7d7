//! `GET /api/v1/audit`: what operators have changed.

use anyhow::Result;
use coap::{Code, Options};
use console_api::{AuditEntry, AuditList, Operation, OperationRequest};
use whole_program_tests::TestContext;

async fn entries(context: &TestContext, query: &str) -> Result<Vec<AuditEntry>> {
    let list: AuditList = context.rest.get(&format!("/api/v1/audit{query}")).await?.json(200)?;
    Ok(list.entries)
}

fn words(entries: &[AuditEntry]) -> Vec<(&str, Option<&str>, &str)> {
    entries
        .iter()
        .map(|entry| (entry.what.as_str(), entry.endpoint.as_deref(), entry.details.as_str()))
        .collect()
}

#[tokio::test]
async fn what_an_operator_changes_is_remembered_with_who_did_it() -> Result<()> {
    let mut context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    context.rest.put("/api/v1/clients/lamp/label", r#"{"name":"Hall","tags":["a"],"notes":"n"}"#).await?;
    let config = context.rest.put("/api/v1/clients/lamp/config", r#"{"awake_s":30}"#).await?;
    assert_eq!(config.status, 204);
    let read = OperationRequest::new(Operation::Read, "/3/0/9");
    tokio::try_join!(context.operate("lamp", &read), async {
        let request = peer.receive_request(Code::GET, "/3/0/9").await?;
        peer.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"99").await
    })?;
    // Nothing was changed.
    context.rest.delete("/api/v1/clients/nobody").await?.error(404)?;
    assert_eq!(context.rest.delete("/api/v1/clients/lamp").await?.status, 204);

    let expected = [
        ("forget", Some("lamp"), ""),
        ("command", Some("lamp"), "command 1: read /3/0/9"),
        ("configure", Some("lamp"), "awake for 30 s after its last message"),
        ("label", Some("lamp"), "name \"Hall\", tags [\"a\"], notes of 1 bytes"),
    ];
    let all = entries(&context, "").await?;
    assert_eq!(words(&all), expected);
    // A request with a body has an Origin here, as that of a console has.
    assert_eq!((all[0].author.as_str(), all[1].author.as_str()), ("REST, 127.0.0.1", "console, 127.0.0.1"));
    context.crash().await?;
    assert_eq!(entries(&context, "").await?, all);

    let page = entries(&context, "?endpoint=lamp&limit=2").await?;
    assert_eq!(words(&page), expected[..2]);
    let next = entries(&context, &format!("?endpoint=lamp&after={}", page[1].id)).await?;
    assert_eq!(words(&next), expected[2..]);
    assert_eq!(entries(&context, "?endpoint=other").await?, []);
    Ok(())
}
