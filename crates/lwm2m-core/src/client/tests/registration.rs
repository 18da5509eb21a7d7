use super::*;
use crate::client::{RegistrationFailure, TimeoutReason};

const V1_0: LwM2mVersion = LwM2mVersion::V1_0;
const V1_1: LwM2mVersion = LwM2mVersion::V1_1;

/// The next Update, which the server accepts.
#[track_caller]
fn accept_update(bench: &mut Bench) -> Message {
    let update = bench.sent();
    assert_eq!((update.code, shown_path(&update).as_str()), (Code::POST, "/rd/a1"));
    bench.answer(&update, Code::CHANGED, Options::new(), b"");
    assert_eq!(bench.event(), Event::Updated);
    update
}

#[test]
fn c_012_register_names_the_client_and_its_objects() {
    let mut bench = Bench::new(V1_1);
    bench.client.start(bench.now, server());
    let register = bench.accept_register();
    assert_eq!((register.code, register.message_type), (Code::POST, MessageType::Confirmable));
    assert_eq!(queries(&register), ["ep=urn:test:1", "lt=300", "lwm2m=1.1", "b=U"]);
    assert_eq!(register.options.content_format(), Some(ContentFormat::CORE_LINK.0));
    assert_eq!(
        diagnostic(&register),
        r#"</>;rt="oma.lwm2m";ct="0 42 60 110 112 11542",</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>,</3303/1>,</3311/0>,</3442/0>"#
    );
    assert_eq!(bench.event(), Event::Registered { location: "/rd/a1".to_owned() });
    assert!(bench.client.is_registered());
}

#[test]
fn c_012_security_and_oscore_are_not_listed_and_sms_is() {
    let mut tree = tree();
    for (at, value) in [
        ("/0/0/0", text("coap://example")),
        ("/0/0/1", Value::Boolean(false)),
        ("/0/0/10", Value::Integer(1)),
        ("/21/0/0", Value::opaque([1])),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    let config = ClientConfig { sms_number: Some("15550100".to_owned()), ..ClientConfig::new("urn:test:1") };
    let mut bench = Bench::with(config, tree);
    bench.client.start(bench.now, server());
    let register = bench.accept_register();
    assert_eq!(queries(&register), ["ep=urn:test:1", "lt=300", "lwm2m=1.1", "b=U", "sms=15550100"]);
    let links = diagnostic(&register);
    assert!(!links.contains("</0") && !links.contains("</21") && links.contains("</1/0>"), "{links}");
}

#[test]
fn c_013_every_version_has_its_forms_of_binding_and_queue_mode() {
    for (version, queue_mode, expected) in [
        (V1_0, false, &["lwm2m=1.0", "b=U"][..]),
        (V1_0, true, &["lwm2m=1.0", "b=UQ"]),
        (V1_1, false, &["lwm2m=1.1", "b=U"]),
        (V1_1, true, &["lwm2m=1.1", "b=U", "Q"]),
        (LwM2mVersion::V1_2, true, &["lwm2m=1.2", "b=U", "Q"]),
    ] {
        let config = ClientConfig { version, queue_mode, ..ClientConfig::new("urn:test:1") };
        let mut bench = Bench::with(config, tree());
        bench.client.start(bench.now, server());
        assert_eq!(queries(&bench.sent())[2..], *expected);
    }
}

#[test]
fn c_013_c_015_version_1_0_tells_the_binding_in_use() {
    let mut bench = Bench::registered(V1_0);
    assert_eq!(bench.put("/1/0/7", ContentFormat::TEXT, b"UQ").code, Code::CHANGED);
    bench.event();
    assert_eq!(queries(&accept_update(&mut bench)), ["b=UQ"]);
    bench.put("/1/0/7", ContentFormat::TEXT, b"U");
    bench.event();
    assert_eq!(queries(&accept_update(&mut bench)), ["b=U"]);
}

#[test]
fn c_013_c_014_queue_mode_and_alternate_path_are_announced() {
    let config = ClientConfig {
        version: V1_0,
        queue_mode: true,
        root: "/lwm2m".to_owned(),
        ..ClientConfig::new("urn:test:1")
    };
    let mut bench = Bench::with(config, tree());
    bench.client.start(bench.now, server());
    let register = bench.accept_register();
    assert_eq!(queries(&register)[2..], ["lwm2m=1.0", "b=UQ"]);
    let links = diagnostic(&register);
    assert!(links.starts_with(r#"</lwm2m>;rt="oma.lwm2m""#) && links.contains("</lwm2m/3303/1>"), "{links}");
    bench.event();
    assert_eq!(bench.read("/lwm2m/3/0/9").payload, b"80");
    assert_eq!(bench.read("/3/0/9").code, Code::NOT_FOUND);
}

#[test]
fn an_announced_version_is_listed_where_it_is_not_implied() {
    let mut tree = tree();
    tree.announce_version(1, "1.2");
    tree.announce_version(3, "1.1");
    let mut bench = Bench::with(ClientConfig { version: V1_1, ..ClientConfig::new("a") }, tree);
    bench.client.start(bench.now, server());
    let register = bench.sent();
    let links = diagnostic(&register);
    assert!(
        links.contains("</1>;ver=1.2,</1/0>") && links.contains(",</3/0>") && !links.contains("</3>"),
        "{links}"
    );
}

#[test]
fn c_020_requests_before_the_registration_are_ignored() {
    let mut bench = Bench::new(V1_1);
    bench.client.start(bench.now, server());
    let register = bench.sent();
    let read = bench.ask_in_vain("/3/0/9");
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "a1"]), b"");
    bench.assert_silent();
    // The retransmission is not taken for a duplicate.
    bench.receive(&read);
    assert_eq!(bench.sent().payload, b"80");
}

