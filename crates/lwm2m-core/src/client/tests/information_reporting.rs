use super::*;
use crate::client::limits;

const TEMPERATURE: &str = "/3303/0/5700";

fn bench() -> Bench {
    Bench::registered(LwM2mVersion::V1_1)
}

/// Observed at `at`, with the event taken.
fn observing(at: &str, token: u8) -> Bench {
    let mut bench = bench();
    let response = bench.observe(at, token);
    assert_eq!((response.code, response.options.observe().is_some()), (Code::CONTENT, true));
    assert_eq!(bench.event(), Event::Observed { path: path(at) });
    bench
}

fn empty(message_type: MessageType, message_id: MessageId) -> Message {
    let (token, options) = (Token::EMPTY, Options::new());
    Message { message_type, code: Code::EMPTY, message_id, token, options, payload: Vec::new() }
}

#[test]
fn changes_are_notified_with_growing_numbers() {
    let mut bench = bench();
    let first = bench.observe(TEMPERATURE, 0xaa);
    assert_eq!(first.payload, b"21.5");
    let mut newest = first.options.observe().unwrap();
    for (value, payload) in [(22.0, "22"), (22.5, "22.5")] {
        bench.wait_s(1);
        bench.set(TEMPERATURE, Value::Float(value));
        let notification = bench.sent();
        assert_eq!((notification.code, notification.token.as_bytes()), (Code::CONTENT, &[0xaa][..]));
        assert_eq!(notification.message_type, MessageType::NonConfirmable);
        assert_eq!(diagnostic(&notification), payload);
        assert_eq!(notification.options.content_format(), Some(0));
        let number = notification.options.observe().unwrap();
        assert!(number > newest);
        newest = number;
    }
    bench.assert_silent();
}

#[test]
fn several_changes_make_one_notification_and_none_makes_none() {
    let mut bench = observing("/3303/0", 1);
    bench.set(TEMPERATURE, Value::Float(22.0));
    bench.set(TEMPERATURE, Value::Float(23.0));
    bench.set("/3303/0/5750", text("Kitchen"));
    let notification = bench.sent();
    assert_eq!(notification.options.content_format(), Some(ContentFormat::TLV.0));
    bench.assert_silent();
    bench.set(TEMPERATURE, Value::Float(23.0));
    bench.set("/3303/1/5700", Value::Float(1.0));
    bench.assert_silent();
}

#[test]
fn every_level_can_be_observed() {
    let mut bench = bench();
    for (token, at) in [(1, "/3303"), (2, "/3303/0"), (3, TEMPERATURE), (4, "/3/0/6"), (5, "/3/0/6/1")] {
        assert!(bench.observe(at, token).options.observe().is_some(), "{at}");
    }
    bench.set(TEMPERATURE, Value::Float(0.5));
    let tokens: Vec<u8> = (0..3).map(|_| bench.sent().token.as_bytes()[0]).collect();
    assert_eq!(tokens, [1, 2, 3]);
    bench.set("/3/0/6/1", Value::Integer(6));
    let tokens: Vec<u8> = (0..2).map(|_| bench.sent().token.as_bytes()[0]).collect();
    assert_eq!(tokens, [4, 5]);
}

#[test]
fn notifications_keep_the_format_of_the_first_answer() {
    let mut bench = bench();
    let options = Options::new().with_path(TEMPERATURE).with_observe(0).with_accept(ContentFormat::TLV.0);
    bench.request_with(Token::new(&[1]).unwrap(), Code::GET, options, b"");
    bench.set(TEMPERATURE, Value::Float(1.0));
    assert_eq!(bench.sent().options.content_format(), Some(ContentFormat::TLV.0));
}

#[test]
fn a_write_of_the_server_is_notified_after_its_answer() {
    let mut bench = observing("/3311/0/5850", 1);
    assert_eq!(bench.put("/3311/0/5850", ContentFormat::TEXT, b"1").code, Code::CHANGED);
    let notification = bench.sent();
    assert_eq!((notification.token.as_bytes(), diagnostic(&notification)), (&[1][..], "1"));
}

#[test]
fn what_cannot_be_read_cannot_be_observed() {
    let mut bench = bench();
    for (at, code) in [
        ("/3/0/4", Code::METHOD_NOT_ALLOWED),
        ("/3/0/9/0", Code::METHOD_NOT_ALLOWED),
        ("/9", Code::NOT_FOUND),
        ("/0/0", Code::UNAUTHORIZED),
    ] {
        let response = bench.observe(at, 1);
        assert_eq!((response.code, response.options.observe()), (code, None), "{at}");
    }
    assert_eq!(bench.client.observations(), 0);
}

