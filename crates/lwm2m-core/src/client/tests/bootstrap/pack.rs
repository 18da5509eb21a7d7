//! Bootstrap-Pack (LwM2M 1.2 Core §6.1.7.7).

use super::*;

fn pack_client() -> Bench {
    let format = Some(ContentFormat::SENML_JSON);
    let config = ClientConfig { bootstrap_pack: true, preferred_content_format: format, ..config(V1_2) };
    Bench::booted(config, factory_tree())
}

fn pack(values: &[(&str, Value)]) -> Vec<u8> {
    let records: Vec<Record> =
        values.iter().map(|(at, value)| Record::new(path(at), value.clone())).collect();
    encode(ContentFormat::SENML_JSON, &Path::ROOT, &records).unwrap()
}

fn content(bench: &mut Bench, payload: &[u8]) {
    let request = bench.sent();
    assert_eq!((request.code, shown_path(&request).as_str()), (Code::GET, "/bspack"));
    assert_eq!(queries(&request), ["ep=urn:imei:0800200c9a66"]);
    assert_eq!(request.options.accept(), Some(ContentFormat::SENML_JSON.0));
    let options = Options::new().with_content_format(ContentFormat::SENML_JSON.0);
    bench.answer(&request, Code::CONTENT, options, payload);
}

#[test]
fn c_010_a_pack_replaces_the_objects_it_names_and_needs_no_finish() {
    let mut bench = pack_client();
    content(&mut bench, &pack(&[security(101), server_object(101)].concat()));
    bench.expect_event(&Event::Bootstrapped);
    assert!(bench.has("/0/1") && bench.has("/3303/0"), "the own account and what is not named stay");
    assert!(queries(&bench.registers()).contains(&"lwm2m=1.2"));
}

#[test]
fn c_010_without_a_pack_the_client_sends_a_bootstrap_request() {
    for code in [Code::NOT_FOUND, Code::METHOD_NOT_ALLOWED, Code::NOT_IMPLEMENTED] {
        let mut bench = pack_client();
        let request = bench.sent();
        bench.answer(&request, code, Options::new(), b"");
        bench.accept_bootstrap();
        bench.write_account();
        assert_eq!(bench.finish().code, Code::CHANGED);
    }
}

#[test]
fn c_010_a_pack_that_is_inconsistent_or_broken_changes_nothing() {
    for payload in
        [pack(&server_object(101)), b"[{\"n\":\"/1/0".to_vec(), pack(&[("/1/0/0", Value::Integer(0))])]
    {
        let mut bench = pack_client();
        content(&mut bench, &payload);
        assert!(!bench.has("/1/0"));
        bench.drain();
        assert!(bench.events.iter().any(|event| matches!(event, Event::BootstrapPackRefused { .. })));
        bench.accept_bootstrap();
    }
}

#[test]
fn c_010_silence_is_an_answer_too() {
    let mut bench = pack_client();
    bench.wait_s(247);
    let mut asked: Vec<String> = bench.sent.drain(..).map(|message| shown_path(&message)).collect();
    asked.dedup();
    assert_eq!(asked, ["/bspack", "/bs", "/bspack"], "the next attempt begins with a pack again");
}

#[test]
fn c_010_older_clients_ask_for_no_pack() {
    let config = ClientConfig { bootstrap_pack: true, ..config(V1_1) };
    let mut bench = Bench::booted(config, factory_tree());
    assert_eq!(shown_path(&bench.sent()), "/bs");
}
