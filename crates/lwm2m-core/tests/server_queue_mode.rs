//! Queue Mode, server side (LwM2M 1.0 TS §8.3; Core 1.1 Transport §6.5). Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Code, Message, MessageId, MessageType, Options, Token};
use common::{World, format, peer};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{CommandState, Event, Operation, OperationError, limits};

const BATTERY: Path = Path::resource(3, 0, 9);
const READ: Operation = Operation::Read { path: BATTERY, accept: None };
const REBOOT: Operation = Operation::Execute { path: Path::resource(3, 0, 4), arguments: None };
const OBSERVE: Operation = Operation::Observe { path: BATTERY, accept: None, parameters: None };
/// MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2)
const AWAKE: Duration = Duration::from_secs(93);
const SECOND: Duration = Duration::from_secs(1);

/// A client in queue mode that has just registered, and its location.
fn queued(queries: &[&str]) -> (World, String) {
    let mut world = World::new();
    let location = world.register(peer(1), "a", queries);
    (world, location)
}

fn asleep(queries: &[&str]) -> (World, String) {
    let (mut world, location) = queued(queries);
    world.pass(AWAKE);
    assert!(!world.server.is_awake("a"));
    (world, location)
}

fn update(world: &mut World, location: &str) {
    assert_eq!(world.ask(peer(1), Code::POST, location, &[], "").code, Code::CHANGED);
}

/// What was told of waking and sleeping.
fn told(world: &World) -> Vec<&'static str> {
    let told = world.events.iter().filter_map(|event| match event {
        Event::Awake { .. } => Some("awake"),
        Event::Asleep { .. } => Some("asleep"),
        _ => None,
    });
    told.collect()
}

fn is_answered(state: &CommandState) -> bool {
    matches!(state, CommandState::Answered(_))
}

/// Observes, and gives the token.
fn observe(world: &mut World) -> Token {
    world.command("a", OBSERVE);
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::TEXT).with_observe(1), b"97");
    request.token
}

fn notify(world: &mut World, token: Token, sequence: u32) -> Message {
    let options = format(ContentFormat::TEXT).with_observe(sequence);
    let notification = Message { token, ..world.message(Code::CONTENT, options, b"96") };
    world.give(peer(1), &notification);
    notification
}

#[test]
fn s_114_no_request_is_sent_to_a_sleeping_client() {
    for queries in [&["lwm2m=1.0", "b=UQ"][..], &["lwm2m=1.0", "b=UQS"], &["lwm2m=1.1", "Q"]] {
        let (mut world, _) = asleep(queries);
        let id = world.command("a", READ);
        world.pass(Duration::from_secs(600));
        assert_eq!((world.requests().len(), world.state(id)), (0, CommandState::Queued), "{queries:?}");
    }
    let mut world = World::new();
    world.register(peer(1), "a", &["lwm2m=1.1"]);
    world.pass(2 * AWAKE);
    world.command("a", READ);
    assert_eq!(world.requests().len(), 1, "a client that is not in queue mode always listens");
}

#[test]
fn s_115_held_requests_leave_after_the_next_update_one_by_one() {
    let (mut world, location) = asleep(&["lwm2m=1.1", "Q"]);
    let paths = [Path::object(3), Path::instance(3, 0), BATTERY];
    let ids = paths.map(|path| world.command("a", Operation::Read { path, accept: None }));
    let options = Options::new().with_path(&location);
    let message = world.message(Code::POST, options, b"");
    world.give(peer(1), &message);
    assert_eq!(
        world.sent.pop_front().unwrap().1.code,
        Code::CHANGED,
        "the answer to the Update leaves first"
    );
    for (path, id) in paths.iter().zip(ids) {
        assert_eq!(world.requests(), [path.to_string()]);
        world.answer_to(peer(1), Code::CONTENT);
        assert!(is_answered(&world.state(id)));
    }
}

