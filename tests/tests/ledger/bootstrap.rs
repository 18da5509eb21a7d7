//! A fleet comes back from the factory: everyone bootstraps at once, and the server is killed in the middle.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Result, ensure};
use console_api::{
    BootstrapSession, BootstrapSessionList, BootstrapState, Credential, CredentialList, CredentialServer,
    CredentialState, SavedBootstrapConfiguration,
};
use serde_json::{Value, json};
use whole_program_tests::{Simulator, TestContext, wait};

const DEVICES: usize = 1_000;
const KEY_HEX: &str = "30313233343536373839616263646566";

/// Devices that have registered when the server is killed.
const BEFORE: usize = DEVICES / 3;

/// How long all of them may take when nothing goes wrong. It is a minute on a machine with nothing else to do.
const PATIENCE: Duration = Duration::from_secs(240);

/// How the devices of the kill transmit: with a MAX_LATENCY of 5 s in place of 100 s, as between programs of one machine
/// (RFC 7252 §4.8.1), EXCHANGE_LIFETIME is 57 s.
const NEARBY: [&str; 2] = ["--transmission", "2,4,5"];

/// Whoever waits for its next command gives up after EXCHANGE_LIFETIME (LwM2M 1.2 Core §6.1.3.3), and begins anew
/// some time later.
const PATIENCE_AFTER_A_KILL: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_thousand_devices_bootstrap_once_each() -> Result<()> {
    let (context, _simulator) = fleet(&[]).await?;
    let begin = Instant::now();
    registered(&context, DEVICES, PATIENCE).await?;
    println!("{DEVICES} devices were bootstrapped and registered in {:?}", begin.elapsed());
    // A device may have registered before its session is told to be over.
    let sessions = wait::until("every session is complete", async || {
        let sessions = sessions(&context).await?;
        let complete = sessions.values().flatten().all(|session| session.registered_at_ms.is_some());
        Ok(complete.then_some(sessions))
    })
    .await?;
    ensure!(sessions.len() == DEVICES, "{} sessions", sessions.len());
    for (endpoint, sessions) in &sessions {
        ensure!(sessions.len() == 1, "{endpoint} was bootstrapped more than once: {sessions:?}");
        let session = &sessions[0];
        let well = session.state == BootstrapState::Finished && session.registered_at_ms.is_some();
        ensure!(well, "{session:?}");
    }
    every_key_is_its_own(&context).await
}

#[tokio::test]
async fn none_is_lost_and_none_goes_through_twice_when_the_server_is_killed() -> Result<()> {
    let (mut context, _simulator) = fleet(&NEARBY).await?;
    let begin = Instant::now();
    registered(&context, BEFORE, PATIENCE).await?;
    context.crash().await?;
    println!("killed after {:?}", begin.elapsed());
    let back_at_ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    registered(&context, DEVICES, PATIENCE_AFTER_A_KILL).await?;
    println!("{DEVICES} devices were bootstrapped and registered in {:?}", begin.elapsed());
    let sessions = wait::until("every session is over", async || {
        let sessions = sessions(&context).await?;
        let over = sessions.values().flatten().all(|session| session.state != BootstrapState::Running);
        Ok(over.then_some(sessions))
    })
    .await?;
    for (endpoint, sessions) in &sessions {
        let before = |session: &BootstrapSession| {
            session.ended_at_ms.is_some_and(|ended_at_ms| u128::from(ended_at_ms) <= back_at_ms)
        };
        let (registered, not): (Vec<_>, Vec<_>) =
            sessions.iter().partition(|session| session.registered_at_ms.is_some());
        ensure!(registered.len() == 1, "{endpoint} went through twice, or not at all: {sessions:?}");
        // The kill may have come between the answer of the device to Finish and the store: then the device is done, and
        // the server does not know before it registers.
        let well = registered.iter().all(|session| match session.state {
            BootstrapState::Finished => true,
            BootstrapState::Interrupted => before(session),
            BootstrapState::Running | BootstrapState::Failed => false,
        });
        ensure!(well, "{endpoint} has registered without its bootstrap: {sessions:?}");
        // A device that was done, and could not register because nobody was there, begins anew (Object 1, /1/x/16).
        let finished = |session: &&&BootstrapSession| session.state == BootstrapState::Finished;
        ensure!(
            not.iter().filter(finished).all(|session| before(session)),
            "{endpoint} went through twice: {sessions:?}"
        );
    }
    every_key_is_its_own(&context).await
}

