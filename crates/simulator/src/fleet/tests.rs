mod bench;
mod firmware;
mod incidents;

use bench::Bench;
use coap::{Code, Options};

use super::*;

#[test]
fn registrations_are_spread_over_time() {
    let mut bench = Bench::new(r#"{"groups":[{"name":"a","count":1000}]}"#);
    bench.run(Duration::from_secs(1));
    let first = bench.fleet.tally().registered;
    assert!((390..=410).contains(&first), "{first}");
    bench.run(Duration::from_millis(1_600));
    assert_eq!(bench.fleet.tally().registered, 1000);
}

#[test]
fn c_013_every_version_announces_itself_its_way() {
    let bench = Bench::registered(r#"{"groups":[{"name":"a","count":3,"lwm2m":"mixed","profile":"meter"}]}"#);
    for (device, version, firmware) in [(0, "1.0", "</5/0>"), (1, "1.1", "</5/0>"), (2, "1.2", "</5/0>")] {
        let register = &bench.registers[&device];
        let queries = register.options.uri_query().unwrap();
        assert!(queries.contains(&format!("lwm2m={version}").as_str()), "{queries:?}");
        let links = String::from_utf8_lossy(&register.payload);
        for object in [firmware, "</1/0>", "</3/0>", "</4/0>", "</7/0>", "</16/0>"] {
            assert!(links.contains(object), "{version}: {links}");
        }
        assert!(!links.contains("</0"), "Security is never listed: {links}");
    }
}

#[test]
fn c_013_queue_mode_is_announced_in_the_form_of_the_version() {
    let queries = |queue_mode: bool, device: u32| {
        let bench = Bench::registered(&format!(
            r#"{{"groups":[{{"name":"a","count":3,"lwm2m":"mixed","queue_mode":{queue_mode}}}]}}"#
        ));
        let queries = bench.registers[&device].options.uri_query().unwrap();
        let of_binding = queries.into_iter().filter(|query| query.starts_with("b=") || *query == "Q");
        of_binding.map(str::to_owned).collect::<Vec<_>>().join("&")
    };
    assert_eq!(queries(true, 0), "b=UQ");
    for device in [1, 2] {
        assert!(["Q", "b=U&Q"].contains(&queries(true, device).as_str()));
    }
    for device in [0, 1, 2] {
        assert!(["", "b=U"].contains(&queries(false, device).as_str()));
    }
}

#[test]
fn c_045_a_device_in_queue_mode_sleeps_and_its_update_wakes_it() {
    for (awake_s, within, after) in [("", 90, 93), (r#","awake_s":30"#, 28, 30)] {
        let mut bench = Bench::registered(&format!(
            r#"{{"groups":[{{"name":"a","lifetime_s":600,"queue_mode":true{awake_s}}}]}}"#
        ));
        bench.run(Duration::from_secs(within));
        assert_eq!(bench.get(0, "/3/0/0").code, Code::CONTENT);
        // That was a message, too.
        bench.run(Duration::from_secs(within));
        assert_eq!(bench.get(0, "/3/0/0").code, Code::CONTENT);
        bench.run(Duration::from_secs(after));
        assert_eq!(bench.try_get(0, "/3/0/0"), None);
        let before = bench.requests;
        while bench.requests == before {
            bench.run(Duration::from_secs(1));
        }
        assert!(bench.try_get(0, "/3/0/0").is_some());
    }
}

#[test]
fn c_045_an_observed_device_in_queue_mode_wakes_to_notify() {
    let mut bench = Bench::registered(
        r#"{"groups":[{"name":"a","profile":"sensor","lifetime_s":86400,"queue_mode":true,"awake_s":5,"period_ms":60000}]}"#,
    );
    bench.observe(0, "/3303/0/5700");
    bench.notifications.clear();
    bench.run(Duration::from_secs(10));
    assert_eq!(bench.try_get(0, "/3/0/0"), None);
    while bench.notifications.is_empty() {
        bench.run(Duration::from_secs(1));
    }
    assert!(bench.try_get(0, "/3/0/0").is_some());
}

#[test]
fn c_013_the_server_object_has_what_its_version_defines() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","count":3,"lwm2m":"mixed"}]}"#);
    for (path, codes) in [
        ("/1/0/6", [Code::CONTENT; 3]),
        ("/1/0/18", [Code::NOT_FOUND, Code::CONTENT, Code::CONTENT]),
        ("/1/0/26", [Code::NOT_FOUND, Code::NOT_FOUND, Code::CONTENT]),
        ("/5/0/11", [Code::NOT_FOUND, Code::NOT_FOUND, Code::CONTENT]),
    ] {
        assert_eq!([0, 1, 2].map(|device| bench.get(device, path).code), codes, "{path}");
    }
}

#[test]
fn a_device_that_nobody_observes_sleeps() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","count":20,"lifetime_s":86400}]}"#);
    let before = bench.requests;
    let calls = bench.run(Duration::from_secs(600));
    assert_eq!(bench.requests, before);
    assert!(calls <= 40, "the fleet was called {calls} times in ten minutes");
}

#[test]
fn what_is_read_after_a_long_sleep_has_moved() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","profile":"meter","lifetime_s":86400}]}"#);
    // The first meter of this seed is one with a single phase.
    let energy = |bench: &mut Bench| -> f64 { bench.read(0, "/3305/0/5805").parse().unwrap() };
    let before = energy(&mut bench);
    bench.run(Duration::from_secs(3600));
    let later = energy(&mut bench);
    assert!(later > before && later - before < 10_000.0, "{before} to {later} Wh in an hour");
}

