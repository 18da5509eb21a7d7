//! Client Initiated Bootstrap, and what is remembered of it (LwM2M 1.0 TS §5.2.3.3).

use anyhow::{Context as _, Result, bail};
use coap::{Code, Message, MessageId, Options, Token};
use console_api::{
    BootstrapBeginning, BootstrapOperation, BootstrapSpeaker, BootstrapState, BootstrapView, ServerFrame,
    Topic,
};
use serde_json::{Value, json};
use whole_program_tests::{TestContext, wait};

use super::{account, ask, bootstrap, conversation, in_words, over, save, sessions, take_all};

const FLOWS: &str = include_str!("../../../../assets/vectors/coap_wire.json");

/// What the worked example gives its device.
fn example() -> Value {
    json!({
        "name": "example",
        "assigned": [{ "endpoint": "urn:imei:0800200c9a66" }],
        "discover": false,
        "delete": ["/"],
        "servers": [{
            "uri": "coap://[2001:db8::1]:5683",
            "short_server_id": 101,
            "security_mode": "no_sec",
            "notification_storing": true,
        }],
        "access_control": [{ "object": 1, "object_instance": 0, "acl": { "101": 15 }, "owner": 101 }],
    })
}

/// The server draws message ids and tokens at random: they are put in place of those of the example, in both directions.
#[tokio::test]
async fn b_001_b_005_b_013_the_worked_example_byte_by_byte() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &example()).await?;
    let peer = context.bootstrap_peer().await?;
    let flows: Value = serde_json::from_str(FLOWS)?;
    let mut drawn: Option<(MessageId, Token)> = None;
    for message in flows["flows"]["bootstrap_seed_example"].as_array().context("messages")? {
        let written = console_api::hex_decode(message["hex"].as_str().context("hex")?).context("hex")?;
        let mut expected = Message::decode(&written)?;
        if message["from"] == "client" {
            if expected.code.is_response() {
                (expected.message_id, expected.token) =
                    drawn.take().context("a command before the answer")?;
            }
            peer.send(&expected).await?;
            continue;
        }
        let mut sent = peer.receive().await?;
        if expected.code.is_request() {
            drawn = Some((sent.message_id, sent.token));
            (sent.message_id, sent.token) = (expected.message_id, expected.token);
        }
        assert_eq!(sent.encode()?, written, "{sent:?}");
    }
    let session = over(&context).await?;
    assert_eq!((session.state, session.steps, session.failure), (BootstrapState::Finished, 12, None));
    assert_eq!(session.configuration.context("configured")?.name, "example");
    assert_eq!(session.begun_by, BootstrapBeginning::Client);
    let told = conversation(&context, session.id).await?;
    let steps: Vec<_> = told.steps.iter().map(|step| format!("{} {}", step.code, step.path)).collect();
    assert_eq!(steps[..4], ["POST /bs", "2.04 /bs", "DELETE /", "2.02 /"]);
    assert_eq!(
        (told.steps[0].from, told.steps[0].query.as_str()),
        (BootstrapSpeaker::Device, "ep=urn:imei:0800200c9a66")
    );
    Ok(())
}

