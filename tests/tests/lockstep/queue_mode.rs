//! Queue Mode (LwM2M 1.0 TS §8.3; Core 1.1 Transport §6.5): who sleeps is not disturbed, and gets everything in order
//! when it wakes. Rows of the conformance table by number.

use anyhow::{Context as _, Result};
use coap::{Code, MessageType, Options};
use console_api::{ApiError, CommandList, CommandState, Status};
use whole_program_tests::{Sleeper, TestContext, wait};

use super::commands::{LINKS, PATH, ask, reaches, told};

/// The ways to register for it: those of 1.0, and that of 1.1.
const BINDINGS: [&[&str]; 3] = [&["lwm2m=1.0", "b=UQ"], &["lwm2m=1.0", "b=UQS"], &["lwm2m=1.1", "b=U", "Q"]];

const READ: &str = r#"{"op":"read","path":"/3/0/9"}"#;

/// What `READ` says when it has waited.
async fn is_answered(context: &TestContext, lamp: &Sleeper, id: u64) -> Result<()> {
    lamp.answer_read(PATH, "77").await?;
    let answered = reaches(context, id, CommandState::Answered).await?;
    assert_eq!(answered.answer.context("an answer")?.payload_hex, "3737");
    Ok(())
}

#[tokio::test]
async fn s_114_no_request_is_sent_to_a_sleeping_client() -> Result<()> {
    let context = TestContext::start().await?;
    for (number, binding) in BINDINGS.into_iter().enumerate() {
        let endpoint = format!("lamp-{number}");
        let mut lamp = Sleeper::register_with(&context, &endpoint, binding, LINKS).await?;
        let client = lamp.asleep(&context).await?;
        assert_eq!((client.status, client.queue.awake), (Status::Asleep, false), "{binding:?}");
        let held = ask(&context, &endpoint, READ, 202).await?;
        assert_eq!((held.state, held.attempts), (CommandState::Queued, 0), "{binding:?}");
        lamp.peer.expect_silence().await?;
        assert_eq!(told(&context, held.id).await?.state, CommandState::Queued, "{binding:?}");
        lamp.wake().await?;
        is_answered(&context, &lamp, held.id).await?;
    }
    // Who is not in queue mode always listens.
    let mut plug = context.peer().await?;
    plug.register("plug", 300, LINKS).await?;
    ask(&context, "plug", r#"{"op":"read","path":"/3/0/9","wait":"accepted"}"#, 202).await?;
    plug.receive_request(Code::GET, PATH).await?;
    Ok(())
}

#[tokio::test]
async fn s_115_held_requests_leave_after_the_next_update_one_by_one() -> Result<()> {
    let context = TestContext::start().await?;
    for (number, binding) in BINDINGS.into_iter().enumerate() {
        let endpoint = format!("lamp-{number}");
        let mut lamp = Sleeper::register_with(&context, &endpoint, binding, LINKS).await?;
        let mut held = Vec::new();
        for value in ["1", "2", "3"] {
            let body = format!(r#"{{"op":"write","path":"/3/0/15","value":"{value}"}}"#);
            held.push((value, ask(&context, &endpoint, &body, 202).await?.id));
        }
        let path = format!("/api/v1/commands?endpoint={endpoint}&state=queued");
        let list: CommandList = context.rest.get(&path).await?.json(200)?;
        assert!(list.commands.iter().rev().map(|command| command.id).eq(held.iter().map(|(_, id)| *id)));
        // The answer to the Update comes first.
        lamp.wake().await?;
        for (position, (value, id)) in held.iter().enumerate() {
            let request = lamp.peer.receive_request(Code::PUT, "/3/0/15").await?;
            assert!(request.payload.ends_with(value.as_bytes()), "{request:?}");
            reaches(&context, *id, CommandState::Sent).await?;
            lamp.peer.expect_silence().await?;
            for (_, later) in &held[position + 1..] {
                assert_eq!(told(&context, *later).await?.state, CommandState::Queued);
            }
            lamp.peer.answer(&request, Code::CHANGED, Options::new(), b"").await?;
            reaches(&context, *id, CommandState::Answered).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn s_115_a_notification_a_send_and_a_register_wake_as_well() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    let observe = r#"{"op":"observe","path":"/3303/0/5700"}"#;
    let observed = ask(&context, "lamp", observe, 202).await?;
    lamp.wake().await?;
    let observation = lamp.peer.receive_request(Code::GET, "/3303/0/5700").await?;
    let options = |sequence| Options::new().with_observe(sequence).with_content_format(0);
    lamp.peer.answer(&observation, Code::CONTENT, options(1), b"21.0").await?;
    reaches(&context, observed.id, CommandState::Answered).await?;

    lamp.asleep(&context).await?;
    let held = ask(&context, "lamp", READ, 202).await?;
    let notification = lamp.peer.notify(&observation, true, options(2), b"22.0").await?;
    lamp.peer.expect_empty(MessageType::Acknowledgement, &notification).await?;
    is_answered(&context, &lamp, held.id).await?;

    lamp.asleep(&context).await?;
    let held = ask(&context, "lamp", READ, 202).await?;
    let send = Options::new().with_path("/dp").with_content_format(110);
    let response = lamp.peer.exchange(Code::POST, send, br#"[{"n":"/3/0/9","v":95}]"#).await?;
    assert_eq!(response.code, Code::CHANGED);
    is_answered(&context, &lamp, held.id).await?;

    lamp.asleep(&context).await?;
    let held = ask(&context, "lamp", READ, 202).await?;
    lamp.register_again(BINDINGS[2], LINKS).await?;
    // What is wanted of it comes first.
    let again = lamp.peer.receive_request(Code::GET, "/3303/0/5700").await?;
    lamp.peer.answer(&again, Code::CONTENT, options(3), b"23.0").await?;
    is_answered(&context, &lamp, held.id).await
}

#[tokio::test]
async fn s_116_the_time_awake_counts_from_the_last_message_and_can_be_configured() -> Result<()> {
    /// MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2)
    const MAX_TRANSMIT_WAIT_MS: u64 = 93_000;
    let mut context = TestContext::start().await?;
    let mut other = context.peer().await?;
    let queries = ["ep=other", "lt=300", "lwm2m=1.0", "b=UQ"];
    let options = Options::new().with_path("/rd").with_content_format(40);
    let options = queries.into_iter().fold(options, Options::with_query);
    other.exchange(Code::POST, options, LINKS.as_bytes()).await?;
    let client = context.registered("other").await?;
    let since = client.registered_at_ms;
    assert_eq!((client.status, client.queue.awake_s), (Status::Awake, None));
    let awake_ms = client.queue.until_ms.context("it is awake")? - since;
    assert!(awake_ms.abs_diff(MAX_TRANSMIT_WAIT_MS) < 1_000, "{awake_ms} ms");

    // One that is configured sleeps, and nothing changes for the other one.
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    assert_eq!(lamp.asleep(&context).await?.queue.awake_s, Some(1));
    assert_eq!(context.registered("other").await?.status, Status::Awake);
    let config = |body: &'static str| {
        let rest = context.rest.clone();
        async move { rest.put("/api/v1/clients/lamp/config", body).await }
    };
    assert_eq!(config(r#"{"awake_s":40}"#).await?.status, 204);
    lamp.wake().await?;
    let awake = wait::until("the lamp to be awake", async || {
        Ok(context.client("lamp").await?.filter(|client| client.queue.awake))
    })
    .await?;
    let left = |until_ms: u64, update_ms: u64| until_ms - update_ms;
    let awake_ms = left(awake.queue.until_ms.context("it is awake")?, awake.updated_at_ms);
    assert!(awake_ms.abs_diff(40_000) < 1_000, "{awake_ms} ms");

    context.crash().await?;
    assert_eq!(context.registered("lamp").await?.queue.awake_s, Some(40), "after a restart, too");
    assert_eq!(context.rest.put("/api/v1/clients/lamp/config", r#"{"awake_s":null}"#).await?.status, 204);
    assert_eq!(context.registered("lamp").await?.queue.awake_s, None);
    Ok(())
}

/// A client that does not answer is asleep: what may be sent again waits for it, and the caller hears of the rest.
#[tokio::test]
async fn s_117_a_delivery_that_fails_is_reported_to_the_caller() -> Result<()> {
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    let execute = r#"{"op":"execute","path":"/3/0/4","timeout_ms":100}"#;
    let execute = ask(&context, "lamp", execute, 202).await?;
    let read = ask(&context, "lamp", r#"{"op":"read","path":"/3/0/9","timeout_ms":100}"#, 202).await?;
    lamp.wake().await?;
    lamp.peer.receive_request(Code::POST, "/3/0/4").await?;
    // Once, since it must not happen twice.
    let failed = reaches(&context, execute.id, CommandState::Failed).await?;
    let error = failed.error.context("why")?;
    assert_eq!((error.code.as_str(), failed.attempts), ("timeout", 1));
    assert!(error.message.ends_with("it may have been performed"), "{error:?}");
    assert!(failed.advice.context("advice")?.contains("registered anew"));
    assert!(!context.registered("lamp").await?.queue.awake, "who does not answer sleeps");
    assert_eq!(told(&context, read.id).await?.state, CommandState::Queued);
    for attempt in 1..=5 {
        lamp.wake().await?;
        lamp.peer.receive_request(Code::GET, PATH).await?;
        let expected = if attempt == 5 { CommandState::Failed } else { CommandState::Queued };
        let state = wait::until("the attempt to end", async || {
            let command = told(&context, read.id).await?;
            Ok((command.attempts == attempt && command.state != CommandState::Sent).then_some(command.state))
        });
        assert_eq!(state.await?, expected, "attempt {attempt}");
    }
    let failed = told(&context, read.id).await?;
    assert_eq!((failed.error.context("why")?.code.as_str(), failed.advice), ("timeout", None));
    Ok(())
}

#[tokio::test]
async fn s_118_what_is_held_is_bounded_and_ends_with_deadline_and_registration() -> Result<()> {
    const HELD: usize = 100;
    let context = TestContext::start().await?;
    let mut lamp = Sleeper::register(&context, "lamp", LINKS).await?;
    let short = ask(&context, "lamp", r#"{"op":"read","path":"/3/0/9","deadline_s":1}"#, 202).await?;
    reaches(&context, short.id, CommandState::Expired).await?;
    for _ in 0..HELD {
        ask(&context, "lamp", READ, 202).await?;
    }
    let refused: ApiError = context.rest.post("/api/v1/clients/lamp/operations", READ).await?.json(429)?;
    assert_eq!(refused.code, "too_many_requests");
    lamp.peer.expect_silence().await?;
    lamp.deregister().await?;
    let expired = wait::until("all of them to end", async || {
        let path = "/api/v1/commands?endpoint=lamp&state=expired&limit=1000";
        let list: CommandList = context.rest.get(path).await?.json(200)?;
        Ok((list.total >= HELD).then_some(list.total))
    })
    .await?;
    assert!(expired >= HELD, "{expired}");
    lamp.peer.expect_silence().await
}