#[test]
fn other_peers_are_not_heard() {
    let mut bench = Bench::registered(V1_1);
    let stranger = Peer::NoSec(([198, 51, 100, 9], 5683).into());
    let ping = [0x40, 0x00, 0x12, 0x34];
    bench.client.handle_datagram(bench.now, stranger, &ping);
    bench.assert_silent();
}

#[test]
fn c_015_the_update_comes_before_the_lifetime_ends() {
    let mut bench = Bench::registered(V1_1);
    let (due, reason) =
        bench.client.poll_timeout().filter(|(_, reason)| *reason == TimeoutReason::Update).unwrap();
    // 300 s of lifetime less 93 s of margin.
    assert_eq!(due, bench.now + Duration::from_secs(207));
    assert_eq!(reason.to_string(), "Update before the lifetime ends");
    bench.wait_s(206);
    bench.assert_silent();
    bench.wait_s(1);
    let update = accept_update(&mut bench);
    assert_eq!((queries(&update).len(), update.payload.len()), (0, 0), "nothing changed");
    bench.wait_s(207);
    accept_update(&mut bench);
}

#[test]
fn a_registration_without_end_needs_no_update() {
    let mut tree = tree();
    tree.insert(path("/1/0/1"), Value::Integer(0)).unwrap();
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    bench.wait_s(1_000_000);
    bench.assert_silent();
}

#[test]
fn c_016_a_written_lifetime_is_told_and_changes_the_rhythm() {
    let mut bench = Bench::registered(V1_1);
    assert_eq!(bench.put("/1/0/1", ContentFormat::TEXT, b"40").code, Code::CHANGED);
    assert_eq!(bench.event(), Event::Written { path: path("/1/0/1"), value: Value::Integer(40) });
    let update = accept_update(&mut bench);
    assert_eq!((queries(&update), update.payload.len()), (vec!["lt=40"], 0));
    bench.wait_s(20);
    assert_eq!(queries(&accept_update(&mut bench)), [""; 0]);
}

