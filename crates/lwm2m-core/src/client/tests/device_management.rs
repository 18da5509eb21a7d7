use super::*;

const V1_0: LwM2mVersion = LwM2mVersion::V1_0;
const V1_1: LwM2mVersion = LwM2mVersion::V1_1;

fn bench() -> Bench {
    Bench::registered(V1_1)
}

fn format(message: &Message) -> Option<ContentFormat> {
    message.options.content_format().map(ContentFormat)
}

#[test]
fn one_value_is_read_as_text_or_opaque() {
    let mut bench = bench();
    for (at, expected, payload) in [
        ("/3/0/0", ContentFormat::TEXT, &b"Open Mobile Alliance"[..]),
        ("/3/0/9", ContentFormat::TEXT, b"80"),
        ("/3303/0/5700", ContentFormat::TEXT, b"21.5"),
        ("/3311/0/5850", ContentFormat::TEXT, b"0"),
        ("/3/0/6/1", ContentFormat::TEXT, b"5"),
        ("/3442/0/150", ContentFormat::OPAQUE, &[1, 2, 3]),
    ] {
        let response = bench.read(at);
        assert_eq!((response.code, format(&response)), (Code::CONTENT, Some(expected)), "{at}");
        assert_eq!(response.payload, payload, "{at}");
    }
}

#[test]
fn several_values_are_read_as_tlv() {
    let mut bench = bench();
    let multiple = bench.read("/3/0/6");
    assert_eq!(format(&multiple), Some(ContentFormat::TLV));
    assert_eq!(multiple.payload, [0x86, 0x06, 0x41, 0x00, 0x01, 0x41, 0x01, 0x05]);
    let instance = bench.read("/3303/1");
    assert_eq!(instance.payload, [0xe4, 0x16, 0x44, 0x41, 0x64, 0x00, 0x00], "float 14.25, four bytes");
    let object = bench.read("/3303");
    let records = lwm2m_codec::decode(
        ContentFormat::TLV,
        &path("/3303"),
        &object.payload,
        bench.client.tree().registry(),
    );
    let paths: Vec<String> = records.unwrap().iter().map(|record| record.path.to_string()).collect();
    assert_eq!(paths, ["/3303/0/5700", "/3303/0/5750", "/3303/1/5700"]);
}

#[test]
fn c_021_accept_decides_where_it_can_be_met() {
    let mut bench = bench();
    let tlv = bench.read_as("/3/0/9", ContentFormat::TLV);
    assert_eq!((format(&tlv), tlv.payload), (Some(ContentFormat::TLV), vec![0xc1, 0x09, 0x50]));
    let old_number = bench.read_as("/3/0/9", ContentFormat(1542));
    assert_eq!(format(&old_number), Some(ContentFormat(1542)));
    assert_eq!(bench.read_as("/3442/0/150", ContentFormat::TEXT).payload, b"AQID");
    for (at, accept) in [
        ("/3/0/9", ContentFormat::OPAQUE),
        ("/3/0/9", ContentFormat::LWM2M_CBOR),
        ("/3/0/6", ContentFormat::CBOR),
        ("/3/0", ContentFormat::TEXT),
        ("/3/0/6", ContentFormat::TEXT),
        ("/3/0", ContentFormat::JSON),
        ("/3/0", ContentFormat(9)),
    ] {
        assert_eq!(bench.read_as(at, accept).code, Code::NOT_ACCEPTABLE, "{at} {accept:?}");
    }
}

#[test]
fn an_instance_says_the_same_in_every_format() {
    for (version, formats) in [
        (V1_0, &[ContentFormat::TLV, ContentFormat::JSON][..]),
        (
            LwM2mVersion::V1_2,
            &[
                ContentFormat::TLV,
                ContentFormat::SENML_JSON,
                ContentFormat::SENML_CBOR,
                ContentFormat::LWM2M_CBOR,
            ],
        ),
    ] {
        let mut bench = Bench::registered(version);
        for at in ["/3442/0", "/3303", "/3/0/6"] {
            let held = bench.client.tree().records(&path(at));
            for asked in formats {
                let response = bench.read_as(at, *asked);
                assert_eq!(format(&response), Some(*asked), "{at}");
                let registry = bench.client.tree().registry();
                let read = lwm2m_codec::decode(*asked, &path(at), &response.payload, registry).unwrap();
                assert_eq!(read, held, "{at} in {asked}");
            }
        }
    }
}

