//! Composite operations and what clients refuse, server side (Core 1.1, 1.2 §6.3.8, §6.3.9, §7.4). Rows of the
//! conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Code, Message, MessageType, Options};
use common::{World, answered, format, path_of, peer, possible, refused, registered, reported, request};
use lwm2m_codec::{
    ContentFormat, NoDefinitions, Path, attributes::parse_observe_parameters, decode, decode_paths,
    encode_paths,
};
use lwm2m_core::server::{Event, Operation, OperationError, Source, WriteMode};

const BATTERY: Path = Path::resource(3, 0, 9);
const TIME_ZONE: Path = Path::resource(3, 0, 15);
const ERROR_CODE: Path = Path::resource_instance(3, 0, 11, 0);

fn read_composite(content_format: ContentFormat) -> Operation {
    Operation::ReadComposite { paths: vec![BATTERY, Path::object(1)], content_format, accept: None }
}

fn read(path: Path) -> Operation {
    Operation::Read { path, accept: None }
}

fn write(path: Path, content_format: ContentFormat, payload: &[u8]) -> Operation {
    Operation::Write { path, mode: WriteMode::Replace, content_format, payload: payload.to_vec() }
}

#[test]
fn s_084_read_composite_is_a_fetch_with_a_list_of_paths() {
    for content_format in [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR] {
        let operation = Operation::ReadComposite {
            paths: vec![BATTERY, Path::object(1), ERROR_CODE],
            content_format,
            accept: Some(content_format),
        };
        let mut world = registered("1.1");
        let (_, request) = request(&mut world, operation);
        assert_eq!((request.code, path_of(&request).as_str()), (Code::FETCH, "/"));
        assert_eq!(request.options.content_format(), Some(content_format.0));
        assert_eq!(request.options.accept(), Some(content_format.0));
        let paths = decode_paths(content_format, &request.payload).unwrap();
        assert_eq!(paths, [BATTERY, Path::object(1), ERROR_CODE]);
        world.answer(peer(1), &request, Code::CONTENT, format(content_format), b"[]");
        let last = *reported(&world).last().unwrap();
        assert_eq!((last.source, last.path), (Source::ReadComposite, Path::ROOT));
    }
    let mut world = registered("1.1");
    let list =
        |paths| Operation::ReadComposite { paths, content_format: ContentFormat::SENML_JSON, accept: None };
    refused(&mut world, list(vec![]));
    refused(&mut world, list(vec![BATTERY, BATTERY]));
    refused(&mut world, read_composite(ContentFormat::TLV));
    possible(&mut world, list(vec![Path::ROOT]));
}

#[test]
fn s_085_paths_that_are_missing_in_the_answer_are_no_error() {
    let mut world = registered("1.1");
    let payload = br#"[{"n":"/3/0/9","v":97}]"#;
    let operation = read_composite(ContentFormat::SENML_JSON);
    let answer = answered(&mut world, operation, Code::CONTENT, format(ContentFormat::SENML_JSON), payload);
    let records = decode(ContentFormat::SENML_JSON, &Path::ROOT, &answer.payload, &NoDefinitions).unwrap();
    assert_eq!(records.iter().map(|record| record.path).collect::<Vec<_>>(), [BATTERY]);
    assert!(world.server.refusals("a").is_none_or(|refusals| !refusals.composite_read));
}

#[test]
fn s_086_write_composite_is_an_ipatch() {
    let mut world = registered("1.1");
    let payload = br#"[{"n":"/1/0/1","v":60},{"n":"/3/0/15","vs":"UTC"}]"#.to_vec();
    let operation =
        Operation::WriteComposite { content_format: ContentFormat::SENML_JSON, payload: payload.clone() };
    let (id, request) = request(&mut world, operation);
    assert_eq!((request.code, path_of(&request).as_str()), (Code::IPATCH, "/"));
    assert_eq!((request.options.content_format(), &request.payload), (Some(110), &payload));
    world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CHANGED);
    assert_eq!(reported(&world)[0].source, Source::WriteComposite);
    let operation = Operation::WriteComposite { content_format: ContentFormat::TLV, payload };
    refused(&mut world, operation);
}

#[test]
fn s_087_composite_operations_are_not_for_clients_of_1_0() {
    let mut world = registered("1.0");
    let content_format = ContentFormat::SENML_JSON;
    for operation in [
        read_composite(content_format),
        Operation::WriteComposite { content_format, payload: b"[]".to_vec() },
        Operation::ObserveComposite { paths: vec![BATTERY], content_format, accept: None, parameters: None },
    ] {
        let what = refused(&mut world, operation);
        assert!(what.contains("1.1") && what.contains("1.0"), "{what}");
    }
}

