//! Commands: what is asked of a client that sleeps waits, and what becomes of it is told (LwM2M 1.0 TS §8.3; Core 1.1
//! §6.5).

use anyhow::{Context as _, Result};
use coap::{Code, Options};
use console_api::{
    ApiError, ClientList, Command, CommandList, CommandState, Event, OperationResponse, ServerFrame,
};
use whole_program_tests::{Sleeper, TestContext, wait};

pub(crate) const PATH: &str = "/3/0/9";

pub(crate) type Told = Command<OperationResponse>;

pub(crate) const LINKS: &str = "</1/0>,</3/0>,</3303/0>";

async fn sleeper(context: &TestContext) -> Result<Sleeper> {
    Sleeper::register(context, "lamp", LINKS).await
}

pub(crate) async fn ask(context: &TestContext, endpoint: &str, body: &str, status: u16) -> Result<Told> {
    context.rest.post(&format!("/api/v1/clients/{endpoint}/operations"), body).await?.json(status)
}

pub(crate) async fn told(context: &TestContext, id: u64) -> Result<Told> {
    context.rest.get(&format!("/api/v1/commands/{id}")).await?.json(200)
}

pub(crate) async fn reaches(context: &TestContext, id: u64, state: CommandState) -> Result<Told> {
    let mut last = None;
    let outcome = wait::until(&format!("command {id} to be {state:?}"), async || {
        let command = told(context, id).await?;
        last = Some(command.state);
        Ok((command.state == state).then_some(command))
    })
    .await;
    outcome.with_context(|| format!("it was {last:?}"))
}

#[tokio::test]
async fn what_is_asked_of_a_sleeper_waits_until_it_wakes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = sleeper(&context).await?;
    let client = lamp.asleep(&context).await?;
    assert_eq!((client.status, client.queue.awake_s), (console_api::Status::Asleep, Some(1)));
    let queued = ask(&context, "lamp", r#"{"op":"read","path":"/3/0/9"}"#, 202).await?;
    assert_eq!((queued.state, queued.attempts, queued.path.as_str()), (CommandState::Queued, 0, PATH));
    assert_eq!(queued.author, "console, 127.0.0.1", "the test asks like a page of the console");
    assert_eq!(queued.deadline_ms - queued.created_at_ms, 24 * 60 * 60 * 1000);
    let all: CommandList =
        context.rest.get("/api/v1/commands?endpoint=lamp&state=queued&text=READ%20/3").await?.json(200)?;
    assert_eq!(all.commands.iter().map(|command| command.id).collect::<Vec<_>>(), [queued.id]);
    lamp.peer.expect_silence().await?;
    let waiting: ClientList = context.rest.get("/api/v1/clients?queued=true").await?.json(200)?;
    assert_eq!(waiting.clients.iter().map(|client| client.queue.queued).collect::<Vec<_>>(), [1]);

    lamp.wake().await?;
    lamp.answer_read(PATH, "77").await?;
    let answered = reaches(&context, queued.id, CommandState::Answered).await?;
    let response = answered.answer.context("an answer")?;
    assert_eq!((response.code.as_str(), response.values[0].path.as_str()), ("2.05", PATH));
    assert_eq!((answered.attempts, answered.error), (1, None));
    let waiting: ClientList = context.rest.get("/api/v1/clients?queued=true").await?.json(200)?;
    assert_eq!(waiting.total, 0);
    Ok(())
}

#[tokio::test]
async fn a_caller_may_wait_for_the_answer_or_not() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = sleeper(&context).await?;
    let mut awake = context.peer().await?;
    awake.register("plug", 300, "</3/0>").await?;
    // Who is awake is asked at once, also when nobody waits.
    let accepted = ask(&context, "plug", r#"{"op":"read","path":"/3/0/9","wait":"accepted"}"#, 202).await?;
    let request = awake.receive_request(Code::GET, PATH).await?;
    awake.answer(&request, Code::CONTENT, Options::new().with_content_format(0), b"1").await?;
    reaches(&context, accepted.id, CommandState::Answered).await?;
    let waits = r#"{"op":"read","path":"/3/0/9","wait":"answer"}"#;
    let (waited, ()) = tokio::try_join!(
        async { context.rest.post("/api/v1/clients/lamp/operations", waits).await },
        async {
            lamp.peer.expect_silence().await?;
            lamp.wake().await?;
            lamp.answer_read(PATH, "2").await?;
            Ok(())
        }
    )?;
    let response: OperationResponse = waited.json(200)?;
    assert_eq!(response.payload_hex, "32");
    Ok(())
}

#[tokio::test]
async fn who_goes_away_does_not_stop_the_command() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = sleeper(&context).await?;
    let waits = r#"{"op":"read","path":"/3/0/9","wait":"answer"}"#;
    let asking = context.rest.post("/api/v1/clients/lamp/operations", waits);
    // Long enough for the server to have it.
    let impatient = tokio::time::timeout(std::time::Duration::from_millis(700), asking).await;
    assert!(impatient.is_err());
    let all: CommandList = context.rest.get("/api/v1/commands?endpoint=lamp").await?.json(200)?;
    let command = all.commands.first().context("the command")?;
    lamp.wake().await?;
    lamp.answer_read(PATH, "3").await?;
    reaches(&context, command.id, CommandState::Answered).await?;
    Ok(())
}

