//! Information Reporting, server side (LwM2M 1.0 TS §5.5; Core 1.1, 1.2 §6.4; RFC 7641). Rows of the conformance
//! table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Block, Code, Message, MessageId, MessageType, Options, Token};
use common::{LINKS, World, peer, psk, registered, reported, request};
use lwm2m_codec::{
    ContentFormat, NoDefinitions, Path,
    attributes::{NotificationAttributes, parse_observe_parameters},
    decode, decode_paths,
};
use lwm2m_core::{
    Peer, SessionId,
    server::{
        ActiveObservation, Cancellation, Change, Delivery, Event, ObservationTarget, Operation,
        OperationError, Reported, ServerConfig, Source, WantedObservation,
    },
};

const TEMPERATURE: Path = Path::resource(3303, 0, 5700);
const BATTERY: Path = Path::resource(3, 0, 9);

fn text() -> Options {
    Options::new().with_content_format(0)
}

fn senml() -> Options {
    Options::new().with_content_format(110)
}

fn observe(path: Path) -> Operation {
    Operation::Observe { path, accept: None, parameters: None }
}

fn cancel(path: Path, how: Cancellation) -> Operation {
    Operation::CancelObservation { path, how }
}

fn observe_composite() -> Operation {
    Operation::ObserveComposite {
        paths: vec![TEMPERATURE, BATTERY],
        content_format: ContentFormat::SENML_CBOR,
        accept: Some(ContentFormat::SENML_JSON),
        parameters: None,
    }
}

/// Starts an observation; gives back its request.
fn started(world: &mut World, operation: Operation) -> Message {
    let (id, request) = request(world, operation);
    assert_eq!(request.options.observe(), Some(0));
    world.answer(peer(1), &request, Code::CONTENT, senml().with_observe(1), b"[]");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CONTENT);
    request
}

/// Two tokens for one target would leave open which of them the client has kept.
#[test]
fn s_093_an_observe_is_not_sent_twice_at_once() {
    let mut world = registered("1.1");
    let (first, request) = request(&mut world, observe(TEMPERATURE));
    let second = world.operate("a", observe(TEMPERATURE));
    let refused = world.result(second).unwrap();
    assert!(matches!(refused, Err(OperationError::NotPossible { .. })), "{refused:?}");
    world.answer(peer(1), &request, Code::CONTENT, text().with_observe(1), b"20");
    assert_eq!(world.result(first).unwrap().unwrap().code, Code::CONTENT);
    started(&mut world, observe(TEMPERATURE));
}

/// Observes the temperature; gives back the token.
fn observed(world: &mut World) -> Token {
    let (_, request) = request(world, observe(TEMPERATURE));
    world.answer(peer(1), &request, Code::CONTENT, text().with_observe(1), b"20.0");
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

/// Gives a confirmable notification; the type of the reply.
fn notify(world: &mut World, from: Peer, notification: &Message) -> MessageType {
    world.give(from, notification);
    let reply = world.reply_to(from, notification);
    assert_eq!(reply.code, Code::EMPTY);
    reply.message_type
}

/// Whether a notification of this token, from the client, is taken.
fn taken(world: &mut World, id: u16, token: Token) -> bool {
    notify(world, peer(1), &notification(id, token, u32::from(id), b"1")) == MessageType::Acknowledgement
}

fn ended(world: &World) -> Option<&str> {
    world.events.iter().find_map(|event| match event {
        Event::ObservationEnded { why, .. } => Some(why.as_str()),
        _ => None,
    })
}

#[test]
fn s_036_no_request_leaves_before_the_answer_to_the_register() {
    let mut world = registered("1.0");
    observed(&mut world);
    world.hold = true;
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let register = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(2), &register);
    assert!(world.sent.is_empty());
    world.release();
    let order: Vec<Code> = world.sent.iter().map(|(_, message)| message.code).collect();
    assert_eq!(order, [Code::CREATED, Code::GET]);
}

