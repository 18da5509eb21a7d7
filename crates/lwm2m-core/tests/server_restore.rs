//! After a restart: what was acknowledged is there, and devices notice nothing. Rows of the conformance table by
//! number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use coap::{Code, Message, MessageType, Options, Token};
use common::{World, format, path_of, peer, reported};
use lwm2m_codec::{ContentFormat, Path, attributes::WriteAttributes};
use lwm2m_core::server::{Cancellation, Change, Departure, Event, Operation, OperationError, Server, limits};
use proptest::prelude::*;

const BATTERY: Path = Path::resource(3, 0, 9);
const OBSERVE: Operation = Operation::Observe { path: BATTERY, accept: None, parameters: None };
const LIFETIME_S: u64 = 100;

fn world() -> (World, String) {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lwm2m=1.1", "lt=100"]);
    (world, location)
}

fn observed(options: Options) -> Options {
    options.with_content_format(ContentFormat::TEXT.0).with_observe(1)
}

fn observe(world: &mut World) -> Token {
    world.command("a", OBSERVE);
    let (_, request) = world.request();
    world.answer(peer(1), &request, Code::CONTENT, observed(Options::new()), b"97");
    request.token
}

fn notification(world: &mut World, token: Token, sequence: u32) -> Message {
    let options = format(ContentFormat::TEXT).with_observe(sequence);
    Message { token, ..world.message(Code::CONTENT, options, b"96") }
}

fn update(world: &mut World, location: &str) -> Code {
    world.ask(peer(1), Code::POST, location, &[], "").code
}

fn updates_stored(world: &World) -> usize {
    world.changes.iter().filter(|change| matches!(change, Change::Updated(_))).count()
}

fn departed(world: &World) -> Vec<Departure> {
    let told = world.events.iter().filter_map(|event| match event {
        Event::Departed { why, .. } => Some(*why),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_restart_is_invisible_to_a_registered_client() {
    let (mut world, location) = world();
    let before = world.server.registration("a").unwrap().clone();
    world.restart();
    assert_eq!(**world.server.registration("a").unwrap(), *before);
    assert_eq!(world.server.registered_at(peer(1)).unwrap().id, before.id);
    assert_eq!(update(&mut world, &location), Code::CHANGED);
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::DELETED);
    world.restart();
    assert_eq!(world.server.registration_count(), 0);
}

#[test]
fn an_update_that_only_renews_is_stored_once_a_quarter_of_the_lifetime() {
    let (mut world, location) = world();
    for _ in 0..24 {
        world.pass(Duration::from_secs(1));
        assert_eq!(update(&mut world, &location), Code::CHANGED);
    }
    assert_eq!(updates_stored(&world), 0);
    world.pass(Duration::from_secs(1));
    update(&mut world, &location);
    assert_eq!(updates_stored(&world), 1);
    let told = world.events.iter().filter(|event| matches!(event, Event::Updated(_))).count();
    assert_eq!(told, 25, "everyone is told of each");
    assert_eq!(world.server.registration("a").unwrap().updated_at, world.now);
}

#[test]
fn an_update_that_changes_something_is_stored_before_it_is_answered() {
    let (mut world, location) = world();
    world.hold = true;
    for (from, queries, links) in [
        (peer(1), &["lt=200"][..], ""),
        (peer(2), &[], ""),
        (peer(2), &["b=U", "Q"], ""),
        (peer(2), &[], "</1/0>"),
    ] {
        let mut options =
            queries.iter().fold(Options::new().with_path(&location), |o, query| o.with_query(query));
        if !links.is_empty() {
            options = options.with_content_format(40);
        }
        let message = world.message(Code::POST, options, links.as_bytes());
        world.give(from, &message);
        assert_eq!((world.held.len(), world.sent.len()), (1, 0), "{queries:?} {links}");
        // One that only renews builds on what is not stored yet, so it waits behind it.
        let renewal = world.message(Code::POST, Options::new().with_path(&location), b"");
        world.give(from, &renewal);
        assert_eq!((world.held.len(), world.sent.len()), (2, 0));
        world.release();
        world.hold = true;
        assert_eq!(world.sent.drain(..).filter(|(_, sent)| sent.code == Code::CHANGED).count(), 2);
    }
}

#[test]
fn s_048_a_lifetime_that_ran_out_meanwhile_expires_with_the_slack_of_the_lease() {
    let (mut world, location) = world();
    world.now += Duration::from_secs(LIFETIME_S * 5 / 4 - 1);
    world.restart();
    assert_eq!((world.server.registration_count(), departed(&world).len()), (1, 0));
    world.pass(Duration::from_secs(1));
    assert_eq!(departed(&world), [Departure::Expired]);
    assert_eq!(update(&mut world, &location), Code::NOT_FOUND);
    let (mut world, _) = self::world();
    world.now += Duration::from_secs(LIFETIME_S * 2);
    world.restart();
    assert_eq!((world.server.registration_count(), departed(&world)), (0, vec![Departure::Expired]));
}

proptest! {
    /// Whenever a client renews in time and whenever the server stops, it is registered.
    #[test]
    fn no_live_client_expires(steps in prop::collection::vec((1_000_u64..LIFETIME_S * 1_000, any::<bool>()), 1..40)) {
        let (mut world, location) = world();
        for (ms, restart) in steps {
            world.pass(Duration::from_millis(ms));
            if restart {
                world.restart();
            }
            prop_assert_eq!(update(&mut world, &location), Code::CHANGED);
        }
        // And one that is gone does expire, the lease later at most.
        world.restart();
        world.pass(Duration::from_secs(LIFETIME_S * 5 / 4));
        prop_assert_eq!(world.server.registration_count(), 0);
    }
}

#[test]
fn an_observation_goes_on_under_its_token() {
    let (mut world, _) = world();
    let token = observe(&mut world);
    world.restart();
    assert_eq!(world.server.observation_count(), 1);
    // The order of before is forgotten: whatever comes first is the newest.
    let message = notification(&mut world, token, 0);
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).message_type, MessageType::Acknowledgement);
    assert!(reported(&world).last().unwrap().current);
    world.command("a", Operation::CancelObservation { path: BATTERY, how: Cancellation::Active });
    let (_, request) = world.request();
    assert_eq!((request.token, request.options.observe()), (token, Some(1)));
}