/// Devices that have nothing but an account with the Bootstrap-Server.
async fn fleet(transmission: &[&str]) -> Result<(TestContext, Simulator)> {
    let context = TestContext::start().await?;
    let configuration = json!({
        "name": "factory",
        "assigned": [{ "pattern": "device-*" }],
        "delete": ["/0", "/1"],
        "servers": [{
            "uri": context.coaps_uri(),
            "short_server_id": 101,
            "security_mode": "psk",
            "lifetime_s": 86_400,
        }],
    });
    let saved = context.rest.post("/api/v1/bootstrap/configurations", &configuration.to_string()).await?;
    saved.json::<SavedBootstrapConfiguration>(201)?;
    let keys = (1..=DEVICES).map(|number| {
        let endpoint = format!("device-{number:04}");
        json!({ "server": "bootstrap", "endpoint": endpoint, "mode": "psk", "identity": endpoint, "key": KEY_HEX })
    });
    let keys = Value::from_iter(keys).to_string();
    let imported = context.rest.post("/api/v1/credentials/import?format=json", &keys).await?;
    ensure!(imported.json::<Value>(200)?["stored"] == true, "{imported:?}");

    let server = format!("coaps://{}", context.bootstrap_coaps);
    let (count, psk) = (DEVICES.to_string(), format!("%:{KEY_HEX}"));
    let options = ["--clients", &count, "--prefix", "device-", "--psk", &psk, "--lifetime", "86400"];
    let simulator = Simulator::bootstrap_from(&server, &[&options, transmission].concat())?;
    Ok((context, simulator))
}

async fn registered(context: &TestContext, count: usize, patience: Duration) -> Result<()> {
    wait::until_within(patience, &format!("{count} devices to register"), async || {
        Ok((context.clients().await?.len() >= count).then_some(()))
    })
    .await
}

/// All sessions there were, by endpoint.
async fn sessions(context: &TestContext) -> Result<BTreeMap<String, Vec<BootstrapSession>>> {
    let mut all: BTreeMap<String, Vec<BootstrapSession>> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let path = format!("/api/v1/bootstrap/sessions?limit=100&offset={offset}");
        let list: BootstrapSessionList = context.rest.get(&path).await?.json(200)?;
        if list.sessions.is_empty() {
            return Ok(all);
        }
        offset += list.sessions.len();
        for session in list.sessions {
            all.entry(session.endpoint.clone()).or_default().push(session);
        }
    }
}

/// Each device has registered over a session with a key that was made for it, and has no other.
async fn every_key_is_its_own(context: &TestContext) -> Result<()> {
    let clients = context.clients().await?;
    ensure!(clients.len() == DEVICES, "{} clients", clients.len());
    for client in &clients {
        ensure!(serde_json::to_value(client.security)? == "psk", "{client:?}");
    }
    let mut keys: BTreeMap<String, Vec<Credential>> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let path = format!("/api/v1/credentials?limit=1000&offset={offset}");
        let list: CredentialList = context.rest.get(&path).await?.json(200)?;
        if list.items.is_empty() {
            break;
        }
        offset += list.items.len();
        let made = list.items.into_iter().filter(|credential| {
            credential.server == CredentialServer::DeviceManagement
                && credential.state == CredentialState::Active
        });
        made.for_each(|credential| keys.entry(credential.endpoint.clone()).or_default().push(credential));
    }
    ensure!(keys.len() == DEVICES, "{} devices have a key", keys.len());
    let several = keys.values().find(|keys| keys.len() != 1);
    ensure!(several.is_none(), "more than one: {several:?}");
    let identities: BTreeSet<_> = keys.values().flatten().map(|key| key.identity.clone()).collect();
    ensure!(identities.len() == DEVICES, "{} identities", identities.len());
    Ok(())
}