#[test]
fn s_046_a_deregister_takes_registration_observations_and_queue_along() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    let token = observed(&mut world);
    let open = world.operate("a", Operation::Read { path: BATTERY, accept: None });
    let queued = world.operate("a", Operation::Read { path: TEMPERATURE, accept: None });
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::DELETED);
    assert_eq!((world.server.registration_count(), world.server.observation_count()), (0, 0));
    for id in [open, queued] {
        assert_eq!(world.result(id), Some(Err(OperationError::Departed)));
    }
    assert!(world.changes.contains(&Change::ObservationEnded { token }));
    assert!(!taken(&mut world, 900, token));
}

#[test]
fn s_049_expiry_ends_the_observations() {
    let mut world = World::new();
    world.register(peer(1), "a", &["lt=60"]);
    let token = observed(&mut world);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.server.observation_count(), 0);
    assert!(world.changes.contains(&Change::ObservationEnded { token }));
    assert!(!taken(&mut world, 900, token));
}

#[test]
fn s_093_observe_of_object_instance_and_resource_brings_the_first_value() {
    for path in [Path::object(3303), Path::instance(3303, 0), TEMPERATURE] {
        let mut world = registered("1.0");
        let (id, request) = request(&mut world, observe(path));
        assert_eq!((request.code, request.options.observe()), (Code::GET, Some(0)));
        assert_eq!(format!("/{}", request.options.uri_path().unwrap().join("/")), path.to_string());
        world.answer(peer(1), &request, Code::CONTENT, text().with_observe(1), b"20.0");
        assert_eq!(world.result(id).unwrap().unwrap().payload, b"20.0");
        let first = reported(&world)[0];
        assert_eq!((first.path, first.source, first.sequence), (path, Source::Notify, Some(1)));
        assert!(world.events.iter().any(|event| matches!(event, Event::ObservationStarted { .. })));
    }
}

#[test]
fn s_094_a_resource_instance_is_observed_of_clients_since_1_1_only() {
    let path = Path::resource_instance(3, 0, 11, 0);
    let mut old = registered("1.0");
    let id = old.operate("a", observe(path));
    assert!(matches!(old.result(id), Some(Err(OperationError::NotPossible { .. }))));
    let (_, request) = request(&mut registered("1.1"), observe(path));
    assert_eq!(request.options.uri_path().unwrap(), ["3", "0", "11", "0"]);
}

#[test]
fn s_095_a_notification_is_acknowledged_each_time_it_comes() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let notification = notification(900, token, 2, b"21.5");
    for _ in 0..2 {
        assert_eq!(notify(&mut world, peer(1), &notification), MessageType::Acknowledgement);
    }
    let values: Vec<&[u8]> = reported(&world).iter().map(|reported| reported.payload.as_slice()).collect();
    assert_eq!(values, [b"20.0", b"21.5"], "told once");
}

#[test]
fn s_095_notifications_are_matched_by_session_too() {
    let mut world = World::with_config(ServerConfig::default());
    let session = |number| Peer::Session(SessionId(number));
    for number in [1, 2] {
        world.server.session_opened(SessionId(number), psk("a"));
    }
    world.register(session(1), "a", &[]);
    let (_, request) = request(&mut world, observe(TEMPERATURE));
    world.answer(session(1), &request, Code::CONTENT, text().with_observe(1), b"20.0");
    let first = notification(900, request.token, 2, b"1");
    assert_eq!(notify(&mut world, session(1), &first), MessageType::Acknowledgement);
    let forged = notification(901, request.token, 3, b"2");
    assert_eq!(notify(&mut world, session(2), &forged), MessageType::Reset);
}

