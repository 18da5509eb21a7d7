//! One device: read, planned, written, evaluated.

use anyhow::Result;
use coap::Code;
use console_api::{AccessAnswer, AccessControl, AccessControlApplied, AccessControlPlan, AccessControlState};
use serde_json::{Value, json};
use whole_program_tests::{Sleeper, TestContext};

use super::{Manner, acl, path, read, two_sensors, wanted};

async fn plan(context: &TestContext, wish: Value) -> Result<AccessControlPlan> {
    context.rest.post(&path("lamp", "/plan"), &wish.to_string()).await?.json(200)
}

async fn apply(context: &TestContext, wish: &Value) -> Result<AccessControlApplied> {
    context.rest.post(&path("lamp", "/apply"), &wish.to_string()).await?.json(200)
}

/// Server 102 may read the first sensor, and execute the second one as well.
fn wish() -> Value {
    json!({ "instances": [
        wanted(0, (3303, 0), 101, &json!({ "101": 7, "102": 1 })),
        wanted(1, (3303, 1), 101, &json!({ "101": 7, "102": 5 })),
    ] })
}

#[tokio::test]
async fn a_device_is_read_and_what_it_said_is_known_after_a_restart() -> Result<()> {
    let mut context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    let known = path("lamp", "?known=true");
    let never: AccessControl = context.rest.get(&known).await?.json(200)?;
    assert_eq!((never.read_at_ms, never.instances.len()), (0, 0));
    let now = read(&context, "lamp").await?;
    assert_eq!((now.state, now.server), (AccessControlState::Enabled, Some(101)));
    assert_eq!(now.servers.into_iter().collect::<Vec<_>>(), [(101, Some(0)), (102, None)]);
    let guarded: Vec<_> =
        now.instances.iter().map(|guard| (guard.object, guard.object_instance, guard.owner)).collect();
    assert_eq!(guarded, [(3303, 0, 101), (3303, 1, 101), (3, 0, 102), (3303, 65_535, 65_535)]);
    assert_eq!(acl(&now.instances[1]), [(101, 7), (102, 1)]);
    context.crash().await?;
    // Nobody is asked.
    device.behave(Manner::Hides(Code::UNAUTHORIZED));
    let after: AccessControl = context.rest.get(&known).await?.json(200)?;
    assert_eq!((after.read_at_ms, &after.instances), (now.read_at_ms, &now.instances));
    let forgotten = context.rest.delete("/api/v1/clients/lamp").await?;
    assert_eq!(forgotten.status, 204, "{forgotten:?}");
    assert_eq!(context.rest.get(&known).await?.error(404)?.code, "unknown_client");
    Ok(())
}

#[tokio::test]
async fn a_plan_says_what_would_be_written_and_writes_nothing() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    let mut wish = wish();
    let others = [
        wanted(2, (3, 0), 102, &json!({ "101": 15 })),
        wanted(3, (3303, 65_535), 65_535, &json!({ "101": 16, "102": 16 })),
        wanted(9, (3303, 9), 101, &json!({})),
    ];
    wish["instances"].as_array_mut().expect("a list").extend(others);
    let planned = plan(&context, wish).await?;
    let paths: Vec<_> = planned.writes.iter().map(|write| write.path.as_str()).collect();
    assert_eq!((planned.server, paths), (101, vec!["/2/0/2/102", "/2/1/2/102"]));
    assert_eq!((planned.writes[1].content_format, planned.writes[1].payload_hex.as_str()), (0, "35"));
    let hindered: Vec<_> = planned.obstacles.iter().map(|obstacle| obstacle.id).collect();
    assert_eq!((hindered, planned.conflicts.len()), (vec![2, 3, 9], 0));
    assert_eq!(device.writes(), Vec::<String>::new());
    for (bad, got) in [(json!({ "102": 32 }), "102: 32"), (json!({ "65535": 1 }), "65535: 1")] {
        let wish = json!({ "instances": [wanted(0, (3303, 0), 101, &bad)] });
        let error = context.rest.post(&path("lamp", "/plan"), &wish.to_string()).await?.error(400)?;
        assert_eq!(error.details.map(|details| details.got).as_deref(), Some(got));
    }
    Ok(())
}

