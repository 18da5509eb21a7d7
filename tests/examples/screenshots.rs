//! Pictures of the console for the documentation: `cargo xtask screenshots`.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use coap::{Code, Options};
use console_api::{
    Board, BoardSeries, Client, CredentialAdded, Label, Operation, OperationRequest, ServerStatus, Source,
    Tile, TileKind, Topic,
};
use fantoccini::key::Key;
use serde_json::json;
use whole_program_tests::{
    Browser, ColorScheme, Events, Simulator, TestContext, Viewport, encode_segment, wait,
};

/// The values of the device that is shown move for a while first.
const OBSERVED: &str = "/3303/0/5700";
const HUMIDITY: &str = "/3304/0/5700";
const NOTIFICATIONS: u64 = 40;

const CLIENTS: usize = 24;

/// Devices that have a credential; the first is about to get another.
const SECURED: usize = 5;

/// The device whose access control is shown.
const GUARDED: &str = "urn:dev:ops:32473-Valve-207";

/// What an operator calls the devices of a make, by a part of their names.
const LABELS: [(&str, &str, &[&str]); 5] = [
    ("RoomSense", "Office 2.0", &["lund", "indoor"]),
    ("Wattline3P", "Feeder ", &["lund", "billing"]),
    ("WattlineMono", "Flat ", &["malmö", "billing"]),
    ("WetterMast", "Roof mast ", &["outdoor"]),
    ("urn:imei:", "Van ", &["fleet-2"]),
];

/// Each page: name of the picture, address, and what has to be seen.
const PAGES: [(&str, &str, &str); 9] = [
    ("fleet", "/?status=any", "[data-testid=fleet-row]:not([hidden]) a"),
    ("observations", "/observations", "[data-testid=observations-page]"),
    ("commands", "/commands", "[data-testid=command-row]"),
    ("objects", "/objects/3303", "[data-testid=objects-page]"),
    ("trace", "/trace", "[data-testid=trace-page]"),
    ("bootstrap", "/bootstrap/1", "[data-testid=sequence][data-state=finished]"),
    ("bootstrap-sessions", "/bootstrap", "[data-testid=session-row]"),
    ("security", "/security", "[data-testid=credential-row]"),
    ("server", "/server", "[data-testid=server-page]"),
];

const LOOKS: [(&str, Viewport, ColorScheme); 3] = [
    ("light", Viewport::DESKTOP, ColorScheme::Light),
    ("dark", Viewport::DESKTOP, ColorScheme::Dark),
    ("phone", Viewport::PHONE, ColorScheme::Light),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder: PathBuf = env::args_os().nth(1).context("say where the pictures go")?.into();
    let context = TestContext::start().await?;
    Browser::run("screenshots", async |browser| {
        browser.reduce_motion(true).await?;
        open(browser, &context, "/", "[data-testid=fleet-empty]").await?;
        take(browser, &folder, "empty-fleet").await?;

        let _simulator = Simulator::start(&context, CLIENTS, &["--period-ms", "250"])?;
        let clients = wait::until("the demo fleet", async || {
            let clients = context.clients().await?;
            Ok((clients.len() == CLIENTS).then_some(clients))
        })
        .await?;
        depart(&context).await?;
        label(&context, &clients).await?;
        credentials(&context, &clients).await?;
        let _meter = bootstrapped(&context).await?;
        let _valve = guarded(&context).await?;
        let shown = observe(&context, &clients).await?;
        device(browser, &context, &folder, &shown).await?;
        for (name, address, seen) in PAGES {
            open(browser, &context, address, seen).await?;
            let mut events = watch(&context, &shown).await?;
            for _ in 0..NOTIFICATIONS / 4 {
                events.reported(Source::Notify).await?;
            }
            take(browser, &folder, name).await?;
        }
        boards(browser, &context, &folder, &clients).await?;
        access_control(browser, &context, &folder).await?;
        open(browser, &context, "/", PAGES[0].2).await?;
        browser.press_chord(&[Key::Control], 'k').await?;
        browser.see("dialog[open]").await?;
        browser.type_text("roof").await?;
        take(browser, &folder, "palette").await
    })
    .await
}