#[test]
fn s_096_an_unknown_token_is_rejected_after_the_store_was_asked() {
    let mut world = registered("1.0");
    let token = Token::new(b"other").unwrap();
    assert!(!taken(&mut world, 900, token));
    let registration = world.server.registration("a").unwrap().id;
    let target = ObservationTarget::Path(TEMPERATURE);
    let asked = WantedObservation {
        target,
        content_format: None,
        accept: None,
        parameters: None,
        attributes: NotificationAttributes::default(),
    };
    world.remembered = Some(ActiveObservation { token, registration, asked, since: world.now });
    assert!(taken(&mut world, 901, token), "the store knows it");
    let elsewhere = notification(902, token, 4, b"3");
    world.give(peer(7), &elsewhere);
    assert!(
        world.sent.is_empty(),
        "from someone else, or from the client before its Update tells where it is"
    );
    let unknown = Message {
        message_type: MessageType::NonConfirmable,
        ..notification(903, Token::new(b"third").unwrap(), 4, b"3")
    };
    assert_eq!(notify(&mut world, peer(1), &unknown), MessageType::Reset, "also without confirmation");
}

fn order(world: &World) -> Vec<bool> {
    reported(world).iter().map(|reported| reported.current).collect()
}

#[test]
fn s_097_an_overtaken_notification_is_history() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    notify(&mut world, peer(1), &notification(900, token, 5, b"new"));
    notify(&mut world, peer(1), &notification(901, token, 4, b"old"));
    assert_eq!(order(&world), [true, true, false]);
    world.pass(Duration::from_secs(128));
    notify(&mut world, peer(1), &notification(902, token, 3, b"after a restart"));
    assert_eq!(order(&world), [true, true, false, true], "anything is newer after 128 s");
}

#[test]
fn s_098_the_observe_counter_wraps() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    for (id, sequence) in [(900, 0x7f_ffff), (901, 0xff_fffe), (902, 1), (903, 0xff_ffff)] {
        notify(&mut world, peer(1), &notification(id, token, sequence, b"1"));
    }
    assert_eq!(order(&world), [true, true, true, true, false]);
}

#[test]
fn s_099_a_cancel_has_the_same_token_and_options() {
    let mut world = registered("1.2");
    let parameters = parse_observe_parameters(["pmin=5"]).unwrap();
    let operation =
        Operation::Observe { path: TEMPERATURE, accept: Some(ContentFormat::SENML_JSON), parameters };
    let start = started(&mut world, operation);
    let (id, end) = request(&mut world, cancel(TEMPERATURE, Cancellation::Active));
    assert_eq!((end.code, end.token), (Code::GET, start.token));
    let mut options = start.options.clone();
    options.remove(coap::option_number::OBSERVE);
    assert_eq!(end.options, options.with_observe(1));
    world.answer(peer(1), &end, Code::CONTENT, senml(), b"[]");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CONTENT);
    assert_eq!((world.server.observation_count(), ended(&world)), (0, Some("cancelled")));
    assert!(!taken(&mut world, 900, start.token), "late");
    world.register(peer(1), "a", &[]);
    assert!(world.sent.is_empty(), "no longer wanted");
}

#[test]
fn s_100_a_passive_cancel_waits_for_the_next_notification() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let id = world.operate("a", cancel(TEMPERATURE, Cancellation::Passive));
    assert!(world.sent.is_empty(), "nothing is sent");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::EMPTY);
    assert_eq!(ended(&world), Some("cancelled"));
    assert!(!taken(&mut world, 900, token), "Reset");
    world.register(peer(1), "a", &[]);
    assert!(world.sent.is_empty(), "no longer wanted");
}

#[test]
fn s_101_an_error_ends_the_observation() {
    for code in [Code::NOT_FOUND, Code::INTERNAL_SERVER_ERROR] {
        let mut world = registered("1.0");
        let token = observed(&mut world);
        let last = Message { code, options: Options::new(), ..notification(900, token, 0, b"") };
        assert_eq!(notify(&mut world, peer(1), &last), MessageType::Acknowledgement);
        assert_eq!(world.server.observation_count(), 0);
        assert!(ended(&world).unwrap().contains(&code.to_string()));
        assert!(!taken(&mut world, 901, token));
    }
}