#[tokio::test]
async fn what_waits_can_be_cancelled_and_what_is_over_be_asked_again() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = sleeper(&context).await?;
    let body = r#"{"op":"read","path":"/3/0/9","deadline_s":60}"#;
    let command = ask(&context, "lamp", body, 202).await?;
    let address = format!("/api/v1/commands/{}", command.id);
    assert_eq!(context.rest.delete(&address).await?.status, 204);
    assert_eq!(told(&context, command.id).await?.state, CommandState::Cancelled);
    let refused: ApiError = context.rest.delete(&address).await?.json(409)?;
    assert_eq!(refused.code, "not_queued");
    let again: Told = context.rest.post(&format!("{address}/retry"), "").await?.json(202)?;
    assert!(again.id > command.id);
    assert_eq!((again.state, again.path.as_str()), (CommandState::Queued, PATH));
    assert_eq!(again.deadline_ms - again.created_at_ms, 60_000);
    let refused: ApiError =
        context.rest.post(&format!("/api/v1/commands/{}/retry", again.id), "").await?.json(409)?;
    assert_eq!(refused.code, "not_over");
    lamp.wake().await?;
    lamp.answer_read(PATH, "4").await?;
    reaches(&context, again.id, CommandState::Answered).await?;
    let unknown: ApiError = context.rest.delete("/api/v1/commands/99999").await?.json(404)?;
    assert_eq!(unknown.code, "unknown_command");
    Ok(())
}

#[tokio::test]
async fn a_deadline_that_passes_is_told() -> Result<()> {
    let context = TestContext::start().await?;
    let lamp = sleeper(&context).await?;
    let body = r#"{"op":"read","path":"/3/0/9","deadline_s":1}"#;
    let command = ask(&context, "lamp", body, 202).await?;
    let expired = reaches(&context, command.id, CommandState::Expired).await?;
    assert_eq!((expired.attempts, expired.answer, expired.error), (0, None, None));
    let waits = r#"{"op":"read","path":"/3/0/9","deadline_s":1,"wait":"answer"}"#;
    let refused: ApiError = context.rest.post("/api/v1/clients/lamp/operations", waits).await?.json(504)?;
    assert_eq!(refused.code, "expired");
    lamp.peer.expect_silence().await
}

#[tokio::test]
async fn times_that_make_no_sense_are_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.peer().await?;
    peer.register("lamp", 300, "</3/0>").await?;
    for body in [
        r#"{"op":"read","path":"/3","deadline_s":0}"#,
        r#"{"op":"read","path":"/3","deadline_s":99999999}"#,
        r#"{"op":"read","path":"/3","timeout_ms":0}"#,
    ] {
        let refused: ApiError =
            context.rest.post("/api/v1/clients/lamp/operations", body).await?.json(400)?;
        assert!(refused.details.is_some(), "{body}");
    }
    for body in [r#"{"awake_s":0}"#, r#"{"awake_s":100000}"#] {
        let refused: ApiError = context.rest.put("/api/v1/clients/lamp/config", body).await?.json(400)?;
        assert_eq!(refused.details.context("details")?.expected, "1 to 86400, or null");
    }
    assert_eq!(context.rest.put("/api/v1/clients/lamp/config", r#"{"awake_s":null}"#).await?.status, 204);
    assert_eq!(context.rest.put("/api/v1/clients/nobody/config", "{}").await?.status, 404);
    Ok(())
}

/// What a console is told of commands, and of the client that they wait for.
#[tokio::test]
async fn a_console_sees_every_state_as_it_comes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = sleeper(&context).await?;
    let mut events = context.events().await?;
    events.subscribe(console_api::Topic::Device("lamp".into())).await?;
    let command = ask(&context, "lamp", r#"{"op":"read","path":"/3/0/9"}"#, 202).await?;
    lamp.wake().await?;
    lamp.answer_read(PATH, "5").await?;
    let (mut states, mut woke) = (Vec::new(), false);
    while states.last() != Some(&(CommandState::Answered, 0)) {
        match events.event().await? {
            Event::Command { command: told, queued, .. } => {
                assert_eq!(told.id, command.id);
                states.push((told.state, queued));
            }
            Event::Awake { until_ms, .. } => woke |= until_ms > command.created_at_ms,
            _ => {}
        }
    }
    assert!(woke, "it is told that the client is awake");
    assert_eq!(states, [(CommandState::Queued, 1), (CommandState::Sent, 0), (CommandState::Answered, 0)]);
    Ok(())
}

/// The list of all commands follows what happens, and a new console gets it at once.
#[tokio::test]
async fn the_list_of_commands_follows() -> Result<()> {
    let context = TestContext::start().await?;
    let _lamp = sleeper(&context).await?;
    let mut events = context.events().await?;
    let view = console_api::CommandView { limit: 10, ..console_api::CommandView::default() };
    events.subscribe(console_api::Topic::Commands(view)).await?;
    let first = ask(&context, "lamp", r#"{"op":"read","path":"/3/0/9"}"#, 202).await?;
    context.rest.delete(&format!("/api/v1/commands/{}", first.id)).await?;
    loop {
        if let ServerFrame::Commands(window) = events.frame().await?
            && let [command] = &window.commands[..]
            && command.state == CommandState::Cancelled
        {
            assert_eq!((window.matching, window.open, command.id), (1, 0, first.id));
            return Ok(());
        }
    }
}