#[tokio::test]
async fn what_is_written_is_read_back_and_can_be_undone() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    let before = device.inner().guards.clone();
    let applied = apply(&context, &wish()).await?;
    assert_eq!(applied.stopped, None);
    let written: Vec<_> = applied
        .written
        .iter()
        .map(|write| (write.path.as_str(), write.code.as_str(), write.confirmed))
        .collect();
    assert_eq!(written, [("/2/0/2/102", "2.04", true), ("/2/1/2/102", "2.04", true)]);
    assert_eq!(acl(&applied.current.instances[0]), [(101, 7), (102, 1)]);
    let undone = apply(&context, &json!({ "instances": applied.undo })).await?;
    assert_eq!(undone.stopped, None);
    assert_eq!(device.inner().guards, before);
    // An entry goes with the list as a whole.
    assert_eq!(device.writes()[2..], ["/2/0/2", "/2/1/2/102"]);
    let again = apply(&context, &json!({ "instances": undone.current.instances })).await?;
    assert_eq!((again.written.len(), again.undo.len()), (0, 0), "what is so already is not written");
    Ok(())
}

#[tokio::test]
async fn a_conflict_stops_before_anything_is_written() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    let mut wish = wish();
    wish["base"] = json!(read(&context, "lamp").await?.instances);
    device.inner().guards[1].acl.clear();
    let planned = plan(&context, wish.clone()).await?;
    let conflicts: Vec<_> = planned.conflicts.iter().map(|conflict| conflict.id).collect();
    assert_eq!(conflicts, [1]);
    let applied = apply(&context, &wish).await?;
    let stopped = applied.stopped.unwrap_or_default();
    assert!(stopped.contains("/2/1") && stopped.contains("meanwhile"), "{stopped}");
    assert_eq!(device.writes(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_refusal_midway_stops_and_says_what_was_done() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    device.behave(Manner::Refuses(Some("/2/1/2/102"), Code::BAD_REQUEST));
    let mut wish = wish();
    wish["instances"].as_array_mut().expect("a list").push(wanted(2, (3, 0), 102, &json!({ "101": 1 })));
    let applied = apply(&context, &wish).await?;
    let written: Vec<_> =
        applied.written.iter().map(|write| (write.code.as_str(), write.confirmed)).collect();
    assert_eq!(written, [("2.04", true), ("4.00", false)]);
    assert_eq!(applied.stopped.as_deref(), Some("the device answered 4.00 to Write /2/1/2/102"));
    assert_eq!(acl(&applied.current.instances[0]), [(101, 7), (102, 1)], "what was written stays");
    // Asked again when the device takes it, only the rest is written.
    device.behave(Manner::Takes);
    assert_eq!(apply(&context, &wish).await?.stopped, None);
    assert_eq!(device.writes(), ["/2/0/2/102", "/2/1/2/102", "/2/1/2/102"]);
    Ok(())
}

#[tokio::test]
async fn an_object_that_can_only_be_read_is_found_out() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    device.behave(Manner::Refuses(None, Code::METHOD_NOT_ALLOWED));
    let applied = apply(&context, &wish()).await?;
    assert_eq!(applied.stopped.as_deref(), Some("the device answered 4.05 to Write /2/0/2/102"));
    assert_eq!(device.writes().len(), 1, "nothing follows");
    Ok(())
}