#[test]
fn s_102_without_the_observe_option_nothing_is_observed() {
    let mut world = registered("1.0");
    let (id, request) = request(&mut world, observe(TEMPERATURE));
    world.answer(peer(1), &request, Code::CONTENT, text(), b"20.0");
    assert_eq!(world.result(id).unwrap().unwrap().payload, b"20.0");
    assert_eq!(world.server.observation_count(), 0);
    assert_eq!(reported(&world)[0].source, Source::Read, "the value is news all the same");
    assert!(!taken(&mut world, 900, request.token));
}

#[test]
fn s_103_a_client_that_registers_anew_is_observed_again() {
    let mut world = registered("1.1");
    let old = observed(&mut world);
    let list = started(&mut world, observe_composite());
    world.register(peer(2), "a", &["lwm2m=1.1"]);
    let (to, request) = world.request();
    assert_eq!((to, request.code, request.options.observe()), (peer(2), Code::GET, Some(0)));
    assert_ne!(request.token, old);
    world.answer(peer(2), &request, Code::CONTENT, text().with_observe(0), b"19.0");
    let (_, request) = world.request();
    assert_eq!((request.code, &request.payload), (Code::FETCH, &list.payload));
    assert_eq!(request.options, list.options);
    world.answer(peer(2), &request, Code::CONTENT, senml().with_observe(0), b"[]");
    assert_eq!(world.server.observation_count(), 2);
    assert!(!taken(&mut world, 900, old));
}

#[test]
fn s_103_a_refused_format_is_not_asked_for_again() {
    let mut world = registered("1.1");
    let accept = Some(ContentFormat::SENML_JSON);
    started(&mut world, Operation::Observe { path: TEMPERATURE, accept, parameters: None });
    let location = world.register(peer(1), "a", &["lwm2m=1.1"]);
    let (_, request) = world.request();
    assert_eq!(request.options.accept(), Some(110));
    world.answer(peer(1), &request, Code::NOT_ACCEPTABLE, Options::new(), b"");
    let (_, request) = world.request();
    assert_eq!((request.options.observe(), request.options.accept()), (Some(0), None));
    world.answer(peer(1), &request, Code::CONTENT, text().with_observe(1), b"20.0");
    assert_eq!(world.server.observation_count(), 1);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
}

#[test]
fn s_104_observations_survive_update_silence_and_a_new_address() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=86400"]);
    let token = observed(&mut world);
    world.pass(Duration::from_secs(3600));
    assert_eq!(world.ask(peer(9), Code::POST, &location, &[], "").code, Code::CHANGED);
    assert!(world.sent.is_empty(), "nothing is asked again");
    let moved = notification(900, token, 2, b"21.0");
    assert_eq!(notify(&mut world, peer(9), &moved), MessageType::Acknowledgement);
    assert_eq!(reported(&world).last().unwrap().payload, b"21.0");
}

#[test]
fn s_105_a_composite_observation_is_cancelled_with_the_same_list() {
    let mut world = registered("1.1");
    let start = started(&mut world, observe_composite());
    assert_eq!((start.code, start.options.uri_path().unwrap().len()), (Code::FETCH, 0));
    assert_eq!((start.options.content_format(), start.options.accept()), (Some(112), Some(110)));
    let paths = decode_paths(ContentFormat::SENML_CBOR, &start.payload).unwrap();
    assert_eq!(paths, [BATTERY, TEMPERATURE]);
    let mut news = notification(900, start.token, 2, br#"[{"n":"/3/0/9","v":97}]"#);
    news.options = senml().with_observe(2);
    assert_eq!(notify(&mut world, peer(1), &news), MessageType::Acknowledgement);
    let last = *reported(&world).last().unwrap();
    assert_eq!((last.path, last.source), (Path::ROOT, Source::Notify));
    let cancel = |paths: &[Path]| Operation::CancelObservationComposite {
        paths: paths.to_vec(),
        how: Cancellation::Active,
    };
    let id = world.operate("a", cancel(&[BATTERY]));
    assert!(matches!(world.result(id), Some(Err(OperationError::NotPossible { .. }))), "another list");
    let (id, end) = request(&mut world, cancel(&[TEMPERATURE, BATTERY]));
    assert_eq!((end.code, end.token, &end.payload), (Code::FETCH, start.token, &start.payload));
    assert_eq!((end.options.observe(), end.options.content_format()), (Some(1), Some(112)));
    world.answer(peer(1), &end, Code::CONTENT, senml(), b"[]");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::CONTENT);
    assert_eq!(world.server.observation_count(), 0);
}

