//! Device Management and Service Enablement, server side (LwM2M 1.0 TS §5.4; Core 1.1, 1.2 §6.3). Rows of the
//! conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{sync::Arc, time::Duration};

use coap::{Block, Code, Message, MessageType, Options};
use common::{World, answered, format, path_of, peer, possible, refused, registered, reported, request};
use lwm2m_codec::{
    ContentFormat, NoDefinitions, Path, Value,
    attributes::{Attribute, WriteAttributes},
    decode,
    registration::parse_discover,
};
use lwm2m_core::server::{Operation, OperationError, ServerConfig, Source, WriteMode};
use lwm2m_model::Registry;

const BATTERY: Path = Path::resource(3, 0, 9);
const TIME_ZONE: Path = Path::resource(3, 0, 15);
const ERROR_CODE: Path = Path::resource_instance(3, 0, 11, 0);

fn read(path: Path) -> Operation {
    Operation::Read { path, accept: None }
}

fn write(path: Path, content_format: ContentFormat, payload: &[u8]) -> Operation {
    Operation::Write { path, mode: WriteMode::Replace, content_format, payload: payload.to_vec() }
}

fn attributes(queries: &[&str]) -> WriteAttributes {
    WriteAttributes::parse(queries.iter().copied()).unwrap()
}

/// A client of LwM2M 1.2 of a server that has the object registry.
fn defined() -> World {
    let registry = Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin")).unwrap();
    let mut world =
        World::with_config(ServerConfig { definitions: Some(Arc::new(registry)), ..ServerConfig::default() });
    world.register(peer(1), "a", &["lwm2m=1.2"]);
    world
}

#[test]
fn s_053_read_of_object_instance_and_resource_with_and_without_accept() {
    let mut world = registered("1.0");
    for path in [Path::object(3), Path::instance(3, 0), BATTERY] {
        for accept in [None, Some(ContentFormat::TLV)] {
            let (_, request) = request(&mut world, Operation::Read { path, accept });
            assert_eq!((request.code, request.message_type), (Code::GET, MessageType::Confirmable));
            assert_eq!(path_of(&request), path.to_string());
            assert_eq!(request.options.accept(), accept.map(|accept| accept.0));
            assert!(!request.options.contains(coap::option_number::CONTENT_FORMAT));
            world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::TLV), b"");
        }
    }
    let answer = answered(&mut world, read(BATTERY), Code::CONTENT, format(ContentFormat::TEXT), b"97");
    assert_eq!((answer.content_format, answer.payload), (Some(ContentFormat::TEXT), b"97".to_vec()));
    assert_eq!(reported(&world).last().unwrap().source, Source::Read);
}

#[test]
fn s_054_a_resource_instance_is_read_of_clients_since_1_1_only() {
    refused(&mut registered("1.0"), read(ERROR_CODE));
    let (_, request) = request(&mut registered("1.1"), read(ERROR_CODE));
    assert_eq!(path_of(&request), "/3/0/11/0");
}

#[test]
fn s_055_every_format_can_be_asked_for() {
    let mut world = registered("1.2");
    for accept in [0, 42, 60, 110, 112, 11542, 11543, 11544] {
        let accept = ContentFormat(accept);
        let (_, request) = request(&mut world, Operation::Read { path: BATTERY, accept: Some(accept) });
        assert_eq!(request.options.accept(), Some(accept.0));
        world.answer(peer(1), &request, Code::NOT_ACCEPTABLE, Options::new(), b"");
    }
}

#[test]
fn s_056_the_format_of_the_answer_counts() {
    let mut world = registered("1.1");
    let operation = Operation::Read { path: BATTERY, accept: Some(ContentFormat::SENML_CBOR) };
    let answer = answered(&mut world, operation, Code::CONTENT, format(ContentFormat::TLV), &[0xc1, 9, 97]);
    let given = *reported(&world).last().unwrap();
    assert_eq!(
        (answer.content_format, given.content_format),
        (Some(ContentFormat::TLV), Some(ContentFormat::TLV))
    );
    let records = decode(given.content_format.unwrap(), &given.path, &given.payload, &NoDefinitions).unwrap();
    assert_eq!(records[0].value, Value::Raw([97].into()));
}

