//! Why a device does not come through is to be seen in the list of sessions.

use anyhow::{Context as _, Result};
use coap::{Code, Options};
use console_api::{BootstrapBeginning, BootstrapState, CredentialAdded, SecurityMode};
use serde_json::json;
use whole_program_tests::{Simulator, TestContext, wait};

use super::{account, ask, bootstrap, conversation, in_words, over, save, sessions, take_all};

/// Adds a pre-shared key for the Bootstrap-Server.
async fn add_psk(context: &TestContext, endpoint: &str, key: &str) -> Result<()> {
    let new = json!({ "endpoint": endpoint, "mode": "psk", "key": key, "server": "bootstrap" });
    let _: CredentialAdded = context.rest.post("/api/v1/credentials", &new.to_string()).await?.json(201)?;
    Ok(())
}

#[tokio::test]
async fn b_003_a_device_with_a_credential_that_comes_without_is_told_of_and_counted() -> Result<()> {
    let mut context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "no_sec")).await?;
    add_psk(&context, "meter", "000102030405060708090a0b0c0d0e0f").await?;
    let mut peer = context.bootstrap_peer().await?;
    for _ in 0..3 {
        assert_eq!(ask(&mut peer, "meter").await?.code, Code::FORBIDDEN);
    }
    bootstrap(&mut peer, "lamp").await?;
    assert_eq!(ask(&mut peer, "meter").await?.code, Code::FORBIDDEN);
    let told = wait::until("four attempts", async || {
        let failed = sessions(&context, "?state=failed").await?.pop();
        Ok(failed.filter(|session| session.attempts == 4 && session.ended_at_ms.is_some()))
    })
    .await?;
    assert_eq!(
        (told.endpoint.as_str(), told.steps, told.security_mode),
        ("meter", 2, Some(SecurityMode::NoSec))
    );
    assert!(told.first_at_ms.is_some_and(|first| first <= told.started_at_ms), "{told:?}");
    let failure = told.failure.clone().context("it failed")?;
    assert!(
        failure.what.contains("credential for \"meter\"") && failure.advice.contains("Security"),
        "{failure:?}"
    );
    let steps = conversation(&context, told.id).await?.steps;
    assert_eq!(
        (steps[0].query.as_str(), steps[1].code.as_str(), steps[1].failed),
        ("ep=meter", "4.03", true)
    );
    // What was last comes first, whatever its number.
    let order: Vec<_> = sessions(&context, "").await?.into_iter().map(|session| session.endpoint).collect();
    assert_eq!(order, ["meter", "lamp"]);
    context.restart().await?;
    let kept = sessions(&context, "?endpoint=meter").await?;
    assert_eq!((kept.len(), kept[0].attempts), (1, 4));
    Ok(())
}

#[tokio::test]
async fn b_002_an_unknown_device_is_one_session_until_it_is_assigned_something() -> Result<()> {
    let context = TestContext::start().await?;
    let mut peer = context.bootstrap_peer().await?;
    for _ in 0..3 {
        assert_eq!(ask(&mut peer, "meter").await?.code, Code::BAD_REQUEST);
    }
    let refused = wait::until("three attempts", async || {
        let all = sessions(&context, "").await?;
        Ok(all.into_iter().find(|session| session.attempts == 3 && session.ended_at_ms.is_some()))
    })
    .await?;
    assert_eq!((sessions(&context, "").await?.len(), refused.state), (1, BootstrapState::Failed));
    save(&context, &account(&context, "all", json!({ "endpoint": "meter" }), "no_sec")).await?;
    bootstrap(&mut peer, "meter").await?;
    let finished = over(&context).await?;
    assert_eq!((finished.id, finished.attempts, finished.state), (refused.id, 4, BootstrapState::Finished));
    assert_eq!(finished.failure, None);
    assert_eq!(conversation(&context, finished.id).await?.steps.len(), finished.steps as usize);
    Ok(())
}