#[test]
fn s_106_attributes_go_along_to_clients_of_1_2_only() {
    let parameters = parse_observe_parameters(["pmin=5", "pmax=60"]).unwrap();
    let operation = Operation::Observe { path: TEMPERATURE, accept: None, parameters };
    let mut old = registered("1.1");
    let id = old.operate("a", operation.clone());
    assert!(matches!(old.result(id), Some(Err(OperationError::NotPossible { .. }))));
    let (_, request) = request(&mut registered("1.2"), operation);
    assert_eq!(request.options.uri_query().unwrap(), ["pmin=5", "pmax=60"]);
    assert_eq!(request.options.observe(), Some(0));
}

/// The times of a SenML notification, in seconds before it came.
fn ages(payload: &str) -> Vec<f64> {
    let mut world = registered("1.1");
    let start = started(&mut world, observe(TEMPERATURE));
    let mut news = notification(900, start.token, 2, payload.as_bytes());
    news.options = senml().with_observe(2);
    notify(&mut world, peer(1), &news);
    let stored: &Reported = reported(&world).last().unwrap();
    let format = stored.content_format.unwrap();
    let now = Duration::from_millis(stored.at.as_millis()).as_secs_f64();
    assert_eq!(stored.at, world.now);
    let records = decode(format, &stored.path, &stored.payload, &NoDefinitions).unwrap();
    records.iter().map(|record| now - format.absolute_time(record.time().unwrap(), now)).collect()
}

#[test]
fn s_107_timed_values_are_kept_with_what_makes_their_times_absolute() {
    // The clock of these tests stands at 1000 s after 1970; 300000000 is a time of its own.
    let payload = r#"[{"bn":"/3303/0/5700","bt":300000000,"v":1},{"t":5,"v":2},{"t":10,"v":3}]"#;
    assert_eq!(ages(payload), [-299_999_000.0, -299_999_005.0, -299_999_010.0]);
}

#[test]
fn s_108_small_times_count_from_the_arrival() {
    let payload = r#"[{"n":"/3303/0/5700","t":-20,"v":1},{"n":"/3303/0/5700","t":-10.5,"v":2},{"n":"/3303/0/5700","t":0,"v":3}]"#;
    assert_eq!(ages(payload), [20.0, 10.5, 0.0]);
}

/// The first of two blocks of a notification.
fn first_block(id: u16, token: Token, sequence: u32) -> Message {
    let block = Block { num: 0, more: true, szx: 2 };
    let mut first = notification(id, token, sequence, &[b'1'; 64]);
    first.options = first.options.with_block2(block);
    first
}

