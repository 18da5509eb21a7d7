//! Write-Attributes, and what comes of it in Discover and Notify.

use super::*;

const TEMPERATURE: &str = "/3303/0/5700";

fn write_attributes(bench: &mut Bench, at: &str, queries: &[&str]) -> Message {
    let options = Options::new().with_path(at);
    let options = queries.iter().fold(options, |options, query| options.with_query(query));
    bench.request(Code::PUT, options, b"")
}

/// A client of LwM2M 1.2 whose temperature of 21.5 is observed under these attributes.
fn observing(queries: &[&str]) -> Bench {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    assert_eq!(write_attributes(&mut bench, TEMPERATURE, queries).code, Code::CHANGED);
    assert!(bench.observe(TEMPERATURE, 1).options.observe().is_some());
    bench.event();
    bench
}

fn discover(bench: &mut Bench, at: &str) -> String {
    diagnostic(&bench.read_as(at, ContentFormat::CORE_LINK)).to_owned()
}

/// The example of LwM2M Core §6.3.2, with another multiple resource.
#[test]
fn c_023_a_discover_shows_what_was_written() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    for (at, queries) in [
        ("/3", &["pmin=10"][..]),
        ("/3/0", &["pmax=60"]),
        ("/3/0/6", &["gt=50", "lt=42.2"]),
        ("/3/0/6/1", &["lt=45"]),
    ] {
        assert_eq!(write_attributes(&mut bench, at, queries).code, Code::CHANGED, "{at}");
    }
    let object = discover(&mut bench, "/3");
    assert!(object.starts_with("</3>;pmin=10,</3/0>;pmax=60,</3/0/0>,"), "{object}");
    assert!(object.contains(",</3/0/6>;dim=2;gt=50;lt=42.2,"), "{object}");
    assert!(discover(&mut bench, "/3/0").starts_with("</3/0>;pmin=10;pmax=60,</3/0/0>,"));
    assert_eq!(
        discover(&mut bench, "/3/0/6"),
        "</3/0/6>;dim=2;pmin=10;pmax=60;gt=50;lt=42.2,</3/0/6/0>,</3/0/6/1>;lt=45"
    );
    write_attributes(&mut bench, "/3", &["pmin"]);
    assert!(discover(&mut bench, "/3").starts_with("</3>,"));
    // 1.0 shows what is inherited for resources only.
    let mut older = Bench::registered(LwM2mVersion::V1_0);
    write_attributes(&mut older, "/3", &["pmin=10"]);
    assert!(discover(&mut older, "/3/0").starts_with("</3/0>,</3/0/0>,"));
    assert_eq!(discover(&mut older, "/3/0/9"), "</3/0/9>;pmin=10");
}

#[test]
fn c_029_a_bad_write_changes_nothing_and_says_why() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    write_attributes(&mut bench, TEMPERATURE, &["gt=30"]);
    for (at, queries, why) in [
        (TEMPERATURE, &["pmin=2", "lt=40"][..], "expected lt below gt, got lt=40 and gt=30"),
        (TEMPERATURE, &["edge=1"], "attribute edge exists since LwM2M 1.2, and the client speaks 1.1"),
        (TEMPERATURE, &["gt=warm"], "attribute gt: expected a finite decimal number, got \"warm\""),
        ("/3303", &["gt=1"], "attribute gt: expected it on the level resource"),
        ("/3/0/0", &["gt=1"], "attribute gt: expected a resource that is a number, got one of type string"),
        (
            TEMPERATURE,
            &["lt=10", "gt=12", "st=1"],
            "expected lt + 2 * st below gt, got lt=10, st=1 and gt=12",
        ),
        (TEMPERATURE, &["st=-1"], "attribute st: expected a step of 0 or more"),
        (TEMPERATURE, &["epmin=5", "epmax=5"], "expected epmin below epmax"),
        (TEMPERATURE, &["colour=1"], "expected "),
    ] {
        let response = write_attributes(&mut bench, at, queries);
        assert_eq!(response.code, Code::BAD_REQUEST, "{at}");
        assert!(diagnostic(&response).starts_with(why), "{}", diagnostic(&response));
    }
    assert_eq!(discover(&mut bench, TEMPERATURE), format!("<{TEMPERATURE}>;gt=30"));
    assert_eq!(write_attributes(&mut bench, "/3303/7", &["pmin=1"]).code, Code::NOT_FOUND);
    assert_eq!(write_attributes(&mut bench, "/0/0", &["pmin=1"]).code, Code::UNAUTHORIZED);
}