async fn open(browser: &Browser, context: &TestContext, address: &str, seen: &str) -> Result<()> {
    browser.emulate(Viewport::DESKTOP, ColorScheme::Light).await?;
    browser.open(&context.page(address)).await?;
    browser.see("[data-testid=connection][data-state=live]").await?;
    browser.see(seen).await?;
    Ok(())
}

/// The page in every look.
async fn take(browser: &Browser, folder: &Path, name: &str) -> Result<()> {
    for (look, viewport, scheme) in LOOKS {
        browser.emulate(viewport, scheme).await?;
        browser.screenshot(&folder.join(format!("{name}-{look}.png"))).await?;
    }
    Ok(())
}

async fn credentials(context: &TestContext, clients: &[Client]) -> Result<()> {
    for (i, client) in clients.iter().take(SECURED).enumerate() {
        let mode = if i % 2 == 0 { "psk" } else { "rpk" };
        let wanted = json!({ "endpoint": client.endpoint, "mode": mode, "generate": true });
        let added = context.rest.post("/api/v1/credentials", &wanted.to_string()).await?;
        let added: CredentialAdded = added.json(201)?;
        if i == 0 {
            let path = format!("/api/v1/credentials/{}/rotate", added.credential.id);
            let next = json!({ "identity": format!("{}-2", client.endpoint), "generate": true });
            let rotated = context.rest.post(&path, &next.to_string()).await?;
            ensure!(rotated.status == 201, "{rotated:?}");
        }
    }
    Ok(())
}

/// A device that has been told its server by the Bootstrap-Server.
async fn bootstrapped(context: &TestContext) -> Result<Simulator> {
    const METER: &str = "urn:dev:ops:32473-Meter-5188";
    let account = json!({
        "uri": context.coaps_uri(), "short_server_id": 101, "security_mode": "psk", "lifetime_s": 86_400,
        "default_minimum_period_s": 1, "default_maximum_period_s": 300,
    });
    let rights = json!([{ "object": 1, "object_instance": 0, "acl": { "101": 15 }, "owner": 101 }]);
    let wanted = json!({
        "name": "Meters, production", "assigned": [{ "pattern": "urn:dev:ops:32473-*" }], "delete": ["/"],
        "servers": [account], "access_control": rights,
    });
    let saved = context.rest.post("/api/v1/bootstrap/configurations", &wanted.to_string()).await?;
    ensure!(saved.status == 201, "{saved:?}");
    let server: ServerStatus = context.rest.get("/api/v1/server").await?.json(200)?;
    let address = server.bootstrap_coap.context("the Bootstrap-Server is on")?;
    let meter = Simulator::bootstrap_from(&address, &["--name", METER])?;
    context.registered(METER).await?;
    Ok(meter)
}

/// A device of three servers, of which only this one is there.
async fn guarded(context: &TestContext) -> Result<Simulator> {
    let account = |uri: String, id: u16| json!({ "uri": uri, "short_server_id": id, "lifetime_s": 86_400 });
    let elsewhere = |id: u16| account(format!("coap://127.0.0.1:{}", 9 + id), id);
    let guard = |id: u16, object: u16, object_instance: u16, acl: serde_json::Value, owner: u16| json!({ "instance": id, "object": object, "object_instance": object_instance, "acl": acl, "owner": owner });
    let rights = [
        guard(0, 1, 0, json!({ "101": 15 }), 101),
        guard(1, 1, 1, json!({ "102": 15 }), 102),
        guard(2, 1, 2, json!({ "103": 15 }), 103),
        guard(3, 3, 0, json!({ "0": 1, "101": 15, "102": 5 }), 101),
        guard(4, 3303, 0, json!({ "101": 7, "102": 1, "103": 1 }), 101),
        guard(5, 5, 0, json!({ "101": 1, "102": 7 }), 102),
        guard(6, 7, 0, json!({ "0": 1 }), 101),
        guard(7, 3303, 65_535, json!({ "101": 16 }), 65_535),
    ];
    let wanted = json!({
        "name": "Valves", "assigned": [{ "endpoint": GUARDED }],
        "servers": [account(context.coap_uri(), 101), elsewhere(102), elsewhere(103)], "access_control": rights,
    });
    let saved = context.rest.post("/api/v1/bootstrap/configurations", &wanted.to_string()).await?;
    ensure!(saved.status == 201, "{saved:?}");
    let names = json!({ "names": { "102": "maintenance", "103": "billing" } });
    let named = context.rest.put("/api/v1/access-control/servers", &names.to_string()).await?;
    ensure!(named.status == 200, "{named:?}");
    let address = format!("coap://{}", context.bootstrap_coap);
    let valve = Simulator::bootstrap_from(&address, &["--name", GUARDED, "--profile", "sensor"])?;
    context.registered(GUARDED).await?;
    Ok(valve)
}

