//! What the Bootstrap-Server may do, and how it is answered.

use super::*;

#[test]
fn c_003_a_write_creates_what_is_missing_and_replaces_what_is_there() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    assert_eq!(bench.value("/1/0/0"), Some(Value::Integer(101)));
    let other = [("/1/0/0", Value::Integer(102)), ("/1/0/2", Value::Integer(5))];
    assert_eq!(bench.bootstrap_write("/1/0", &other).code, Code::CHANGED);
    assert_eq!(bench.value("/1/0/2"), Some(Value::Integer(5)));
    assert!(!bench.has("/1/0/1"), "what is not in the payload is not there any more");
    for trigger in ["/1/0/4", "/1/0/8", "/1/0/9"] {
        assert!(bench.has(trigger), "{trigger} is the client's own");
    }
}

#[test]
fn c_003_no_access_control_stands_in_the_way() {
    let mut bench = Bench::bootstrapping(V1_1);
    let nobody =
        [("/2/0/0", Value::Integer(3303)), ("/2/0/1", Value::Integer(0)), ("/2/0/3", Value::Integer(65_535))];
    assert_eq!(bench.bootstrap_write("/2/0", &nobody).code, Code::CHANGED);
    assert_eq!(bench.bootstrap_write("/3303/0", &[("/3303/0/5700", Value::Float(1.5))]).code, Code::CHANGED);
    assert_eq!(bench.put("/3/0/14", ContentFormat::TEXT, b"+02:00").code, Code::CHANGED);
    assert_eq!(bench.value("/3/0/14"), Some(text("+02:00")));
    assert_eq!(
        bench.value("/3/0/0"),
        Some(text("Open Mobile Alliance")),
        "one resource is replaced, no more"
    );
}

#[test]
fn c_003_an_object_is_written_with_several_instances_in_every_format() {
    for (version, format) in [
        (V1_0, ContentFormat::TLV),
        (V1_0, ContentFormat::JSON),
        (V1_1, ContentFormat::SENML_JSON),
        (V1_1, ContentFormat::SENML_CBOR),
        (V1_2, ContentFormat::LWM2M_CBOR),
    ] {
        let mut bench = Bench::bootstrapping(version);
        let both = [("/1/0/0", Value::Integer(101)), ("/1/3/0", Value::Integer(102))];
        let written = bench.put("/1", format, &encoded(format, "/1", &both));
        assert_eq!(written.code, Code::CHANGED, "{format:?}: {}", diagnostic(&written));
        assert_eq!(bench.value("/1/3/0"), Some(Value::Integer(102)));
        assert_eq!(bench.client.tree().instances(1).unwrap().collect::<Vec<_>>(), [0, 3]);
    }
}

#[test]
fn c_003_resources_that_the_client_does_not_know_are_passed_over() {
    let mut bench = Bench::bootstrapping(V1_0);
    let later = [("/1/0/0", Value::Integer(101)), ("/1/0/16", Value::Boolean(true))];
    assert_eq!(bench.bootstrap_write("/1/0", &later).code, Code::CHANGED);
    assert!(bench.has("/1/0/0") && !bench.has("/1/0/16"), "Resource 16 came with 1.1");
}

#[test]
fn c_003_what_cannot_be_written_is_refused_and_changes_nothing() {
    let mut bench = Bench::bootstrapping(V1_1);
    let wrong = encoded(ContentFormat::TLV, "/1/0", &[("/1/0/0", Value::Integer(70_000))]);
    assert_eq!(bench.put("/1/0", ContentFormat::TLV, &wrong).code, Code::BAD_REQUEST);
    assert_eq!(bench.put("/1/0", ContentFormat::TLV, b"\xff").code, Code::BAD_REQUEST);
    assert_eq!(bench.put("/1/0", ContentFormat(9), b"").code, Code::UNSUPPORTED_CONTENT_FORMAT);
    assert_eq!(bench.put("/1/0", ContentFormat::JSON, b"{}").code, Code::UNSUPPORTED_CONTENT_FORMAT);
    let unknown = encoded(ContentFormat::TLV, "/3311/0", &[("/3311/0/5850", Value::Boolean(true))]);
    assert_eq!(bench.put("/3311/0", ContentFormat::TLV, &unknown).code, Code::BAD_REQUEST);
    assert_eq!(bench.put("/", ContentFormat::TLV, b"").code, Code::BAD_REQUEST);
    assert!(!bench.has("/1/0") && !bench.has("/3311"));
}

#[test]
fn c_004_deleting_everything_spares_the_own_account_and_the_device() {
    let mut bench = Bench::bootstrapping_with(config(V1_1), {
        let mut tree = tree_with_server();
        tree.remove(path("/1/0")).unwrap();
        tree
    });
    assert_eq!(bench.bootstrap_delete("/").code, Code::DELETED);
    for (at, there) in [("/0/1", true), ("/3/0", true), ("/0/0", false), ("/3303/0", false)] {
        assert_eq!(bench.has(at), there, "{at}");
    }
}

#[test]
fn c_004_objects_and_instances_are_deleted_with_the_same_exceptions() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    for (at, code) in [
        ("/0", Code::DELETED),
        ("/1", Code::DELETED),
        ("/2", Code::DELETED),
        ("/3", Code::DELETED),
        ("/3303/0", Code::DELETED),
        ("/0/1", Code::BAD_REQUEST),
        ("/3/0", Code::BAD_REQUEST),
        ("/3303/0", Code::BAD_REQUEST),
        ("/9999", Code::BAD_REQUEST),
        ("/3/0/14", Code::BAD_REQUEST),
    ] {
        assert_eq!(bench.bootstrap_delete(at).code, code, "{at}");
    }
    assert!(bench.has("/0/1") && bench.has("/3/0/14"));
    assert!(!bench.has("/0/0") && !bench.has("/1/0") && !bench.has("/3303/0"));
}