#[test]
fn s_115_a_notification_a_send_and_a_register_wake_as_well() {
    let (mut world, _) = queued(&["lwm2m=1.1", "Q"]);
    let token = observe(&mut world);
    world.pass(AWAKE);
    let first = world.command("a", READ);
    let notification = notify(&mut world, token, 2);
    let ack = world.sent.pop_front().unwrap().1;
    assert_eq!(
        (ack.message_id, ack.code),
        (notification.message_id, Code::EMPTY),
        "first the acknowledgement"
    );
    world.answer_to(peer(1), Code::CONTENT);
    assert!(is_answered(&world.state(first)));

    world.pass(AWAKE);
    let second = world.command("a", READ);
    let options = Options::new().with_path("/dp").with_content_format(ContentFormat::SENML_JSON.0);
    let send = world.message(Code::POST, options, br#"[{"n":"/3/0/9","v":95}]"#);
    world.give(peer(1), &send);
    assert_eq!(world.reply_to(peer(1), &send).code, Code::CHANGED);
    world.answer_to(peer(1), Code::CONTENT);
    assert!(is_answered(&world.state(second)));

    world.pass(AWAKE);
    let third = world.command("a", READ);
    world.register(peer(1), "a", &["lwm2m=1.1", "Q"]);
    let (_, observe_again) = world.request();
    assert!(observe_again.options.observe().is_some(), "what is wanted comes first");
    assert_eq!(world.state(third), CommandState::Queued);
    world.answer(peer(1), &observe_again, Code::CONTENT, format(ContentFormat::TEXT).with_observe(9), b"95");
    world.answer_to(peer(1), Code::CONTENT);
    assert!(is_answered(&world.state(third)));
}

#[test]
fn s_116_a_client_is_awake_for_93_seconds_after_its_last_message() {
    let (mut world, location) = queued(&["lwm2m=1.1", "Q"]);
    let registered = world.now;
    assert_eq!(world.server.awake_until("a"), Some(registered + AWAKE));
    world.pass(Duration::from_secs(92));
    assert!(world.server.is_awake("a"));
    update(&mut world, &location);
    world.pass(AWAKE - SECOND);
    let id = world.command("a", READ);
    assert_eq!(world.state(id), CommandState::Sent);
    world.answer_to(peer(1), Code::CONTENT);
    world.pass(AWAKE - SECOND);
    assert!(world.server.is_awake("a"), "an answer is a message too");
    world.pass(SECOND);
    assert!(!world.server.is_awake("a"));
    assert_eq!(world.server.awake_until("a"), None);
}

#[test]
fn s_116_the_time_awake_can_be_configured_for_each_client() {
    let (mut world, location) = queued(&["lwm2m=1.1", "Q"]);
    let configured = world.configure("a", Some(30));
    assert!(world.result(configured).unwrap().is_ok());
    assert!(world.events.iter().any(|event| matches!(event, Event::Configured { .. })));
    update(&mut world, &location);
    world.pass(Duration::from_secs(29));
    assert!(world.server.is_awake("a"));
    world.pass(SECOND);
    assert!(!world.server.is_awake("a"));
    world.restart();
    update(&mut world, &location);
    assert_eq!(
        world.server.awake_until("a"),
        Some(world.now + Duration::from_secs(30)),
        "after a restart too"
    );
    world.fail = true;
    let refused = world.configure("a", None);
    assert!(matches!(world.result(refused), Some(Err(OperationError::NotStored { .. }))));
    assert_eq!(world.server.config_of("a").awake_s, Some(30));
}

#[test]
fn s_116_waking_and_sleeping_are_told_and_not_each_message() {
    let (mut world, location) = queued(&["lwm2m=1.1", "Q"]);
    for _ in 0..20 {
        world.pass(SECOND);
        update(&mut world, &location);
    }
    assert_eq!(told(&world), ["awake"], "less than a quarter of the time awake has passed");
    world.pass(Duration::from_secs(5));
    update(&mut world, &location);
    assert_eq!(told(&world), ["awake", "awake"]);
    world.pass(AWAKE);
    assert_eq!(told(&world), ["awake", "awake", "asleep"]);
}

#[test]
fn s_117_a_delivery_that_fails_is_told_and_the_client_is_asleep() {
    let (mut world, location) = queued(&["lwm2m=1.1", "Q"]);
    let (execute, read) = (world.command("a", REBOOT), world.command("a", READ));
    world.pass(AWAKE);
    assert_eq!(
        world.state(execute),
        CommandState::Failed(OperationError::Timeout),
        "it may have been performed"
    );
    assert_eq!(world.state(read), CommandState::Queued);
    assert!(!world.server.is_awake("a"));
    for attempt in 1..=limits::ATTEMPTS_PER_COMMAND {
        world.sent.clear();
        update(&mut world, &location);
        assert_eq!(world.requests(), ["/3/0/9"]);
        assert!(world.server.is_awake("a"));
        world.pass(AWAKE);
        assert!(!world.server.is_awake("a"));
        let last = attempt == limits::ATTEMPTS_PER_COMMAND;
        let expected =
            if last { CommandState::Failed(OperationError::Timeout) } else { CommandState::Queued };
        assert_eq!(world.state(read), expected, "attempt {attempt}");
    }
}

#[test]
fn s_118_held_commands_are_bounded_and_expire() {
    let (mut world, _) = asleep(&["lwm2m=1.1", "Q", "lt=600"]);
    let short = world.command_until("a", READ, Duration::from_secs(60));
    let rest: Vec<_> = (1..limits::COMMANDS_PER_CLIENT).map(|_| world.command("a", READ)).collect();
    let refused = world.command("a", READ);
    assert_eq!(world.accepted.last(), Some(&(refused, Err(OperationError::TooManyRequests))));
    world.pass(Duration::from_secs(60));
    assert_eq!(world.state(short), CommandState::Expired);
    world.pass(Duration::from_secs(600));
    assert!(rest.iter().all(|id| world.state(*id) == CommandState::Expired));
    assert!(world.requests().is_empty());
}

#[test]
fn silence_of_a_sleeping_client_is_not_loss() {
    let (mut world, _) = queued(&["lwm2m=1.1", "Q", "lt=3600"]);
    let token = observe(&mut world);
    world.pass(Duration::from_secs(3_500));
    assert_eq!((world.server.registration_count(), world.server.observation_count()), (1, 1));
    let ended = |event: &Event| matches!(event, Event::ObservationEnded { .. } | Event::Departed { .. });
    assert!(!world.events.iter().any(ended));
    notify(&mut world, token, 2);
    assert!(world.server.is_awake("a"));
}

#[test]
fn what_is_wanted_of_a_client_that_fell_asleep_is_asked_for_when_it_wakes() {
    let (mut world, _) = queued(&["lwm2m=1.1", "Q"]);
    observe(&mut world);
    let location = world.register(peer(1), "a", &["lwm2m=1.1", "Q"]);
    assert_eq!(world.requests(), ["/3/0/9"]);
    world.pass(2 * AWAKE);
    assert_eq!(world.server.observation_count(), 0);
    world.sent.clear();
    world.pass(AWAKE);
    assert!(world.requests().is_empty(), "it sleeps");
    update(&mut world, &location);
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::TEXT).with_observe(1), b"97");
    assert_eq!(world.server.observation_count(), 1);
}

