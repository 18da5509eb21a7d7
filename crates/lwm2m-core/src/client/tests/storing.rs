//! Notification Storing When Disabled or Offline (`/1/x/6`).

use lwm2m_codec::decode;

use super::*;

const TEMPERATURE: &str = "/3303/0/5700";

fn observe_as(bench: &mut Bench, accept: Option<ContentFormat>) {
    let options = Options::new().with_path(TEMPERATURE).with_observe(0);
    let options = accept.into_iter().fold(options, |options, accept| options.with_accept(accept.0));
    let response = bench.request_with(Token::new(&[1]).unwrap(), Code::GET, options, b"");
    assert!(response.options.observe().is_some());
    bench.drain();
    bench.events.clear();
}

fn observing(storing: bool, queries: &[&str], accept: Option<ContentFormat>) -> Bench {
    let mut tree = tree();
    tree.insert(path("/1/0/6"), Value::Boolean(storing)).unwrap();
    let config = ClientConfig { version: LwM2mVersion::V1_2, ..ClientConfig::new("urn:test:1") };
    let mut bench = Bench::with(config, tree).register();
    if !queries.is_empty() {
        let options = Options::new().with_path(TEMPERATURE);
        let options = queries.iter().fold(options, |options, query| options.with_query(query));
        assert_eq!(bench.request(Code::PUT, options, b"").code, Code::CHANGED);
    }
    observe_as(&mut bench, accept);
    bench
}

fn go(bench: &mut Bench, online: bool) {
    bench.client.set_online(bench.now, 1, online).unwrap();
}

/// The server wants to be left alone for a while (LwM2M 1.0 TS App. E.2).
fn disable(bench: &mut Bench) {
    bench.execute("/1/0/4", "");
    let deregister = bench.sent();
    bench.answer(&deregister, Code::DELETED, Options::new(), b"");
}

/// Three changes at 10 s, 20 s and 30 s.
fn miss_three(bench: &mut Bench) {
    for value in [30.0, 31.0, 32.0] {
        bench.wait_s(10);
        bench.set(TEMPERATURE, Value::Float(value));
    }
    bench.assert_silent();
}

#[track_caller]
fn accept_update(bench: &mut Bench) {
    let update = bench.sent();
    assert_eq!(shown_path(&update), "/rd/a1");
    bench.assert_silent();
    bench.answer(&update, Code::CHANGED, Options::new(), b"");
}

/// Values with their age in seconds.
#[track_caller]
fn values(bench: &Bench, notification: &Message) -> Vec<(f64, f64)> {
    assert_eq!(notification.code, Code::CONTENT);
    let format = ContentFormat(notification.options.content_format().unwrap());
    let registry = bench.client.tree().registry();
    let records = decode(format, &path(TEMPERATURE), &notification.payload, registry).unwrap();
    let now = bench.now.as_millis() as f64 / 1_000.0;
    let read = records.into_iter().map(|record| match record.value {
        Value::Float(value) => (value, now - record.time().unwrap()),
        other => panic!("{other:?}"),
    });
    read.collect()
}

#[test]
fn c_040_what_was_missed_offline_comes_in_one_notification_with_times() {
    for accept in [None, Some(ContentFormat::SENML_JSON)] {
        let mut bench = observing(true, &[], accept);
        go(&mut bench, false);
        miss_three(&mut bench);
        go(&mut bench, true);
        accept_update(&mut bench);
        let notification = bench.sent();
        assert_eq!(notification.message_type, MessageType::Confirmable);
        assert_eq!(notification.token, Token::new(&[1]).unwrap());
        assert_eq!(values(&bench, &notification), [(30.0, 20.0), (31.0, 10.0), (32.0, 0.0)]);
        bench.assert_silent();
    }
}

#[test]
fn c_040_without_storing_what_was_missed_is_gone() {
    let mut bench = observing(false, &[], None);
    go(&mut bench, false);
    miss_three(&mut bench);
    go(&mut bench, true);
    accept_update(&mut bench);
    bench.assert_silent();
    bench.set(TEMPERATURE, Value::Float(33.0));
    assert_eq!(bench.sent().payload, b"33");
}

#[test]
fn c_039_c_040_hqmax_keeps_the_newest() {
    let mut bench = observing(true, &["hqmax=2"], None);
    go(&mut bench, false);
    miss_three(&mut bench);
    go(&mut bench, true);
    accept_update(&mut bench);
    let notification = bench.sent();
    assert_eq!(values(&bench, &notification), [(31.0, 10.0), (32.0, 0.0)]);
}