#[test]
fn observed_values_move_every_period() {
    for (period_ms, expected) in [(500, 8..=20), (2_500, 3..=4)] {
        let mut bench = Bench::registered(&format!(
            r#"{{"groups":[{{"name":"a","profile":"sensor","period_ms":{period_ms}}}]}}"#
        ));
        bench.observe(0, "/3303/0/5700");
        bench.notifications.clear();
        bench.run(Duration::from_secs(10));
        let notified = bench.notifications.len();
        assert!(expected.contains(&notified), "{notified} in ten seconds, one every {period_ms} ms");
    }
}

#[test]
fn c_047_reboot_registers_anew() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","count":2}]}"#);
    bench.registers.clear();
    assert_eq!(bench.execute(1, "/3/0/4"), Code::CHANGED);
    bench.run(Duration::from_secs(1));
    assert_eq!(bench.registers.keys().copied().collect::<Vec<_>>(), [1]);
}

#[test]
fn c_050_connectivity_statistics_count_what_passes() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a"}]}"#);
    assert_eq!(bench.execute(0, "/7/0/6"), Code::CHANGED);
    let before = (bench.to_device_bytes, bench.from_device_bytes);
    for _ in 0..60 {
        bench.get(0, "/3/0");
    }
    let (received, sent) = (bench.to_device_bytes - before.0, bench.from_device_bytes - before.1);
    assert_eq!(bench.execute(0, "/7/0/7"), Code::CHANGED);
    let counted: Vec<usize> =
        ["/7/0/2", "/7/0/3"].iter().map(|path| bench.read(0, path).parse().unwrap()).collect();
    assert!(counted[0].abs_diff(sent / 1000) <= 1, "{counted:?} {sent} bytes sent");
    assert!(counted[1].abs_diff(received / 1000) <= 1, "{counted:?} {received} bytes received");
    assert!(counted[0] > 5, "so many answers are some kilobytes");
    let stopped = bench.read(0, "/7/0/2");
    bench.get(0, "/3/0");
    assert_eq!(bench.read(0, "/7/0/2"), stopped);
}

#[test]
fn an_object_of_the_registry_is_added_by_its_id() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","objects":[3347, 3336]}]}"#);
    let links = String::from_utf8_lossy(&bench.registers[&0].payload).into_owned();
    assert!(links.contains("</3347/0>") && links.contains("</3336/0>"), "{links}");
    assert!(links.contains("</3336>;ver=\"2.0\"") || links.contains("</3336>;ver=2.0"), "{links}");
    assert_eq!(bench.get(0, "/3347/0/5500").code, Code::CONTENT);
}

#[test]
fn a_server_creates_and_deletes_instances_of_an_added_object() {
    let mut bench = Bench::registered(r#"{"groups":[{"name":"a","objects":[3347]}]}"#);
    const TLV: u16 = 11542;
    let options = Options::new().with_path("/3347").with_content_format(TLV);
    // Instance 7 with the application type "door".
    let payload = [0x08, 7, 7, 0xe4, 0x16, 0x76, b'd', b'o', b'o', b'r'];
    let created = bench.ask(0, Code::POST, options, &payload);
    assert_eq!(created.code, Code::CREATED, "{}", String::from_utf8_lossy(&created.payload));
    assert_eq!(bench.read(0, "/3347/7/5750"), "door");
    let deleted = bench.ask(0, Code::DELETE, Options::new().with_path("/3347/7"), &[]);
    assert_eq!(deleted.code, Code::DELETED);
    assert_eq!(bench.get(0, "/3347/7/5750").code, Code::NOT_FOUND);
}

#[test]
fn stopping_deregisters_what_has_started() {
    let mut bench = Bench::new(r#"{"groups":[{"name":"a","count":500}]}"#);
    bench.run(Duration::from_millis(500));
    let started = bench.fleet.tally().registered;
    assert!(started < 300);
    bench.stop();
    bench.run(Duration::from_secs(2));
    assert_eq!((bench.fleet.remaining(), bench.fleet.tally().registered), (0, 0));
    assert_eq!(bench.deregisters, started);
}
