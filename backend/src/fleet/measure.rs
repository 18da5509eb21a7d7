//! What a large fleet costs: `LWM2M_FLEET=100000 cargo test -p lwm2m-console measure -- --nocapture`.

use std::{hint::black_box, sync::Arc, time::Instant as Stopwatch};

use coap::Instant;
use console_api::{ClientQuery, SortBy};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{Event, Registration, Reported, Source};

use super::{Fleet, samples::registration};
use crate::clock::Clock;

/// Enough to see that every question finds its clients; figures ask for more.
const CLIENTS: usize = 2_000;

#[test]
fn measure() {
    let asked = std::env::var("LWM2M_FLEET").ok().and_then(|clients| clients.parse().ok());
    let clients: usize = asked.unwrap_or(CLIENTS);
    let fleet = Arc::new(Fleet::new(Clock::start()));
    let sample = registration(1, "", "</1/0>,</3/0>,</3303/0>,</3303/1>,</5/0>");
    let of = |i: usize| {
        let endpoint = format!("urn:imei:{:015}", i * 7_919 % clients);
        Event::Registered(Arc::new(Registration { endpoint, ..Registration::clone(&sample) }))
    };
    let registers: Vec<Event> = (0..clients).map(of).collect();
    per_event("Register, nobody reads", &registers, |event| fleet.apply(event));
    let reader = fleet.reader();
    let reports: Vec<Event> = registers.iter().map(report).collect();
    per_event("notification, kept for a console", &reports, |event| fleet.apply(event));
    drop(reader);

    for (what, query) in queries() {
        let started = Stopwatch::now();
        let found = fleet.find_now(&query);
        println!("{what}: {:.1} ms, {} match", millis(started), found.len());
        assert!(!found.is_empty() && found.len() <= clients, "{what}");
        let page: Vec<_> = found.into_iter().take(50).collect();
        let started = Stopwatch::now();
        let clients = fleet.view().clients(&page);
        println!("  its first 50 rows, under the lock: {:.3} ms", millis(started));
        assert_eq!(black_box(clients).len(), page.len());
    }
    let started = Stopwatch::now();
    let counts = fleet.counts();
    println!("counts: {:.1} ms ({} awake)", millis(started), counts.awake);
}

fn queries() -> [(&'static str, ClientQuery); 4] {
    let plain = ClientQuery::default;
    [
        ("all, by name", plain()),
        ("a text that few have", ClientQuery { text: "0042".into(), ..plain() }),
        ("an Object that all have", ClientQuery { text: "/3303/1".into(), ..plain() }),
        ("by last message", ClientQuery { sort: SortBy::Heard, descending: true, ..plain() }),
    ]
}

fn report(registered: &Event) -> Event {
    let Event::Registered(registration) = registered else { unreachable!("only Registers are given") };
    Event::Reported(Arc::new(Reported {
        endpoint: registration.endpoint.clone(),
        path: Path::resource(3303, 0, 5700),
        source: Source::Notify,
        content_format: Some(ContentFormat::TEXT),
        payload: b"21.5".to_vec(),
        at: Instant::from_millis(u64::from(registration.endpoint.as_bytes()[20]) * 1_000),
        sequence: Some(1),
        confirmable: true,
        delivery: None,
        current: true,
    }))
}

fn per_event(what: &str, events: &[Event], take: impl Fn(&Event)) {
    let started = Stopwatch::now();
    events.iter().for_each(take);
    println!("{what}: {:.0} ns each", millis(started) * 1e6 / events.len() as f64);
}

fn millis(started: Stopwatch) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}
