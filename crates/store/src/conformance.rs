//! The contract as tests that every engine runs: `conformance::suite(|| Box::new(Engine::new()))`.

use core::time::Duration;
use std::sync::Arc;

use coap::{Code, Instant, Token};
use lwm2m_codec::{
    ContentFormat, Path,
    attributes::{NotificationAttributes, WriteAttributes, parse_observe_parameters},
    registration::{ObjectLinks, RegisterParameters},
};
use lwm2m_core::{
    Peer, PeerIdentity,
    server::{
        ActiveObservation, Answer, Cancellation, Change, ClientConfig, Command, CommandId, CommandState,
        ObservationTarget, Operation, OperationError, Outcome, Registration, RegistrationId, Reported,
        Source, WantedObservation, WriteMode,
    },
};

use crate::{Audit, Label, Store, limits};

mod bootstrap;
mod document;
mod restarting;
mod security;
use restarting::Restarting;

/// Runs every rule against a fresh engine each.
///
/// # Panics
/// When the engine breaks a rule.
pub fn suite(make: impl Fn() -> Box<dyn Store>) {
    a_register_replaces_the_one_of_the_same_endpoint(&mut *make());
    an_update_of_a_replaced_registration_changes_nothing(&mut *make());
    only_the_named_registration_is_removed(&mut *make());
    wanted_observations_outlive_the_registration(&mut *make());
    active_observations_are_found_by_token(&mut *make());
    the_newest_payload_by_path_is_kept(&mut *make());
    payloads_about_different_paths_stay_beside_each_other(&mut *make());
    newest_payloads_are_bounded(&mut *make());
    a_label_outlives_the_registration(&mut *make());
    a_forgotten_client_leaves_nothing(&mut *make());
    a_batch_is_answered_change_by_change(&mut *make());
    commands_are_kept_with_their_state(&mut *make());
    commands_that_are_over_are_bounded(&mut *make());
    decisions_about_a_client_outlive_its_registration(&mut *make());
    who_changed_something_is_remembered_over_the_client(&mut *make());
    security::rules(&make);
    bootstrap::rules(&make);
    document::rules(&make);
}

/// Every rule again, with an engine that is dropped and opened anew between what is stored and every question. `make`
/// makes a fresh place and gives what opens the engine there.
///
/// # Panics
/// When the engine breaks a rule.
pub fn suite_over_restarts<Open>(make: impl Fn() -> Open)
where
    Open: Fn() -> Box<dyn Store> + Send + 'static,
{
    suite(|| Box::new(Restarting::new(make())));
}

fn store(store: &mut dyn Store, changes: &[Change]) {
    let outcomes = store.commit(changes);
    assert_eq!(outcomes, vec![Outcome::Stored; changes.len()]);
}

fn a_register_replaces_the_one_of_the_same_endpoint(engine: &mut dyn Store) {
    store(engine, &[Change::Registered(registration("b", 1)), Change::Registered(registration("a", 2))]);
    store(engine, &[Change::Registered(registration("b", 3))]);
    assert_eq!(ids(engine), [("a".to_owned(), id(2)), ("b".to_owned(), id(3))]);
}

fn an_update_of_a_replaced_registration_changes_nothing(engine: &mut dyn Store) {
    store(engine, &[Change::Registered(registration("a", 1)), Change::Registered(registration("a", 2))]);
    store(engine, &[Change::Updated(registration("a", 1)), Change::Updated(registration("b", 9))]);
    assert_eq!(ids(engine), [("a".to_owned(), id(2))]);
    let mut updated = Registration::clone(&registration("a", 2));
    updated.lifetime_s = 77;
    store(engine, &[Change::Updated(Arc::new(updated.clone()))]);
    assert_eq!(*all(engine)[0], updated);
}

fn only_the_named_registration_is_removed(engine: &mut dyn Store) {
    store(engine, &[Change::Registered(registration("a", 2))]);
    store(engine, &[Change::Removed { endpoint: "a".into(), id: id(1) }]);
    assert_eq!(ids(engine).len(), 1);
    store(engine, &[Change::Removed { endpoint: "a".into(), id: id(2) }]);
    assert_eq!(ids(engine), []);
}