/// Who may do what on a device, with changes that are not written yet.
async fn access_control(browser: &Browser, context: &TestContext, folder: &Path) -> Result<()> {
    let address = format!("/access-control/{}", encode_segment(GUARDED));
    open(browser, context, &address, "[data-testid=matrix]").await?;
    let spots = ["tile-4-102-4", "tile-4-103-1", "tile-6-103-0"];
    for spot in spots {
        browser.click(&format!("[data-spot={spot}]")).await?;
    }
    browser.see("[data-testid=kept][data-state=done]").await?;
    take(browser, folder, "access-control").await?;
    open(browser, context, "/access-control", "[data-testid=ac-device]").await?;
    take(browser, folder, "access-control-devices").await
}

/// A device that was here and is gone.
async fn depart(context: &TestContext) -> Result<()> {
    let mut peer = context.peer().await?;
    let location =
        peer.register("urn:dev:ops:32473-FlowMeter-FM20417", 3_600, "</1/0>,</3/0>,</3346/0>").await?;
    let answer = peer.exchange(Code::DELETE, Options::new().with_path(&location), b"").await?;
    ensure!(answer.code == Code::DELETED, "De-register was answered {}", answer.code);
    Ok(())
}

async fn label(context: &TestContext, clients: &[Client]) -> Result<()> {
    for (make, name, tags) in LABELS {
        let of_make = clients.iter().filter(|client| client.endpoint.contains(make));
        for (number, client) in (1..).zip(of_make) {
            let label = Label {
                name: Some(format!("{name}{number}")),
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                notes: String::new(),
            };
            let path = format!("/api/v1/clients/{}/label", encode_segment(&client.endpoint));
            let host = context.http.to_string();
            let origin = format!("http://{host}");
            let headers =
                [("host", host.as_str()), ("origin", &origin), ("content-type", "application/json")];
            let answer =
                context.rest.request("PUT", &path, &headers, &serde_json::to_string(&label)?).await?;
            ensure!(
                answer.status == 204,
                "the label of {}: {} {}",
                client.endpoint,
                answer.status,
                answer.body
            );
        }
    }
    Ok(())
}

/// Observes the thermometers and returns the first of them.
async fn observe(context: &TestContext, clients: &[Client]) -> Result<String> {
    let with_temperature: Vec<&Client> =
        clients.iter().filter(|client| client.objects.iter().any(|object| object.id == 3303)).collect();
    for client in &with_temperature {
        context.operate(&client.endpoint, &OperationRequest::new(Operation::Observe, OBSERVED)).await?;
    }
    let first = with_temperature.first().context("no device of the demo fleet has a thermometer")?;
    for path in ["/1", "/3", "/3303"] {
        context.operate(&first.endpoint, &OperationRequest::new(Operation::Read, path)).await?;
    }
    Ok(first.endpoint.clone())
}

async fn watch(context: &TestContext, endpoint: &str) -> Result<Events> {
    let mut events = context.events().await?;
    events.subscribe(Topic::Device(endpoint.to_owned())).await?;
    Ok(events)
}

