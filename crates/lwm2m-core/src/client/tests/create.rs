//! Create, with a client that lets servers make portfolios, temperatures, lights and connectivity statistics.

use super::*;
use crate::client::{Template, limits};

use LwM2mVersion::{V1_0, V1_1, V1_2};

fn client(version: LwM2mVersion) -> Bench {
    let mut tree = tree();
    let registry = Registry::from_bytes(REGISTRY).unwrap();
    let mut allow = |object, initial: &[(&str, Value)], executable: &[u16], optional: &[u16]| {
        let initial = initial.iter().map(|(at, value)| (path(at), value.clone()));
        let template = Template::new(&registry, object, initial, executable.iter().copied()).unwrap();
        tree.allow_create(Arc::new(template.with_optional(optional.iter().copied()))).unwrap();
    };
    allow(16, &[("/16/0/3", Value::Integer(0))], &[1], &[]);
    allow(3303, &[("/3303/0/5700", Value::Float(20.0))], &[5605], &[5750]);
    allow(3311, &[("/3311/0/5850", Value::Boolean(false)), ("/3311/0/5851", Value::Integer(50))], &[], &[]);
    allow(7, &[("/7/0/1", Value::Integer(0))], &[6, 7], &[8]);
    Bench::with(ClientConfig { version, ..ClientConfig::new("urn:test:1") }, tree).register()
}

/// Instance `id` of the Portfolio object as TLV.
fn portfolio(id: u8) -> Vec<u8> {
    [&[0x05, id], IDENTITY].concat()
}

/// Its mandatory resource 0: {0: "Host"} without the instance around it.
const IDENTITY: &[u8] = &[0x83, 0, 0x41, 0, b'x'];

/// Sends a Create and passes over the Update that comes of it.
#[track_caller]
fn create(bench: &mut Bench, at: &str, format: ContentFormat, payload: &[u8]) -> Message {
    let created = bench.post(at, format, payload);
    bench.drain();
    bench.sent.clear();
    created
}

fn location(created: &Message) -> String {
    format!("/{}", created.options.location_path().unwrap().join("/"))
}

#[test]
fn c_032_the_client_chooses_an_id_where_none_is_given() {
    let mut bench = client(V1_1);
    for id in ["/16/0", "/16/1"] {
        let created = create(&mut bench, "/16", ContentFormat::TLV, IDENTITY);
        assert_eq!(
            (created.code, location(&created)),
            (Code::CREATED, id.to_owned()),
            "{}",
            diagnostic(&created)
        );
        assert_eq!(bench.value(&format!("{id}/0/0")), Some(text("x")));
        assert_eq!(bench.value(&format!("{id}/3")), Some(Value::Integer(0)), "the client's own resource");
        assert!(bench.client.tree().resource(&path(&format!("{id}/1"))).is_some(), "executable");
    }
    assert_eq!(bench.event(), Event::Created { path: path("/16/0") });
}

#[test]
fn c_032_every_format_creates_the_instance_it_names() {
    for (version, format) in [
        (V1_0, ContentFormat::TLV),
        (V1_0, ContentFormat::JSON),
        (V1_1, ContentFormat::SENML_JSON),
        (V1_1, ContentFormat::SENML_CBOR),
        (V1_2, ContentFormat::LWM2M_CBOR),
    ] {
        let mut bench = client(version);
        let payload = encoded(format, "/16", &[("/16/5/0/2", text("Host"))]);
        let created = bench.post("/16", format, &payload);
        assert_eq!((created.code, location(&created)), (Code::CREATED, "/16/5".to_owned()), "{format}");
        assert_eq!(bench.value("/16/5/0/2"), Some(text("Host")), "{format}");
    }
    let mut bench = client(V1_2);
    // {0: {1: "Host"}}: below the instance whose id the client chooses.
    let payload = [0xA1, 0, 0xA1, 1, 0x64, b'H', b'o', b's', b't'];
    let created = bench.post("/16", ContentFormat::LWM2M_CBOR, &payload);
    assert_eq!((created.code, location(&created)), (Code::CREATED, "/16/0".to_owned()));
}

#[test]
fn c_032_the_server_learns_of_it_by_an_update() {
    let mut bench = client(V1_1);
    bench.post("/16", ContentFormat::TLV, &portfolio(3));
    let update = bench.sent();
    assert_eq!((update.code, shown_path(&update)), (Code::POST, "/rd/a1".to_owned()));
    assert!(diagnostic(&update).contains("</16/3>"), "{}", diagnostic(&update));
}

#[test]
fn c_032_all_instances_are_made_or_none() {
    let mut bench = client(V1_1);
    let two = [portfolio(1), portfolio(2)].concat();
    assert_eq!(create(&mut bench, "/16", ContentFormat::TLV, &two).code, Code::CREATED);
    // The second one is taken, the third one lacks its mandatory resource.
    for second in [portfolio(2), vec![0x00, 3]] {
        let payload = [portfolio(7), second].concat();
        assert_eq!(create(&mut bench, "/16", ContentFormat::TLV, &payload).code, Code::BAD_REQUEST);
        assert!(!bench.client.tree().contains(&path("/16/7")));
    }
}