/// The device has a credential, and its key is another.
#[tokio::test]
async fn b_003_a_device_that_cannot_connect_is_told_of() -> Result<()> {
    let context = TestContext::start().await?;
    add_psk(&context, "meter", "000102030405060708090a0b0c0d0e0f").await?;
    let server = format!("coaps://{}", context.bootstrap_coaps);
    let mut simulators = Vec::new();
    for (name, psk) in [("meter", "meter:00"), ("lamp", "nobody:01")] {
        simulators.push(Simulator::bootstrap_from(&server, &["--name", name, "--psk", psk])?);
    }
    let told = async |endpoint: &str| {
        wait::until("the handshake to fail", async || {
            Ok(sessions(&context, &format!("?endpoint={endpoint}")).await?.pop())
        })
        .await
    };
    let (known, unknown) = (told("meter").await?, told("nobody").await?);
    for (session, what) in [(&known, "different key"), (&unknown, "not registered")] {
        let failure = session.failure.clone().context("it failed")?;
        assert!(failure.what.contains(what) && !failure.advice.is_empty(), "{failure:?}");
        assert_eq!((session.state, session.steps), (BootstrapState::Failed, 0));
        assert_eq!(session.security_mode, Some(SecurityMode::Psk));
    }
    Ok(())
}

/// LwM2M 1.2 Core §6.1.7.7
#[tokio::test]
async fn b_016_a_device_that_gets_no_pack_goes_on_in_its_session() -> Result<()> {
    let context = TestContext::start().await?;
    save(&context, &account(&context, "all", json!("default"), "psk")).await?;
    let mut peer = context.bootstrap_peer().await?;
    let pack = Options::new().with_path("/bspack").with_query("ep=meter");
    assert_eq!(peer.exchange(Code::GET, pack, b"").await?.code, Code::NOT_FOUND);
    bootstrap(&mut peer, "meter").await?;
    let session = over(&context).await?;
    assert_eq!(
        (session.id, session.state, session.begun_by),
        (1, BootstrapState::Finished, BootstrapBeginning::Pack)
    );
    let steps = conversation(&context, 1).await?.steps;
    let told: Vec<_> = steps.iter().take(4).map(|step| format!("{} {}", step.code, step.path)).collect();
    assert_eq!(told, ["GET /bspack", "4.04 /bspack", "POST /bs", "2.04 /bs"]);
    assert_eq!(steps.len(), session.steps as usize);
    Ok(())
}

/// LwM2M 1.2 Core §6.1.7.6
#[tokio::test]
async fn b_010_a_correction_stays_in_the_session_and_what_it_makes_counts() -> Result<()> {
    let context = TestContext::start().await?;
    let saved = save(&context, &account(&context, "all", json!("default"), "psk")).await?;
    let mut peer = context.bootstrap_peer().await?;
    ask(&mut peer, "meter").await?;
    loop {
        let request = peer.receive().await?;
        let is_finish = request.code == Code::POST;
        let code = if is_finish { Code::NOT_ACCEPTABLE } else { Code::CHANGED };
        peer.answer(&request, code, Options::new(), b"").await?;
        if is_finish {
            break;
        }
    }
    let failed = over(&context).await?;
    assert_eq!((failed.state, failed.steps), (BootstrapState::Failed, 8));
    let mut corrected = account(&context, "all", json!("default"), "psk");
    corrected["servers"][0]["lifetime_s"] = 60.into();
    let path = format!("{}/{}", super::CONFIGURATIONS, saved.id);
    assert_eq!(context.rest.put(&path, &corrected.to_string()).await?.status, 200);
    let now = context.rest.post(super::SESSIONS, r#"{"endpoint":"meter"}"#).await?;
    assert_eq!(now.status, 201, "{}", now.body);
    assert_eq!(in_words(&take_all(&peer).await?)?, ["PUT /0/0", "PUT /1/0", "POST /bs"]);
    let finished = wait::until("it to be finished", async || {
        Ok(over(&context).await.ok().filter(|session| session.state == BootstrapState::Finished))
    })
    .await?;
    assert_eq!((finished.id, finished.steps, finished.failure), (failed.id, 14, None));
    let list: console_api::CredentialList =
        context.rest.get("/api/v1/credentials?endpoint=meter").await?.json(200)?;
    let states: Vec<_> = list.items.iter().map(|credential| credential.state).collect();
    assert_eq!(states, [console_api::CredentialState::Active], "only what was made last");
    Ok(())
}
