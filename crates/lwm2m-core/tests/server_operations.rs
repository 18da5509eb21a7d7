//! Device Management and Information Reporting, server side (LwM2M 1.0 TS §5.4, §5.5; RFC 7641).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Code, Message, MessageId, MessageType, Options, Token};
use common::{LINKS, World, peer};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{
    ActiveObservation, Cancellation, Change, Event, ObservationTarget, Operation, OperationError, Reported,
    Source, WantedObservation, WriteMode,
};

const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

fn read(path: Path) -> Operation {
    Operation::Read { path, accept: None }
}

fn text() -> Options {
    Options::new().with_content_format(0)
}

fn registered(version: &str) -> World {
    let mut world = World::new();
    world.register(peer(1), "a", &[&format!("lwm2m={version}")]);
    world
}

/// Observes the temperature; gives back the token.
fn observed(world: &mut World) -> Token {
    let id = world.operate("a", Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
    let (_, request) = world.request();
    assert_eq!((request.code, request.options.observe()), (Code::GET, Some(0)));
    world.answer(peer(1), &request, Code::CONTENT, text().with_observe(1), b"20.0");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CONTENT);
    request.token
}

fn notification(id: u16, token: Token, sequence: u32, payload: &[u8]) -> Message {
    Message {
        message_type: MessageType::Confirmable,
        code: Code::CONTENT,
        message_id: MessageId(id),
        token,
        options: text().with_observe(sequence),
        payload: payload.to_vec(),
    }
}

fn reported(world: &World) -> Vec<&Reported> {
    let each = world.events.iter().filter_map(|event| match event {
        Event::Reported(reported) => Some(&**reported),
        _ => None,
    });
    each.collect()
}

#[test]
fn s_053_read_asks_for_no_format_and_passes_the_payload_on() {
    let mut world = registered("1.0");
    let id = world.operate("a", read(Path::resource(3, 0, 0)));
    let (to, request) = world.request();
    assert_eq!((to, request.code, request.message_type), (peer(1), Code::GET, MessageType::Confirmable));
    assert_eq!(request.options.uri_path().unwrap(), ["3", "0", "0"]);
    assert_eq!(request.options.accept(), None);
    world.answer(peer(1), &request, Code::CONTENT, text(), b"ACME");
    let answer = world.result(id).unwrap().unwrap();
    assert_eq!(
        (answer.code, answer.content_format, answer.payload),
        (Code::CONTENT, Some(ContentFormat::TEXT), b"ACME".to_vec())
    );
    assert_eq!(reported(&world)[0].source, Source::Read);
}

#[test]
fn s_059_error_codes_reach_the_caller_unchanged() {
    for code in [
        Code::BAD_REQUEST,
        Code::UNAUTHORIZED,
        Code::NOT_FOUND,
        Code::METHOD_NOT_ALLOWED,
        Code::INTERNAL_SERVER_ERROR,
    ] {
        let mut world = registered("1.0");
        let id = world.operate("a", read(Path::object(3)));
        let (_, request) = world.request();
        world.answer(peer(1), &request, code, Options::new(), b"");
        assert_eq!(world.result(id).unwrap().unwrap().code, code);
        assert_eq!(reported(&world).len(), 0);
    }
}

#[test]
fn s_025_requests_go_below_the_alternate_path() {
    let mut world = World::new();
    let links = r#"</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>"#;
    assert_eq!(world.ask(peer(1), Code::POST, "/rd", &["ep=a"], links).code, Code::CREATED);
    world.operate("a", read(Path::instance(3, 0)));
    assert_eq!(world.request().1.options.uri_path().unwrap(), ["lwm2m", "3", "0"]);
}

#[test]
fn write_execute_and_discover_become_the_right_requests() {
    let mut world = registered("1.1");
    let path = Path::resource(3, 0, 15);
    let write =
        |mode| Operation::Write { path, mode, content_format: ContentFormat::TEXT, payload: b"UTC".to_vec() };
    for (operation, code, format, payload) in [
        (write(WriteMode::Replace), Code::PUT, Some(0), "UTC"),
        (write(WriteMode::PartialUpdate), Code::POST, Some(0), "UTC"),
        (Operation::Execute { path, arguments: None }, Code::POST, None, ""),
        (Operation::Execute { path, arguments: Some("0='a'".into()) }, Code::POST, Some(0), "0='a'"),
        (Operation::Discover { path, depth: None }, Code::GET, None, ""),
    ] {
        let discover = matches!(operation, Operation::Discover { .. });
        world.operate("a", operation);
        let (_, request) = world.request();
        assert_eq!((request.code, request.options.content_format()), (code, format));
        assert_eq!(request.payload, payload.as_bytes());
        assert_eq!(request.options.accept(), discover.then_some(40));
        world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
    }
    let sources: Vec<Source> = reported(&world).iter().map(|reported| reported.source).collect();
    assert_eq!(sources, [Source::Write, Source::Write, Source::Discover]);
}

