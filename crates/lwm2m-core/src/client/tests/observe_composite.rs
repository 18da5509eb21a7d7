//! Observe-Composite (LwM2M 1.1 Core §6.4.4), and what else reports several values.

use lwm2m_codec::{Record, decode, encode_paths};

use super::{
    accounts::{second_server, two_accounts},
    *,
};
use crate::client::limits;

const V1_1: LwM2mVersion = LwM2mVersion::V1_1;
const TEMPERATURE: &str = "/3303/0/5700";

fn fetch(observe: u32, queries: &[&str], paths: &[&str]) -> (Options, Vec<u8>) {
    let options = queries.iter().fold(Options::new(), |options, query| options.with_query(query));
    let format = ContentFormat::SENML_CBOR;
    let options = options.with_observe(observe).with_content_format(format.0).with_accept(format.0);
    let paths: Vec<Path> = paths.iter().map(|at| path(at)).collect();
    (options, encode_paths(format, &paths).unwrap())
}

#[track_caller]
fn observe(bench: &mut Bench, token: u8, queries: &[&str], paths: &[&str]) -> Message {
    let (options, payload) = fetch(0, queries, paths);
    bench.request_with(Token::new(&[token]).unwrap(), Code::FETCH, options, &payload)
}

fn observing(version: LwM2mVersion, paths: &[&str]) -> Bench {
    let mut bench = Bench::registered(version);
    let response = observe(&mut bench, 7, &[], paths);
    assert_eq!((response.code, response.options.observe().is_some()), (Code::CONTENT, true));
    assert_eq!(bench.event(), Event::Observed { path: Path::ROOT });
    bench
}

fn reported(bench: &Bench, message: &Message) -> Vec<Record> {
    assert_eq!(message.code, Code::CONTENT);
    let format = ContentFormat(message.options.content_format().unwrap());
    decode(format, &Path::ROOT, &message.payload, bench.client.tree().registry()).unwrap()
}

fn paths(bench: &Bench, message: &Message) -> Vec<Path> {
    reported(bench, message).iter().map(|record| record.path).collect()
}

/// The notification among what is sent now; the rest are Updates.
#[track_caller]
fn notification(bench: &mut Bench) -> Message {
    bench.drain();
    let position = bench.sent.iter().position(|message| message.options.observe().is_some());
    let message = bench.sent.remove(position.expect("there is a notification")).unwrap();
    if let Some(update) = bench.sent.pop_front() {
        assert_eq!(shown_path(&update), "/rd/a1");
        bench.answer(&update, Code::CHANGED, Options::new(), b"");
    }
    message
}

#[test]
fn a_change_of_one_member_reports_all() {
    let mut bench = observing(V1_1, &[TEMPERATURE, "/3/0/9", "/9/0"]);
    bench.set("/3/0/9", Value::Integer(79));
    let message = notification(&mut bench);
    assert_eq!(message.token.as_bytes(), [7]);
    let expected =
        [Record::new(path("/3/0/9"), Value::Integer(79)), Record::new(path(TEMPERATURE), Value::Float(21.5))];
    assert_eq!(reported(&bench, &message), expected);
    bench.set("/3311/0/5851", Value::Integer(1));
    bench.assert_silent();
}

#[test]
fn c_042_a_composite_gains_new_instances() {
    let mut bench = observing(V1_1, &["/3303", "/3/0/9"]);
    bench.client.change(bench.now, |tree| tree.insert(path("/3303/7/5700"), Value::Float(1.0))).unwrap();
    let message = notification(&mut bench);
    assert!(paths(&bench, &message).contains(&path("/3303/7/5700")));
    bench.set("/3303/7/5700", Value::Float(2.0));
    let message = notification(&mut bench);
    assert!(paths(&bench, &message).contains(&path("/3303/7/5700")));
}

#[test]
fn c_042_a_composite_goes_on_with_what_remains() {
    let mut bench = observing(V1_1, &["/3303/1", TEMPERATURE]);
    bench.client.change(bench.now, |tree| tree.remove(path("/3303/1"))).unwrap();
    let message = notification(&mut bench);
    assert_eq!(paths(&bench, &message), [path(TEMPERATURE)]);
    bench.set(TEMPERATURE, Value::Float(0.0));
    let message = notification(&mut bench);
    assert_eq!(paths(&bench, &message), [path(TEMPERATURE)]);
    assert_eq!(bench.client.observations(), 1);
}

#[test]
fn c_042_a_composite_may_name_what_comes_later() {
    let mut bench = observing(V1_1, &["/3304/0/5700", "/3/0/9"]);
    bench.client.change(bench.now, |tree| tree.insert(path("/3304/0/5700"), Value::Float(50.0))).unwrap();
    let message = notification(&mut bench);
    assert_eq!(paths(&bench, &message), ["/3/0/9", "/3304/0/5700"].map(path));
}

#[test]
fn c_042_an_object_observation_follows_its_instances() {
    let mut bench = Bench::registered(V1_1);
    bench.observe("/3303", 1);
    bench.client.change(bench.now, |tree| tree.insert(path("/3303/7/5700"), Value::Float(1.0))).unwrap();
    let of_object = |bench: &Bench, message: &Message| -> Vec<Path> {
        let registry = bench.client.tree().registry();
        let records = decode(ContentFormat::TLV, &path("/3303"), &message.payload, registry).unwrap();
        records.iter().map(|record| record.path).collect()
    };
    let message = notification(&mut bench);
    assert!(of_object(&bench, &message).contains(&path("/3303/7/5700")));
    bench.client.change(bench.now, |tree| tree.remove(path("/3303/7"))).unwrap();
    let message = notification(&mut bench);
    assert!(!of_object(&bench, &message).contains(&path("/3303/7/5700")));
    bench.set("/3303/1/5700", Value::Float(3.0));
    let message = notification(&mut bench);
    assert!(of_object(&bench, &message).contains(&path("/3303/1/5700")));
}

