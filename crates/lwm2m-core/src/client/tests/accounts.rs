//! Several servers at once.

use super::*;

const V1_1: LwM2mVersion = LwM2mVersion::V1_1;

pub(super) fn second_server() -> Peer {
    Peer::NoSec(([192, 0, 2, 2], 5683).into())
}

/// Accounts 101 (`/1/0`) and 102 (`/1/1`), with what else their Server objects have.
pub(super) fn two_accounts(resources: &[(&str, Value)]) -> ObjectTree {
    let mut tree = tree();
    for (at, value) in [
        ("/1/0/0", Value::Integer(101)),
        ("/1/1/0", Value::Integer(102)),
        ("/1/1/1", Value::Integer(1_000)),
        ("/1/1/6", Value::Boolean(true)),
        ("/1/1/7", text("U")),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    tree.insert_executable(path("/1/1/8")).unwrap();
    for (at, value) in resources {
        tree.insert(path(at), value.clone()).unwrap();
    }
    tree
}

pub(super) fn start_both(resources: &[(&str, Value)]) -> Bench {
    let config = ClientConfig { version: V1_1, ..ClientConfig::new("urn:test:1") };
    let mut bench = Bench::with(config, two_accounts(resources));
    bench.client.start_with(bench.now, [(101, server()), (102, second_server())]).unwrap();
    bench
}

fn both_registered() -> Bench {
    let mut bench = start_both(&[]);
    bench.accept_register();
    bench.play(second_server());
    let register = bench.sent();
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "b2"]), b"");
    bench.play(server());
    bench.drain();
    bench.events.clear();
    bench
}

#[test]
fn c_012_a_client_registers_with_each_of_its_servers() {
    let mut bench = start_both(&[]);
    let first = bench.sent();
    assert_eq!(queries(&first)[1], "lt=300");
    bench.play(second_server());
    let second = bench.sent();
    assert_eq!(queries(&second)[1], "lt=1000", "each has a lifetime of its own");
    bench.answer(&second, Code::CREATED, Options::new().with_location(&["rd", "b2"]), b"");
    bench.drain();
    assert!(bench.client.is_registered_with(102) && !bench.client.is_registered_with(101));
    assert!(!bench.client.is_registered());
}

#[test]
fn events_name_their_server() {
    let mut bench = start_both(&[]);
    bench.play(second_server());
    let register = bench.sent();
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "b2"]), b"");
    let event = core::iter::from_fn(|| bench.client.poll()).find_map(|output| match output {
        Output::Event { server, event } => Some((server, event)),
        _ => None,
    });
    assert_eq!(event, Some((102, Event::Registered { location: "/rd/b2".to_owned() })));
}

#[test]
fn c_020_one_registration_says_nothing_of_another() {
    let mut bench = start_both(&[]);
    bench.accept_register();
    assert_eq!(bench.read("/3/0/9").payload, b"80");
    bench.play(second_server());
    bench.sent();
    bench.ask_in_vain("/3/0/9");
}

#[test]
fn c_030_attributes_and_observations_belong_to_one_server() {
    let mut bench = both_registered();
    let options = Options::new().with_path("/3/0/9").with_query("pmin=10");
    assert_eq!(bench.request(Code::PUT, options, b"").code, Code::CHANGED);
    bench.observe("/3/0/9", 1);
    bench.play(second_server());
    let links = diagnostic(&bench.read_as("/3/0/9", ContentFormat::CORE_LINK)).to_owned();
    assert_eq!(links, "</3/0/9>", "the attributes of the other server are not shown");
    bench.observe("/3/0/9", 1);
    bench.set("/3/0/9", Value::Integer(70));
    assert_eq!(bench.sent().payload, b"70");
    bench.play(server());
    bench.assert_silent();
    bench.wait_s(10);
    assert_eq!(bench.sent().payload, b"70", "after the pmin of this server");
    assert_eq!(bench.client.observations(), 2);
}

#[test]
fn c_016_a_lifetime_is_told_to_its_own_server() {
    let mut bench = both_registered();
    bench.put("/1/1/1", ContentFormat::TEXT, b"77");
    bench.assert_silent();
    bench.play(second_server());
    let update = bench.sent();
    assert_eq!((shown_path(&update).as_str(), queries(&update)), ("/rd/b2", vec!["lt=77"]));
}

#[test]
fn c_018_a_disabled_server_leaves_the_other_alone() {
    let mut bench = both_registered();
    bench.execute("/1/0/4", "");
    assert_eq!(bench.sent().code, Code::DELETE);
    bench.play(second_server());
    assert_eq!(bench.read("/3/0/9").code, Code::CONTENT);
    bench.assert_silent();
    assert!(bench.client.is_registered_with(102));
}

#[test]
fn c_046_a_trigger_updates_the_server_of_its_instance() {
    let mut bench = both_registered();
    assert_eq!(bench.execute("/1/1/8", "").code, Code::CHANGED);
    bench.assert_silent();
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd/b2");
}

#[test]
fn c_047_a_reboot_concerns_all_servers() {
    let mut bench = both_registered();
    bench.execute("/3/0/4", "");
    assert_eq!(shown_path(&bench.sent()), "/rd");
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
}

#[test]
fn accounts_are_found_in_server_and_security_object() {
    let mut tree = two_accounts(&[]);
    for (at, value) in [
        ("/0/0/0", text("coap://bootstrap.example")),
        ("/0/0/1", Value::Boolean(true)),
        ("/0/0/10", Value::Integer(102)),
        ("/0/1/0", text("coap://two.example")),
        ("/0/1/1", Value::Boolean(false)),
        ("/0/1/10", Value::Integer(102)),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    let servers = crate::client::server_uris(&tree);
    let found: Vec<_> =
        servers.iter().map(|server| (server.short_server_id, server.uri.as_deref())).collect();
    assert_eq!(found, [(101, None), (102, Some("coap://two.example"))]);
    let mut client = Client::new(ClientConfig::new("a"), tree, [0; 32]);
    let error = client.start_with(Instant::from_millis(0), [(103, server())]).unwrap_err();
    assert_eq!(error.to_string(), "no instance of the Server object has the Short Server ID 103");
    assert!(client.poll().is_none());
}