#[test]
fn s_054_what_the_standard_has_no_request_for_is_refused_here() {
    let mut world = registered("1.0");
    let write = |path| Operation::Write {
        path,
        mode: WriteMode::Replace,
        content_format: ContentFormat::TLV,
        payload: vec![],
    };
    for operation in [
        read(Path::ROOT),
        read(Path::resource_instance(3, 0, 6, 0)),
        write(Path::object(3)),
        Operation::Execute { path: Path::instance(3, 0), arguments: None },
        Operation::CancelObservation { path: TEMPERATURE, how: Cancellation::Active },
    ] {
        let id = world.operate("a", operation.clone());
        let result = world.result(id).unwrap();
        assert!(matches!(result, Err(OperationError::NotPossible { .. })), "{operation:?}: {result:?}");
    }
    assert!(world.sent.is_empty(), "nothing was sent");
    let id = world.operate("nobody", read(Path::object(3)));
    assert!(matches!(world.result(id), Some(Err(OperationError::UnknownClient { .. }))));
    let mut newer = registered("1.1");
    newer.operate("a", read(Path::resource_instance(3, 0, 6, 0)));
    assert_eq!(newer.request().1.options.uri_path().unwrap(), ["3", "0", "6", "0"]);
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
    let id = world.operate("a", read(Path::object(3)));
    let (_, request) = world.request();
    world.give(peer(1), &Message::empty(MessageType::Acknowledgement, request.message_id));
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::NoResponse)));
    let id = world.operate("a", read(Path::object(3)));
    let (_, request) = world.request();
    world.give(peer(1), &Message::empty(MessageType::Reset, request.message_id));
    assert_eq!(world.result(id), Some(Err(OperationError::Reset)));
}

#[test]
fn open_operations_end_with_the_registration() {
    let mut world = registered("1.0");
    let id = world.operate("a", read(Path::object(3)));
    world.register(peer(1), "a", &[]);
    assert_eq!(world.result(id), Some(Err(OperationError::Departed)));
}

#[test]
fn one_request_at_a_time_for_each_client() {
    let mut world = registered("1.0");
    world.operate("a", read(Path::object(3)));
    let second = world.operate("a", read(Path::object(1)));
    let (_, request) = world.request();
    assert!(world.sent.is_empty(), "NSTART is 1 (RFC 7252 §4.7)");
    world.answer(peer(1), &request, Code::CONTENT, text(), b"");
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::NOT_FOUND, Options::new(), b"");
    assert_eq!(world.result(second).unwrap().unwrap().code, Code::NOT_FOUND);
}

#[test]
fn notifications_are_stored_before_they_are_acknowledged() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    world.hold = true;
    let notify = notification(900, token, 2, b"21.5");
    world.give(peer(1), &notify);
    assert!(world.sent.is_empty());
    assert!(matches!(world.changes.last(), Some(Change::Reported(_))));
    world.release();
    let reply = world.reply_to(peer(1), &notify);
    assert_eq!((reply.message_type, reply.code), (MessageType::Acknowledgement, Code::EMPTY));
    let last = *reported(&world).last().unwrap();
    assert_eq!(
        (last.payload.as_slice(), last.source, last.sequence),
        (&b"21.5"[..], Source::Notify, Some(2))
    );
    assert_eq!((last.path, last.confirmable, last.current), (TEMPERATURE, true, true));
}

#[test]
fn a_notification_that_cannot_be_stored_is_not_acknowledged_and_may_come_again() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let notify = notification(900, token, 2, b"21.5");
    world.fail = true;
    world.give(peer(1), &notify);
    assert!(world.sent.is_empty());
    world.fail = false;
    world.give(peer(1), &notify);
    assert_eq!(world.reply_to(peer(1), &notify).message_type, MessageType::Acknowledgement);
}

