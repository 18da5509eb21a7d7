//! Commands: what an operator asked for, from acceptance to its end. Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::Code;
use common::{World, format, path_of, peer, registered};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{
    Cancellation, Change, CommandId, CommandState, Event, Operation, OperationError, WriteMode, limits,
};

const BATTERY: Path = Path::resource(3, 0, 9);
const REBOOT: Operation = Operation::Execute { path: Path::resource(3, 0, 4), arguments: None };
const READ: Operation = Operation::Read { path: BATTERY, accept: None };
const OBSERVE: Operation = Operation::Observe { path: BATTERY, accept: None, parameters: None };

fn answer(world: &mut World, code: Code) {
    let (_, request) = world.request();
    world.answer(peer(1), &request, code, format(ContentFormat::TEXT), b"97");
}

fn is_answered(state: &CommandState, code: Code) -> bool {
    matches!(state, CommandState::Answered(answer) if answer.code == code)
}

#[test]
fn a_command_is_stored_before_it_is_accepted_and_before_it_is_sent() {
    let mut world = registered("1.1");
    world.hold = true;
    let id = world.command("a", READ);
    assert_eq!((world.accepted.len(), world.requests().len(), world.states(id).len()), (0, 0, 0));
    world.release();
    assert_eq!(world.accepted, [(id, Ok(()))]);
    assert_eq!(world.states(id), [CommandState::Sent], "one commit is enough");
    world.hold = true;
    answer(&mut world, Code::CONTENT);
    assert_eq!(world.states(id), [CommandState::Sent], "the answer is not stored yet");
    world.release();
    assert!(is_answered(&world.state(id), Code::CONTENT));
    assert_eq!(world.server.usage().commands.used, 0);
}

#[test]
fn what_cannot_be_is_refused_before_it_is_stored() {
    let mut world = registered("1.0");
    let unknown = world.command("b", READ);
    let no_level = world.command("a", Operation::Read { path: Path::ROOT, accept: None });
    world.fail = true;
    let not_stored = world.command("a", READ);
    let results: Vec<_> =
        world.accepted.iter().map(|(id, result)| (*id, result.clone().unwrap_err())).collect();
    assert_eq!(results[0], (unknown, OperationError::UnknownClient { endpoint: "b".into() }));
    assert!(matches!(&results[1], (id, OperationError::NotPossible { .. }) if *id == no_level));
    assert_eq!(results[2], (not_stored, OperationError::NotStored { why: "disk full".into() }));
    assert!(world.sent.is_empty() && world.states(not_stored).is_empty());
}

#[test]
fn s_090_s_092_commands_leave_one_by_one_in_the_order_of_acceptance() {
    let mut world = registered("1.1");
    let paths = [Path::object(3), Path::instance(3, 0), BATTERY];
    let ids = paths.map(|path| world.command("a", Operation::Read { path, accept: None }));
    for (path, id) in paths.iter().zip(ids) {
        assert_eq!(world.requests(), [path.to_string()]);
        assert_eq!(world.state(id), CommandState::Sent);
        answer(&mut world, Code::CONTENT);
    }
    assert!(ids.iter().all(|id| is_answered(&world.state(*id), Code::CONTENT)));
}

#[test]
fn an_error_code_is_an_answer_and_silence_is_a_failure() {
    let mut world = registered("1.1");
    let refused = world.command("a", REBOOT);
    answer(&mut world, Code::METHOD_NOT_ALLOWED);
    assert!(is_answered(&world.state(refused), Code::METHOD_NOT_ALLOWED));
    let silent = world.command("a", REBOOT);
    world.pass(Duration::from_secs(100));
    assert_eq!(world.state(silent), CommandState::Failed(OperationError::Timeout));
}

#[test]
fn a_queued_command_can_be_withdrawn_and_a_sent_one_not() {
    let mut world = registered("1.1");
    let (sent, queued) = (world.command("a", READ), world.command("a", REBOOT));
    let too_late = world.cancel_command(sent);
    let in_time = world.cancel_command(queued);
    assert!(matches!(world.result(too_late), Some(Err(OperationError::NotPossible { .. }))));
    assert!(matches!(world.result(in_time), Some(Ok(_))));
    assert_eq!(world.states(queued), [CommandState::Queued, CommandState::Cancelled]);
    answer(&mut world, Code::CONTENT);
    assert_eq!(world.requests(), [""; 0], "nothing is left to send");
    let over = world.cancel_command(queued);
    assert!(matches!(world.result(over), Some(Err(OperationError::NotPossible { .. }))));
}

