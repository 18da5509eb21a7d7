//! From one mode to the next (LwM2M 1.0 TS §5.2.4, 1.1 Core §6.1.4).

use super::*;

#[test]
fn c_001_without_a_server_the_client_asks_its_bootstrap_server_and_registers_with_what_it_gets() {
    let mut bench = Bench::booted(config(V1_1), factory_tree());
    let request = bench.sent();
    assert_eq!((request.code, shown_path(&request).as_str()), (Code::POST, "/bs"));
    assert_eq!(queries(&request), ["ep=urn:imei:0800200c9a66"]);
    bench.answer(&request, Code::CHANGED, Options::new(), b"");
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
    let events: Vec<Event> = bench.events.drain(..).collect();
    assert_eq!(events[..2], [Event::BootstrapRequested, Event::BootstrapBegun]);
    assert_eq!(events.last(), Some(&Event::Bootstrapped));
    assert_eq!(bench.asked_for, [(0, "coap://first.example.org".to_owned())]);
    let register = bench.registers();
    assert!(queries(&register).contains(&"lt=86400"));
    assert!(bench.disconnected.is_empty(), "the account with the Bootstrap-Server is kept");
}

#[test]
fn c_001_a_client_with_accounts_registers_first_and_is_bootstrapped_when_all_fail() {
    let mut bench = Bench::booted(config(V1_1), tree_with_server());
    bench.assert_silent();
    bench.play(server());
    for seconds in [60, 120, 240, 480, 0] {
        let register = bench.sent();
        assert_eq!(shown_path(&register), "/rd");
        bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
        bench.wait_s(seconds);
    }
    bench.assert_silent();
    bench.play(bootstrap_server());
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_001_bootstrap_on_registration_failure_can_be_forbidden() {
    let mut tree = tree_with_server();
    for (at, value) in [("/1/0/16", Value::Boolean(false)), ("/1/0/17", Value::Unsigned(1))] {
        tree.insert(path(at), value).unwrap();
    }
    let mut bench = Bench::booted(config(V1_1), tree);
    bench.play(server());
    let register = bench.sent();
    bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
    bench.play(bootstrap_server());
    bench.wait_s(3_600);
    bench.assert_silent();
}

#[test]
fn c_001_a_client_that_loses_its_server_falls_back_to_bootstrap() {
    let mut tree = tree_with_server();
    tree.insert(path("/1/0/17"), Value::Unsigned(1)).unwrap();
    let mut bench = Bench::booted(config(V1_1), tree);
    bench.play(server());
    bench.accept_register();
    bench.client.update(bench.now);
    let update = bench.sent();
    bench.answer(&update, Code::NOT_FOUND, Options::new(), b"");
    let register = bench.sent();
    bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
    bench.play(bootstrap_server());
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

/// A Bootstrap-Server that was started again knows nothing of the session of before.
#[test]
fn c_007_after_a_failure_the_next_request_goes_over_a_new_session() {
    let mut tree = factory_tree();
    tree.insert(path("/0/1/0"), text(SECURE_BOOTSTRAP_URI)).unwrap();
    let mut bench = Bench::with(config(V1_1), tree);
    bench.client.boot(bench.now);
    bench.find_servers();
    bench.play(secure_bootstrap_server());
    bench.accept_bootstrap();
    bench.wait_s(247);
    assert_eq!(bench.disconnected, [secure_bootstrap_server()]);
    bench.assert_silent();
    bench.wait_s(60);
    assert_eq!(bench.asked_for, [(1, SECURE_BOOTSTRAP_URI.to_owned())]);
    bench.find_servers();
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_002_the_request_waits_for_the_client_hold_off_time() {
    let mut tree = factory_tree();
    tree.insert(path("/0/1/11"), Value::Integer(30)).unwrap();
    let mut bench = Bench::booted(config(V1_0), tree);
    bench.wait_s(29);
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_002_a_bootstrap_server_that_begins_within_the_hold_off_time_needs_no_request() {
    let mut tree = factory_tree();
    tree.insert(path("/0/1/11"), Value::Integer(30)).unwrap();
    let mut bench = Bench::booted(config(V1_0), tree);
    bench.wait_s(10);
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.registers();
    bench.play(bootstrap_server());
    bench.wait_s(100);
    bench.assert_silent();
}

#[test]
fn c_001_a_bootstrap_server_can_begin_later_as_long_as_its_account_is_kept() {
    let mut bench = Bench::booted(config(V1_0), tree_with_server());
    bench.play(server());
    bench.accept_register();
    bench.play(bootstrap_server());
    let written = [("/1/0/1", Value::Integer(600))];
    let object: Vec<_> =
        server_object(101).into_iter().filter(|(at, _)| *at != "/1/0/1").chain(written).collect();
    assert_eq!(bench.bootstrap_write("/1/0", &object).code, Code::CHANGED);
    bench.play(server());
    bench.ask_in_vain("/3/0/0");
    bench.play(bootstrap_server());
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.play(server());
    let update = bench.sent();
    assert_eq!(queries(&update), ["lt=600"], "the registration stays, its lifetime is new");
    assert!(bench.disconnected.is_empty() && bench.asked_for.is_empty());
}

#[test]
fn c_001_an_account_whose_security_changed_is_registered_anew_over_a_new_session() {
    let mut bench = Bench::booted(config(V1_1), tree_with_server());
    bench.play(server());
    bench.accept_register();
    bench.play(bootstrap_server());
    let mut changed = security(101);
    changed[0].1 = text("coap://second.example.org");
    assert_eq!(bench.bootstrap_write("/0/0", &changed).code, Code::CHANGED);
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.find_servers();
    assert_eq!(bench.disconnected, [server()]);
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
}

#[test]
fn c_006_the_account_with_the_bootstrap_server_goes_when_its_timeout_is_over() {
    let mut tree = factory_tree();
    tree.insert(path("/0/1/12"), Value::Integer(60)).unwrap();
    let mut bench = Bench::bootstrapping_with(config(V1_1), tree);
    bench.write_account();
    bench.finish();
    bench.wait_s(59);
    assert!(bench.has("/0/1"));
    bench.wait_s(1);
    assert!(!bench.has("/0/1"));
    bench.expect_event(&Event::BootstrapAccountPurged);
    assert_eq!(bench.disconnected, [bootstrap_server()]);
    bench.ask_in_vain("/1");
}

#[test]
fn c_007_without_finish_the_client_goes_back_to_what_it_had_and_tries_again() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    bench.bootstrap_delete("/3303");
    bench.wait_s(246);
    assert!(bench.has("/1/0"));
    bench.wait_s(1);
    bench.expect_event(&Event::BootstrapFailed { why: BootstrapFailure::NoFinish { inconsistency: None } });
    assert!(!bench.has("/0/0") && !bench.has("/1/0") && bench.has("/3303/0"));
    bench.wait_s(59);
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_007_a_failure_leaves_the_registration_alone() {
    let mut bench = Bench::booted(config(V1_1), tree_with_server());
    bench.play(server());
    bench.accept_register();
    bench.play(bootstrap_server());
    assert_eq!(bench.bootstrap_delete("/").code, Code::DELETED);
    bench.wait_s(247);
    bench.play(server());
    assert_eq!(bench.read("/1/0/1").code, Code::CONTENT);
    bench.play(bootstrap_server());
    bench.wait_s(1_000);
    bench.assert_silent();
}

#[test]
fn c_007_requests_that_fail_are_repeated_with_growing_delays_and_then_once_a_day() {
    let mut bench = Bench::booted(config(V1_1), factory_tree());
    for seconds in [60, 120, 240, 480, 86_400, 60] {
        let request = bench.sent();
        bench.answer(&request, Code::BAD_REQUEST, Options::new(), b"unknown endpoint");
        let diagnostic = "unknown endpoint".to_owned();
        let why = BootstrapFailure::Refused { code: Code::BAD_REQUEST, diagnostic };
        bench.expect_event(&Event::BootstrapFailed { why });
        bench.wait_s(seconds - 1);
        bench.assert_silent();
        bench.wait_s(1);
    }
}

#[test]
fn c_007_a_bootstrap_server_that_cannot_be_found_is_looked_for_again() {
    let mut bench = Bench::with(config(V1_1), factory_tree());
    bench.client.boot(bench.now);
    bench.drain();
    assert_eq!(bench.asked_for.pop_front(), Some((1, BOOTSTRAP_URI.to_owned())));
    bench.client.connected(bench.now, 1, Err("no such host".to_owned()));
    let why = BootstrapFailure::NoAnswer { why: "no such host".to_owned() };
    bench.expect_event(&Event::BootstrapFailed { why });
    bench.wait_s(60);
    bench.play(bootstrap_server());
    bench.find_servers();
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_011_executing_the_bootstrap_request_trigger_starts_bootstrap() {
    let mut bench = Bench::booted(config(V1_1), tree_with_server());
    bench.play(server());
    bench.accept_register();
    assert_eq!(bench.execute("/1/0/9", "").code, Code::CHANGED);
    bench.play(bootstrap_server());
    bench.accept_bootstrap();
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.find_servers();
    bench.play(server());
    bench.assert_silent();
    assert!(bench.client.is_registered_with(101), "nothing of the account has changed");
}

#[test]
fn c_001_a_command_that_overtakes_the_answer_belongs_to_the_session() {
    let mut bench = Bench::booted(config(V1_1), factory_tree());
    bench.sent();
    assert_eq!(bench.bootstrap_delete("/").code, Code::DELETED);
    bench.wait_s(100);
    bench.assert_silent();
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
}

#[test]
fn c_001_a_reboot_begins_the_sequence_anew() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    bench.client.boot(bench.now);
    bench.find_servers();
    assert!(!bench.has("/1/0"), "what was not finished is gone");
    assert_eq!(shown_path(&bench.sent()), "/bs");
    assert_eq!(bench.disconnected, [bootstrap_server()]);
}

#[test]
fn c_001_a_client_that_is_stopped_asks_nobody() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.client.stop(bench.now);
    bench.wait_s(100_000);
    bench.assert_silent();
    assert!(bench.client.is_stopped());
}

#[test]
fn the_preferred_format_is_told_since_1_1() {
    let format = Some(ContentFormat::SENML_CBOR);
    for (version, expected) in [(V1_0, None), (V1_1, Some("pct=112"))] {
        let config = ClientConfig { preferred_content_format: format, ..config(version) };
        let mut bench = Bench::booted(config, factory_tree());
        let request = bench.sent();
        assert_eq!(queries(&request).get(1).copied(), expected);
    }
}