#[test]
fn s_057_numbers_from_before_1_0_are_understood() {
    let mut world = registered("1.0");
    for (number, payload) in
        [(1542, &[0xc1, 9, 97][..]), (1543, br#"{"bn":"/3/0/9","e":[{"v":97}]}"#.as_slice())]
    {
        let answer =
            answered(&mut world, read(BATTERY), Code::CONTENT, format(ContentFormat(number)), payload);
        let records =
            decode(answer.content_format.unwrap(), &BATTERY, &answer.payload, &NoDefinitions).unwrap();
        assert_eq!(records[0].path, BATTERY, "{number}");
    }
}

#[test]
fn s_058_an_object_without_instance_is_an_empty_answer() {
    let mut world = registered("1.0");
    let answer = answered(&mut world, read(Path::object(5)), Code::CONTENT, format(ContentFormat::TLV), b"");
    assert_eq!((answer.code, answer.payload.len()), (Code::CONTENT, 0));
    assert_eq!(reported(&world).last().unwrap().path, Path::object(5));
}

#[test]
fn s_059_error_codes_reach_the_caller_unchanged() {
    for code in [
        Code::BAD_REQUEST,
        Code::UNAUTHORIZED,
        Code::NOT_FOUND,
        Code::METHOD_NOT_ALLOWED,
        Code::NOT_ACCEPTABLE,
        Code::INTERNAL_SERVER_ERROR,
        Code::SERVICE_UNAVAILABLE,
    ] {
        let mut world = registered("1.0");
        let answer = answered(&mut world, read(Path::object(3)), code, Options::new(), b"why");
        assert_eq!((answer.code, answer.payload.as_slice()), (code, b"why".as_slice()));
        assert_eq!(reported(&world).len(), 0);
    }
}

#[test]
fn s_060_resources_that_nobody_knows_pass_as_they_are() {
    let mut world = defined();
    let payload = [0xc1, 9, 97, 0xe2, 0xfd, 0xe8, 1, 2]; // /3/0/9 and /3/0/65000
    let answer =
        answered(&mut world, read(Path::instance(3, 0)), Code::CONTENT, format(ContentFormat::TLV), &payload);
    assert_eq!(answer.payload, payload);
    let registry = Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin")).unwrap();
    let model = world.server.registration("a").unwrap().model(&registry);
    let records = decode(ContentFormat::TLV, &Path::instance(3, 0), &answer.payload, &model).unwrap();
    assert_eq!(records[0].value, Value::Integer(97));
    assert_eq!(records[1].value, Value::Raw([1, 2].into()));
}

#[test]
fn s_061_what_cannot_be_decoded_is_kept_as_it_came() {
    let mut world = registered("1.0");
    let payload = [0xc1, 9];
    let answer = answered(&mut world, read(BATTERY), Code::CONTENT, format(ContentFormat::TLV), &payload);
    assert!(decode(ContentFormat::TLV, &BATTERY, &answer.payload, &NoDefinitions).is_err());
    assert_eq!(reported(&world)[0].payload, payload);
}

#[test]
fn s_062_discover_of_object_instance_and_resource() {
    let mut world = registered("1.0");
    for path in [Path::object(3), Path::instance(3, 0), BATTERY] {
        let (_, request) = request(&mut world, Operation::Discover { path, depth: None });
        assert_eq!((request.code, request.options.accept()), (Code::GET, Some(40)));
        assert_eq!(path_of(&request), path.to_string());
        world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::CORE_LINK), b"</3>;pmin=10");
    }
    assert!(reported(&world).iter().all(|reported| reported.source == Source::Discover));
    refused(&mut world, Operation::Discover { path: ERROR_CODE, depth: None });
}

#[test]
fn s_063_a_depth_is_sent_to_clients_of_1_2_only() {
    for depth in 0..=3 {
        let operation = Operation::Discover { path: Path::object(3), depth: Some(depth) };
        refused(&mut registered("1.1"), operation.clone());
        let (_, request) = request(&mut registered("1.2"), operation);
        assert_eq!(request.options.uri_query().unwrap(), [format!("depth={depth}")]);
    }
    refused(&mut registered("1.2"), Operation::Discover { path: Path::object(3), depth: Some(4) });
}