#[test]
fn an_overtaken_notification_is_history_and_not_the_present() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    world.give(peer(1), &notification(900, token, 5, b"new"));
    world.give(peer(1), &notification(901, token, 4, b"old"));
    let current: Vec<bool> = reported(&world).iter().map(|reported| reported.current).collect();
    assert_eq!(current, [true, true, false]);
}

#[test]
fn an_unknown_token_is_rejected_only_after_the_store_was_asked() {
    let mut world = registered("1.0");
    let token = Token::new(b"other").unwrap();
    let notify = notification(900, token, 2, b"1");
    world.give(peer(1), &notify);
    assert_eq!(world.reply_to(peer(1), &notify).message_type, MessageType::Reset);
    let registration = world.server.registration("a").unwrap().id;
    let target = ObservationTarget::Path(TEMPERATURE);
    let asked = WantedObservation { target, content_format: None, accept: None, parameters: None };
    world.remembered = Some(ActiveObservation { token, registration, asked, since: world.now });
    let notify = notification(901, token, 3, b"2");
    world.give(peer(1), &notify);
    assert_eq!(world.reply_to(peer(1), &notify).message_type, MessageType::Acknowledgement);
    let notify = notification(902, token, 4, b"3");
    world.give(peer(7), &notify);
    assert_eq!(world.reply_to(peer(7), &notify).message_type, MessageType::Reset, "from someone else");
}

#[test]
fn an_error_notification_ends_the_observation() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let last = Message { code: Code::NOT_FOUND, options: Options::new(), ..notification(900, token, 0, b"") };
    world.give(peer(1), &last);
    assert_eq!(world.reply_to(peer(1), &last).message_type, MessageType::Acknowledgement);
    assert_eq!(world.server.observation_count(), 0);
    assert!(world.events.iter().any(|event| matches!(event, Event::ObservationEnded { .. })));
}

#[test]
fn cancel_observation_uses_the_same_token() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let id =
        world.operate("a", Operation::CancelObservation { path: TEMPERATURE, how: Cancellation::Active });
    let (_, request) = world.request();
    assert_eq!((request.token, request.options.observe()), (token, Some(1)));
    world.answer(peer(1), &request, Code::CONTENT, text(), b"20.0");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CONTENT);
    assert_eq!(world.server.observation_count(), 0);
    let late = notification(900, token, 9, b"1");
    world.give(peer(1), &late);
    assert_eq!(world.reply_to(peer(1), &late).message_type, MessageType::Reset);
    world.register(peer(1), "a", &[]);
    assert!(world.sent.is_empty(), "no longer wanted");
}

#[test]
fn a_cancel_without_answer_still_ends_the_observation_here() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let id =
        world.operate("a", Operation::CancelObservation { path: TEMPERATURE, how: Cancellation::Active });
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::Timeout)));
    world.sent.clear();
    let late = notification(900, token, 9, b"1");
    world.give(peer(1), &late);
    assert_eq!(world.reply_to(peer(1), &late).message_type, MessageType::Reset);
}

#[test]
fn a_client_that_registers_anew_is_observed_again_after_its_answer() {
    let mut world = registered("1.0");
    let old = observed(&mut world);
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let register = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(2), &register);
    let order: Vec<Code> = world.sent.iter().map(|(_, message)| message.code).collect();
    assert_eq!(order, [Code::CREATED, Code::GET], "no request before the answer (S-036)");
    let (to, request) = world.request();
    assert_eq!((to, request.options.observe()), (peer(2), Some(0)));
    assert_ne!(request.token, old);
    world.answer(peer(2), &request, Code::CONTENT, text().with_observe(0), b"19.0");
    assert_eq!(world.server.observation_count(), 1);
    let stale = notification(900, old, 50, b"1");
    world.give(peer(1), &stale);
    assert_eq!(world.reply_to(peer(1), &stale).message_type, MessageType::Reset);
}

#[test]
fn without_observe_option_the_value_is_news_but_nothing_is_observed() {
    let mut world = registered("1.0");
    let id = world.operate("a", Operation::Observe { path: TEMPERATURE, accept: None, parameters: None });
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::CONTENT, text(), b"20.0");
    assert_eq!(world.result(id).unwrap().unwrap().payload, b"20.0");
    assert_eq!(world.server.observation_count(), 0);
    assert_eq!(reported(&world)[0].source, Source::Read);
}