#[tokio::test]
async fn a_device_that_takes_a_write_and_keeps_nothing_is_found_out() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    device.behave(Manner::Forgets);
    let applied = apply(&context, &wish()).await?;
    assert_eq!((applied.written[0].code.as_str(), applied.written[0].confirmed), ("2.04", false));
    let stopped = applied.stopped.unwrap_or_default();
    assert!(stopped.contains("does not have /2/0 as it was written"), "{stopped}");
    assert_eq!(device.writes().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_device_without_object_2_and_one_that_hides_it_are_told_apart() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    device.behave(Manner::Hides(Code::UNAUTHORIZED));
    let hidden = read(&context, "lamp").await?;
    assert_eq!(hidden.state, AccessControlState::Unreadable);
    assert_eq!(hidden.remarks, ["the device answered 4.01 to Read /2"]);
    device.behave(Manner::Takes);
    device.inner().guards.clear();
    assert_eq!(read(&context, "lamp").await?.state, AccessControlState::Disabled);
    let mut peer = context.peer().await?;
    peer.register("plain", 300, "</1/0>,</3/0>").await?;
    let (without, ()) = tokio::try_join!(read(&context, "plain"), async {
        let request = peer.receive_request(Code::GET, "/1").await?;
        peer.answer(&request, Code::NOT_FOUND, coap::Options::new(), b"").await
    })?;
    assert_eq!((without.state, without.server), (AccessControlState::Missing, None));
    Ok(())
}

#[tokio::test]
async fn which_server_this_is_can_be_said() -> Result<()> {
    let context = TestContext::start().await?;
    let device = two_sensors(&context, "lamp").await?;
    device.inner().accounts = vec![101, 102];
    assert_eq!(read(&context, "lamp").await?.server, None);
    let answer = context.rest.post(&path("lamp", "/plan"), &wish().to_string()).await?;
    assert_eq!(answer.error(409)?.code, "unknown_server");
    let mut wish = wish();
    wish["server"] = json!(101);
    assert_eq!(plan(&context, wish).await?.writes.len(), 2);
    let said: AccessControl = context.rest.get(&path("lamp", "?server=101")).await?.json(200)?;
    assert_eq!(said.server, Some(101));
    Ok(())
}

#[tokio::test]
async fn a_question_is_answered_by_the_rules() -> Result<()> {
    let context = TestContext::start().await?;
    let _device = two_sensors(&context, "lamp").await?;
    let ask = async |question: Value| -> Result<AccessAnswer> {
        context.rest.post(&path("lamp", "/evaluate"), &question.to_string()).await?.json(200)
    };
    let answer = ask(json!({ "server": 102, "operation": "read", "path": "/3303/1/5700" })).await?;
    assert_eq!((answer.allowed, answer.code.as_str()), (true, "2.05"));
    let answer = ask(json!({ "server": 102, "operation": "read", "path": "/3303/0/5700" })).await?;
    assert_eq!((answer.allowed, answer.code.as_str()), (false, "4.01"));
    assert!(answer.reason.contains("/2/0"), "{}", answer.reason);
    let answer = ask(json!({ "operation": "create", "path": "/3303" })).await?;
    assert_eq!((answer.server, answer.allowed), (101, true));
    let instances = [wanted(0, (3303, 0), 101, &json!({ "0": 1 }))];
    let question =
        json!({ "server": 102, "operation": "read", "path": "/3303/0/5700", "instances": instances });
    assert!(ask(question).await?.allowed, "by Object 2 as it might be");
    for bad in [json!({ "path": "x" }), json!({ "operation": "create", "path": "/" })] {
        let answer = context.rest.post(&path("lamp", "/evaluate"), &bad.to_string()).await?;
        assert_eq!(answer.error(400)?.code, "bad_request");
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_sleeps_is_not_asked() -> Result<()> {
    let context = TestContext::start().await?;
    let sleeper = Sleeper::register(&context, "lamp", "</1/0>,</2/0>,</3/0>").await?;
    for (method, what) in [("GET", ""), ("POST", "/plan"), ("POST", "/apply")] {
        let answer = match method {
            "GET" => context.rest.get(&path("lamp", what)).await?,
            _ => context.rest.post(&path("lamp", what), &wish().to_string()).await?,
        };
        assert_eq!(answer.error(409)?.code, "asleep", "{method} {what}");
    }
    sleeper.peer.expect_silence().await?;
    let known: AccessControl = context.rest.get(&path("lamp", "?known=true")).await?.json(200)?;
    assert_eq!(known.read_at_ms, 0);
    Ok(())
}
