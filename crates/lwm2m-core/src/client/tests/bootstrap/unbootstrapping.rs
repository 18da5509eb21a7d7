//! A server is taken away (LwM2M 1.1 Transport, Unbootstrapping).

use super::*;

/// Object, instance, owner, and the list of rights by server.
type Guard<'a> = (i64, i64, i64, &'a [(u16, i64)]);

/// Servers 101 and 102 with these guards.
fn shared_by_two(guards: &[Guard<'_>]) -> Bench {
    let mut tree = tree_with_server();
    for (at, value) in at_instance(2, security(102)).into_iter().chain(at_instance(1, server_object(102))) {
        tree.insert(path(&at), value).unwrap();
    }
    tree.insert(path("/0/2/0"), text("coap://second.example.org")).unwrap();
    tree.insert_executable(path("/1/1/8")).unwrap();
    tree.insert(path("/3303/1/5700"), Value::Float(2.5)).unwrap();
    for (id, (object, instance, owner, acl)) in guards.iter().enumerate() {
        let mut insert = |at: String, value: i64| tree.insert(path(&at), Value::Integer(value)).unwrap();
        insert(format!("/2/{id}/0"), *object);
        insert(format!("/2/{id}/1"), *instance);
        insert(format!("/2/{id}/3"), *owner);
        for (server, rights) in *acl {
            insert(format!("/2/{id}/2/{server}"), *rights);
        }
    }
    let mut bench = Bench::booted(config(V1_1), tree);
    bench.play(server());
    bench.accept_register();
    bench.play(second_server());
    let register = bench.sent();
    bench.answer(&register, Code::CREATED, Options::new().with_location(&["rd", "b2"]), b"");
    bench.observe("/3303/0", 7);
    bench.play(bootstrap_server());
    bench
}

#[test]
fn c_037_the_server_goes_with_its_security_instance_and_with_what_only_it_could_reach() {
    let mut bench = shared_by_two(&[
        (1, 1, 102, &[(102, 15)]),
        (3303, 1, 102, &[]),
        (3303, 0, 101, &[(101, 15), (102, 3)]),
        (3, 0, 102, &[(102, 15)]),
    ]);
    assert_eq!(bench.client.observations(), 1);
    assert_eq!(bench.bootstrap_delete("/0/2").code, Code::DELETED);
    for (at, there) in [
        ("/1/1", false),
        ("/2/0", false),
        ("/3303/1", false),
        ("/2/1", false),
        ("/3303/0", true),
        ("/2/2/2/101", true),
        ("/2/2/2/102", false),
        ("/3/0", true),
        ("/2/3", false),
    ] {
        assert_eq!(bench.has(at), there, "{at}");
    }
    assert_eq!(bench.finish().code, Code::CHANGED);
    assert_eq!(bench.disconnected, [second_server()]);
    assert_eq!(bench.client.observations(), 0);
    assert!(bench.client.is_registered_with(101) && !bench.client.is_registered_with(102));
    bench.play(second_server());
    bench.ask_in_vain("/3303/0");
}

#[test]
fn c_037_what_it_owned_goes_to_the_server_with_most_rights_and_of_these_to_the_lowest() {
    for (acl, heir) in [
        (&[(101, 1), (102, 15), (103, 2)][..], 103),
        (&[(101, 2), (102, 15), (103, 8)], 101),
        (&[(101, 2), (103, 10)], 103),
        (&[(0, 15), (101, 1)], 101),
    ] {
        let mut bench = shared_by_two(&[(3303, 0, 102, acl)]);
        assert_eq!(bench.bootstrap_delete("/0/2").code, Code::DELETED);
        assert_eq!(bench.value("/2/0/3"), Some(Value::Integer(heir)), "{acl:?}");
        assert!(!bench.has("/2/0/2/102"));
    }
}

#[test]
fn c_037_deleting_all_of_security_takes_all_servers_but_not_the_bootstrap_server() {
    let mut bench = shared_by_two(&[(3303, 0, 101, &[(101, 15), (102, 1)])]);
    assert_eq!(bench.bootstrap_delete("/0").code, Code::DELETED);
    assert!(bench.has("/0/1") && !bench.has("/1/0") && !bench.has("/1/1"));
    assert!(!bench.has("/2/0") && !bench.has("/3303/0"), "nobody else could reach it");
}

#[test]
fn c_037_a_failure_brings_the_server_back() {
    let mut bench = shared_by_two(&[(3303, 1, 102, &[]), (3303, 0, 102, &[])]);
    assert_eq!(bench.client.observations(), 1);
    bench.bootstrap_delete("/0/2");
    bench.wait_s(247);
    assert!(bench.has("/1/1") && bench.has("/3303/1") && bench.has("/2/0"));
    assert!(bench.client.is_registered_with(102));
    assert_eq!(bench.client.observations(), 1);
}