#[test]
fn c_029_attributes_have_targets_of_their_own() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    for (at, query, code) in [
        (TEMPERATURE, "pmin=60", Code::CHANGED),
        // pmax below pmin is no contradiction, it is ignored (LwM2M Core §5.1.2).
        (TEMPERATURE, "pmax=10", Code::CHANGED),
        ("/3/0/6/1", "gt=5", Code::CHANGED),
        ("/3/0/6/9", "gt=5", Code::NOT_FOUND),
        ("/3/0/9/0", "gt=5", Code::METHOD_NOT_ALLOWED),
        ("/3/0/4", "pmin=1", Code::METHOD_NOT_ALLOWED),
        ("/", "pmin=1", Code::METHOD_NOT_ALLOWED),
    ] {
        assert_eq!(write_attributes(&mut bench, at, &[query]).code, code, "{at} {query}");
    }
    let mut older = Bench::registered(LwM2mVersion::V1_0);
    assert_eq!(write_attributes(&mut older, "/3/0/6/1", &["gt=5"]).code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(write_attributes(&mut older, "/3/0/6", &["epmin=5"]).code, Code::BAD_REQUEST, "since 1.1");
}

#[test]
fn c_030_the_deepest_level_counts_and_the_account_last() {
    const LEVELS: [&str; 4] = ["/3", "/3/0", "/3/0/6", "/3/0/6/0"];
    let mut tree = tree();
    tree.insert(path("/1/0/1"), Value::Integer(86_400)).unwrap();
    tree.insert(path("/1/0/3"), Value::Integer(50)).unwrap();
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    bench.observe("/3/0/6/0", 1);
    let assert_period = |bench: &mut Bench, seconds: u64| {
        bench.wait_s(seconds - 1);
        bench.assert_silent();
        bench.wait_s(1);
        assert_eq!(diagnostic(&bench.sent()), "1", "after {seconds} s");
    };
    assert_period(&mut bench, 50);
    for (level, pmax) in LEVELS.into_iter().zip([40, 30, 20, 10]) {
        assert_eq!(write_attributes(&mut bench, level, &[&format!("pmax={pmax}")]).code, Code::CHANGED);
        assert_period(&mut bench, pmax);
    }
    for (level, pmax) in LEVELS.into_iter().rev().zip([20, 30, 40, 50]) {
        write_attributes(&mut bench, level, &["pmax"]);
        assert_period(&mut bench, pmax);
    }
}

#[test]
fn c_038_a_change_waits_for_the_minimum_period() {
    let mut bench = observing(&["pmin=10", "pmax=60"]);
    bench.wait_s(3);
    bench.set(TEMPERATURE, Value::Float(22.0));
    bench.assert_silent();
    bench.wait_s(6);
    bench.set(TEMPERATURE, Value::Float(23.0));
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(diagnostic(&bench.sent()), "23");
    bench.wait_s(59);
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(diagnostic(&bench.sent()), "23", "after pmax without a change");
}

#[test]
fn c_038_thresholds_decide_what_is_news() {
    let mut bench = observing(&["gt=30"]);
    bench.set(TEMPERATURE, Value::Float(29.0));
    bench.assert_silent();
    bench.set(TEMPERATURE, Value::Float(31.0));
    assert_eq!(diagnostic(&bench.sent()), "31");
    bench.set(TEMPERATURE, Value::Float(40.0));
    bench.assert_silent();
    // Written while the observation stands: in force for the next value.
    write_attributes(&mut bench, TEMPERATURE, &["gt", "st=2"]);
    bench.set(TEMPERATURE, Value::Float(42.0));
    assert_eq!(diagnostic(&bench.sent()), "42");
}

#[test]
fn c_038_lower_threshold_and_step_are_conditions_of_their_own() {
    let mut bench = observing(&["lt=10", "st=5"]);
    for (value, notified) in
        [(25.0, false), (26.5, true), (22.0, false), (9.0, true), (7.0, false), (2.0, true)]
    {
        bench.set(TEMPERATURE, Value::Float(value));
        bench.drain();
        assert_eq!(bench.sent.pop_front().is_some(), notified, "{value}");
    }
}

#[test]
fn c_038_a_pending_change_is_sent_although_it_is_gone() {
    let mut bench = observing(&["pmin=10", "gt=30"]);
    bench.set(TEMPERATURE, Value::Float(31.0));
    bench.set(TEMPERATURE, Value::Float(20.0));
    bench.wait_s(9);
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(diagnostic(&bench.sent()), "20", "with the value of now");
}

#[test]
fn c_038_attributes_come_from_the_nearest_level_and_last_from_the_account() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    bench.client.change(bench.now, |tree| tree.insert(path("/1/0/2"), Value::Integer(40))).unwrap();
    write_attributes(&mut bench, "/3303", &["pmin=30"]);
    write_attributes(&mut bench, "/3303/0", &["pmin=20"]);
    for (token, at) in [(1, TEMPERATURE), (2, "/3303/1/5700"), (3, "/3/0/9")] {
        bench.observe(at, token);
    }
    bench.set(TEMPERATURE, Value::Float(1.0));
    bench.set("/3303/1/5700", Value::Float(1.0));
    bench.set("/3/0/9", Value::Integer(1));
    for (after_s, token) in [(20, 1), (10, 2), (10, 3)] {
        bench.wait_s(after_s - 1);
        bench.assert_silent();
        bench.wait_s(1);
        assert_eq!(bench.sent().token.as_bytes(), [token]);
    }
}