#[test]
fn c_015_a_new_instance_is_told_with_the_whole_list() {
    let mut bench = Bench::registered(V1_1);
    bench.client.change(bench.now, |tree| tree.insert(path("/3303/7/5700"), Value::Float(1.0))).unwrap();
    let update = accept_update(&mut bench);
    assert_eq!(update.options.content_format(), Some(ContentFormat::CORE_LINK.0));
    assert!(diagnostic(&update).contains("</3303/1>,</3303/7>,</3311/0>"));
    bench.client.change(bench.now, |tree| tree.remove(path("/3303/7"))).unwrap();
    assert!(!diagnostic(&accept_update(&mut bench)).contains("</3303/7>"));
}

#[test]
fn changes_during_an_update_make_another_one() {
    let mut bench = Bench::registered(V1_1);
    bench.set("/1/0/1", Value::Integer(100));
    let first = bench.sent();
    bench.set("/1/0/1", Value::Integer(200));
    bench.assert_silent();
    bench.answer(&first, Code::CHANGED, Options::new(), b"");
    assert_eq!(queries(&accept_update(&mut bench)), ["lt=200"]);
    bench.assert_silent();
}

#[test]
fn c_017_an_unknown_registration_is_made_again() {
    let mut bench = Bench::registered(V1_1);
    bench.wait_s(207);
    let update = bench.sent();
    bench.answer(&update, Code::NOT_FOUND, Options::new(), b"");
    assert!(!bench.client.is_registered());
    bench.accept_register();
    assert!(matches!(bench.event(), Event::Registered { .. }));
}

#[test]
fn an_unanswered_update_leads_to_a_new_registration() {
    let mut bench = Bench::registered(V1_1);
    bench.wait_s(207);
    assert_eq!(shown_path(&bench.sent()), "/rd/a1");
    bench.wait_s(93);
    let retransmissions = 4;
    for _ in 0..retransmissions {
        assert_eq!(shown_path(&bench.sent()), "/rd/a1");
    }
    assert_eq!(shown_path(&bench.sent()), "/rd");
}

#[test]
fn failed_registrations_are_tried_again_after_growing_delays() {
    let config = ClientConfig {
        retry: Retry::Doubling { first: Duration::from_secs(10), longest: Duration::from_secs(30) },
        ..ClientConfig::new("a")
    };
    let mut bench = Bench::with(config, tree());
    bench.client.start(bench.now, server());
    for delay in [10, 20, 30, 30] {
        let register = bench.sent();
        bench.answer(&register, Code::FORBIDDEN, Options::new(), b"not you");
        let why = RegistrationFailure::Refused { code: Code::FORBIDDEN, diagnostic: "not you".to_owned() };
        assert_eq!(bench.event(), Event::RegistrationFailed { why });
        bench.wait_s(delay - 1);
        bench.assert_silent();
        bench.wait_s(1);
    }
    bench.accept_register();
    assert!(bench.client.is_registered());
}

#[test]
fn silence_and_a_missing_location_are_failures() {
    let mut bench = Bench::new(V1_1);
    bench.client.start(bench.now, server());
    let first = bench.sent();
    bench.wait_s(93);
    assert_eq!(bench.sent.drain(..).filter(|message| *message == first).count(), 4, "retransmissions");
    assert!(matches!(bench.event(), Event::RegistrationFailed { why: RegistrationFailure::NoAnswer { .. } }));
    bench.wait_s(60);
    let second = bench.sent();
    assert_ne!(second.message_id, first.message_id);
    bench.answer(&second, Code::CREATED, Options::new(), b"");
    assert_eq!(bench.event(), Event::RegistrationFailed { why: RegistrationFailure::NoLocation });
}

#[test]
fn c_018_stopping_deregisters() {
    let mut bench = Bench::registered(V1_1);
    bench.client.stop(bench.now);
    let deregister = bench.sent();
    assert_eq!((deregister.code, shown_path(&deregister).as_str()), (Code::DELETE, "/rd/a1"));
    assert!(!bench.client.is_stopped());
    bench.answer(&deregister, Code::DELETED, Options::new(), b"");
    assert_eq!(bench.event(), Event::Deregistered);
    assert!(bench.client.is_stopped());
    bench.wait_s(100_000);
    bench.assert_silent();
}

