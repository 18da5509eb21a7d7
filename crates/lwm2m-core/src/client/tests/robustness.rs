use proptest::{option::of as optional, prelude::*, sample::select};

use super::*;
use crate::client::Template;

const PATHS: [&str; 23] = [
    "/",
    "/0",
    "/1/0",
    "/1/0/1",
    "/1/0/8",
    "/3",
    "/3/0",
    "/3/0/6",
    "/3/0/6/1",
    "/3/0/9",
    "/3311/0",
    "/3311/0/5851",
    "/3442/0",
    "/3442/0/110",
    "/3442/0/170",
    "/3442/0/1110",
    "/3442/0/1110/1",
    "/2/0",
    "/2/0/2/1",
    "/16",
    "/16/0",
    "/16/0/0",
    "/.well-known/core",
];

fn options() -> impl Strategy<Value = Options> {
    let format = select(vec![0_u16, 40, 42, 60, 110, 112, 320, 322, 1542, 11542, 11543, 11544]);
    (
        select(&PATHS[..]),
        optional(format.clone()),
        optional(format),
        optional(0_u32..3),
        optional("[a-z=0-9]{0,8}"),
    )
        .prop_map(|(at, content_format, accept, observe, query)| {
            let mut options = Options::new().with_path(at);
            if let Some(format) = content_format {
                options = options.with_content_format(format);
            }
            if let Some(format) = accept {
                options = options.with_accept(format);
            }
            if let Some(value) = observe {
                options = options.with_observe(value);
            }
            if let Some(query) = query {
                options = options.with_query(&query);
            }
            options
        })
}

/// Something that looks like TLV often enough to get past the first check.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let element = (
        select(vec![0xc1_u8, 0xc2, 0xe4, 0x08, 0x86, 0x41, 0xc8]),
        proptest::collection::vec(any::<u8>(), 1..6),
    )
        .prop_map(|(head, rest)| [vec![head], rest].concat());
    let record = (select(&PATHS[..]), select(vec!["", r#","v":7"#, r#","vs":"x""#, r#","vs":null"#]))
        .prop_map(|(at, value)| format!(r#"{{"n":"{at}"{value}}}"#));
    let records = proptest::collection::vec(record, 0..4);
    prop_oneof![
        proptest::collection::vec(element, 0..4).prop_map(|elements| elements.concat()),
        records.prop_map(|records| format!("[{}]", records.join(",")).into_bytes()),
        // Portfolios with an id and without.
        select(vec![vec![0x83, 0, 0x41, 0, b'x'], vec![0x05, 1, 0x83, 0, 0x41, 0, b'x'], vec![]]),
        "[0-9a-z.:='-]{0,12}".prop_map(String::into_bytes),
    ]
}

/// A client that has Object 2, a second server and an object whose instances servers create.
fn client(version: LwM2mVersion) -> Bench {
    let mut tree = tree();
    tree.allow_create(Arc::new(Template::new(tree.registry(), 16, [], []).unwrap())).unwrap();
    for (at, value) in [
        ("/0/0/1", Value::Boolean(false)),
        ("/1/1/0", Value::Integer(2)),
        ("/2/0/0", Value::Integer(3442)),
        ("/2/0/1", Value::Integer(0)),
        ("/2/0/2/1", Value::Integer(7)),
        ("/2/0/3", Value::Integer(1)),
        ("/2/1/0", Value::Integer(16)),
        ("/2/1/1", Value::Integer(65_535)),
        ("/2/1/2/1", Value::Integer(16)),
        ("/2/1/3", Value::Integer(65_535)),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    Bench::with(ClientConfig { version, ..ClientConfig::new("urn:test:1") }, tree).register()
}

/// Whether every instance of an object that servers create has its guard.
fn is_guarded(tree: &ObjectTree) -> bool {
    let value = |id, resource| tree.value(&Path::resource(2, id, resource)).cloned();
    let guarded: Vec<_> =
        tree.instances(2).into_iter().flatten().map(|id| (value(id, 0), value(id, 1))).collect();
    let mut created = tree.instances(16).into_iter().flatten();
    created.all(|id| guarded.contains(&(Some(Value::Integer(16)), Some(Value::Integer(id.into())))))
}

/// Whether the tree still holds what its definitions allow.
fn is_sound(tree: &ObjectTree) -> bool {
    tree.records(&Path::ROOT).iter().all(|record| tree.check(&record.path, &record.value).is_ok())
}

proptest! {
    #[test]
    fn every_request_is_answered_once_and_leaves_a_sound_tree(
        version in select(vec![LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2]),
        requests in proptest::collection::vec((1_u8..8, options(), payload()), 1..12),
    ) {
        let mut bench = client(version);
        for (method, options, payload) in requests {
            if !bench.client.is_registered() {
                break;
            }
            bench.sent.clear();
            let response = bench.request(Code::new(0, method), options, &payload);
            prop_assert!(response.code.is_response());
            prop_assert!(response.code != Code::INTERNAL_SERVER_ERROR, "{}", diagnostic(&response));
            prop_assert!(is_sound(bench.client.tree()));
            prop_assert!(is_guarded(bench.client.tree()));
            prop_assert!(bench.client.tree().contains(&path("/3/0")) && bench.client.tree().contains(&path("/1/0")));
        }
    }

    #[test]
    fn no_datagram_is_too_strange(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..20)) {
        let mut bench = Bench::registered(LwM2mVersion::V1_1);
        for datagram in datagrams {
            bench.client.handle_datagram(bench.now, server(), &datagram);
            bench.drain();
        }
        bench.wait_s(400);
    }
}
