//! Bootstrap-Finish (LwM2M 1.1 Core §6.1.6).

use super::*;

/// A bootstrap that is right but for what `spoil` does.
#[track_caller]
fn refused(version: LwM2mVersion, spoil: impl FnOnce(&mut Bench)) -> String {
    let mut bench = Bench::bootstrapping(version);
    bench.write_account();
    spoil(&mut bench);
    let answer = bench.finish();
    assert_eq!(answer.code, Code::NOT_ACCEPTABLE);
    diagnostic(&answer).to_owned()
}

fn put(bench: &mut Bench, at: &str, values: &[(&str, Value)]) {
    assert_eq!(bench.bootstrap_write(at, values).code, Code::CHANGED);
}

#[test]
fn c_005_only_the_disable_timeout_is_no_account() {
    let mut bench = Bench::bootstrapping(V1_1);
    put(&mut bench, "/1/0", &[("/1/0/5", Value::Integer(60))]);
    let answer = bench.finish();
    assert_eq!(answer.code, Code::NOT_ACCEPTABLE);
    assert_eq!(diagnostic(&answer), "/1/0/0 Short Server ID is mandatory and missing");
}

#[test]
fn c_005_nothing_at_all_is_no_account() {
    let mut bench = Bench::bootstrapping(V1_1);
    let answer = bench.finish();
    assert_eq!(answer.code, Code::NOT_ACCEPTABLE);
    assert!(
        diagnostic(&answer).contains("expected an account with a LwM2M Server"),
        "{}",
        diagnostic(&answer)
    );
}

#[test]
fn c_005_accounts_come_in_pairs() {
    let why = refused(V1_1, |bench| assert_eq!(bench.bootstrap_delete("/1").code, Code::DELETED));
    assert_eq!(why, "expected a Server instance for /0/0 with Short Server ID 101, got none");
    let why = refused(V1_1, |bench| {
        let other = at_instance(1, server_object(102));
        let other: Vec<(&str, Value)> =
            other.iter().map(|(at, value)| (at.as_str(), value.clone())).collect();
        put(bench, "/1/1", &other);
    });
    assert_eq!(why, "expected a Security instance for /1/1 with Short Server ID 102, got none");
    let why = refused(V1_1, |bench| {
        let again = at_instance(2, security(101));
        let again: Vec<(&str, Value)> =
            again.iter().map(|(at, value)| (at.as_str(), value.clone())).collect();
        put(bench, "/0/2", &again);
    });
    assert_eq!(why, "expected each Short Server ID once, got 101 in /0/2/10 again");
}

#[test]
fn c_005_uri_mode_and_keys_have_to_fit() {
    let replaced = |resource: usize, value: Value| {
        let mut values = security(101);
        values[resource].1 = value;
        values
    };
    for (resource, value, expected) in [
        (0, text("coaps://first.example.org"), "/0/0/0: expected coap:// or coaps://"),
        (0, text("mqtt://first.example.org"), "/0/0/0: expected coap:// or coaps://"),
        (2, Value::Integer(4), "/0/0/2: expected Security Mode 0, 1, 2 or 3, got 4"),
        (1, Value::Boolean(true), "expected at most one account with a Bootstrap-Server"),
    ] {
        let why = refused(V1_1, |bench| put(bench, "/0/0", &replaced(resource, value)));
        assert!(why.contains(expected), "{why}");
    }
    let why = refused(V1_1, |bench| {
        let mut values = replaced(0, text("coaps://first.example.org"));
        values[2].1 = Value::Integer(0);
        values[3].1 = Value::opaque(*b"identity");
        put(bench, "/0/0", &values);
    });
    assert_eq!(why, "/0/0/5: expected key material for Security Mode 0, got none");
}

#[test]
fn c_005_lifetime_binding_and_access_control_have_to_make_sense() {
    let server = |resource: usize, value: Value| {
        let mut values = server_object(101);
        values[resource].1 = value;
        values
    };
    for (resource, value, expected) in [
        (1, Value::Integer(0), "/1/0/1: expected a lifetime of at least 1 s, got 0"),
        (3, text("X"), "/1/0/7: expected a binding of LwM2M 1.1, got \"X\""),
    ] {
        assert_eq!(refused(V1_1, |bench| put(bench, "/1/0", &server(resource, value))), expected);
    }
    let why = refused(V1_1, |bench| {
        let nothing = [
            ("/2/0/0", Value::Integer(3311)),
            ("/2/0/1", Value::Integer(4)),
            ("/2/0/3", Value::Integer(101)),
        ];
        put(bench, "/2/0", &nothing);
    });
    assert_eq!(why, "/2/0 guards /3311/4, which does not exist");
}

#[test]
fn c_005_the_bootstrap_server_may_correct_and_finish_again() {
    let mut bench = Bench::bootstrapping(V1_1);
    put(&mut bench, "/0/0", &security(101));
    assert_eq!(bench.finish().code, Code::NOT_ACCEPTABLE);
    put(&mut bench, "/1/0", &server_object(101));
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.expect_event(&Event::Bootstrapped);
}

#[test]
fn c_005_without_a_correction_the_failure_says_what_was_wrong() {
    let mut bench = Bench::bootstrapping(V1_1);
    put(&mut bench, "/0/0", &security(101));
    bench.finish();
    bench.wait_s(247);
    let why = "expected a Server instance for /0/0 with Short Server ID 101, got none".to_owned();
    bench.expect_event(&Event::BootstrapFailed {
        why: BootstrapFailure::NoFinish { inconsistency: Some(why) },
    });
}

#[test]
fn c_005_finish_carries_nothing() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    let options = Options::new().with_path("/bs");
    assert_eq!(bench.request(Code::POST, options.clone(), b"x").code, Code::BAD_REQUEST);
    assert_eq!(bench.request(Code::POST, options.with_query("a"), b"").code, Code::BAD_REQUEST);
    assert_eq!(bench.finish().code, Code::CHANGED);
}

#[test]
fn c_005_a_replaced_own_account_is_connected_to_anew() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    let own = [
        ("/0/1/0", text("coap://second.example.org")),
        ("/0/1/1", Value::Boolean(true)),
        ("/0/1/2", Value::Integer(3)),
        ("/0/1/3", Value::opaque([])),
        ("/0/1/4", Value::opaque([])),
        ("/0/1/5", Value::opaque([])),
    ];
    put(&mut bench, "/0/1", &own);
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.drain();
    assert_eq!(bench.disconnected, [bootstrap_server()]);
    assert_eq!(bench.asked_for.front(), Some(&(1, "coap://second.example.org".to_owned())));
}