#[test]
fn c_021_every_fault_of_a_read_has_its_code() {
    let mut bench = bench();
    for (at, code) in [
        ("/0/0/0", Code::UNAUTHORIZED),
        ("/0", Code::UNAUTHORIZED),
        ("/21/0", Code::UNAUTHORIZED),
        ("/5", Code::NOT_FOUND),
        ("/3/1", Code::NOT_FOUND),
        ("/3/1/0", Code::NOT_FOUND),
        ("/3/0/1", Code::NOT_FOUND),
        ("/3/0/6/7", Code::NOT_FOUND),
        ("/3/0/9/0", Code::METHOD_NOT_ALLOWED),
        ("/3/0/4", Code::METHOD_NOT_ALLOWED),
        ("/", Code::METHOD_NOT_ALLOWED),
        ("/3/0/9/0/0", Code::BAD_REQUEST),
        ("/3/070", Code::BAD_REQUEST),
        ("/3/65535", Code::BAD_REQUEST),
        ("/bs", Code::NOT_FOUND),
    ] {
        let response = bench.read(at);
        assert_eq!(response.code, code, "{at}");
        assert_ne!(diagnostic(&response), "", "{at} is explained");
    }
}

#[test]
fn c_021_a_resource_without_the_operation_r_is_not_read() {
    let mut tree = tree();
    tree.insert(path("/5/0/0"), Value::opaque([1, 2])).unwrap();
    tree.insert(path("/5/0/3"), Value::Integer(0)).unwrap();
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    assert_eq!(bench.read("/5/0/0").code, Code::METHOD_NOT_ALLOWED, "write-only");
    assert_eq!(bench.read("/3/0/4").code, Code::METHOD_NOT_ALLOWED, "executable");
    assert_eq!(bench.read("/5/0").payload, [0xC1, 3, 0], "left out of the instance without an error");
}

