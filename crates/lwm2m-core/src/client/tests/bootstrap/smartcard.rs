//! A card with accounts (LwM2M 1.0 TS §5.2.3.2).

use super::*;

fn records(values: Vec<(&str, Value)>) -> Vec<Record> {
    values.into_iter().map(|(at, value)| Record::new(path(at), value)).collect()
}

/// An account with this server at that URI.
fn card(short_server_id: i64, uri: &str) -> Vec<Record> {
    let mut values = [security(short_server_id), server_object(short_server_id)].concat();
    values[0].1 = text(uri);
    records(values)
}

/// A device with that tree and card, which has booted.
fn with_card(tree: ObjectTree, card: Option<Vec<Record>>) -> Bench {
    let mut bench = Bench::with(config(V1_1), tree);
    bench.client.insert_smartcard(bench.now, card);
    bench.client.boot(bench.now);
    bench.find_servers();
    bench
}

#[test]
fn c_001_a_smartcard_goes_before_what_the_factory_put_in() {
    let mut bench = with_card(tree_with_server(), Some(card(7, "coap://second.example.org")));
    bench.expect_event(&Event::SmartcardRead);
    bench.assert_silent();
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(7)));
    assert!(!bench.has("/0/1"), "the account with the Bootstrap-Server is the factory's");
}

#[test]
fn c_001_a_card_that_cannot_be_used_leaves_the_factory_its_say() {
    let mut bench = with_card(tree_with_server(), Some(records(security(7))));
    let why = "expected a Server instance for /0/0 with Short Server ID 7, got none".to_owned();
    bench.expect_event(&Event::SmartcardRefused { why });
    assert_eq!(shown_path(&bench.sent()), "/rd");
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(101)));
}

#[test]
fn c_001_a_card_may_hold_the_bootstrap_server_alone() {
    let card = records(vec![
        ("/0/5/0", text(BOOTSTRAP_URI)),
        ("/0/5/1", Value::Boolean(true)),
        ("/0/5/2", Value::Integer(3)),
        ("/0/5/3", Value::opaque([])),
        ("/0/5/4", Value::opaque([])),
        ("/0/5/5", Value::opaque([])),
    ]);
    let mut bench = with_card(tree_with_server(), Some(card));
    bench.play(bootstrap_server());
    assert_eq!(shown_path(&bench.sent()), "/bs");
}

#[test]
fn c_001_a_card_is_looked_at_with_the_next_update_and_not_before() {
    let mut bench = with_card(tree_with_server(), Some(card(7, "coap://first.example.org")));
    bench.accept_register();
    bench.client.insert_smartcard(bench.now, Some(card(8, "coap://second.example.org")));
    bench.wait_s(100);
    bench.assert_silent();
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(7)));
    bench.client.update(bench.now);
    bench.find_servers();
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(8)));
    bench.assert_silent();
    assert_eq!(bench.disconnected, [server()]);
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
}

#[test]
fn c_001_the_same_card_changes_nothing() {
    let mut bench = with_card(tree_with_server(), Some(card(7, "coap://first.example.org")));
    bench.accept_register();
    bench.client.insert_smartcard(bench.now, Some(card(7, "coap://first.example.org")));
    bench.client.update(bench.now);
    let update = bench.sent();
    assert_eq!(shown_path(&update), "/rd/a1");
    assert!(bench.disconnected.is_empty());
}

#[test]
fn c_001_without_its_card_the_device_has_what_the_factory_put_in() {
    let mut bench = with_card(tree_with_server(), Some(card(7, "coap://second.example.org")));
    bench.play(second_server());
    bench.accept_register();
    bench.client.insert_smartcard(bench.now, None);
    bench.client.update(bench.now);
    bench.expect_event(&Event::SmartcardRemoved);
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(101)));
    assert!(bench.has("/0/1"));
    let register = bench.registers();
    assert!(queries(&register).contains(&"lt=86400"));
}

#[test]
fn c_001_a_card_that_comes_later_is_used_from_the_next_register_on() {
    let mut bench = with_card(tree_with_server(), None);
    let register = bench.sent();
    bench.answer(&register, Code::FORBIDDEN, Options::new(), b"");
    bench.client.insert_smartcard(bench.now, Some(card(7, "coap://second.example.org")));
    bench.wait_s(60);
    bench.find_servers();
    bench.play(second_server());
    assert_eq!(shown_path(&bench.sent()), "/rd");
}

#[test]
fn c_001_a_device_without_any_account_waits_for_its_card() {
    let mut tree = factory_tree();
    tree.remove(path("/0/1")).unwrap();
    let mut bench = with_card(tree, None);
    bench.wait_s(1_000);
    bench.assert_silent();
    bench.client.insert_smartcard(bench.now, Some(card(7, "coap://first.example.org")));
    bench.registers();
}

#[test]
fn factory_data_is_checked_and_put_in_whole_or_not_at_all() {
    let mut tree = factory_tree();
    let with_later_resource = [security(101), server_object(101), vec![("/1/0/16", Value::Boolean(true))]];
    assert_eq!(tree.provision(V1_0, records(with_later_resource.concat())), Ok(()));
    assert!(tree.contains(&path("/1/0/8")) && !tree.contains(&path("/1/0/16")));
    let refused = tree.provision(V1_0, records(vec![("/1/0/0", Value::Integer(5))]));
    assert!(refused.unwrap_err().to_string().contains("mandatory"));
    assert_eq!(tree.value(&path("/1/0/0")), Some(&Value::Integer(101)));
}