#[test]
fn a_withdrawal_that_is_not_stored_changes_nothing() {
    let mut world = registered("1.1");
    let (_, queued) = (world.command("a", READ), world.command("a", REBOOT));
    world.fail = true;
    let cancelled = world.cancel_command(queued);
    assert_eq!(world.result(cancelled), Some(Err(OperationError::NotStored { why: "disk full".into() })));
    world.fail = false;
    answer(&mut world, Code::CONTENT);
    assert_eq!(world.requests(), ["/3/0/4"]);
}

#[test]
fn an_end_that_is_not_stored_is_told_when_it_is() {
    let mut world = registered("1.1");
    let (first, second) = (world.command("a", READ), world.command("a", READ));
    world.fail = true;
    answer(&mut world, Code::CONTENT);
    assert_eq!((world.state(first), world.state(second)), (CommandState::Sent, CommandState::Queued));
    assert_eq!(world.requests(), [""; 0], "that the next is sent could not be stored, so it is not");
    world.fail = false;
    world.pass(limits::RETRY_AFTER);
    assert!(is_answered(&world.state(first), Code::CONTENT));
    assert_eq!(world.requests(), ["/3/0/9"]);
}

#[test]
fn commands_of_a_client_are_bounded_and_none_is_dropped() {
    let mut world = registered("1.1");
    let ids: Vec<CommandId> = (0..=limits::COMMANDS_PER_CLIENT).map(|_| world.command("a", READ)).collect();
    let (last, kept) = ids.split_last().unwrap();
    assert_eq!(world.accepted.last(), Some(&(*last, Err(OperationError::TooManyRequests))));
    for _ in kept {
        answer(&mut world, Code::CONTENT);
    }
    assert!(kept.iter().all(|id| is_answered(&world.state(*id), Code::CONTENT)));
    assert_eq!(world.server.usage().commands.reached, 1);
}

#[test]
fn payloads_of_commands_are_bounded() {
    let mut world = registered("1.1");
    let package = || Operation::Write {
        path: Path::resource(5, 0, 0),
        mode: WriteMode::Replace,
        content_format: ContentFormat::OPAQUE,
        payload: vec![0; limits::PACKAGE_BYTES],
    };
    let most = limits::COMMAND_PAYLOAD_BYTES / limits::PACKAGE_BYTES;
    world.hold = true;
    for _ in 0..most {
        world.command("a", package());
    }
    assert_eq!(world.accepted, []);
    let id = world.command("a", package());
    assert_eq!(world.accepted, [(id, Err(OperationError::TooManyRequests))]);
}

#[test]
fn an_observation_by_command_is_told_when_it_is_stored() {
    let mut world = registered("1.1");
    let id = world.command("a", OBSERVE);
    let (_, request) = world.request();
    world.hold = true;
    world.answer(peer(1), &request, Code::CONTENT, format(ContentFormat::TEXT).with_observe(7), b"97");
    assert_eq!(world.state(id), CommandState::Sent);
    world.release();
    assert!(is_answered(&world.state(id), Code::CONTENT));
    assert!(world.events.iter().any(|event| matches!(event, Event::ObservationStarted { .. })));
    let cancel = Operation::CancelObservation { path: BATTERY, how: Cancellation::Passive };
    let id = world.command("a", cancel.clone());
    assert!(is_answered(&world.state(id), Code::EMPTY));
    let id = world.command("a", cancel);
    assert!(matches!(world.state(id), CommandState::Failed(OperationError::NotPossible { .. })));
}

#[test]
fn s_046_s_118_commands_end_with_the_registration_and_say_so() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lwm2m=1.1"]);
    let (sent, queued) = (world.command("a", READ), world.command("a", READ));
    world.ask(peer(1), Code::DELETE, &location, &[], "");
    assert_eq!(world.state(sent), CommandState::Failed(OperationError::Departed));
    assert_eq!(world.state(queued), CommandState::Expired);
    world.register(peer(1), "a", &["lwm2m=1.1", "lt=60"]);
    let (sent, queued) = (world.command("a", READ), world.command("a", READ));
    world.pass(Duration::from_secs(60));
    assert_eq!(world.state(sent), CommandState::Failed(OperationError::Departed));
    assert_eq!(world.state(queued), CommandState::Expired);
    assert_eq!(world.server.usage().commands.used, 0);
}