fn wanted_observations_outlive_the_registration(engine: &mut dyn Store) {
    let endpoint = "a".to_owned();
    let attributes = parse_observe_parameters(["pmin=5", "gt=1.5"]).expect("valid");
    let attributes = attributes.expect("there are some");
    let asked = |accept| WantedObservation { accept, attributes, ..wanted(Path::resource(3303, 0, 5700)) };
    let wanted = |accept| Change::ObservationWanted { endpoint: endpoint.clone(), wanted: asked(accept) };
    store(
        engine,
        &[Change::Registered(registration("a", 1)), wanted(None), wanted(Some(ContentFormat::TLV))],
    );
    store(engine, &[Change::Removed { endpoint: endpoint.clone(), id: id(1) }]);
    let found = engine.wanted_observations("a").expect("readable");
    assert_eq!(found, [asked(Some(ContentFormat::TLV))]);
    let target = asked(None).target;
    store(engine, &[Change::ObservationUnwanted { endpoint: endpoint.clone(), target }]);
    assert_eq!(engine.wanted_observations("a").expect("readable"), []);
    assert_eq!(engine.wanted_observations("nobody").expect("readable"), []);
}

fn active_observations_are_found_by_token(engine: &mut dyn Store) {
    let token = Token::new(&[1, 2, 3]).expect("short enough");
    let asked = wanted(Path::object(3));
    let observation = ActiveObservation { token, registration: id(1), asked, since: at(5) };
    store(engine, &[Change::ObservationActive(observation.clone())]);
    assert_eq!(engine.active_observation(token).expect("readable"), Some(observation));
    store(engine, &[Change::ObservationEnded { token }]);
    assert_eq!(engine.active_observation(token).expect("readable"), None);
}

fn the_newest_payload_by_path_is_kept(engine: &mut dyn Store) {
    let (first, second) = (Path::resource(3, 0, 9), Path::resource(3, 0, 13));
    let overtaken = Reported { current: false, ..Reported::clone(&reported(first, 4, b"old")) };
    store(
        engine,
        &[
            Change::Reported(reported(first, 1, b"1")),
            Change::Reported(reported(second, 2, b"2")),
            Change::Reported(reported(first, 3, b"3")),
            Change::Reported(Arc::new(overtaken)),
        ],
    );
    let latest = engine.latest("a").expect("readable");
    let payloads: Vec<&[u8]> = latest.iter().map(|reported| reported.payload.as_slice()).collect();
    assert_eq!(payloads, [b"2", b"3"]);
    assert!(engine.latest("b").expect("readable").is_empty());
    let mut of_all = Vec::new();
    engine.each_latest(&mut |reported| of_all.push(reported)).expect("readable");
    assert_eq!(of_all.iter().rfind(|reported| reported.path == latest[0].path), Some(&latest[0]));
}