/// The device page, once it knows the course of the value.
async fn device(browser: &Browser, context: &TestContext, folder: &Path, endpoint: &str) -> Result<()> {
    let address = format!("/clients/{}#{OBSERVED}", encode_segment(endpoint));
    open(browser, context, &address, "[data-testid=inspector-value]").await?;
    let mut events = watch(context, endpoint).await?;
    for _ in 0..NOTIFICATIONS {
        events.reported(Source::Notify).await?;
    }
    take(browser, folder, "device").await?;
    threshold(browser, folder).await
}

/// A level of the chart as it is dragged, before it is written.
async fn threshold(browser: &Browser, folder: &Path) -> Result<()> {
    browser.emulate(Viewport::DESKTOP, ColorScheme::Light).await?;
    browser.click("[data-testid=chart-spans] button:first-child").await?;
    for level in ["gt", "lt"] {
        browser.click(&format!("[data-testid=add-{level}]")).await?;
        browser.see(&format!("[data-testid=level-{level}]")).await?;
    }
    browser.see("[data-testid=forecast]").await?;
    take(browser, folder, "threshold").await?;
    browser.click("[data-testid=level-cancel]").await
}

/// What a board shows of the demo fleet: one Resource of several devices, several of one, and the newest values.
async fn boards(browser: &Browser, context: &TestContext, folder: &Path, clients: &[Client]) -> Result<()> {
    let with = |object: u16| {
        let has = move |client: &&Client| client.objects.iter().any(|entry| entry.id == object);
        clients.iter().filter(has).take(4).map(|client| client.endpoint.clone()).collect::<Vec<_>>()
    };
    let (thermometers, hygrometers) = (with(3303), with(3304));
    for endpoint in &hygrometers {
        context.operate(endpoint, &OperationRequest::new(Operation::Observe, HUMIDITY)).await?;
    }
    let series =
        |endpoint: &String, path: &str| BoardSeries { endpoint: endpoint.clone(), path: path.to_owned() };
    let chart =
        |(x, y, width, height): (u16, u16, u16, u16), series: Vec<BoardSeries>, title: Option<&str>| Tile {
            x,
            y,
            width,
            height,
            series,
            title: title.map(str::to_owned),
            ..Tile::default()
        };
    let value = |(x, y): (u16, u16), series: BoardSeries| Tile {
        kind: TileKind::Value,
        x,
        y,
        width: 2,
        height: 2,
        series: vec![series],
        title: None,
    };
    let mut tiles =
        vec![chart((0, 0, 8, 4), thermometers.iter().map(|one| series(one, OBSERVED)).collect(), None)];
    for (number, one) in (0..).zip(&thermometers) {
        tiles.push(value((8 + number % 2 * 2, number / 2 * 2), series(one, OBSERVED)));
    }
    tiles.push(chart((0, 4, 6, 4), hygrometers.iter().map(|one| series(one, HUMIDITY)).collect(), None));
    let both = thermometers.iter().find(|one| hygrometers.contains(one));
    if let Some(one) = both {
        let both = vec![series(one, OBSERVED), series(one, HUMIDITY)];
        tiles.push(chart((6, 4, 6, 4), both, Some("Warm air is drier")));
    }
    let board = Board { name: "Climate".into(), span_ms: 60_000, tiles, ..Board::default() };
    let kept: Board =
        context.rest.post("/api/v1/boards", &serde_json::to_string(&board)?).await?.json(201)?;
    let address = format!("/boards/{}", kept.id);
    open(browser, context, &address, "[data-testid=board-tile]").await?;
    let mut events = watch(context, &thermometers[0]).await?;
    for _ in 0..NOTIFICATIONS {
        events.reported(Source::Notify).await?;
    }
    take(browser, folder, "board").await?;
    open(browser, context, &format!("{address}?edit"), "[data-testid=tile-move]").await?;
    take(browser, folder, "board-arranged").await?;
    browser.open(&context.page(&format!("{address}?wall"))).await?;
    browser.see("[data-testid=wall-leave]").await?;
    take(browser, folder, "board-wall").await?;
    open(browser, context, "/boards", "[data-testid=board-row]").await?;
    take(browser, folder, "boards").await
}