#[test]
fn s_113_the_blocks_of_a_long_notification_are_fetched() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let first = first_block(900, token, 2);
    assert_eq!(notify(&mut world, peer(1), &first), MessageType::Acknowledgement);
    assert_eq!(reported(&world).len(), 1, "only the value of the Observe");
    let (_, request) = world.request();
    assert_eq!((request.code, request.options.observe()), (Code::GET, None));
    assert_eq!(request.options.uri_path().unwrap(), ["3303", "0", "5700"]);
    assert_eq!(request.options.block2().map(|block| block.num), Some(1));
    assert_ne!(request.token, token);
    let last = Block { num: 1, more: false, szx: 2 };
    world.answer(peer(1), &request, Code::CONTENT, text().with_block2(last), b"2");
    assert!(world.sent.is_empty());
    let values = reported(&world);
    assert_eq!(values.len(), 2, "told once");
    assert_eq!(
        (values[1].payload.len(), values[1].source, values[1].sequence),
        (65, Source::Notify, Some(2))
    );
}

#[test]
fn s_113_a_newer_notification_takes_the_place_of_one_being_fetched() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    notify(&mut world, peer(1), &first_block(900, token, 2));
    world.request();
    assert!(taken(&mut world, 901, token));
    world.pass(Duration::from_secs(100));
    let values: Vec<&[u8]> = reported(&world).iter().map(|reported| reported.payload.as_slice()).collect();
    assert_eq!(values, [b"20.0", b"1".as_slice()]);
    let complaint = |event: &Event| matches!(event, Event::Refused { .. });
    assert!(!world.events.iter().any(complaint), "it is not missed");
}

#[test]
fn a_notification_that_cannot_be_fetched_is_told_and_the_observation_goes_on() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    notify(&mut world, peer(1), &first_block(900, token, 2));
    world.pass(Duration::from_secs(100));
    let told = |event: &Event| matches!(event, Event::Refused { what, .. } if what.contains("/3303/0/5700"));
    assert!(world.events.iter().any(told));
    world.sent.clear();
    assert!(taken(&mut world, 901, token));
}

#[test]
fn a_long_composite_notification_is_asked_for_as_a_whole() {
    let mut world = registered("1.1");
    let start = started(&mut world, observe_composite());
    let mut first = first_block(900, start.token, 2);
    first.options = senml().with_observe(2).with_block2(Block { num: 0, more: true, szx: 2 });
    notify(&mut world, peer(1), &first);
    let (_, request) = world.request();
    assert_eq!((request.code, request.options.observe()), (Code::FETCH, None));
    assert_eq!(request.payload, start.payload);
    world.answer(peer(1), &request, Code::CONTENT, senml(), br#"[{"n":"/3/0/9","v":97}]"#);
    let last = *reported(&world).last().unwrap();
    assert_eq!((last.source, last.path, last.payload.len()), (Source::Notify, Path::ROOT, 23));
}

#[test]
fn notifications_are_stored_before_they_are_acknowledged() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    world.hold = true;
    let news = notification(900, token, 2, b"21.5");
    world.give(peer(1), &news);
    assert!(world.sent.is_empty());
    assert!(matches!(world.changes.last(), Some(Change::Reported(_))));
    world.release();
    assert_eq!(world.reply_to(peer(1), &news).message_type, MessageType::Acknowledgement);
    let last = *reported(&world).last().unwrap();
    assert_eq!((last.payload.as_slice(), last.source), (&b"21.5"[..], Source::Notify));
    assert_eq!((last.path, last.confirmable, last.current), (TEMPERATURE, true, true));
}

/// It would be stored a second time if the server were killed before it could be known by its message id.
#[test]
fn a_notification_that_overtakes_the_answer_to_observe_is_stored_before_it_is_acknowledged() {
    let mut world = registered("1.0");
    let (id, request) = request(&mut world, observe(TEMPERATURE));
    world.hold = true;
    let news = notification(900, request.token, 2, b"21.5");
    world.give(peer(1), &news);
    assert!(world.sent.is_empty());
    world.release();
    assert_eq!(world.reply_to(peer(1), &news).message_type, MessageType::Acknowledgement);
    assert_eq!(world.result(id).unwrap().unwrap().payload, b"21.5");
    let last = *reported(&world).last().unwrap();
    assert_eq!(last.delivery, Some(Delivery { token: request.token, message_id: 900 }));
    assert_eq!(
        notify(&mut world, peer(1), &notification(901, request.token, 3, b"22")),
        MessageType::Acknowledgement
    );
}