#[test]
fn c_022_an_object_is_read_with_its_instances_around_the_values() {
    let mut bench = bench();
    assert_eq!(bench.read("/3311").payload[..2], [0x08, 0], "even when there is a single one");
    let two = bench.read_as("/3303", ContentFormat::SENML_JSON);
    assert!(diagnostic(&two).contains(r#""n":"1/5700","v":14.25"#), "{}", diagnostic(&two));
    // An instance with nothing to read in it is there all the same.
    bench.client.change(bench.now, |tree| tree.insert_executable(path("/3311/7/5850")).unwrap_err());
    bench.client.change(bench.now, |tree| tree.insert_executable(path("/3442/1/3"))).unwrap();
    bench.drain();
    bench.sent.clear();
    let object = bench.read("/3442").payload;
    assert_eq!(object[object.len() - 2..], [0x00, 1]);
}

#[test]
fn c_022_an_object_without_instances_is_empty() {
    for (version, accept, payload) in [
        (V1_0, None, &b""[..]),
        (V1_1, None, b""),
        (V1_1, Some(ContentFormat::SENML_JSON), b"[]"),
        (V1_1, Some(ContentFormat::SENML_CBOR), &[0x80]),
        (LwM2mVersion::V1_2, Some(ContentFormat::LWM2M_CBOR), b""),
    ] {
        let mut tree = tree();
        tree.remove(path("/3311/0")).unwrap();
        let config = ClientConfig { version, ..ClientConfig::new("urn:test:1") };
        let mut bench = Bench::with(config, tree).register();
        let options = Options::new().with_path("/3311");
        let options = accept.map_or(options.clone(), |accept| options.with_accept(accept.0));
        let answer = bench.request(Code::GET, options, b"");
        assert_eq!((answer.code, &*answer.payload), (Code::CONTENT, payload), "{version} {accept:?}");
    }
}

#[test]
fn c_034_no_operation_reaches_the_objects_with_the_keys() {
    let mut tree = tree();
    for (at, value) in [
        ("/0/0/0", text("coaps://192.0.2.1")),
        ("/0/0/5", Value::opaque([7; 16])),
        ("/21/0/0", Value::opaque([7; 16])),
        ("/23/0/0", text("secret")),
    ] {
        tree.insert(path(at), value).unwrap();
    }
    for version in [V1_0, V1_1, LwM2mVersion::V1_2] {
        let config = ClientConfig { version, ..ClientConfig::new("urn:test:1") };
        let mut bench = Bench::with(config, tree.clone());
        bench.client.start(bench.now, server());
        let register = bench.accept_register();
        let links = diagnostic(&register);
        assert!(!["</0", "</21", "</23"].iter().any(|hidden| links.contains(hidden)), "{links}");
        bench.event();
        for at in ["/0", "/0/0", "/0/0/0", "/0/7", "/21/0", "/21/0/0", "/23", "/23/0/0"] {
            let to = Options::new().with_path(at);
            for (code, options) in [
                (Code::GET, to.clone()),
                (Code::GET, to.clone().with_accept(40)),
                (Code::GET, to.clone().with_observe(0)),
                (Code::PUT, to.clone().with_content_format(0)),
                (Code::PUT, to.clone().with_query("pmin=1")),
                (Code::POST, to.clone()),
                (Code::DELETE, to.clone()),
            ] {
                assert_eq!(bench.request(code, options, b"").code, Code::UNAUTHORIZED, "{code} {at}");
            }
        }
        assert!(bench.events.is_empty());
    }
}

#[test]
fn version_1_0_has_no_paths_to_resource_instances() {
    let mut bench = Bench::registered(V1_0);
    assert_eq!(bench.read("/3/0/6/1").code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(bench.read("/3/0/6").code, Code::CONTENT);
}

#[test]
fn c_031_executes_reach_the_application() {
    let mut bench = bench();
    assert_eq!(bench.execute("/3442/0/3", "2='10.3',7").code, Code::CHANGED);
    let Event::Executed { path: executed, arguments } = bench.event() else { panic!("expected an execute") };
    assert_eq!(executed, path("/3442/0/3"));
    let arguments: Vec<_> =
        arguments.iter().map(|argument| (argument.digit, argument.value.as_deref())).collect();
    assert_eq!(arguments, [(2, Some("10.3")), (7, None)]);
}

#[test]
fn c_031_executes_are_refused_for_a_reason() {
    let mut bench = bench();
    for (at, arguments, code) in [
        ("/3442/0/3", "a", Code::BAD_REQUEST),
        ("/3442/0/3", "1='", Code::BAD_REQUEST),
        ("/3442/0/3", "1,1", Code::BAD_REQUEST),
        ("/3/0/4", "0", Code::BAD_REQUEST),
        ("/1/0/8", "1", Code::BAD_REQUEST),
        ("/3/0/9", "", Code::METHOD_NOT_ALLOWED),
        ("/3/0/12", "", Code::NOT_FOUND),
        ("/3/0/6/0", "", Code::METHOD_NOT_ALLOWED),
        ("/0/0/1", "", Code::UNAUTHORIZED),
    ] {
        assert_eq!(bench.execute(at, arguments).code, code, "{at} {arguments}");
    }
    assert_eq!(bench.post("/3442/0/3", ContentFormat::TLV, b"").code, Code::UNSUPPORTED_CONTENT_FORMAT);
    assert_eq!(
        bench.request(Code::POST, Options::new().with_path("/3442/0/3"), &[0xff]).code,
        Code::BAD_REQUEST
    );
    assert!(bench.events.is_empty());
}

#[test]
fn an_execute_may_be_non_confirmable_and_runs_once() {
    let mut bench = bench();
    let execute = Message {
        message_type: MessageType::NonConfirmable,
        code: Code::POST,
        message_id: MessageId(77),
        token: Token::EMPTY,
        options: Options::new().with_path("/3442/0/3"),
        payload: Vec::new(),
    };
    bench.receive(&execute);
    let response = bench.sent();
    assert_eq!((response.message_type, response.code), (MessageType::NonConfirmable, Code::CHANGED));
    bench.receive(&execute);
    bench.drain();
    assert_eq!(bench.events.len(), 1);
}

#[test]
fn methods_without_a_meaning_are_refused() {
    let mut bench = bench();
    for (code, at) in [
        (Code::DELETE, "/"),
        (Code::DELETE, "/3303"),
        (Code::DELETE, "/3303/0/5750"),
        (Code::PUT, "/"),
        (Code::PUT, "/3303"),
        (Code::POST, "/"),
        (Code::POST, "/3/0/6/0"),
        (Code::FETCH, "/3/0"),
        (Code::IPATCH, "/3/0"),
        (Code::PATCH, "/3/0"),
        (Code::PATCH, "/"),
    ] {
        let response = bench.request(code, Options::new().with_path(at), b"");
        assert_eq!(response.code, Code::METHOD_NOT_ALLOWED, "{code} {at}");
        assert_ne!(diagnostic(&response), "", "{code} {at} is explained");
    }
}