#[test]
fn c_041_a_composite_is_cancelled_with_its_token_and_paths() {
    let mut bench = observing(V1_1, &[TEMPERATURE, "/3/0/9"]);
    let token = Token::new(&[7]).unwrap();
    let (options, payload) = fetch(1, &[], &[TEMPERATURE]);
    bench.request_with(token, Code::FETCH, options, &payload);
    assert_eq!(bench.client.observations(), 1);
    let (options, payload) = fetch(1, &[], &["/3/0/9", TEMPERATURE]);
    let response = bench.request_with(token, Code::FETCH, options, &payload);
    assert_eq!((response.code, response.options.observe()), (Code::CONTENT, None));
    assert_eq!(bench.event(), Event::ObservationEnded { path: Path::ROOT });
    bench.set(TEMPERATURE, Value::Float(0.0));
    bench.assert_silent();
}

#[test]
fn c_038_a_composite_can_bring_periods_of_its_own() {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    let attributes = Options::new().with_path(TEMPERATURE).with_query("pmin=100").with_query("gt=30");
    bench.request(Code::PUT, attributes, b"");
    for bad in ["gt=1", "edge=1", "pmin=x"] {
        let response = observe(&mut bench, 7, &[bad], &[TEMPERATURE]);
        assert_eq!(response.code, Code::BAD_REQUEST, "{bad}");
    }
    assert_eq!(observe(&mut bench, 7, &["pmin=5", "pmax=60"], &[TEMPERATURE, "/3/0/9"]).code, Code::CONTENT);
    bench.set(TEMPERATURE, Value::Float(25.0));
    bench.wait_s(6);
    bench.assert_silent();
    bench.set(TEMPERATURE, Value::Float(31.0));
    let message = notification(&mut bench);
    assert_eq!(paths(&bench, &message).len(), 2);
    bench.wait_s(59);
    bench.assert_silent();
    bench.wait_s(1);
    notification(&mut bench);
    let mut older = Bench::registered(V1_1);
    assert_eq!(observe(&mut older, 7, &["pmin=5"], &[TEMPERATURE]).code, Code::BAD_REQUEST);
}

#[test]
fn too_many_paths_are_refused() {
    let mut bench = Bench::registered(V1_1);
    let all: Vec<String> = (0..=limits::OBSERVED_PATHS).map(|instance| format!("/3303/{instance}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let beyond = observe(&mut bench, 7, &[], &all);
    assert_eq!((beyond.code, beyond.options.observe()), (Code::SERVICE_UNAVAILABLE, None));
    assert_eq!(observe(&mut bench, 7, &[], &all[1..]).code, Code::CONTENT);
}

#[test]
fn c_035_what_may_not_be_read_any_more_is_not_notified() {
    let tree = two_accounts(&[
        ("/2/0/0", Value::Integer(3303)),
        ("/2/0/1", Value::Integer(0)),
        ("/2/0/2/102", Value::Integer(1)),
        ("/2/0/3", Value::Integer(101)),
    ]);
    let mut bench = Bench::with(ClientConfig { version: V1_1, ..ClientConfig::new("urn:test:1") }, tree);
    bench.client.start_with(bench.now, [(102, second_server())]).unwrap();
    bench.play(second_server());
    bench.accept_register();
    assert!(bench.observe(TEMPERATURE, 1).options.observe().is_some());
    let grant = |bench: &mut Bench, rights| bench.set("/2/0/2/102", Value::Integer(rights));
    grant(&mut bench, 2);
    bench.set(TEMPERATURE, Value::Float(1.0));
    bench.assert_silent();
    grant(&mut bench, 1);
    bench.set(TEMPERATURE, Value::Float(2.0));
    assert_eq!(diagnostic(&bench.sent()), "2");
    assert_eq!(bench.client.observations(), 1);
}

#[test]
fn a_long_notification_goes_in_blocks() {
    let mut tree = tree();
    for instance in 0..150 {
        tree.insert(Path::resource(3304, instance, 5700), Value::Float(f64::from(instance))).unwrap();
    }
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    bench.observe("/3304", 1);
    bench.drain();
    bench.sent.clear();
    bench.set("/3304/149/5700", Value::Float(0.5));
    let first = bench.sent();
    let block = first.options.block2().unwrap();
    assert!(block.more && block.num == 0 && first.options.observe().is_some());
    let next = coap::Block { num: 1, more: false, ..block };
    let rest = bench.request(Code::GET, Options::new().with_path("/3304").with_block2(next), b"");
    assert_eq!((rest.code, rest.options.observe()), (Code::CONTENT, None));
    let whole = [first.payload, rest.payload].concat();
    let registry = bench.client.tree().registry();
    let records = decode(ContentFormat::TLV, &path("/3304"), &whole, registry).unwrap();
    assert_eq!((records.len(), &records[149].value), (150, &Value::Float(0.5)));
}