#[test]
fn a_notification_that_cannot_be_stored_is_not_acknowledged_and_may_come_again() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let news = notification(900, token, 2, b"21.5");
    world.fail = true;
    world.give(peer(1), &news);
    assert!(world.sent.is_empty());
    world.fail = false;
    assert_eq!(notify(&mut world, peer(1), &news), MessageType::Acknowledgement);
}

#[test]
fn a_cancel_without_answer_still_ends_the_observation_here() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let id = world.operate("a", cancel(TEMPERATURE, Cancellation::Active));
    world.pass(Duration::from_secs(94));
    assert_eq!(world.result(id), Some(Err(OperationError::Timeout)));
    world.sent.clear();
    assert!(!taken(&mut world, 900, token));
}

#[test]
fn a_cancel_that_the_client_refuses_still_ends_the_observation_here() {
    let mut world = registered("1.0");
    let token = observed(&mut world);
    let (id, end) = request(&mut world, cancel(TEMPERATURE, Cancellation::Active));
    world.answer(peer(1), &end, Code::METHOD_NOT_ALLOWED, Options::new(), b"");
    assert_eq!(world.result(id).unwrap().unwrap().code, Code::METHOD_NOT_ALLOWED);
    assert!(!taken(&mut world, 900, token));
}

#[test]
fn an_observation_is_refreshed_under_its_token_and_ends_when_that_is_refused() {
    for (code, options) in [(Code::NOT_FOUND, Options::new()), (Code::CONTENT, text())] {
        let mut world = registered("1.0");
        let token = observed(&mut world);
        let (_, again) = request(&mut world, observe(TEMPERATURE));
        assert_eq!(again.token, token);
        world.answer(peer(1), &again, Code::CONTENT, text().with_observe(7), b"21.0");
        assert_eq!((world.server.observation_count(), ended(&world)), (1, None));
        let (_, again) = request(&mut world, observe(TEMPERATURE));
        world.answer(peer(1), &again, code, options, b"");
        assert_eq!(world.server.observation_count(), 0);
        assert!(ended(&world).is_some() && !taken(&mut world, 900, token));
    }
}

#[test]
fn an_observation_ends_with_its_object_instance() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lwm2m=1.1"]);
    let token = observed(&mut world);
    let kept = started(&mut world, observe(BATTERY)).token;
    let composite = started(&mut world, observe_composite()).token;
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["lt=60"], "").code, Code::CHANGED);
    assert_eq!(world.server.observation_count(), 3);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "</1/0>,</3/0>,</3303>").code, Code::CHANGED);
    assert_eq!(ended(&world), Some("the client no longer has /3303/0/5700"));
    assert!(!taken(&mut world, 900, token));
    assert!(taken(&mut world, 901, kept) && taken(&mut world, 902, composite));
}

#[test]
fn what_is_not_observed_cannot_be_cancelled() {
    let mut world = registered("1.0");
    for how in [Cancellation::Active, Cancellation::Passive] {
        let id = world.operate("a", cancel(TEMPERATURE, how));
        let Some(Err(error)) = world.result(id) else { panic!() };
        assert_eq!(error.to_string(), "expected an observation of /3303/0/5700, got none");
    }
    assert!(world.sent.is_empty());
}

#[test]
fn observations_of_a_client_are_bounded() {
    let mut world = registered("1.0");
    for resource in 0..256 {
        started(&mut world, observe(Path::resource(3303, 0, resource)));
    }
    let id = world.operate("a", observe(Path::resource(3303, 0, 256)));
    assert!(matches!(world.result(id), Some(Err(OperationError::NotPossible { .. }))));
    started(&mut world, observe(Path::resource(3303, 0, 0)));
    assert_eq!(world.server.observation_count(), 256, "one more of the same is the same");
}