#[test]
fn s_064_a_discover_answer_tells_all_attributes() {
    let mut world = registered("1.2");
    let payload = b"</3>;ver=1.2,</3/0/11>;dim=1;pmin=1;pmax=60;epmin=2;epmax=3;con=1;hqmax=4,\
        </3/0/9>;gt=50;lt=10;st=5,</3/0/18>;edge=1";
    let operation = Operation::Discover { path: Path::object(3), depth: None };
    let answer = answered(&mut world, operation, Code::CONTENT, format(ContentFormat::CORE_LINK), payload);
    let links = parse_discover(&answer.payload).unwrap();
    let text = format!("{links:?}");
    for name in ["ver", "dim", "pmin", "pmax", "gt", "lt", "st", "epmin", "epmax", "edge", "con", "hqmax"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn s_065_a_write_replaces_in_every_format() {
    let mut world = registered("1.2");
    for content_format in [0, 42, 60, 110, 112, 11542, 11543, 11544].map(ContentFormat) {
        for path in [TIME_ZONE, Path::instance(3, 0)] {
            let (_, request) = request(&mut world, write(path, content_format, b"payload"));
            assert_eq!((request.code, path_of(&request)), (Code::PUT, path.to_string()));
            assert_eq!(request.options.content_format(), Some(content_format.0));
            assert_eq!(request.payload, b"payload");
            world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
            assert_eq!(reported(&world).last().unwrap().source, Source::Write);
        }
    }
    refused(&mut world, write(Path::object(3), ContentFormat::TLV, b""));
}

#[test]
fn s_066_a_partial_update_is_a_post() {
    let update = |path| Operation::Write {
        path,
        mode: WriteMode::PartialUpdate,
        content_format: ContentFormat::TLV,
        payload: vec![0xc1, 1, 60],
    };
    let (_, request) = request(&mut registered("1.0"), update(Path::instance(1, 0)));
    assert_eq!((request.code, path_of(&request).as_str()), (Code::POST, "/1/0"));
    assert_eq!(request.options.content_format(), Some(11542));
    refused(&mut registered("1.0"), update(TIME_ZONE));
    refused(&mut registered("1.1"), update(ERROR_CODE));
    possible(&mut registered("1.1"), update(TIME_ZONE));
}

#[test]
fn s_067_a_resource_instance_is_written_since_1_1_only() {
    let operation = write(Path::resource_instance(16, 0, 0, 1), ContentFormat::TEXT, b"x");
    refused(&mut registered("1.0"), operation.clone());
    let (_, request) = request(&mut registered("1.1"), operation);
    assert_eq!((request.code, path_of(&request).as_str()), (Code::PUT, "/16/0/0/1"));
}

#[test]
fn s_068_values_fit_the_definition_before_they_are_sent() {
    let mut world = defined();
    let lifetime = Path::resource(1, 0, 1);
    let what = refused(&mut world, write(lifetime, ContentFormat::TEXT, b"soon"));
    assert!(what.contains("soon"), "{what}");
    let low_power = Path::resource(1, 0, 26);
    refused(&mut world, write(low_power, ContentFormat::TEXT, b"2"));
    let composite = |payload: &str| Operation::WriteComposite {
        content_format: ContentFormat::SENML_JSON,
        payload: payload.as_bytes().to_vec(),
    };
    refused(&mut world, composite(r#"[{"n":"/1/0/1","vs":"soon"}]"#));
    possible(&mut world, write(lifetime, ContentFormat::TEXT, b"60"));
    possible(&mut world, composite(r#"[{"n":"/1/0/1","v":60}]"#));
    possible(&mut world, write(Path::resource(64999, 0, 1), ContentFormat::TEXT, b"anything"));
    let mut undefined = registered("1.1");
    possible(&mut undefined, write(lifetime, ContentFormat::TEXT, b"soon"));
}

#[test]
fn s_069_a_large_write_goes_in_blocks_of_the_size_the_client_wants() {
    let mut world = registered("1.0");
    let package: Vec<u8> = (0..5000u32).map(|byte| byte as u8).collect();
    let id = world.operate("a", write(Path::resource(5, 0, 0), ContentFormat::OPAQUE, &package));
    let mut received: Vec<u8> = Vec::new();
    loop {
        let (_, request) = world.request();
        assert_eq!((request.code, path_of(&request).as_str()), (Code::PUT, "/5/0/0"));
        let block = request.options.block1().unwrap();
        assert_eq!(block.offset(), received.len(), "{block}");
        assert_eq!(block.size(), if received.is_empty() { 1024 } else { 256 });
        received.extend(&request.payload);
        // The client takes the first block and wants smaller ones from then on.
        let answer = Block { num: block.num, more: block.more, szx: 4 };
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        world.answer(peer(1), &request, code, Options::new().with_block1(answer), b"");
        if !block.more {
            break;
        }
    }
    assert_eq!(received, package);
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CHANGED);
}

#[test]
fn s_070_a_refusal_in_the_middle_names_the_block() {
    for code in
        [Code::REQUEST_ENTITY_TOO_LARGE, Code::REQUEST_ENTITY_INCOMPLETE, Code::UNSUPPORTED_CONTENT_FORMAT]
    {
        let mut world = registered("1.0");
        let id = world.operate("a", write(Path::resource(5, 0, 0), ContentFormat::OPAQUE, &[7; 3000]));
        let (_, request) = world.request();
        let block = request.options.block1().unwrap();
        world.answer(peer(1), &request, Code::CONTINUE, Options::new().with_block1(block), b"");
        let (_, request) = world.request();
        world.answer(peer(1), &request, code, Options::new(), b"");
        let answer = world.result(id).unwrap().unwrap();
        assert_eq!((answer.code, answer.block), (code, Some(1)));
        assert!(world.sent.is_empty(), "the transfer has stopped");
        assert!(reported(&world).is_empty());
    }
}

#[test]
fn s_071_write_attributes_are_a_query_without_a_payload() {
    let mut world = registered("1.0");
    let operation =
        Operation::WriteAttributes { path: BATTERY, attributes: attributes(&["pmin=10", "gt=45.5"]) };
    let (_, request) = request(&mut world, operation);
    assert_eq!((request.code, path_of(&request).as_str()), (Code::PUT, "/3/0/9"));
    assert_eq!(request.options.uri_query().unwrap(), ["pmin=10", "gt=45.5"]);
    assert_eq!((request.payload.len(), request.options.content_format()), (0, None));
    world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
    refused(&mut world, Operation::WriteAttributes { path: BATTERY, attributes: attributes(&[]) });
}

#[test]
fn s_072_an_attribute_is_unset_by_its_bare_name() {
    let attributes = attributes(&["pmax=60"]).unsetting(Attribute::Pmin);
    let operation = Operation::WriteAttributes { path: BATTERY, attributes };
    let (_, request) = request(&mut registered("1.0"), operation);
    assert_eq!(request.options.uri_query().unwrap(), ["pmin", "pmax=60"]);
}

#[test]
fn s_073_values_that_contradict_each_other_are_not_sent() {
    for queries in [&["lt=50", "gt=45"][..], &["lt=45", "gt=45"], &["lt=40", "gt=50", "st=5"]] {
        let operation = Operation::WriteAttributes { path: BATTERY, attributes: attributes(queries) };
        let what = refused(&mut registered("1.0"), operation);
        assert!(what.contains("below gt"), "{what}");
    }
    let operation =
        Operation::WriteAttributes { path: BATTERY, attributes: attributes(&["lt=40", "gt=50", "st=4"]) };
    possible(&mut registered("1.0"), operation);
}

#[test]
fn s_074_attributes_are_written_at_every_level() {
    let on = |path| Operation::WriteAttributes { path, attributes: attributes(&["pmin=1"]) };
    for path in [Path::object(3), Path::instance(3, 0), BATTERY] {
        let (_, request) = request(&mut registered("1.0"), on(path));
        assert_eq!(path_of(&request), path.to_string());
    }
    refused(&mut registered("1.0"), on(ERROR_CODE));
    refused(&mut registered("1.1"), on(Path::ROOT));
    possible(&mut registered("1.1"), on(ERROR_CODE));
    let operation = Operation::WriteAttributes { path: Path::object(3), attributes: attributes(&["gt=1"]) };
    refused(&mut registered("1.1"), operation);
}

#[test]
fn s_075_attributes_fit_the_type_of_the_resource() {
    let mut world = defined();
    let on = |path, queries: &[&str]| Operation::WriteAttributes { path, attributes: attributes(queries) };
    for query in ["gt=1", "lt=1", "st=1"] {
        refused(&mut world, on(TIME_ZONE, &[query]));
        possible(&mut world, on(BATTERY, &[query]));
    }
    let storing = Path::resource(1, 0, 6);
    refused(&mut world, on(BATTERY, &["edge=1"]));
    possible(&mut world, on(storing, &["edge=1"]));
}

#[test]
fn s_076_an_execute_has_arguments_or_nothing() {
    let path = Path::resource(3, 0, 4);
    let mut world = registered("1.0");
    for arguments in [None, Some("0='a',1")] {
        let operation = Operation::Execute { path, arguments: arguments.map(str::to_owned) };
        let (_, request) = request(&mut world, operation);
        assert_eq!((request.code, path_of(&request).as_str()), (Code::POST, "/3/0/4"));
        assert_eq!(request.options.content_format(), arguments.map(|_| 0));
        assert_eq!(request.payload, arguments.unwrap_or_default().as_bytes());
        world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
    }
    refused(&mut world, Operation::Execute { path: Path::instance(3, 0), arguments: None });
}

#[test]
fn b_019_a_registered_client_is_told_to_bootstrap() {
    let mut world = registered("1.1");
    let path = Path::resource(1, 0, 9);
    let (id, request) = request(&mut world, Operation::Execute { path, arguments: None });
    assert_eq!((request.code, path_of(&request).as_str()), (Code::POST, "/1/0/9"));
    world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CHANGED);
}

#[test]
fn s_077_arguments_follow_the_grammar() {
    for arguments in ["0='a b'", "10", "0='x", "0,0", "a", "0 1"] {
        let path = Path::resource(3, 0, 4);
        refused(&mut registered("1.1"), Operation::Execute { path, arguments: Some(arguments.into()) });
    }
}

#[test]
fn s_078_what_cannot_be_executed_is_the_clients_to_say() {
    let operation = Operation::Execute { path: BATTERY, arguments: None };
    let answer = answered(&mut registered("1.0"), operation, Code::METHOD_NOT_ALLOWED, Options::new(), b"");
    assert_eq!(answer.code, Code::METHOD_NOT_ALLOWED);
}

#[test]
fn s_079_a_create_tells_where_the_instance_is() {
    let mut world = registered("1.0");
    // An Object Instance with its id, and the Resources of one whose id the client picks.
    for payload in [&[0x08, 3, 0xc1, 0, 1][..], &[0xc1, 0, 1]] {
        let operation = Operation::Create {
            path: Path::object(16),
            content_format: ContentFormat::TLV,
            payload: payload.to_vec(),
        };
        let (id, request) = request(&mut world, operation);
        assert_eq!((request.code, path_of(&request).as_str()), (Code::POST, "/16"));
        assert_eq!((request.options.content_format(), request.payload.as_slice()), (Some(11542), payload));
        let location = Options::new().with_location(&["16", "3"]);
        world.answer(peer(1), &request, Code::CREATED, location, b"");
        assert_eq!(world.result(id).unwrap().unwrap().location, ["16", "3"]);
    }
    let create = |path, content_format| Operation::Create { path, content_format, payload: vec![1] };
    refused(&mut world, create(Path::instance(16, 0), ContentFormat::TLV));
    refused(&mut world, create(Path::object(16), ContentFormat::TEXT));
}

#[test]
fn s_080_a_create_without_payload_is_for_1_2() {
    let operation =
        Operation::Create { path: Path::object(16), content_format: ContentFormat::TLV, payload: vec![] };
    refused(&mut registered("1.1"), operation.clone());
    let (_, request) = request(&mut registered("1.2"), operation);
    assert_eq!((request.code, request.options.content_format()), (Code::POST, None));
}

#[test]
fn s_081_errors_of_a_create_are_reported() {
    for code in [Code::BAD_REQUEST, Code::UNAUTHORIZED, Code::METHOD_NOT_ALLOWED] {
        let operation =
            Operation::Create { path: Path::object(3), content_format: ContentFormat::TLV, payload: vec![1] };
        let answer = answered(&mut registered("1.0"), operation, code, Options::new(), b"");
        assert_eq!((answer.code, answer.location.len()), (code, 0));
    }
}

#[test]
fn s_082_an_instance_is_deleted_and_a_refusal_reported() {
    let mut world = registered("1.0");
    for (path, code) in
        [(Path::instance(16, 0), Code::DELETED), (Path::instance(3, 0), Code::METHOD_NOT_ALLOWED)]
    {
        let (id, request) = request(&mut world, Operation::Delete { path });
        assert_eq!((request.code, path_of(&request)), (Code::DELETE, path.to_string()));
        world.answer(peer(1), &request, code, Options::new(), b"");
        assert_eq!(world.result(id).unwrap().unwrap().code, code);
    }
    refused(&mut world, Operation::Delete { path: Path::object(16) });
    refused(&mut world, Operation::Delete { path: BATTERY });
}

#[test]
fn s_083_a_resource_instance_is_deleted_of_clients_of_1_2_only() {
    let path = Path::resource_instance(16, 0, 0, 1);
    refused(&mut registered("1.1"), Operation::Delete { path });
    let (_, request) = request(&mut registered("1.2"), Operation::Delete { path });
    assert_eq!((request.code, path_of(&request).as_str()), (Code::DELETE, "/16/0/0/1"));
}

#[test]
fn s_089_objects_with_secrets_are_out_of_reach() {
    let mut world = registered("1.1");
    for object in [0, 21] {
        let path = Path::instance(object, 0);
        let content_format = ContentFormat::SENML_JSON;
        let payload = format!(r#"[{{"n":"/{object}/0/1","vb":true}}]"#).into_bytes();
        for operation in [
            read(Path::object(object)),
            Operation::Discover { path, depth: None },
            write(path, ContentFormat::TLV, &[]),
            Operation::WriteAttributes { path, attributes: attributes(&["pmin=1"]) },
            Operation::Execute { path: Path::resource(object, 0, 1), arguments: None },
            Operation::Delete { path },
            Operation::ReadComposite { paths: vec![BATTERY, path], content_format, accept: None },
            Operation::WriteComposite { content_format, payload },
        ] {
            let what = refused(&mut world, operation);
            assert!(what.contains("4.01"), "{what}");
        }
    }
    let id = world.force("a", read(Path::object(0)));
    let (_, request) = world.request();
    assert_eq!(path_of(&request), "/0");
    world.answer(peer(1), &request, Code::UNAUTHORIZED, Options::new(), b"");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::UNAUTHORIZED, "what a client says is shown");
}

#[test]
fn s_090_one_request_at_a_time_for_each_client() {
    let mut world = registered("1.0");
    world.register(peer(2), "b", &[]);
    world.operate("a", read(Path::object(3)));
    let second = world.operate("a", read(Path::object(1)));
    let (_, request) = world.request();
    assert!(world.sent.is_empty(), "NSTART is 1 (RFC 7252 §4.7)");
    world.operate("b", read(Path::object(3)));
    assert_eq!(world.request().0, peer(2), "another client has its own turn");
    world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::TLV), b"");
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::NOT_FOUND, Options::new(), b"");
    assert_eq!(world.result(second).unwrap().unwrap().code, Code::NOT_FOUND);
}

#[test]
fn s_025_s_091_every_request_goes_below_the_alternate_path() {
    let mut world = World::new();
    let links = r#"</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>"#;
    assert_eq!(world.ask_register(peer(1), &["ep=a", "lwm2m=1.2"], links).code, Code::CREATED);
    assert_eq!(world.server.registration("a").unwrap().links.root, "/lwm2m");
    let content_format = ContentFormat::SENML_JSON;
    for (operation, expected) in [
        (read(Path::instance(3, 0)), "/lwm2m/3/0"),
        (Operation::Discover { path: Path::object(3), depth: None }, "/lwm2m/3"),
        (write(TIME_ZONE, ContentFormat::TEXT, b"x"), "/lwm2m/3/0/15"),
        (Operation::WriteAttributes { path: BATTERY, attributes: attributes(&["pmin=1"]) }, "/lwm2m/3/0/9"),
        (Operation::Execute { path: Path::resource(3, 0, 4), arguments: None }, "/lwm2m/3/0/4"),
        (Operation::Create { path: Path::object(16), content_format, payload: vec![] }, "/lwm2m/16"),
        (Operation::Delete { path: Path::instance(16, 0) }, "/lwm2m/16/0"),
        (Operation::ReadComposite { paths: vec![BATTERY], content_format, accept: None }, "/lwm2m"),
        (Operation::WriteComposite { content_format, payload: b"[]".to_vec() }, "/lwm2m"),
        (Operation::Observe { path: BATTERY, accept: None, parameters: None }, "/lwm2m/3/0/9"),
    ] {
        let (_, request) = request(&mut world, operation);
        assert_eq!(path_of(&request), expected);
        world.answer(peer(1), &request, Code::BAD_REQUEST, Options::new(), b"");
    }
}

#[test]
fn s_092_requests_leave_in_the_order_they_came() {
    let mut world = registered("1.0");
    for resource in 0..5 {
        world.operate("a", read(Path::resource(3, 0, resource)));
    }
    for resource in 0..5 {
        let (_, request) = world.request();
        assert_eq!(path_of(&request), format!("/3/0/{resource}"));
        world.answer(peer(1), &request, Code::NOT_FOUND, Options::new(), b"");
    }
}

#[test]
fn s_112_send_can_be_muted() {
    let (_, request) =
        request(&mut registered("1.1"), write(Path::resource(1, 0, 23), ContentFormat::TEXT, b"1"));
    assert_eq!((request.code, path_of(&request).as_str()), (Code::PUT, "/1/0/23"));
    assert_eq!(request.payload, b"1");
}

#[test]
fn a_large_write_has_time_for_all_its_blocks() {
    let mut world = registered("1.0");
    let id = world.operate("a", write(Path::resource(5, 0, 0), ContentFormat::OPAQUE, &[7; 300 * 1024]));
    loop {
        let (_, request) = world.request();
        let block = request.options.block1().unwrap();
        world.pass(Duration::from_secs(1));
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        world.answer(peer(1), &request, code, Options::new().with_block1(block), b"");
        if !block.more {
            break;
        }
    }
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CHANGED, "after five minutes");
    assert!(reported(&world).is_empty(), "a package is not told");
}