#[tokio::test]
async fn b_002_a_device_without_configuration_is_turned_away_with_advice() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.bootstrap_peer().await?;
    assert_eq!(ask(&mut peer, "stranger").await?.code, Code::BAD_REQUEST);
    let session = over(&context).await?;
    let failure = session.failure.context("it failed")?;
    assert_eq!((session.state, session.endpoint.as_str()), (BootstrapState::Failed, "stranger"));
    assert!(failure.what.contains("stranger") && failure.advice.contains("ssign"), "{failure:?}");
    assert_eq!(sessions(&context, "?state=failed&text=stranger").await?.len(), 1);
    assert_eq!(sessions(&context, "?state=finished").await?.len(), 0);
    assert_eq!(sessions(&context, "?endpoint=another").await?.len(), 0);
    for (path, status) in [("/99", 404), ("/x", 400), ("?state=blue", 400)] {
        let answer = context.rest.get(&format!("{}{path}", super::SESSIONS)).await?;
        assert!(answer.error(status)?.message.len() > 5, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn b_007_b_014_what_a_device_has_decides_where_its_accounts_go() -> Result<()> {
    let context = TestContext::start().await?;
    let mut configuration = account(&context, "all", json!("default"), "no_sec");
    configuration["discover"] = true.into();
    save(&context, &configuration).await?;
    let mut peer = context.bootstrap_peer().await?;
    let asked = bootstrap(&mut peer, "meter").await?;
    // `/0/0` is the account of the device with the Bootstrap-Server.
    assert_eq!(in_words(&asked)?, ["GET /", "PUT /0/1", "PUT /1/0", "POST /bs"]);
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_explained() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    let mut peer = context.bootstrap_peer().await?;
    ask(&mut peer, "meter").await?;
    let request = peer.receive_request(Code::PUT, "/0/0").await?;
    peer.answer(&request, Code::BAD_REQUEST, Options::new(), b"no room").await?;
    let session = over(&context).await?;
    let failure = session.failure.context("it failed")?;
    let told = conversation(&context, session.id).await?;
    let failed = &told.steps[failure.step.context("at a step")? as usize];
    assert!(failed.failed && failed.operation == BootstrapOperation::Write, "{failed:?}");
    assert!(failure.what.contains("4.00") && !failure.advice.is_empty(), "{failure:?}");
    Ok(())
}

#[tokio::test]
async fn b_011_a_session_that_a_crash_ends_was_interrupted_and_the_device_begins_anew() -> Result<()> {
    let mut context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    let mut peer = context.bootstrap_peer().await?;
    bootstrap(&mut peer, "first").await?;
    let first = over(&context).await?;
    let before = conversation(&context, first.id).await?;
    ask(&mut peer, "second").await?;
    peer.receive_request(Code::PUT, "/0/0").await?;
    context.crash().await?;
    let all = sessions(&context, "").await?;
    let seen: Vec<_> = all.iter().map(|session| (session.endpoint.as_str(), session.state)).collect();
    assert_eq!(seen, [("second", BootstrapState::Interrupted), ("first", BootstrapState::Finished)]);
    assert!(all[0].failure.as_ref().is_some_and(|failure| failure.what.contains("stopped")));

    // The first is as it was once it is stored, which a crash may come before.
    context.restart().await?;
    assert_eq!(conversation(&context, first.id).await?.session, before.session);
    bootstrap(&mut peer, "second").await?;
    let third = over(&context).await?;
    assert_eq!((third.id, third.state), (3, BootstrapState::Finished), "an id is not given again");
    Ok(())
}

#[tokio::test]
async fn b_022_a_device_that_registers_completes_its_session() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    let mut peer = context.bootstrap_peer().await?;
    for _ in 0..2 {
        bootstrap(&mut peer, "meter").await?;
        let session = over(&context).await?;
        context.peer().await?.register("meter", 300, "</1/0>,</3/0>").await?;
        let told = wait::until("the session to be complete", async || {
            let told = conversation(&context, session.id).await?;
            Ok(told.session.registered_at_ms.is_some().then_some(told))
        })
        .await?;
        let last = told.steps.last().context("steps")?;
        assert_eq!(
            (last.operation, told.steps.len()),
            (BootstrapOperation::Register, told.session.steps as usize)
        );
    }
    Ok(())
}

/// The registration is stored before its answer leaves, and the session a moment later.
#[tokio::test]
async fn b_022_a_registration_completes_its_session_also_when_a_crash_comes_between() -> Result<()> {
    let mut context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    let mut peer = context.bootstrap_peer().await?;
    bootstrap(&mut peer, "meter").await?;
    let finished = over(&context).await?;
    assert_eq!(finished.state, BootstrapState::Finished);
    // What ends a session is stored at once, and with it what waits.
    wait::until_still("the session", async || Ok(conversation(&context, finished.id).await?.session)).await?;
    context.peer().await?.register("meter", 300, "</1/0>,</3/0>").await?;
    context.crash().await?;
    let session = conversation(&context, finished.id).await?.session;
    assert!(session.registered_at_ms.is_some(), "{session:?}");
    assert_eq!(session.steps, finished.steps + 1);
    Ok(())
}

#[tokio::test]
async fn a_console_follows_a_session_message_by_message() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    let mut console = context.events().await?;
    let view = BootstrapView { limit: 10, ..BootstrapView::default() };
    match console.subscribe(Topic::BootstrapSessions(view)).await? {
        ServerFrame::BootstrapSessions(window) => assert_eq!((window.matching, window.running), (0, 0)),
        other => bail!("{other:?}"),
    }
    let mut peer = context.bootstrap_peer().await?;
    ask(&mut peer, "meter").await?;
    let id = loop {
        if let ServerFrame::BootstrapSessions(window) = console.frame().await?
            && let [session] = window.sessions.as_slice()
        {
            assert_eq!((window.running, session.state), (1, BootstrapState::Running));
            break session.id;
        }
    };
    let none = console.subscribe(Topic::BootstrapSession(99)).await?;
    assert_eq!(none, ServerFrame::BootstrapSession { id: 99, conversation: None });
    let first = console.subscribe(Topic::BootstrapSession(id)).await?;
    assert!(matches!(first, ServerFrame::BootstrapSession { conversation: Some(_), .. }), "{first:?}");
    take_all(&peer).await?;
    loop {
        if let ServerFrame::BootstrapSession { conversation: Some(told), .. } = console.frame().await?
            && told.session.state == BootstrapState::Finished
        {
            assert_eq!(told.steps.len(), told.session.steps as usize);
            return Ok(());
        }
    }
}
