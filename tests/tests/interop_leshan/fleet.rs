//! Many of its clients at once.

use anyhow::{Context as _, Result, ensure};
use console_api::{Operation, OperationRequest, Source, Topic, ValueContent};
use futures_util::future::try_join_all;
use whole_program_tests::{Leshan, TestContext};

const CLIENTS: usize = 50;

#[tokio::test]
async fn fifty_clients_go_through_everything_at_once() -> Result<()> {
    if !Leshan::or_skip() {
        return Ok(());
    }
    let context = TestContext::start().await?;
    let count = CLIENTS.to_string();
    let options = ["--name", "fleet", "-n", &count, "-t", "500"];
    let mut leshan = Leshan::start_with(&context, &options, CLIENTS).await?;
    let clients = context.clients().await?;
    assert_eq!(clients.len(), CLIENTS);
    let stories = clients.iter().map(|client| story(&context, &client.endpoint));
    try_join_all(stories).await?;
    leshan.process.terminate().await?;
    for _ in 0..CLIENTS {
        leshan.process.line_with(" deregistered").await?;
    }
    // What is answered has happened.
    assert_eq!(context.clients().await?, []);
    Ok(())
}

async fn story(context: &TestContext, endpoint: &str) -> Result<()> {
    live(context, endpoint).await.with_context(|| format!("the story of {endpoint}"))
}

async fn live(context: &TestContext, endpoint: &str) -> Result<()> {
    let read = context.operate(endpoint, &OperationRequest::new(Operation::Read, "/3/0")).await?;
    ensure!(read.code == "2.05" && read.values.len() >= 7, "{read:?}");

    let zone = ValueContent::Text(format!("Zone of {endpoint}"));
    let mut write = OperationRequest::new(Operation::Write, "/3/0/15");
    write.value = Some(zone.clone());
    let written = context.operate(endpoint, &write).await?;
    ensure!(written.code == "2.04", "{written:?}");

    let mut events = context.events().await?;
    events.subscribe(Topic::Device(endpoint.to_owned())).await?;
    let observe = OperationRequest::new(Operation::Observe, "/3303/0/5700");
    let observed = context.operate(endpoint, &observe).await?;
    ensure!(observed.code == "2.05", "{observed:?}");
    let first = events.reported(Source::Notify).await?;
    let next = events.reported(Source::Notify).await?;
    ensure!(next.payload != first.payload && next.sequence > first.sequence, "{first:?} {next:?}");

    let both = OperationRequest::composite(Operation::ReadComposite, ["/3/0/15", "/3303/0/5701"]);
    let both = context.operate(endpoint, &both).await?;
    ensure!(both.values.iter().any(|value| value.value == zone), "{both:?}");
    ensure!(both.values.len() == 2 && both.missing.is_empty(), "{both:?}");
    Ok(())
}