#[test]
fn payloads_are_bounded() {
    let mut world = registered("1.0");
    refused(&mut world, write(TIME_ZONE, ContentFormat::TEXT, &vec![0; 1024 * 1024 + 1]));
    let package = write(Path::resource(5, 0, 0), ContentFormat::OPAQUE, &vec![0; 1024 * 1024 + 1]);
    assert_eq!(request(&mut world, package).1.payload.len(), 1024);
}

#[test]
fn an_unknown_client_is_told_at_once() {
    let mut world = registered("1.0");
    let id = world.operate("nobody", read(Path::object(3)));
    assert!(matches!(world.result(id), Some(Err(OperationError::UnknownClient { .. }))));
}

#[test]
fn silence_is_a_timeout_and_leaves_the_registration_alone() {
    let mut world = registered("1.0");
    let id = world.operate("a", read(Path::object(3)));
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::Timeout)));
    assert_eq!(world.sent.len(), 5, "first transmission and four retransmissions");
    assert!(world.server.registration("a").is_some());
}

#[test]
fn an_acknowledgement_without_answer_is_told_apart() {
    let mut world = registered("1.0");
    let (id, sent) = request(&mut world, read(Path::object(3)));
    world.give(peer(1), &Message::empty(MessageType::Acknowledgement, sent.message_id));
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::NoResponse)));
    let (id, sent) = request(&mut world, read(Path::object(3)));
    world.give(peer(1), &Message::empty(MessageType::Reset, sent.message_id));
    assert_eq!(world.result(id), Some(Err(OperationError::Reset)));
}

#[test]
fn open_operations_end_with_the_registration() {
    let mut world = registered("1.0");
    let id = world.operate("a", read(Path::object(3)));
    world.register(peer(1), "a", &[]);
    assert_eq!(world.result(id), Some(Err(OperationError::Departed)));
}