#[test]
fn c_041_cancelling_needs_the_token() {
    let mut bench = observing(TEMPERATURE, 1);
    let cancel = Options::new().with_path(TEMPERATURE).with_observe(1);
    let other = bench.request_with(Token::new(&[9]).unwrap(), Code::GET, cancel.clone(), b"");
    assert_eq!((other.code, other.options.observe()), (Code::CONTENT, None));
    assert_eq!(bench.client.observations(), 1);
    let response = bench.request_with(Token::new(&[1]).unwrap(), Code::GET, cancel, b"");
    assert_eq!((response.code, response.options.observe()), (Code::CONTENT, None));
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
    bench.set(TEMPERATURE, Value::Float(0.0));
    bench.assert_silent();
}

#[test]
fn c_041_a_reset_ends_the_observation() {
    let mut bench = observing(TEMPERATURE, 1);
    bench.set(TEMPERATURE, Value::Float(0.0));
    let notification = bench.sent();
    bench.receive(&empty(MessageType::Reset, notification.message_id));
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
    bench.set(TEMPERATURE, Value::Float(1.0));
    bench.assert_silent();
}

#[test]
fn a_new_token_replaces_the_older_observation() {
    let mut bench = observing(TEMPERATURE, 1);
    bench.observe(TEMPERATURE, 2);
    assert_eq!(bench.client.observations(), 1);
    bench.set(TEMPERATURE, Value::Float(0.0));
    assert_eq!(bench.sent().token.as_bytes(), [2]);
    bench.assert_silent();
}

#[test]
fn every_tenth_notification_is_confirmable() {
    let mut bench = observing(TEMPERATURE, 1);
    let mut kinds = Vec::new();
    for number in 0..20 {
        bench.set(TEMPERATURE, Value::Float(f64::from(number)));
        let notification = bench.sent();
        if notification.message_type == MessageType::Confirmable {
            bench.receive(&empty(MessageType::Acknowledgement, notification.message_id));
        }
        kinds.push(notification.message_type);
    }
    let confirmable: Vec<usize> = (0..20).filter(|&index| kinds[index] == MessageType::Confirmable).collect();
    assert_eq!(confirmable, [9, 19]);
}

#[test]
fn an_unacknowledged_notification_ends_the_observation() {
    let config = ClientConfig { confirmable_every: 1, ..ClientConfig::new("a") };
    let mut bench = Bench::with(config, tree()).register();
    bench.observe(TEMPERATURE, 1);
    bench.event();
    bench.set(TEMPERATURE, Value::Float(0.0));
    assert_eq!(bench.sent().message_type, MessageType::Confirmable);
    bench.wait_s(93);
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
}

#[test]
fn too_many_observations_are_refused() {
    let mut tree = tree();
    for instance in 0..=u16::try_from(limits::OBSERVATIONS).unwrap() {
        tree.insert(Path::resource(3304, instance, 5700), Value::Float(50.0)).unwrap();
    }
    let mut bench = Bench::with(ClientConfig::new("a"), tree).register();
    for instance in 0..limits::OBSERVATIONS {
        let token = u8::try_from(instance).unwrap();
        assert_eq!(bench.observe(&format!("/3304/{instance}"), token).code, Code::CONTENT);
    }
    let beyond = bench.observe("/3304/64", 200);
    assert_eq!((beyond.code, beyond.options.observe()), (Code::SERVICE_UNAVAILABLE, None));
    assert_eq!(bench.observe("/3304/3", 201).code, Code::CONTENT, "one held already can be renewed");
    assert_eq!(bench.client.observations(), limits::OBSERVATIONS);
}

#[test]
fn c_042_a_removed_instance_ends_its_observation_with_an_error() {
    let mut bench = observing("/3303/1", 1);
    bench.client.change(bench.now, |tree| tree.remove(path("/3303/1"))).unwrap();
    let messages = [bench.sent(), bench.sent()];
    let notification = messages.iter().find(|message| message.code == Code::NOT_FOUND).unwrap();
    assert_eq!((notification.token.as_bytes(), notification.options.observe()), (&[1][..], None));
    assert_eq!(bench.event(), Event::ObservationEnded { path: path("/3303/1") });
    assert!(
        messages.iter().any(|message| shown_path(message) == "/rd/a1"),
        "and an Update tells the new list"
    );
}

#[test]
fn a_new_registration_ends_all_observations() {
    let mut bench = observing(TEMPERATURE, 1);
    bench.client.start(bench.now, server());
    bench.accept_register();
    assert_eq!(bench.event(), Event::ObservationEnded { path: path(TEMPERATURE) });
    bench.set(TEMPERATURE, Value::Float(0.0));
    bench.assert_silent();
}
