//! Many devices at once.

use std::time::Duration;

use anyhow::Result;
use coap::Code;
use console_api::{
    AccessControlDeviceState as DeviceState, AccessControlRun, AccessControlRunDevices, AccessControlRunList,
    AccessControlRunState, AccessControlTemplate, ServerFrame, Topic,
};
use serde_json::{Value, json};
use whole_program_tests::{Simulator, Sleeper, TestContext, wait};

use super::{Manner, ScriptedDevice, guard, read, two_sensors, wanted};

const RUNS: &str = "/api/v1/access-control/runs";

async fn begin(context: &TestContext, asked: Value) -> Result<AccessControlRun> {
    context.rest.post(RUNS, &asked.to_string()).await?.json(202)
}

async fn run(context: &TestContext, id: u64) -> Result<AccessControlRun> {
    context.rest.get(&format!("{RUNS}/{id}")).await?.json(200)
}

async fn reached(context: &TestContext, id: u64, state: AccessControlRunState) -> Result<AccessControlRun> {
    let what = format!("run {id} to be {state:?}");
    wait::until_within(Duration::from_secs(60), &what, async || {
        Ok(Some(run(context, id).await?).filter(|run| run.state == state))
    })
    .await
}

async fn devices(context: &TestContext, id: u64, query: &str) -> Result<AccessControlRunDevices> {
    context.rest.get(&format!("{RUNS}/{id}/devices{query}")).await?.json(200)
}

/// Server 102 may read every sensor, and nobody but 101 may do more.
fn rules() -> Value {
    json!([{ "object": 3303, "acl": { "101": 7, "102": 1 }, "replace": true }])
}

#[tokio::test]
async fn a_plan_becomes_a_change_when_it_is_applied() -> Result<()> {
    let context = TestContext::start().await?;
    let first = two_sensors(&context, "a").await?;
    let second =
        ScriptedDevice::register(&context, "b", vec![guard(0, (3303, 0), 101, &[(101, 7), (102, 1)])])
            .await?;
    let third = ScriptedDevice::register(&context, "c", vec![guard(0, (3, 0), 101, &[])]).await?;
    let rules = json!({ "rules": rules() });
    context
        .rest
        .put("/api/v1/access-control/templates/sensors", &rules.to_string())
        .await?
        .json::<AccessControlTemplate>(200)?;
    let asked = json!({ "clients": { "object": 3303 }, "endpoints": ["gone"], "template": "sensors", "dry_run": true });
    let begun = begin(&context, asked).await?;
    assert_eq!((begun.total, begun.about.as_str()), (4, "sensors"));
    let planned = reached(&context, begun.id, AccessControlRunState::Planned).await?;
    let counts = planned.counts;
    assert_eq!((counts.planned, counts.unchanged, counts.impossible, counts.stopped), (1, 1, 1, 1));
    assert_eq!((planned.writes, planned.written, first.writes().len()), (1, 0, 0));
    let found = devices(&context, begun.id, "").await?.devices;
    let told: Vec<_> = found.iter().map(|device| (device.endpoint.as_str(), device.state)).collect();
    let states =
        [DeviceState::Planned, DeviceState::Unchanged, DeviceState::Impossible, DeviceState::Stopped];
    assert_eq!(told, ["a", "b", "c", "gone"].into_iter().zip(states).collect::<Vec<_>>());
    assert_eq!(found[0].writes[0].path, "/2/0/2/102");
    assert_eq!(found[2].why.as_deref(), Some("no instance of Object 2 guards an instance of /3303"));
    let applied = context.rest.post(&format!("{RUNS}/{}/apply", begun.id), "").await?;
    assert_eq!(applied.status, 202, "{applied:?}");
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!((over.counts.done, over.written, over.ended_at_ms.is_some()), (1, 1, true));
    assert_eq!(first.writes(), ["/2/0/2/102"]);
    assert_eq!((second.writes().len(), third.writes().len()), (0, 0));
    assert_eq!(devices(&context, begun.id, "?state=done").await?.devices[0].undo.len(), 1);
    let again = context.rest.post(&format!("{RUNS}/{}/apply", begun.id), "").await?;
    assert_eq!(again.error(409)?.code, "wrong_state");
    let list: AccessControlRunList = context.rest.get(RUNS).await?.json(200)?;
    assert_eq!((list.runs.len(), list.runs[0].id), (1, begun.id));
    Ok(())
}