#[test]
fn c_004_the_oscore_instance_of_the_own_account_is_spared() {
    let mut tree = factory_tree();
    let link = lwm2m_codec::ObjectLink { object: 21, instance: 0 };
    for (at, value) in [
        ("/0/1/17", Value::ObjectLink(link)),
        ("/21/0/0", Value::opaque([1])),
        ("/21/1/0", Value::opaque([2])),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    let mut bench = Bench::bootstrapping_with(config(V1_1), tree);
    assert_eq!(bench.bootstrap_delete("/").code, Code::DELETED);
    assert!(bench.has("/21/0") && !bench.has("/21/1"));
}

#[test]
fn c_008_discover_lists_accounts_with_short_server_id_and_uri() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    let all = bench.bootstrap_discover("/");
    assert_eq!(all.options.content_format(), Some(ContentFormat::CORE_LINK.0));
    assert_eq!(
        diagnostic(&all),
        "</>;lwm2m=1.1,</0/0>;ssid=101;uri=\"coap://first.example.org\",</0/1>,</1/0>;ssid=101,</3/0>,\
         </3303>;ver=1.1,</3303/0>"
    );
    assert_eq!(diagnostic(&bench.bootstrap_discover("/1")), "</>;lwm2m=1.1,</1/0>;ssid=101");
    assert_eq!(diagnostic(&bench.bootstrap_discover("/2")), "</>;lwm2m=1.1");
    bench.bootstrap_delete("/3303");
    assert_eq!(diagnostic(&bench.bootstrap_discover("/3303")), "</>;lwm2m=1.1,</3303>;ver=1.1");
    assert_eq!(bench.bootstrap_discover("/9999").code, Code::NOT_FOUND);
    assert_eq!(bench.bootstrap_discover("/3/0").code, Code::BAD_REQUEST);
}

#[test]
fn c_008_discover_of_1_0_has_its_own_form_and_no_uri() {
    let mut bench = Bench::bootstrapping(V1_0);
    bench.write_account();
    let links = bench.bootstrap_discover("/0");
    assert_eq!(diagnostic(&links), "lwm2m=\"1.0\",</0/0>;ssid=101,</0/1>");
}

#[test]
fn c_008_versions_that_nobody_could_guess_are_told() {
    let mut tree = factory_tree();
    tree.announce_version(3303, "2.0");
    let mut bench = Bench::bootstrapping_with(config(V1_1), tree);
    assert_eq!(diagnostic(&bench.bootstrap_discover("/3303")), "</>;lwm2m=1.1,</3303>;ver=2.0,</3303/0>");
}

#[test]
fn c_009_only_server_and_access_control_can_be_read() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    let read = bench.read_as("/1/0", ContentFormat::SENML_JSON);
    assert_eq!(read.code, Code::CONTENT);
    assert!(diagnostic(&read).contains("86400"), "{}", diagnostic(&read));
    assert_eq!(bench.read_as("/1", ContentFormat::TLV).code, Code::CONTENT);
    for at in ["/0", "/0/1", "/3/0", "/3303", "/1/0/1", "/"] {
        assert_eq!(bench.read(at).code, Code::METHOD_NOT_ALLOWED, "{at}");
    }
    assert_eq!(bench.read("/1/7").code, Code::NOT_FOUND);
    assert_eq!(bench.read_as("/1/0", ContentFormat(9)).code, Code::NOT_ACCEPTABLE);
    let mut old = Bench::bootstrapping(V1_0);
    old.write_account();
    assert_eq!(old.read("/1").code, Code::METHOD_NOT_ALLOWED, "Bootstrap-Read came with 1.1");
}

#[test]
fn other_methods_and_places_are_refused() {
    let mut bench = Bench::bootstrapping(V1_1);
    let refused =
        |bench: &mut Bench, code, at: &str| bench.request(code, Options::new().with_path(at), b"").code;
    assert_eq!(refused(&mut bench, Code::POST, "/1/0"), Code::METHOD_NOT_ALLOWED);
    assert_eq!(refused(&mut bench, Code::FETCH, "/"), Code::METHOD_NOT_ALLOWED);
    assert_eq!(refused(&mut bench, Code::GET, "/bs"), Code::METHOD_NOT_ALLOWED);
    assert_eq!(refused(&mut bench, Code::DELETE, "/rd/1"), Code::BAD_REQUEST);
    assert_eq!(refused(&mut bench, Code::GET, "/.well-known/core"), Code::NOT_FOUND);
}

#[test]
fn the_alternate_path_is_not_for_bootstrap() {
    let config = ClientConfig { root: "/lwm2m".to_owned(), ..config(V1_1) };
    let mut bench = Bench::bootstrapping_with(config, factory_tree());
    bench.write_account();
    assert_eq!(bench.bootstrap_delete("/lwm2m/1").code, Code::BAD_REQUEST);
    assert!(diagnostic(&bench.bootstrap_discover("/1")).contains("</1/0>"));
}

#[test]
fn secrets_are_no_news() {
    let mut bench = Bench::bootstrapping(V1_1);
    bench.write_account();
    bench.drain();
    let is_secret = |path: &Path| path.object_id() == Some(0);
    assert!(
        !bench.events.iter().any(|event| matches!(event, Event::Written { path, .. } if is_secret(path)))
    );
    assert!(bench.events.contains(&Event::Written { path: path("/1/0/1"), value: Value::Integer(86_400) }));
}