#[test]
fn a_notification_that_only_the_store_knows_is_adopted_after_a_restart() {
    let (mut world, _) = world();
    let token = observe(&mut world);
    let active = world.kept().active.remove(&token);
    // As if the observations came later than the registrations.
    world.stored.retain(|change| !matches!(change, Change::ObservationActive(_)));
    world.restart();
    assert_eq!(world.server.observation_count(), 0);
    world.remembered = active;
    let message = notification(&mut world, token, 5);
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).message_type, MessageType::Acknowledgement);
    assert_eq!(world.server.observation_count(), 1);
}

#[test]
fn a_message_that_was_stored_before_the_crash_is_acknowledged_and_told_to_nobody() {
    let (mut world, _) = world();
    let token = observe(&mut world);
    world.known = true;
    let told = reported(&world).len();
    let message = notification(&mut world, token, 2);
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).message_type, MessageType::Acknowledgement);
    let options = Options::new().with_path("/dp").with_content_format(ContentFormat::SENML_JSON.0);
    let send = world.message(Code::POST, options, br#"[{"n":"/3/0/9","v":95}]"#);
    world.give(peer(1), &send);
    assert_eq!(world.reply_to(peer(1), &send).code, Code::CHANGED);
    assert_eq!(reported(&world).len(), told);
}

#[test]
fn what_was_wanted_and_not_accepted_before_the_crash_is_asked_for_when_the_client_is_heard() {
    let (mut world, location) = world();
    observe(&mut world);
    world.register(peer(1), "a", &["lwm2m=1.1", "lt=100"]);
    world.restart();
    assert_eq!(world.requests(), [""; 0]);
    assert_eq!(update(&mut world, &location), Code::NOT_FOUND);
    let id = world.server.registration("a").unwrap().id;
    update(&mut world, &format!("/rd/{id}"));
    assert_eq!(world.requests(), ["/3/0/9"]);
}

