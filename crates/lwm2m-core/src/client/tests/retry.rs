//! The registration procedure by the Server object (LwM2M 1.1 Core §6.2.1.1).

use super::{
    accounts::{second_server, start_both},
    *,
};
use crate::client::RegistrationFailure;

const V1_1: LwM2mVersion = LwM2mVersion::V1_1;

fn start(version: LwM2mVersion, resources: &[(&str, Value)]) -> Bench {
    let mut tree = tree();
    for (at, value) in resources {
        tree.insert(path(at), value.clone()).unwrap();
    }
    let mut bench = Bench::with(ClientConfig { version, ..ClientConfig::new("urn:test:1") }, tree);
    bench.client.start(bench.now, server());
    bench
}

/// Refuses the Register that is under way.
fn refuse(bench: &mut Bench) {
    let register = bench.sent();
    assert_eq!(shown_path(&register), "/rd");
    bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
    let why = RegistrationFailure::Refused { code: Code::FORBIDDEN, diagnostic: String::new() };
    assert_eq!(bench.event(), Event::RegistrationFailed { why });
}

/// Asserts that the next Register comes after this time and not before.
fn assert_next_after(bench: &mut Bench, seconds: u64) {
    bench.wait_s(seconds - 1);
    bench.assert_silent();
    bench.wait_s(1);
    bench.drain();
    assert_eq!(bench.sent.len(), 1, "a Register after {seconds} s");
}

#[test]
fn c_019_the_defaults_are_five_attempts_in_one_sequence() {
    let mut bench = start(V1_1, &[]);
    for seconds in [60, 120, 240, 480] {
        refuse(&mut bench);
        assert_next_after(&mut bench, seconds);
    }
    refuse(&mut bench);
    assert_eq!(bench.event(), Event::RegistrationGivenUp);
    assert!(bench.client.is_stopped());
    bench.wait_s(1_000_000);
    bench.assert_silent();
}

#[test]
fn c_019_count_timer_and_sequences_are_obeyed() {
    let mut bench = start(
        V1_1,
        &[
            ("/1/0/17", Value::Unsigned(2)),
            ("/1/0/18", Value::Unsigned(10)),
            ("/1/0/19", Value::Unsigned(3_600)),
            ("/1/0/20", Value::Unsigned(2)),
        ],
    );
    for seconds in [10, 3_600, 10] {
        refuse(&mut bench);
        assert_next_after(&mut bench, seconds);
    }
    refuse(&mut bench);
    assert_eq!(bench.event(), Event::RegistrationGivenUp);
}

#[test]
fn c_019_without_bootstrap_on_failure_sequences_go_on() {
    let mut bench = start(
        V1_1,
        &[
            ("/1/0/16", Value::Boolean(false)),
            ("/1/0/17", Value::Unsigned(1)),
            ("/1/0/19", Value::Unsigned(100)),
        ],
    );
    for _ in 0..5 {
        refuse(&mut bench);
        assert_next_after(&mut bench, 100);
    }
    bench.accept_register();
    assert!(bench.client.is_registered());
}

#[test]
fn c_019_a_success_begins_the_count_anew() {
    let mut bench = start(V1_1, &[("/1/0/18", Value::Unsigned(10))]);
    refuse(&mut bench);
    assert_next_after(&mut bench, 10);
    bench.accept_register();
    bench.event();
    bench.client.update(bench.now);
    let update = bench.sent();
    bench.answer(&update, Code::NOT_FOUND, Options::new(), b"");
    refuse(&mut bench);
    assert_next_after(&mut bench, 10);
}

#[test]
fn c_019_version_1_0_has_no_such_resources() {
    let mut bench = start(LwM2mVersion::V1_0, &[("/1/0/17", Value::Unsigned(1))]);
    for seconds in [60, 120, 240, 480, 960, 1_920] {
        refuse(&mut bench);
        assert_next_after(&mut bench, seconds);
    }
}

#[test]
fn c_019_the_first_registration_waits_for_its_delay() {
    let mut bench = start(V1_1, &[("/1/0/14", Value::Unsigned(30))]);
    assert!(!bench.client.is_stopped());
    assert_next_after(&mut bench, 30);
}

#[test]
fn c_019_servers_come_in_the_order_of_their_priority() {
    let mut bench = start_both(&[
        ("/1/0/13", Value::Unsigned(2)),
        ("/1/1/13", Value::Unsigned(1)),
        ("/1/0/14", Value::Unsigned(20)),
    ]);
    bench.assert_silent();
    bench.play(second_server());
    bench.accept_register();
    bench.play(server());
    assert_next_after(&mut bench, 20);
    bench.accept_register();
    assert!(bench.client.is_registered());
}

#[test]
fn c_019_a_failure_blocks_the_following_servers_only_if_it_is_to() {
    for blocks in [false, true] {
        let mut bench = start_both(&[
            ("/1/0/13", Value::Unsigned(1)),
            ("/1/0/15", Value::Boolean(blocks)),
            ("/1/0/17", Value::Unsigned(1)),
            ("/1/1/13", Value::Unsigned(2)),
        ]);
        refuse(&mut bench);
        assert_eq!(bench.event(), Event::RegistrationGivenUp);
        bench.play(second_server());
        bench.drain();
        assert_eq!(bench.sent.is_empty(), blocks);
    }
}

#[test]
fn c_019_servers_without_priority_wait_for_nobody() {
    let mut bench = start_both(&[("/1/0/13", Value::Unsigned(1))]);
    bench.sent();
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
}
