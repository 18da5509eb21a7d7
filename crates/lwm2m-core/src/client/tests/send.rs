//! Send (LwM2M 1.1 Core §6.4.6).

use lwm2m_codec::{Record, decode};

use super::*;
use crate::client::{SendRefused, limits};

const TEMPERATURE: &str = "/3303/0/5700";

fn registered(version: LwM2mVersion, mute: Option<bool>) -> Bench {
    let mut tree = tree();
    if let Some(mute) = mute {
        tree.insert(path("/1/0/23"), Value::Boolean(mute)).unwrap();
    }
    Bench::with(ClientConfig { version, ..ClientConfig::new("urn:test:1") }, tree).register()
}

fn records(bench: &Bench, message: &Message) -> Vec<Record> {
    let format = ContentFormat(message.options.content_format().unwrap());
    decode(format, &Path::ROOT, &message.payload, bench.client.tree().registry()).unwrap()
}

#[test]
fn c_044_send_brings_values_and_tells_the_answer() {
    let mut bench = registered(LwM2mVersion::V1_1, Some(false));
    for (format, code) in
        [(ContentFormat::SENML_CBOR, Code::CHANGED), (ContentFormat::SENML_JSON, Code::NOT_FOUND)]
    {
        let paths = [path("/3303/0"), path("/3/0/9"), path(TEMPERATURE)];
        let send = bench.client.send(bench.now, 1, format, &paths).unwrap();
        let message = bench.sent();
        assert_eq!((message.code, message.message_type), (Code::POST, MessageType::Confirmable));
        assert_eq!(
            (shown_path(&message).as_str(), message.options.content_format()),
            ("/dp", Some(format.0))
        );
        let sent: Vec<Path> = records(&bench, &message).iter().map(|record| record.path).collect();
        assert_eq!(sent, ["/3/0/9", TEMPERATURE, "/3303/0/5750"].map(path), "each value once");
        bench.answer(&message, code, Options::new(), b"");
        assert_eq!(bench.event(), Event::SendEnded { send, answer: Ok(code) });
    }
}

#[test]
fn c_044_a_muted_server_is_sent_nothing() {
    for mute in [None, Some(true)] {
        let mut bench = registered(LwM2mVersion::V1_1, mute);
        let result = bench.client.send(bench.now, 1, ContentFormat::SENML_CBOR, &[path(TEMPERATURE)]);
        assert_eq!(result, Err(SendRefused::Muted));
        bench.assert_silent();
        bench.client.change(bench.now, |tree| tree.insert(path("/1/0/23"), Value::Boolean(false))).unwrap();
        let result = bench.client.send(bench.now, 1, ContentFormat::SENML_CBOR, &[path(TEMPERATURE)]);
        assert!(result.is_ok());
    }
}

#[test]
fn c_044_only_what_the_server_may_read_is_sent() {
    let mut bench = registered(LwM2mVersion::V1_1, Some(false));
    for at in ["/3/0/4", "/9", "/3303/9", "/0/0"] {
        let result =
            bench.client.send(bench.now, 1, ContentFormat::SENML_CBOR, &[path(TEMPERATURE), path(at)]);
        assert_eq!(result, Err(SendRefused::NotReadable(path(at))));
    }
    bench.assert_silent();
}

#[test]
fn c_044_recorded_values_keep_their_times() {
    let mut bench = registered(LwM2mVersion::V1_1, Some(false));
    let recorded: Vec<Record> = [(10.0, 20.0), (20.0, 21.0)]
        .map(|(before, value)| {
            Record::new(path(TEMPERATURE), Value::Float(value)).at_time(1_760_000_000.0 - before)
        })
        .to_vec();
    bench.client.send_records(bench.now, 1, ContentFormat::SENML_CBOR, &recorded).unwrap();
    let message = bench.sent();
    assert_eq!(records(&bench, &message), recorded);
    let unreadable = [Record::new(path("/3/0/4"), Value::Integer(1))];
    let result = bench.client.send_records(bench.now, 1, ContentFormat::SENML_CBOR, &unreadable);
    assert_eq!(result, Err(SendRefused::NotReadable(path("/3/0/4"))));
}

#[test]
fn c_044_a_large_send_goes_in_blocks() {
    let mut tree = tree();
    tree.insert(path("/1/0/23"), Value::Boolean(false)).unwrap();
    for instance in 0..100 {
        tree.insert(Path::resource(3304, instance, 5700), Value::Float(f64::from(instance))).unwrap();
    }
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    let send = bench.client.send(bench.now, 1, ContentFormat::SENML_CBOR, &[path("/3304")]).unwrap();
    let mut body = Vec::new();
    loop {
        let message = bench.sent();
        assert_eq!(shown_path(&message), "/dp");
        let block = message.options.block1().unwrap();
        body.extend_from_slice(&message.payload);
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        bench.answer(&message, code, Options::new().with_block1(block), b"");
        if !block.more {
            break;
        }
    }
    assert_eq!(bench.event(), Event::SendEnded { send, answer: Ok(Code::CHANGED) });
    let registry = bench.client.tree().registry();
    let records = decode(ContentFormat::SENML_CBOR, &Path::ROOT, &body, registry).unwrap();
    assert_eq!(records.len(), 100);
}

#[test]
fn c_044_formats_and_versions_go_together() {
    let mut older = registered(LwM2mVersion::V1_0, Some(false));
    let mut bench = registered(LwM2mVersion::V1_1, Some(false));
    let mut newer = registered(LwM2mVersion::V1_2, Some(false));
    let send = |bench: &mut Bench, format| bench.client.send(bench.now, 1, format, &[path(TEMPERATURE)]);
    assert_eq!(send(&mut older, ContentFormat::SENML_CBOR), Err(SendRefused::Version));
    for format in [ContentFormat::TLV, ContentFormat::LWM2M_CBOR] {
        assert_eq!(send(&mut bench, format), Err(SendRefused::Format(format)));
    }
    assert!(send(&mut newer, ContentFormat::LWM2M_CBOR).is_ok());
    let sent = newer.sent();
    assert_eq!(records(&newer, &sent), [Record::new(path(TEMPERATURE), Value::Float(21.5))]);
}

#[test]
fn a_send_needs_a_registration_and_room() {
    let mut bench = registered(LwM2mVersion::V1_1, Some(false));
    let send = |bench: &mut Bench, server| {
        bench.client.send(bench.now, server, ContentFormat::SENML_CBOR, &[path(TEMPERATURE)])
    };
    assert_eq!(send(&mut bench, 7), Err(SendRefused::UnknownServer(7)));
    for _ in 0..limits::SENDS {
        send(&mut bench, 1).unwrap();
    }
    assert_eq!(send(&mut bench, 1), Err(SendRefused::TooMany { limit: limits::SENDS }));
    bench.wait_s(93);
    bench.drain();
    let unanswered =
        bench.events.iter().filter(|event| matches!(event, Event::SendEnded { answer: Err(_), .. }));
    assert_eq!(unanswered.count(), limits::SENDS);
    bench.client.stop(bench.now);
    assert_eq!(send(&mut bench, 1), Err(SendRefused::NotRegistered));
}