#[test]
fn an_observation_of_a_registration_that_went_is_forgotten() {
    let (mut world, location) = world();
    let token = observe(&mut world);
    world.ask(peer(1), Code::DELETE, &location, &[], "");
    // The crash came between the two.
    world.stored.retain(|change| !matches!(change, Change::ObservationEnded { .. }));
    world.restart();
    assert_eq!(world.server.observation_count(), 0);
    assert_eq!(world.changes.last(), Some(&Change::ObservationEnded { token }));
}

#[test]
fn attributes_are_written_again_before_what_they_are_for_is_observed() {
    let attributes = |queries: &[&str]| {
        let attributes = WriteAttributes::parse(queries.iter().copied()).unwrap();
        Operation::WriteAttributes { path: BATTERY, attributes }
    };
    let (mut world, _) = world();
    world.command("a", attributes(&["pmin=5", "pmax=60"]));
    world.answer_to(peer(1), Code::CHANGED);
    observe(&mut world);
    world.command("a", attributes(&["pmin", "gt=50"]));
    world.answer_to(peer(1), Code::CHANGED);
    world.command("a", attributes(&["pmax=70"]));
    world.answer_to(peer(1), Code::BAD_REQUEST);
    world.restart();
    for restart in [false, true] {
        if restart {
            world.restart();
        }
        world.register(peer(1), "a", &["lwm2m=1.1", "lt=100"]);
        let (_, request) = world.request();
        assert_eq!((request.code, path_of(&request).as_str()), (Code::PUT, "/3/0/9"));
        let mut queries = request.options.uri_query().unwrap();
        queries.sort_unstable();
        assert_eq!(queries, ["gt=50", "pmax=60"]);
        // The client may refuse them; it is observed all the same.
        let code = if restart { Code::CHANGED } else { Code::BAD_REQUEST };
        world.answer(peer(1), &request, code, Options::new(), b"");
        let (_, request) = world.request();
        assert_eq!((request.code, request.options.observe()), (Code::GET, Some(0)));
        world.answer(peer(1), &request, Code::CONTENT, observed(Options::new()), b"97");
    }
    assert_eq!(world.server.observation_count(), 1);
}

#[test]
fn an_observation_that_a_silent_client_was_asked_for_is_pending_until_it_is_heard() {
    let (mut world, _) = world();
    observe(&mut world);
    let location = world.register(peer(1), "a", &["lwm2m=1.1", "lt=1000"]);
    world.pass(Duration::from_secs(200));
    assert!(world.events.iter().any(|event| matches!(event, Event::ObservationPending { .. })));
    world.sent.clear();
    update(&mut world, &location);
    assert_eq!(world.requests(), ["/3/0/9"]);
}

#[test]
fn a_restored_server_takes_no_commands_for_clients_it_does_not_know() {
    let (mut world, location) = world();
    world.ask(peer(1), Code::DELETE, &location, &[], "");
    world.restart();
    let id = world.command("a", OBSERVE);
    let expected = Err(OperationError::UnknownClient { endpoint: "a".into() });
    assert_eq!(world.accepted, [(id, expected)]);
    assert_eq!(Server::usage(&world.server).commands.used, 0);
}

#[test]
fn an_end_that_the_store_could_not_take_is_stored_when_it_has_room() {
    let (mut world, _) = world();
    let token = observe(&mut world);
    world.fail = true;
    world.pass(Duration::from_secs(LIFETIME_S));
    assert_eq!(departed(&world), [Departure::Expired]);
    assert_eq!((world.kept().registrations.len(), world.kept().active.len()), (1, 1));
    world.pass(limits::RETRY_AFTER);
    world.fail = false;
    world.pass(limits::RETRY_AFTER);
    assert_eq!((world.kept().registrations.len(), world.kept().active.get(&token)), (0, None));
    assert_eq!(world.server.poll_timeout().map(|(_, why)| why), Some("CoAP"), "nothing is left to store");
}
