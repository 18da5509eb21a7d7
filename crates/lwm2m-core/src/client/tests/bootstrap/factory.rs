//! Factory Reset (Device Object, Resource 5), and what the client notes of a bootstrap.

use super::*;

fn bootstrapped(version: LwM2mVersion) -> Bench {
    let mut bench = Bench::bootstrapping(version);
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench
}

fn accept(bench: &mut Bench) {
    bench.find_servers();
    bench.play(server());
    bench.accept_register();
}

#[test]
fn c_001_a_factory_reset_forgets_what_bootstrap_brought_and_begins_the_sequence_anew() {
    let mut bench = bootstrapped(V1_1);
    accept(&mut bench);
    bench.client.factory_reset(bench.now);
    assert!(!bench.has("/0/0") && !bench.has("/1/0"), "the account with the server is gone");
    assert_eq!(bench.value("/0/1/0"), Some(text(BOOTSTRAP_URI)));
    bench.find_servers();
    bench.play(bootstrap_server());
    bench.accept_bootstrap();
    bench.write_account();
    assert_eq!(bench.finish().code, Code::CHANGED);
    bench.registers();
}

#[test]
fn c_006_a_factory_reset_brings_back_a_bootstrap_server_whose_account_had_gone() {
    let mut tree = tree_with_server();
    tree.insert(path("/0/1/12"), Value::Integer(60)).unwrap();
    let mut bench = Bench::bootstrapping_with(config(V1_1), {
        tree.remove(path("/0/0")).unwrap();
        tree.remove(path("/1/0")).unwrap();
        tree
    });
    bench.write_account();
    bench.finish();
    bench.wait_s(61);
    bench.expect_event(&Event::BootstrapAccountPurged);
    assert!(!bench.has("/0/1"));
    bench.client.factory_reset(bench.now);
    assert!(bench.has("/0/1") && !bench.has("/0/0"));
    bench.find_servers();
    bench.play(bootstrap_server());
    assert_eq!(shown_path(&bench.sent()), "/bs");
    bench.wait_s(61);
    assert!(bench.has("/0/1"), "its time counts from the next success");
}

#[test]
fn c_001_factory_accounts_with_a_server_come_back() {
    let mut bench = Bench::booted(config(V1_1), tree_with_server());
    bench.play(server());
    bench.accept_register();
    bench.client.change(bench.now, |tree| tree.set(path("/1/0/1"), Value::Integer(60))).unwrap();
    assert_eq!(shown_path(&bench.sent()), "/rd/a1", "the Update that tells of it");
    bench.client.factory_reset(bench.now);
    let register = bench.registers();
    assert!(queries(&register).contains(&"lt=86400"));
}

/// LwM2M 1.1 Core, Server Object, Resource 12
#[test]
fn c_001_the_client_notes_when_an_account_was_last_bootstrapped() {
    let mut bench = bootstrapped(V1_1);
    let at = |bench: &Bench| Value::Time(i64::try_from(bench.now.as_millis() / 1_000).unwrap());
    let first = at(&bench);
    assert_eq!(bench.value("/1/0/12"), Some(first.clone()));
    accept(&mut bench);
    // Another session that leaves this account alone.
    bench.wait_s(100);
    bench.play(bootstrap_server());
    bench.bootstrap_discover("/1");
    assert_eq!(bench.finish().code, Code::CHANGED);
    assert_eq!(bench.value("/1/0/12"), Some(first.clone()));
    // And one that writes it as it was.
    bench.wait_s(100);
    assert_eq!(bench.bootstrap_write("/1/0", &server_object(101)).code, Code::CHANGED);
    assert_eq!(bench.finish().code, Code::CHANGED);
    assert_eq!(bench.value("/1/0/12"), Some(at(&bench)));
    assert_ne!(at(&bench), first);

    assert_eq!(bootstrapped(V1_0).value("/1/0/12"), None, "it came with LwM2M 1.1");
}