#[tokio::test]
async fn a_device_that_refuses_stops_and_the_others_go_on() -> Result<()> {
    let context = TestContext::start().await?;
    let refusing = two_sensors(&context, "a").await?;
    refusing.behave(Manner::Refuses(None, Code::METHOD_NOT_ALLOWED));
    let _taking = two_sensors(&context, "b").await?;
    let hiding = two_sensors(&context, "c").await?;
    hiding.behave(Manner::Hides(Code::UNAUTHORIZED));
    let begun = begin(&context, json!({ "endpoints": ["a", "b", "c"], "rules": rules() })).await?;
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!((over.counts.stopped, over.counts.done, over.counts.impossible), (1, 1, 1));
    let stopped = devices(&context, begun.id, "?state=stopped").await?;
    assert_eq!(stopped.total, 1);
    let why = stopped.devices[0].why.as_deref();
    assert_eq!(why, Some("the device answered 4.05 to Write /2/0/2/102"));
    let impossible = devices(&context, begun.id, "?state=impossible").await?;
    assert_eq!(impossible.devices[0].why.as_deref(), Some("the device answered 4.01 to Read /2"));
    assert_eq!(devices(&context, begun.id, "?offset=1&limit=1").await?.devices[0].endpoint, "b");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_a_run_is_refused() -> Result<()> {
    let context = TestContext::start().await?;
    let one = json!({ "instances": [] });
    for bad in [
        json!({ "rules": rules() }),
        json!({ "endpoints": ["a"] }),
        json!({ "endpoints": ["a"], "rules": rules(), "wanted": one }),
        json!({ "endpoints": ["a", "b"], "wanted": one }),
        json!({ "endpoints": ["a"], "rules": [] }),
    ] {
        assert_eq!(context.rest.post(RUNS, &bad.to_string()).await?.error(400)?.code, "bad_request", "{bad}");
    }
    let unknown = json!({ "endpoints": ["a"], "template": "none" });
    let unknown = context.rest.post(RUNS, &unknown.to_string()).await?;
    assert_eq!(unknown.error(404)?.code, "unknown_template");
    for at in ["/7", "/7/devices"] {
        assert_eq!(context.rest.get(&format!("{RUNS}{at}")).await?.error(404)?.code, "unknown_run");
    }
    assert_eq!(context.rest.post(&format!("{RUNS}/7/cancel"), "").await?.error(404)?.code, "unknown_run");
    Ok(())
}

#[tokio::test]
async fn a_run_is_followed_and_cancelled() -> Result<()> {
    const SENSORS: u16 = 8;
    let context = TestContext::start().await?;
    let guards = (0..SENSORS).map(|id| guard(id, (3303, id), 101, &[(101, 7)])).collect();
    let slow = ScriptedDevice::register(&context, "slow", guards).await?;
    slow.inner().delay = Duration::from_millis(300);
    let instance = |id| wanted(id, (3303, id), 101, &json!({ "101": 7, "102": 1 }));
    let instances: Vec<_> = (0..SENSORS).map(instance).collect();
    let asked = json!({ "endpoints": ["slow"], "wanted": { "instances": instances } });
    let begun = begin(&context, asked).await?;
    assert_eq!(begun.about, "slow");
    let mut events = context.events().await?;
    let mut frame = events.subscribe(Topic::AccessControlRun(begun.id)).await?;
    loop {
        let ServerFrame::AccessControlRun { run: Some(run), .. } = &frame else { panic!("{frame:?}") };
        assert_eq!(run.id, begun.id);
        if run.written == 1 {
            assert_eq!((run.writes, run.latest[0].state), (8, DeviceState::Working));
            break;
        }
        frame = events.frame().await?;
    }
    let cancelled = context.rest.post(&format!("{RUNS}/{}/cancel", begun.id), "").await?;
    assert_eq!(cancelled.status, 202, "{cancelled:?}");
    // The Write that is under way is finished.
    let over = reached(&context, begun.id, AccessControlRunState::Cancelled).await?;
    assert_eq!((over.counts.stopped, over.counts.working, over.counts.waiting), (1, 0, 0));
    assert_eq!(over.latest[0].why.as_deref(), Some("an operator cancelled the run"));
    assert_eq!(over.written as usize, slow.writes().len(), "each is read back");
    assert!(over.written < over.writes, "{over:?}");
    let again = context.rest.post(&format!("{RUNS}/{}/cancel", begun.id), "").await?;
    assert_eq!(again.error(409)?.code, "wrong_state");
    let mut others = context.events().await?;
    let unknown = others.subscribe(Topic::AccessControlRun(77)).await?;
    assert!(matches!(unknown, ServerFrame::AccessControlRun { id: 77, run: None }), "{unknown:?}");
    Ok(())
}

#[tokio::test]
async fn a_cancelled_run_is_so_after_a_crash_too() -> Result<()> {
    let mut context = TestContext::start().await?;
    let guards = (0..8).map(|id| guard(id, (3303, id), 101, &[(101, 7)])).collect();
    let slow = ScriptedDevice::register(&context, "slow", guards).await?;
    slow.inner().delay = Duration::from_millis(300);
    let begun = begin(&context, json!({ "endpoints": ["slow"], "rules": rules() })).await?;
    wait::until("a write", async || Ok((!slow.writes().is_empty()).then_some(()))).await?;
    let cancelled = context.rest.post(&format!("{RUNS}/{}/cancel", begun.id), "").await?;
    cancelled.json::<AccessControlRun>(202)?;
    context.crash().await?;
    let over = reached(&context, begun.id, AccessControlRunState::Cancelled).await?;
    assert_eq!(over.counts.done, 0, "{over:?}");
    assert!(slow.writes().len() < 8, "{:?}", slow.writes());
    Ok(())
}

#[tokio::test]
async fn a_device_that_sleeps_goes_on_when_it_wakes() -> Result<()> {
    let context = TestContext::start().await?;
    let mut sleeper = Sleeper::register(&context, "sleeper", "</1/0>,</3/0>").await?;
    let begun =
        begin(&context, json!({ "endpoints": ["sleeper"], "rules": rules(), "dry_run": true })).await?;
    let planned = reached(&context, begun.id, AccessControlRunState::Planned).await?;
    assert_eq!(planned.counts.waiting, 1);
    assert!(planned.latest[0].why.as_deref().unwrap_or_default().contains("sleeps"), "{planned:?}");
    context.rest.post(&format!("{RUNS}/{}/apply", begun.id), "").await?.json::<AccessControlRun>(202)?;
    sleeper.peer.expect_silence().await?;
    assert_eq!(run(&context, begun.id).await?.state, AccessControlRunState::Applying);
    sleeper.wake().await?;
    let request = sleeper.peer.receive_request(Code::GET, "/1").await?;
    sleeper
        .peer
        .answer(
            &request,
            Code::CONTENT,
            coap::Options::new().with_content_format(11_542),
            &[0x08, 0x00, 0x03, 0xc1, 0x00, 0x65],
        )
        .await?;
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!(
        (over.counts.impossible, over.latest[0].why.as_deref()),
        (1, Some("the device has no Object 2"))
    );
    Ok(())
}

/// LwM2M 1.1 Core §8.1: what a device has decides what is written, so that nothing is written twice.
#[tokio::test]
async fn a_server_that_is_killed_in_the_middle_goes_on_and_repeats_no_write() -> Result<()> {
    const DEVICES: usize = 24;
    const SENSORS: u16 = 6;
    let mut context = TestContext::start().await?;
    let mut fleet = Vec::new();
    for number in 0..DEVICES {
        let guards = (0..SENSORS).map(|id| guard(id, (3303, id), 101, &[(101, 7)])).collect();
        let device = ScriptedDevice::register(&context, &format!("device-{number:02}"), guards).await?;
        device.inner().delay = Duration::from_millis(15);
        fleet.push(device);
    }
    let before = fleet[0].inner().guards.clone();
    let begun = begin(&context, json!({ "clients": { "text": "device-" }, "rules": rules() })).await?;
    let all = DEVICES * usize::from(SENSORS);
    for kills in 1..=3 {
        wait::until("some more writes", async || {
            let writes: usize = fleet.iter().map(|device| device.writes().len()).sum();
            Ok((writes > all * kills / 4).then_some(()))
        })
        .await?;
        context.crash().await?;
    }
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!((over.counts.done as usize, over.written as usize), (DEVICES, all), "{:?}", over.counts);
    for device in &fleet {
        let mut writes = device.writes();
        writes.sort();
        let expected: Vec<_> = (0..SENSORS).map(|id| format!("/2/{id}/2/102")).collect();
        assert_eq!(writes, expected, "each once");
    }
    // What it was like before the first kill can be wished for.
    let undo = devices(&context, begun.id, "?limit=1").await?.devices.remove(0).undo;
    let undo: Vec<_> = undo.iter().map(|instance| (instance.id, super::acl(instance))).collect();
    assert_eq!(undo.len(), before.len());
    assert!(undo.iter().all(|(_, acl)| *acl == [(101, 7)]), "{undo:?}");
    Ok(())
}

#[tokio::test]
async fn two_hundred_simulated_devices_are_changed() -> Result<()> {
    const DEVICES: u32 = 200;
    let context = TestContext::start().await?;
    let directory = tempfile::tempdir()?;
    let factory = directory.path().join("factory.json");
    let port = context.coap.port();
    let data = json!({
        "/0/0": { "0": format!("coap://127.0.0.1:{port}"), "1": false, "2": 3, "3": "", "4": "", "5": "", "10": 101 },
        "/1/0": { "0": 101, "1": 3600, "6": true, "7": "U" },
        "/2/0": { "0": 3, "1": 0, "2": { "101": 15 }, "3": 101 },
        "/2/1": { "0": 1, "1": 0, "2": { "101": 15 }, "3": 101 },
    });
    std::fs::write(&factory, data.to_string())?;
    let options =
        ["--factory", &factory.display().to_string(), "--clients", &DEVICES.to_string(), "--prefix", "s"]
            .map(str::to_owned);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let _simulator = Simulator::with_factory_data(&options)?;
    wait::until_within(Duration::from_secs(60), "everybody to register", async || {
        Ok((context.clients().await?.len() == DEVICES as usize).then_some(()))
    })
    .await?;
    let rules = json!([{ "object": 3, "object_instance": 0, "acl": { "102": 5 } }]);
    let begun = begin(&context, json!({ "clients": {}, "rules": rules, "dry_run": true })).await?;
    let planned = reached(&context, begun.id, AccessControlRunState::Planned).await?;
    assert_eq!((planned.counts.planned, planned.writes), (DEVICES, DEVICES), "{planned:?}");
    context.rest.post(&format!("{RUNS}/{}/apply", begun.id), "").await?.json::<AccessControlRun>(202)?;
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!((over.counts.done, over.written), (DEVICES, DEVICES), "{over:?}");
    let one = context.clients().await?.remove(0).endpoint;
    let acl = super::acl(&read(&context, &one).await?.instances[0]);
    assert_eq!(acl, [(101, 15), (102, 5)]);
    let begun = begin(&context, json!({ "clients": {}, "rules": rules })).await?;
    let over = reached(&context, begun.id, AccessControlRunState::Over).await?;
    assert_eq!((over.counts.unchanged, over.written), (DEVICES, 0), "what is so already is not written");
    Ok(())
}