#[test]
fn c_032_an_object_of_one_instance_has_the_id_0() {
    let mut bench = client(V1_1);
    // Collection Period, which is optional; 7 is Connectivity Statistics.
    let period = [0xC1, 8, 60];
    let other = [&[0x03, 1], &period[..]].concat();
    assert_eq!(create(&mut bench, "/7", ContentFormat::TLV, &other).code, Code::BAD_REQUEST);
    let created = create(&mut bench, "/7", ContentFormat::TLV, &period);
    assert_eq!((created.code, location(&created)), (Code::CREATED, "/7/0".to_owned()));
    let again = create(&mut bench, "/7", ContentFormat::TLV, &period);
    assert_eq!(again.code, Code::BAD_REQUEST, "{}", diagnostic(&again));
    assert_eq!(create(&mut bench, "/3", ContentFormat::TLV, &[]).code, Code::METHOD_NOT_ALLOWED, "Device");
}

#[test]
fn c_032_every_fault_has_its_code_and_makes_nothing() {
    let mut bench = client(V1_1);
    for (at, format, payload, code) in [
        ("/16", ContentFormat::TEXT, &b"x"[..], Code::UNSUPPORTED_CONTENT_FORMAT),
        ("/16", ContentFormat::JSON, b"{}", Code::UNSUPPORTED_CONTENT_FORMAT),
        ("/16", ContentFormat::TLV, &[], Code::BAD_REQUEST),
        ("/16", ContentFormat::TLV, &[0xC1, 0, b'x'], Code::BAD_REQUEST),
        ("/16", ContentFormat::TLV, &[0x05], Code::BAD_REQUEST),
        ("/16", ContentFormat::SENML_JSON, br#"[{"n":"/3303/5/5750","vs":"x"}]"#, Code::BAD_REQUEST),
        ("/3442", ContentFormat::TLV, &[], Code::METHOD_NOT_ALLOWED),
        ("/9", ContentFormat::TLV, &[], Code::NOT_FOUND),
        ("/0", ContentFormat::TLV, &[], Code::UNAUTHORIZED),
        ("/21", ContentFormat::TLV, &[], Code::UNAUTHORIZED),
    ] {
        let response = bench.post(at, format, payload);
        assert_eq!(response.code, code, "{at} {format} {payload:?}: {}", diagnostic(&response));
    }
    let without = bench.request(Code::POST, Options::new().with_path("/16"), b"");
    assert_eq!(without.code, Code::BAD_REQUEST, "a payload is needed before 1.2");
    assert_eq!(bench.client.tree().records(&path("/16")), []);
    bench.assert_silent();
}

#[test]
fn c_032_what_a_server_cannot_give_is_passed_over() {
    let mut bench = client(V1_1);
    // 5700 is read-only, 5701 read-only and not supported, 9999 unknown; 5750 is optional and supported.
    let values = [
        ("/3303/4/5700", Value::Float(99.0)),
        ("/3303/4/5701", text("Cel")),
        ("/3303/4/5750", text("Attic")),
        ("/3303/4/9999", Value::Integer(1)),
    ];
    let payload = encoded(ContentFormat::SENML_JSON, "/3303", &values);
    assert_eq!(bench.post("/3303", ContentFormat::SENML_JSON, &payload).code, Code::CREATED);
    let made: Vec<u16> = bench.client.tree().instance(3303, 4).unwrap().ids().collect();
    assert_eq!(made, [5605, 5700, 5750]);
    assert_eq!(bench.value("/3303/4/5700"), Some(Value::Float(20.0)));
}

#[test]
fn c_032_version_1_2_fills_in_defaults() {
    let empty = Options::new().with_path("/3311");
    let mut bench = client(V1_2);
    let created = bench.request(Code::POST, empty, b"");
    bench.drain();
    bench.sent.clear();
    assert_eq!((created.code, location(&created)), (Code::CREATED, "/3311/1".to_owned()));
    assert_eq!(bench.value("/3311/1/5851"), Some(Value::Integer(50)));
    let portfolio = bench.request(Code::POST, Options::new().with_path("/16"), b"");
    assert_eq!(portfolio.code, Code::BAD_REQUEST, "its mandatory resource has no default");
    let mut older = client(V1_1);
    let only = encoded(ContentFormat::TLV, "/3311/1", &[("/3311/1/5850", Value::Boolean(true))]);
    assert_eq!(create(&mut older, "/3311", ContentFormat::TLV, &only).code, Code::CREATED);
    assert_eq!(older.value("/3311/1/5851"), None, "optional and not given");
    let lacking = encoded(ContentFormat::TLV, "/3311/2", &[("/3311/2/5851", Value::Integer(1))]);
    assert_eq!(create(&mut older, "/3311", ContentFormat::TLV, &lacking).code, Code::BAD_REQUEST);
}

#[test]
fn an_object_holds_as_many_instances_as_its_limit() {
    let mut bench = client(V1_1);
    let before = limits::OBJECT_INSTANCES;
    let now = bench.now;
    bench.client.change(now, |tree| {
        for id in 0..u16::try_from(before).unwrap() {
            tree.insert(path(&format!("/16/{id}/0/0")), text("x")).unwrap();
        }
        assert!(tree.insert(path("/16/999/0/0"), text("x")).is_err());
    });
    bench.drain();
    bench.sent.clear();
    assert_eq!(bench.post("/16", ContentFormat::TLV, IDENTITY).code, Code::SERVICE_UNAVAILABLE);
}

#[test]
fn a_template_has_all_that_no_server_can_give() {
    let registry = Registry::from_bytes(REGISTRY).unwrap();
    let template = |executable: &[u16]| Template::new(&registry, 7, [], executable.iter().copied());
    assert!(template(&[6]).is_err(), "Stop is mandatory too");
    assert!(template(&[6, 7]).is_ok());
    assert!(template(&[6, 7, 8]).is_err(), "8 has a value");
    assert!(Template::new(&registry, 7, [(path("/6/0/0"), Value::Float(0.0))], [6, 7]).is_err());
}