fn payloads_about_different_paths_stay_beside_each_other(engine: &mut dyn Store) {
    let sent = |ms, json: &[u8]| {
        let content_format = Some(ContentFormat::SENML_JSON);
        let reported = Reported::clone(&reported(Path::ROOT, ms, json));
        Change::Reported(Arc::new(Reported { source: Source::Send, content_format, ..reported }))
    };
    let (first, second) = (br#"[{"n":"/3/0/9","v":1}]"#, br#"[{"n":"/3/0/13","v":2}]"#);
    let newer = br#"[{"n":"/3/0/9","v":3}]"#;
    store(engine, &[sent(1, first), sent(2, second), sent(3, newer)]);
    let latest = engine.latest("a").expect("readable");
    let payloads: Vec<&[u8]> = latest.iter().map(|reported| reported.payload.as_slice()).collect();
    assert_eq!(payloads, [second.as_slice(), newer.as_slice()]);
}

fn newest_payloads_are_bounded(engine: &mut dyn Store) {
    let count = u16::try_from(limits::LATEST_PER_CLIENT).expect("small") + 1;
    for i in 0..count {
        store(engine, &[Change::Reported(reported(Path::resource(3, 0, i), u64::from(i), b""))]);
    }
    let latest = engine.latest("a").expect("readable");
    assert_eq!(latest.len(), limits::LATEST_PER_CLIENT);
    assert_eq!(latest[0].path, Path::resource(3, 0, 1), "the oldest went");
}

fn a_label_outlives_the_registration(engine: &mut dyn Store) {
    let label = Label { name: Some("Hall".into()), tags: vec!["t".into()], notes: "n".into() };
    store(engine, &[Change::Registered(registration("a", 1))]);
    assert_eq!(engine.label("a", Label::default(), None), Outcome::Stored);
    assert_eq!(engine.labels().expect("readable"), [], "an empty label is none");
    assert_eq!(engine.label("b", label.clone(), None), Outcome::Stored);
    assert_eq!(engine.label("a", label.clone(), None), Outcome::Stored);
    store(engine, &[Change::Removed { endpoint: "a".into(), id: id(1) }]);
    store(engine, &[Change::Registered(registration("a", 2))]);
    let labels = engine.labels().expect("readable");
    assert_eq!(labels, [("a".to_owned(), label.clone()), ("b".to_owned(), label.clone())]);
    let other = Label { name: None, ..label };
    assert_eq!(engine.label("a", other.clone(), None), Outcome::Stored);
    assert_eq!(engine.label("b", Label::default(), None), Outcome::Stored);
    assert_eq!(engine.labels().expect("readable"), [("a".to_owned(), other)]);
}

fn a_forgotten_client_leaves_nothing(engine: &mut dyn Store) {
    let target = wanted(Path::object(3));
    for endpoint in ["a", "b"] {
        let wanted = target.clone();
        let reported = Reported::clone(&reported(Path::object(3), 1, b"1"));
        let reported = Arc::new(Reported { endpoint: endpoint.into(), ..reported });
        store(
            engine,
            &[
                Change::Registered(registration(endpoint, 1)),
                Change::ObservationWanted { endpoint: endpoint.into(), wanted },
                Change::Reported(reported),
            ],
        );
        let label = Label { name: Some("n".into()), ..Label::default() };
        assert_eq!(engine.label(endpoint, label, None), Outcome::Stored);
    }
    store(engine, &[Change::Forgotten { endpoint: "a".into() }, Change::Forgotten { endpoint: "c".into() }]);
    assert_eq!(ids(engine), [("b".to_owned(), id(1))]);
    assert_eq!(engine.wanted_observations("a").expect("readable"), []);
    assert!(engine.latest("a").expect("readable").is_empty());
    assert_eq!(engine.wanted_observations("b").expect("readable").len(), 1);
    assert_eq!(engine.latest("b").expect("readable").len(), 1);
    assert_eq!(engine.labels().expect("readable").len(), 1);
}

fn a_batch_is_answered_change_by_change(engine: &mut dyn Store) {
    assert_eq!(engine.commit(&[]), []);
    let token = Token::new(&[7]).expect("short enough");
    store(
        engine,
        &[
            Change::Registered(registration("a", 1)),
            Change::Removed { endpoint: "a".into(), id: id(1) },
            Change::ObservationEnded { token },
        ],
    );
    assert_eq!(ids(engine), []);
}

fn commands_are_kept_with_their_state(engine: &mut dyn Store) {
    assert_eq!(engine.last_command().expect("readable"), None);
    let states = [
        CommandState::Queued,
        CommandState::Sent,
        CommandState::Answered(Answer {
            code: Code::CONTENT,
            content_format: Some(ContentFormat::TLV),
            payload: vec![0xc1, 0x09, 0x64],
            location: vec!["16".into(), "3".into()],
            block: Some(2),
        }),
        CommandState::Failed(OperationError::NotPossible { expected: "a".into(), got: "b".into() }),
        CommandState::Failed(OperationError::Timeout),
        CommandState::Expired,
        CommandState::Cancelled,
        CommandState::Indeterminate,
    ];
    let commands: Vec<_> = (1_u64..).zip(operations()).zip(states.into_iter().cycle()).collect();
    for ((id, operation), state) in commands.clone() {
        let queued = Command { operation, ..command("a", id) };
        store(engine, &[Change::Command(Arc::new(queued.clone()))]);
        let changed = Command { state, attempts: 1, changed_at: at(id), ..queued };
        store(engine, &[Change::Command(Arc::new(changed))]);
    }
    let kept = engine.commands().expect("readable");
    let seen: Vec<_> =
        kept.iter().map(|command| (command.id.0, &command.operation, &command.state)).collect();
    let expected: Vec<_> = commands.iter().map(|((id, operation), state)| (*id, operation, state)).collect();
    assert_eq!(seen, expected);
    assert_eq!(engine.last_command().expect("readable"), Some(CommandId(commands.len() as u64)));
    store(engine, &[Change::Forgotten { endpoint: "a".into() }]);
    assert_eq!(engine.commands().expect("readable"), []);
    assert_eq!(engine.last_command().expect("readable"), Some(CommandId(commands.len() as u64)));
}

fn commands_that_are_over_are_bounded(engine: &mut dyn Store) {
    let over = limits::COMMANDS_OVER_PER_CLIENT as u64;
    store(engine, &[Change::Command(Arc::new(command("a", 1)))]);
    for id in 2..=over + 3 {
        let cancelled = Command { state: CommandState::Cancelled, ..command("a", id) };
        store(engine, &[Change::Command(Arc::new(cancelled))]);
    }
    let kept: Vec<_> = engine.commands().expect("readable").iter().map(|command| command.id.0).collect();
    let expected: Vec<_> = [1].into_iter().chain(4..=over + 3).collect();
    assert_eq!(kept, expected, "the oldest that are over went, and nothing that is not");
}

fn decisions_about_a_client_outlive_its_registration(engine: &mut dyn Store) {
    let config = |awake_s| ClientConfig { awake_s };
    let configured = |awake_s| Change::Configured { endpoint: "a".into(), config: config(awake_s) };
    store(engine, &[Change::Registered(registration("a", 1)), configured(Some(30)), configured(Some(20))]);
    store(engine, &[Change::Removed { endpoint: "a".into(), id: id(1) }]);
    assert_eq!(engine.configs().expect("readable"), [("a".to_owned(), config(Some(20)))]);
    store(engine, &[configured(None)]);
    assert_eq!(engine.configs().expect("readable"), []);
    store(engine, &[configured(Some(5)), Change::Forgotten { endpoint: "a".into() }]);
    assert_eq!(engine.configs().expect("readable"), []);
}

fn who_changed_something_is_remembered_over_the_client(engine: &mut dyn Store) {
    let audit = |what: &str| Audit {
        at: at(1),
        author: "somebody".into(),
        what: what.into(),
        endpoint: Some("a".into()),
        details: String::new(),
    };
    let changes = [
        Change::Registered(registration("a", 1)),
        Change::Command(Arc::new(command("a", 1))),
        Change::Forgotten { endpoint: "a".into() },
    ];
    let outcomes = engine.commit_audited(&changes, &[(1, audit("command")), (2, audit("forget"))]);
    assert_eq!(outcomes, vec![Outcome::Stored; 3]);
    let label = Label { notes: "n".into(), ..Label::default() };
    assert_eq!(engine.label("a", label, Some(audit("label"))), Outcome::Stored);
    assert_eq!(engine.audit(Audit { endpoint: None, ..audit("retention") }), Outcome::Stored);
    let audits = engine.audits().expect("readable");
    let what: Vec<_> = audits.iter().map(|audit| audit.what.as_str()).collect();
    assert_eq!(what, ["retention", "label", "forget", "command"]);
    assert_eq!(audits[3], audit("command"));
}

/// One of each kind, with everything in it that one can have.
fn operations() -> Vec<Operation> {
    let path = Path::resource(3, 0, 14);
    let paths = vec![path, Path::instance(3303, 0)];
    let (accept, content_format) = (Some(ContentFormat::TLV), ContentFormat::SENML_CBOR);
    let payload = vec![0, 1, 255];
    let attributes = WriteAttributes::parse(["pmin=1", "pmax=60", "gt=1.5", "st"]).expect("valid");
    let parameters = parse_observe_parameters(["pmin=1", "lt=-2"]).expect("valid");
    vec![
        Operation::Read { path, accept },
        Operation::Discover { path, depth: Some(2) },
        Operation::Write { path, mode: WriteMode::Replace, content_format, payload: payload.clone() },
        Operation::Write { path, mode: WriteMode::PartialUpdate, content_format, payload: payload.clone() },
        Operation::WriteAttributes { path, attributes },
        Operation::Execute { path, arguments: Some("0='a'".into()) },
        Operation::Create { path: Path::object(3303), content_format, payload: payload.clone() },
        Operation::Delete { path: Path::instance(3303, 0) },
        Operation::ReadComposite { paths: paths.clone(), content_format, accept },
        Operation::WriteComposite { content_format, payload },
        Operation::Observe { path, accept, parameters },
        Operation::CancelObservation { path, how: Cancellation::Active },
        Operation::ObserveComposite { paths: paths.clone(), content_format, accept, parameters },
        Operation::CancelObservationComposite { paths, how: Cancellation::Passive },
    ]
}

fn command(endpoint: &str, id: u64) -> Command {
    Command {
        id: CommandId(id),
        endpoint: endpoint.to_owned(),
        operation: Operation::Read { path: Path::object(3), accept: None },
        author: "somebody".to_owned(),
        force: true,
        created_at: at(1),
        deadline: at(10_000),
        timeout: Duration::from_secs(30),
        attempts: 0,
        state: CommandState::Queued,
        changed_at: at(1),
    }
}

fn all(engine: &dyn Store) -> Vec<Arc<Registration>> {
    engine.registrations().expect("readable")
}

fn ids(engine: &dyn Store) -> Vec<(String, RegistrationId)> {
    all(engine).iter().map(|registration| (registration.endpoint.clone(), registration.id)).collect()
}

fn id(number: u8) -> RegistrationId {
    RegistrationId::new([number; 10])
}

fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

fn registration(endpoint: &str, number: u8) -> Arc<Registration> {
    let parameters = RegisterParameters::parse(["lt=60", "lwm2m=1.0"].into_iter()).expect("valid");
    Arc::new(Registration {
        id: id(number),
        endpoint: endpoint.to_owned(),
        identity: PeerIdentity::NoSec,
        peer: Peer::NoSec(([127, 0, 0, 1], 5683).into()),
        version: parameters.version,
        lifetime_s: parameters.lifetime_s,
        binding: parameters.binding,
        queue_mode: parameters.queue_mode,
        sms_number: parameters.sms_number,
        profile_ids: parameters.profile_ids,
        additional: parameters.additional,
        links: ObjectLinks::parse(b"</1/0>,</3/0>").expect("valid").into(),
        registered_at: at(1),
        updated_at: at(2),
    })
}

fn wanted(path: Path) -> WantedObservation {
    let target = ObservationTarget::Path(path);
    WantedObservation {
        target,
        content_format: None,
        accept: None,
        parameters: None,
        attributes: NotificationAttributes::default(),
    }
}

fn reported(path: Path, ms: u64, payload: &[u8]) -> Arc<Reported> {
    Arc::new(Reported {
        endpoint: "a".into(),
        path,
        source: Source::Notify,
        content_format: Some(ContentFormat::TEXT),
        payload: payload.to_vec(),
        at: at(ms),
        sequence: Some(1),
        confirmable: true,
        delivery: None,
        current: true,
    })
}
