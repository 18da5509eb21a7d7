use proptest::{option::of as optional, prelude::*, sample::select};

use super::*;

const PATHS: [&str; 16] = [
    "/",
    "/0",
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
    "/.well-known/core",
];

fn options() -> impl Strategy<Value = Options> {
    let format = select(vec![0_u16, 40, 42, 60, 110, 1542, 11542]);
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
    prop_oneof![
        proptest::collection::vec(element, 0..4).prop_map(|elements| elements.concat()),
        "[0-9a-z.:='-]{0,12}".prop_map(String::into_bytes),
    ]
}

/// Whether the tree still holds what its definitions allow.
fn is_sound(tree: &ObjectTree) -> bool {
    tree.records(&Path::ROOT).iter().all(|record| tree.check(&record.path, &record.value).is_ok())
}

proptest! {
    #[test]
    fn every_request_is_answered_once_and_leaves_a_sound_tree(
        requests in proptest::collection::vec((1_u8..8, options(), payload()), 1..12),
    ) {
        let mut bench = Bench::registered(LwM2mVersion::V1_1);
        for (method, options, payload) in requests {
            if !bench.client.is_registered() {
                break;
            }
            bench.sent.clear();
            let response = bench.request(Code::new(0, method), options, &payload);
            prop_assert!(response.code.is_response());
            prop_assert!(response.code != Code::INTERNAL_SERVER_ERROR, "{}", diagnostic(&response));
            prop_assert!(is_sound(bench.client.tree()));
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