#[test]
fn c_039_edges_are_told_apart() {
    for (edge, notified) in [("edge=1", [true, false, true]), ("edge=0", [false, true, false])] {
        let mut bench = Bench::registered(LwM2mVersion::V1_2);
        write_attributes(&mut bench, "/3311/0/5850", &[edge]);
        bench.observe("/3311/0/5850", 1);
        for (value, notified) in [true, false, true].into_iter().zip(notified) {
            bench.set("/3311/0/5850", Value::Boolean(value));
            bench.drain();
            assert_eq!(bench.sent.pop_front().is_some(), notified, "{edge} {value}");
        }
    }
}

#[test]
fn c_039_evaluation_periods_decide_when_a_value_is_looked_at() {
    let mut bench = observing(&["epmin=10", "epmax=60", "gt=30"]);
    bench.set(TEMPERATURE, Value::Float(31.0));
    bench.assert_silent();
    bench.set(TEMPERATURE, Value::Float(29.0));
    bench.wait_s(10);
    bench.assert_silent();
    bench.wait_s(10);
    bench.set(TEMPERATURE, Value::Float(32.0));
    assert_eq!(diagnostic(&bench.sent()), "32", "the last evaluation is long ago");
}

#[test]
fn c_039_the_default_notification_mode_is_of_the_account() {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    bench.client.change(bench.now, |tree| tree.insert(path("/1/0/26"), Value::Integer(1))).unwrap();
    bench.observe(TEMPERATURE, 1);
    bench.set(TEMPERATURE, Value::Float(1.0));
    assert_eq!(bench.sent().message_type, MessageType::Confirmable);
}

#[test]
fn the_account_of_the_server_has_the_defaults() {
    let mut bench = observing(&["hqmax=1"]);
    bench.client.change(bench.now, |tree| tree.insert(path("/1/0/3"), Value::Integer(20))).unwrap();
    bench.wait_s(20);
    assert_eq!(diagnostic(&bench.sent()), "21.5");
    write_attributes(&mut bench, "/3303", &["pmax=50"]);
    bench.wait_s(49);
    bench.assert_silent();
    bench.wait_s(1);
    assert_eq!(diagnostic(&bench.sent()), "21.5");
}

#[test]
fn c_039_con_makes_notifications_confirmable() {
    let mut bench = observing(&["con=1"]);
    bench.set(TEMPERATURE, Value::Float(1.0));
    assert_eq!(bench.sent().message_type, MessageType::Confirmable);
}

#[test]
fn an_observation_can_bring_its_own() {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    write_attributes(&mut bench, TEMPERATURE, &["gt=30"]);
    let observe = |query: &str| Options::new().with_path(TEMPERATURE).with_observe(0).with_query(query);
    let token = Token::new(&[1]).unwrap();
    assert_eq!(bench.request_with(token, Code::GET, observe("pmin=5"), b"").code, Code::CONTENT);
    bench.set(TEMPERATURE, Value::Float(22.0));
    bench.assert_silent();
    bench.wait_s(5);
    assert_eq!(diagnostic(&bench.sent()), "22", "gt does not count");
    assert_eq!(discover(&mut bench, TEMPERATURE), format!("<{TEMPERATURE}>;gt=30"));
    for bad in ["edge=1", "pmin", "pmin=x"] {
        assert_eq!(bench.request_with(token, Code::GET, observe(bad), b"").code, Code::BAD_REQUEST, "{bad}");
    }
    let mut older = Bench::registered(LwM2mVersion::V1_1);
    assert_eq!(older.request_with(token, Code::GET, observe("pmin=5"), b"").code, Code::BAD_REQUEST);
}

#[test]
fn cancel_of_the_drafts_ends_observations() {
    let mut bench = observing(&["pmin=1"]);
    assert_eq!(write_attributes(&mut bench, "/3303", &["cancel"]).code, Code::CHANGED);
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
    assert_eq!(bench.client.observations(), 0);
}

#[test]
fn attributes_go_with_their_node_and_with_the_registration() {
    let mut bench = Bench::registered(LwM2mVersion::V1_1);
    write_attributes(&mut bench, "/3303/1", &["pmin=1"]);
    write_attributes(&mut bench, "/3303/0", &["pmin=1"]);
    bench.client.change(bench.now, |tree| tree.remove(path("/3303/1"))).unwrap();
    bench.drain();
    bench.sent.clear();
    bench.client.change(bench.now, |tree| tree.insert(path("/3303/1/5700"), Value::Float(1.0))).unwrap();
    let links = discover(&mut bench, "/3303");
    assert!(links.contains("</3303/0>;pmin=1,") && links.contains("</3303/1>,"), "{links}");
    bench.drain();
    bench.sent.clear();
    bench.client.stop(bench.now);
    let deregister = bench.sent();
    bench.answer(&deregister, Code::DELETED, Options::new(), b"");
    bench.client.start(bench.now, server());
    bench.accept_register();
    assert!(discover(&mut bench, "/3303").contains("</3303/0>,"));
}