#[test]
fn s_088_the_formats_of_1_2_are_for_clients_that_have_them() {
    let lists = [ContentFormat::SENML_ETCH_JSON, ContentFormat::SENML_ETCH_CBOR].map(read_composite);
    let cbor = Some(ContentFormat::LWM2M_CBOR);
    let all = lists.into_iter().chain([
        Operation::Read { path: BATTERY, accept: cbor },
        Operation::Observe { path: BATTERY, accept: cbor, parameters: None },
        write(TIME_ZONE, ContentFormat::LWM2M_CBOR, &[0xa0]),
    ]);
    for operation in all {
        refused(&mut registered("1.1"), operation.clone());
        possible(&mut registered("1.2"), operation.clone());
        let mut listing = World::new();
        let links = r#"</>;rt="oma.lwm2m";ct="110 320 322 11544",</1/0>,</3/0>"#;
        assert_eq!(listing.ask_register(peer(1), &["ep=a", "lwm2m=1.1"], links).code, Code::CREATED);
        possible(&mut listing, operation);
    }
}

/// What a client refuses of composite operations is not asked of it again.
fn stays_refused(world: &mut World) {
    let what = refused(world, read_composite(ContentFormat::SENML_JSON));
    assert!(what.contains("composite"), "{what}");
    assert!(world.events.iter().any(|event| matches!(event, Event::Refuses { .. })));
    possible(world, read(Path::object(3)));
    world.server.forget_refusals("a");
    possible(world, read_composite(ContentFormat::SENML_JSON));
}

#[test]
fn a_client_that_refuses_composite_operations_is_not_asked_again() {
    for code in [Code::NOT_FOUND, Code::METHOD_NOT_ALLOWED, Code::NOT_IMPLEMENTED] {
        let mut world = registered("1.1");
        let operation = read_composite(ContentFormat::SENML_JSON);
        assert_eq!(answered(&mut world, operation, code, Options::new(), b"").code, code);
        stays_refused(&mut world);
    }
}

#[test]
fn a_client_that_never_answers_a_composite_operation_is_not_asked_again() {
    let mut world = registered("1.1");
    let (id, sent) = request(&mut world, read_composite(ContentFormat::SENML_JSON));
    world.give(peer(1), &Message::empty(MessageType::Acknowledgement, sent.message_id));
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::NoResponse)));
    stays_refused(&mut world);
}

#[test]
fn a_new_register_forgets_what_was_refused() {
    let mut world = registered("1.1");
    answered(
        &mut world,
        read_composite(ContentFormat::SENML_JSON),
        Code::NOT_IMPLEMENTED,
        Options::new(),
        b"",
    );
    world.register(peer(1), "a", &["lwm2m=1.1"]);
    possible(&mut world, read_composite(ContentFormat::SENML_JSON));
}

#[test]
fn a_path_that_is_missing_does_not_speak_against_composite_operations() {
    let mut world = registered("1.1");
    let operation = || read_composite(ContentFormat::SENML_JSON);
    answered(&mut world, operation(), Code::CONTENT, format(ContentFormat::SENML_JSON), b"[]");
    answered(&mut world, operation(), Code::NOT_FOUND, Options::new(), b"");
    possible(&mut world, operation());
    let write = || Operation::WriteComposite {
        content_format: ContentFormat::SENML_JSON,
        payload: br#"[{"n":"/3/0/0","vs":"x"}]"#.to_vec(),
    };
    answered(&mut world, write(), Code::METHOD_NOT_ALLOWED, Options::new(), b"");
    possible(&mut world, write());
}

#[test]
fn refused_formats_are_remembered_and_told() {
    let mut world = registered("1.1");
    let operation = Operation::Read { path: BATTERY, accept: Some(ContentFormat::TLV) };
    answered(&mut world, operation.clone(), Code::NOT_ACCEPTABLE, Options::new(), b"");
    let operation_sent = write(TIME_ZONE, ContentFormat::CBOR, &[0x60]);
    answered(&mut world, operation_sent, Code::UNSUPPORTED_CONTENT_FORMAT, Options::new(), b"");
    let formats = &world.server.refusals("a").unwrap().formats;
    assert_eq!(formats.iter().copied().collect::<Vec<_>>(), [ContentFormat::CBOR, ContentFormat::TLV]);
    possible(&mut world, operation);
}

#[test]
fn what_is_observed_with_attributes_is_checked_too() {
    let composite = |queries: &[&str]| Operation::ObserveComposite {
        paths: vec![BATTERY],
        content_format: ContentFormat::SENML_JSON,
        accept: None,
        parameters: parse_observe_parameters(queries.iter().copied()).unwrap(),
    };
    refused(&mut registered("1.2"), composite(&["gt=5"]));
    refused(&mut registered("1.1"), composite(&["pmin=5"]));
    let (_, request) = request(&mut registered("1.2"), composite(&["pmin=5", "con=1"]));
    assert_eq!(request.options.uri_query().unwrap(), ["pmin=5", "con=1"]);
    assert_eq!(request.payload, encode_paths(ContentFormat::SENML_JSON, &[BATTERY]).unwrap());
}