#[test]
fn stopping_during_a_registration_ends_it() {
    let mut bench = Bench::new(V1_1);
    bench.client.start(bench.now, server());
    let register = bench.sent();
    bench.client.stop(bench.now);
    assert!(bench.client.is_stopped());
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "a1"]), b"");
    bench.wait_s(1000);
    bench.assert_silent();
    assert!(bench.client.is_stopped());
}

#[test]
fn c_046_the_update_trigger_makes_an_update() {
    let mut bench = Bench::registered(V1_1);
    assert_eq!(bench.execute("/1/0/8", "").code, Code::CHANGED);
    assert_eq!(bench.event(), Event::Executed { path: path("/1/0/8"), arguments: Vec::new() });
    accept_update(&mut bench);
    assert_eq!(bench.execute("/1/0/8", "0='U'").code, Code::CHANGED);
    bench.event();
    accept_update(&mut bench);
    for query in ["0=U", "0='U'"] {
        let options = Options::new().with_path("/1/0/8").with_query(query);
        assert_eq!(bench.request(Code::POST, options, b"").code, Code::CHANGED);
        assert!(matches!(
            bench.event(),
            Event::Executed { arguments, .. } if arguments[0].value.as_deref() == Some("U")
        ));
        accept_update(&mut bench);
    }
    assert_eq!(bench.execute("/1/0/8", "3").code, Code::BAD_REQUEST);
    bench.assert_silent();
}

#[test]
fn c_047_a_reboot_is_answered_and_then_registers_anew() {
    let mut bench = Bench::registered(V1_1);
    bench.observe("/3/0/9", 1);
    bench.event();
    assert_eq!(bench.execute("/3/0/4", "").code, Code::CHANGED);
    bench.accept_register();
    assert_eq!(bench.event(), Event::Executed { path: path("/3/0/4"), arguments: Vec::new() });
    assert_eq!(bench.event(), Event::ObservationEnded { path: path("/3/0/9") });
    assert!(matches!(bench.event(), Event::Registered { .. }));
}

#[test]
fn c_047_a_reboot_takes_its_time() {
    let config = ClientConfig { reboot_duration: Duration::from_secs(20), ..ClientConfig::new("urn:test:1") };
    let mut bench = Bench::with(config, tree()).register();
    assert_eq!(bench.execute("/3/0/4", "").code, Code::CHANGED);
    assert_eq!(bench.event(), Event::Executed { path: path("/3/0/4"), arguments: Vec::new() });
    assert!(!bench.client.is_registered() && !bench.client.is_stopped());
    bench.wait_s(19);
    bench.assert_silent();
    bench.wait_s(1);
    bench.accept_register();
    assert!(bench.client.is_registered());
}

#[test]
fn c_018_a_disabled_client_comes_back_after_the_timeout() {
    let mut bench = Bench::registered(V1_1);
    assert_eq!(bench.execute("/1/0/4", "").code, Code::CHANGED);
    bench.event();
    let deregister = bench.sent();
    assert_eq!(deregister.code, Code::DELETE);
    bench.answer(&deregister, Code::DELETED, Options::new(), b"");
    assert_eq!(bench.event(), Event::Deregistered);
    bench.wait_s(59);
    bench.assert_silent();
    bench.wait_s(1);
    bench.accept_register();
}

#[test]
fn a_disabled_client_that_is_stopped_stays_away() {
    let mut bench = Bench::registered(V1_1);
    bench.execute("/1/0/4", "");
    let deregister = bench.sent();
    bench.client.stop(bench.now);
    bench.assert_silent();
    bench.answer(&deregister, Code::DELETED, Options::new(), b"");
    assert!(bench.client.is_stopped());
    bench.wait_s(1000);
    bench.assert_silent();
}

#[test]
fn a_doubtful_registration_is_checked_once_at_a_time() {
    let mut bench = Bench::registered(V1_1);
    bench.client.update(bench.now);
    bench.client.update(bench.now);
    accept_update(&mut bench);
    bench.assert_silent();
}