#[test]
fn a_client_that_leaves_queue_mode_is_always_awake() {
    let (mut world, location) = asleep(&["lwm2m=1.1", "Q"]);
    let id = world.command("a", READ);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["Q=0"], "").code, Code::CHANGED);
    assert_eq!(world.state(id), CommandState::Sent);
    world.answer_to(peer(1), Code::CONTENT);
    world.pass(2 * AWAKE);
    assert!(world.server.is_awake("a"));
}

#[test]
fn a_restored_client_in_queue_mode_sleeps_until_it_is_heard() {
    let (mut world, location) = asleep(&["lwm2m=1.1", "Q"]);
    let id = world.command("a", READ);
    update(&mut world, &location);
    world.restart();
    assert!(!world.server.is_awake("a"));
    assert_eq!((world.requests().len(), world.state(id)), (0, CommandState::Queued));
    update(&mut world, &location);
    world.answer_to(peer(1), Code::CONTENT);
    assert!(is_answered(&world.state(id)));
}

#[test]
fn an_acknowledgement_alone_does_not_end_a_command() {
    let (mut world, _) = queued(&["lwm2m=1.1", "Q"]);
    let id = world.command("a", READ);
    let (_, request) = world.request();
    let empty = |message_type, message_id| Message {
        message_type,
        code: Code::EMPTY,
        message_id,
        token: Token::new(&[]).unwrap(),
        options: Options::new(),
        payload: Vec::new(),
    };
    world.give(peer(1), &empty(MessageType::Acknowledgement, request.message_id));
    world.pass(Duration::from_secs(10));
    assert_eq!(world.state(id), CommandState::Sent);
    let late = Message {
        message_type: MessageType::Confirmable,
        message_id: MessageId(77),
        ..Message {
            code: Code::CONTENT,
            token: request.token,
            ..empty(MessageType::Confirmable, MessageId(77))
        }
    };
    world.give(peer(1), &late);
    assert!(is_answered(&world.state(id)));
}