#[test]
fn c_040_a_format_without_times_brings_the_present() {
    let mut bench = observing(true, &[], Some(ContentFormat::TLV));
    go(&mut bench, false);
    miss_three(&mut bench);
    go(&mut bench, true);
    accept_update(&mut bench);
    let notification = bench.sent();
    assert_eq!(notification.options.content_format(), Some(ContentFormat::TLV.0));
    bench.assert_silent();
}

#[test]
fn c_040_version_1_0_uses_its_json() {
    let mut bench = Bench::registered(LwM2mVersion::V1_0);
    observe_as(&mut bench, None);
    go(&mut bench, false);
    miss_three(&mut bench);
    go(&mut bench, true);
    accept_update(&mut bench);
    let notification = bench.sent();
    assert_eq!(notification.options.content_format(), Some(ContentFormat::JSON.0));
    assert_eq!(values(&bench, &notification), [(30.0, 20.0), (31.0, 10.0), (32.0, 0.0)]);
}

#[test]
fn c_040_what_was_missed_while_disabled_comes_when_observed_again() {
    let mut bench = observing(true, &[], None);
    disable(&mut bench);
    miss_three(&mut bench);
    bench.wait_s(30);
    bench.accept_register();
    bench.assert_silent();
    observe_as(&mut bench, None);
    let notification = bench.sent();
    assert_eq!(values(&bench, &notification), [(30.0, 50.0), (31.0, 40.0), (32.0, 30.0)]);
}

#[test]
fn c_040_what_was_missed_without_a_registration_comes_when_observed_again() {
    let mut bench = observing(true, &[], None);
    bench.client.update(bench.now);
    let update = bench.sent();
    bench.answer(&update, Code::NOT_FOUND, Options::new(), b"");
    let register = bench.sent();
    bench.set(TEMPERATURE, Value::Float(30.0));
    bench.assert_silent();
    bench.wait_s(1);
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "a1"]), b"");
    bench.wait_s(1);
    bench.set(TEMPERATURE, Value::Float(31.0));
    bench.assert_silent();
    observe_as(&mut bench, None);
    let notification = bench.sent();
    assert_eq!(values(&bench, &notification), [(30.0, 2.0)], "the server had its chance after that");
    bench.set(TEMPERATURE, Value::Float(32.0));
    assert_eq!(bench.sent().payload, b"32");
}

#[test]
fn what_was_missed_is_forgotten_when_nobody_asks() {
    let mut bench = observing(true, &[], None);
    for missed in [1.0, 2.0] {
        disable(&mut bench);
        bench.set(TEMPERATURE, Value::Float(missed));
        bench.wait_s(60);
        bench.accept_register();
    }
    observe_as(&mut bench, None);
    bench.assert_silent();
}

#[test]
fn stopping_forgets_what_was_missed() {
    let mut bench = observing(true, &[], None);
    disable(&mut bench);
    miss_three(&mut bench);
    bench.client.stop(bench.now);
    bench.client.start(bench.now, server());
    bench.accept_register();
    observe_as(&mut bench, None);
    bench.assert_silent();
}

#[test]
fn c_040_a_disabled_server_without_storing_misses_it_for_good() {
    let mut bench = observing(false, &[], None);
    disable(&mut bench);
    miss_three(&mut bench);
    bench.wait_s(30);
    bench.accept_register();
    observe_as(&mut bench, None);
    bench.assert_silent();
}

#[test]
fn c_040_an_unacknowledged_value_is_kept_and_the_client_registers() {
    let mut bench = observing(true, &["con=1"], None);
    bench.set(TEMPERATURE, Value::Float(40.0));
    let lost = bench.sent();
    assert_eq!(lost.message_type, MessageType::Confirmable);
    let sent_at = bench.now;
    bench.wait_s(93);
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
    bench.sent.retain(|message| message.message_id != lost.message_id);
    bench.accept_register();
    observe_as(&mut bench, None);
    let age_s = bench.now.saturating_duration_since(sent_at).as_secs_f64();
    let notification = bench.sent();
    assert_eq!(values(&bench, &notification), [(40.0, age_s)]);
}

#[test]
fn a_registration_that_expired_offline_is_made_again() {
    let mut bench = observing(true, &[], None);
    go(&mut bench, false);
    bench.wait_s(1_000);
    bench.assert_silent();
    go(&mut bench, true);
    bench.accept_register();
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
}

#[test]
fn nothing_is_begun_offline() {
    let mut bench = Bench::new(LwM2mVersion::V1_1);
    bench.client.start(bench.now, server());
    let register = bench.sent();
    go(&mut bench, false);
    bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
    bench.wait_s(10_000);
    bench.assert_silent();
    go(&mut bench, true);
    bench.accept_register();
    assert!(bench.client.is_registered());
    bench.client.set_online(bench.now, 9, true).unwrap_err();
}