#[test]
fn s_118_commands_outlive_a_new_registration_of_the_same_client() {
    let mut world = registered("1.1");
    let (read, execute, last) =
        (world.command("a", READ), world.command("a", REBOOT), world.command("a", READ));
    world.register(peer(1), "a", &["lwm2m=1.1"]);
    assert_eq!(world.states(read), [CommandState::Sent, CommandState::Queued, CommandState::Sent]);
    world.sent.retain(|(_, sent)| !sent.code.is_request() || path_of(sent) != "/3/0/9");
    world.pass(Duration::from_secs(1));
    assert_eq!(world.state(execute), CommandState::Queued);
    world.pass(Duration::from_secs(2));
    answer(&mut world, Code::CONTENT);
    // An Execute that the client may have seen before it forgot is not sent again.
    world.sent.clear();
    world.register(peer(1), "a", &["lwm2m=1.1"]);
    assert_eq!(world.state(execute), CommandState::Failed(OperationError::Departed));
    assert_eq!(world.state(last), CommandState::Sent);
}

#[test]
fn a_command_that_has_waited_is_checked_once_more() {
    let mut world = registered("1.1");
    let composite = Operation::ReadComposite {
        paths: vec![BATTERY],
        content_format: ContentFormat::SENML_CBOR,
        accept: None,
    };
    let (_, waited) = (world.command("a", REBOOT), world.command("a", composite));
    world.register(peer(1), "a", &["lwm2m=1.0"]);
    assert!(matches!(world.state(waited), CommandState::Failed(OperationError::NotPossible { .. })));
}

#[test]
fn a_deadline_counts_until_the_command_is_sent() {
    let mut world = registered("1.1");
    let sent = world.command_until("a", READ, Duration::from_secs(5));
    let queued = world.command_until("a", READ, Duration::from_secs(5));
    world.pass(Duration::from_secs(4));
    assert_eq!(world.state(queued), CommandState::Queued);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.state(sent), world.state(queued)), (CommandState::Sent, CommandState::Expired));
}

#[test]
fn commands_of_a_forgotten_client_end() {
    let mut world = registered("1.1");
    let (sent, queued) = (world.command("a", READ), world.command("a", READ));
    world.forget("a");
    assert_eq!((world.state(sent), world.state(queued)), (CommandState::Expired, CommandState::Expired));
    assert_eq!(world.server.usage().commands.used, 0);
    let is_command = |change: &&Change| matches!(change, Change::Command(_));
    let forgotten = world.changes.iter().position(|c| matches!(c, Change::Forgotten { .. }));
    assert_eq!(world.changes[forgotten.unwrap()..].iter().filter(is_command).count(), 0);
}

#[test]
fn after_a_restart_nothing_is_done_twice_and_nothing_is_lost() {
    let mut world = registered("1.1");
    world.register(peer(2), "b", &["lwm2m=1.1"]);
    world.register(peer(3), "c", &["lwm2m=1.1", "lt=60"]);
    let (execute, read) = (world.command("a", REBOOT), world.command("a", READ));
    let short = world.command_until("a", READ, Duration::from_secs(5));
    let (sent, gone) = (world.command("b", READ), world.command("c", READ));
    world.now += Duration::from_secs(3_600);
    world.restart();
    assert_eq!(world.state(execute), CommandState::Indeterminate);
    assert_eq!(world.state(short), CommandState::Expired);
    assert_eq!(world.state(gone), CommandState::Expired);
    assert_eq!(world.states(sent), [CommandState::Sent, CommandState::Queued, CommandState::Sent]);
    assert_eq!(world.state(read), CommandState::Sent);
    assert_eq!(world.requests(), ["/3/0/9", "/3/0/9"]);
    let mut attempts = world.events.iter().filter_map(|event| match event {
        Event::Command(command) if command.id == sent => Some(command.attempts),
        _ => None,
    });
    assert_eq!(attempts.next_back(), Some(2));
    world.answer_to(peer(2), Code::CONTENT);
    assert!(is_answered(&world.state(sent), Code::CONTENT));
}

#[test]
fn a_command_that_was_not_stored_before_a_crash_was_not_accepted() {
    let mut world = registered("1.1");
    world.hold = true;
    let id = world.command("a", REBOOT);
    world.restart();
    world.hold = false;
    assert_eq!((world.accepted.len(), world.states(id).len(), world.requests().len()), (0, 0, 0));
}
