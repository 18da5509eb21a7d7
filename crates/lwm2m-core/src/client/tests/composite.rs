use lwm2m_codec::{Record, decode, encode_paths};

use super::*;

use LwM2mVersion::{V1_0, V1_1, V1_2};

fn fetch(bench: &mut Bench, format: ContentFormat, accept: Option<ContentFormat>, paths: &[&str]) -> Message {
    let paths: Vec<Path> = paths.iter().map(|at| path(at)).collect();
    let mut options = Options::new().with_path("/").with_content_format(format.0);
    if let Some(accept) = accept {
        options = options.with_accept(accept.0);
    }
    bench.request(Code::FETCH, options, &encode_paths(format, &paths).unwrap())
}

/// What an answer says, and in which format.
fn read(bench: &Bench, answer: &Message) -> (ContentFormat, Vec<(String, Value)>) {
    assert_eq!(answer.code, Code::CONTENT, "{}", diagnostic(answer));
    let format = ContentFormat(answer.options.content_format().unwrap());
    let records = decode(format, &Path::ROOT, &answer.payload, bench.client.tree().registry()).unwrap();
    (format, records.into_iter().map(|record: Record| (record.path.to_string(), record.value)).collect())
}

fn ipatch(bench: &mut Bench, format: ContentFormat, payload: &[u8]) -> Message {
    bench.request(Code::IPATCH, Options::new().with_path("/").with_content_format(format.0), payload)
}

#[test]
fn c_043_a_read_takes_what_there_is() {
    let mut bench = Bench::registered(V1_1);
    let asked = ["/3303/0/5700", "/3/0/9", "/3/0/4", "/3/0/77", "/3303/9", "/9/0/0", "/3/0/6/1", "/3303/1"];
    let answer = fetch(&mut bench, ContentFormat::SENML_JSON, None, &asked);
    let values = vec![
        ("/3303/0/5700".to_owned(), Value::Float(21.5)),
        ("/3/0/9".to_owned(), Value::Integer(80)),
        ("/3/0/6/1".to_owned(), Value::Integer(5)),
        ("/3303/1/5700".to_owned(), Value::Float(14.25)),
    ];
    assert_eq!(read(&bench, &answer), (ContentFormat::SENML_JSON, values));
    let nothing = fetch(&mut bench, ContentFormat::SENML_JSON, None, &["/9/0/0"]);
    assert_eq!(read(&bench, &nothing).1, [], "nothing of it is there");
    let mut newer = Bench::registered(V1_2);
    let nothing = fetch(&mut newer, ContentFormat::SENML_ETCH_CBOR, Some(ContentFormat::LWM2M_CBOR), &["/9"]);
    assert_eq!((nothing.code, &*nothing.payload), (Code::CONTENT, &b""[..]));
}

#[test]
fn c_043_paths_that_lie_in_each_other_are_read_once() {
    let mut bench = Bench::registered(V1_1);
    let answer =
        fetch(&mut bench, ContentFormat::SENML_CBOR, None, &["/3303/1/5700", "/3303/1", "/3303/1/5700/0"]);
    assert_eq!(read(&bench, &answer).1, [("/3303/1/5700".to_owned(), Value::Float(14.25))]);
}

#[test]
fn c_043_the_format_is_the_accepted_one_or_that_of_the_request() {
    let senml = [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR];
    let [json, cbor] = senml;
    for (version, format, accept, expected) in [
        (V1_1, json, None, Ok(json)),
        (V1_1, cbor, None, Ok(cbor)),
        (V1_1, cbor, Some(json), Ok(json)),
        (V1_1, ContentFormat::SENML_ETCH_JSON, None, Err(Code::UNSUPPORTED_CONTENT_FORMAT)),
        (V1_1, json, Some(ContentFormat::LWM2M_CBOR), Err(Code::NOT_ACCEPTABLE)),
        (V1_1, json, Some(ContentFormat::TLV), Err(Code::NOT_ACCEPTABLE)),
        (V1_2, ContentFormat::SENML_ETCH_JSON, None, Ok(json)),
        (V1_2, ContentFormat::SENML_ETCH_CBOR, None, Ok(cbor)),
        (
            V1_2,
            ContentFormat::SENML_ETCH_CBOR,
            Some(ContentFormat::LWM2M_CBOR),
            Ok(ContentFormat::LWM2M_CBOR),
        ),
    ] {
        let mut bench = Bench::registered(version);
        let answer = fetch(&mut bench, format, accept, &["/3/0/9"]);
        match expected {
            Ok(expected) => {
                let values = vec![("/3/0/9".to_owned(), Value::Integer(80))];
                assert_eq!(read(&bench, &answer), (expected, values), "{version} {format}");
            }
            Err(code) => assert_eq!(answer.code, code, "{version} {format} {accept:?}"),
        }
    }
}

#[test]
fn c_043_the_root_is_everything_but_the_keys() {
    let mut tree = tree();
    tree.insert(path("/0/0/0"), text("coap://192.0.2.1")).unwrap();
    tree.insert(path("/23/0/0"), text("secret")).unwrap();
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    let answer = fetch(&mut bench, ContentFormat::SENML_JSON, None, &["/"]);
    let (_, values) = read(&bench, &answer);
    let everything = bench.client.tree().records(&Path::ROOT);
    assert_eq!(
        values,
        everything.into_iter().map(|record| (record.path.to_string(), record.value)).collect::<Vec<_>>()
    );
    assert!(values.iter().all(|(at, _)| !at.starts_with("/0/") && !at.starts_with("/23/")));
    let keys = fetch(&mut bench, ContentFormat::SENML_JSON, None, &["/0/0", "/23/0"]);
    assert_eq!(keys.code, Code::UNAUTHORIZED);
}

#[test]
fn c_043_a_write_reaches_several_objects() {
    let mut bench = Bench::registered(V1_1);
    let payload =
        br#"[{"n":"/3442/0/120","v":7},{"n":"/3311/0/5850","vb":true},{"n":"/3442/0/1110/0","vs":"Blue"}]"#;
    let answer = ipatch(&mut bench, ContentFormat::SENML_JSON, payload);
    assert_eq!(answer.code, Code::CHANGED, "{}", diagnostic(&answer));
    for (at, value) in [
        ("/3442/0/120", Value::Integer(7)),
        ("/3311/0/5850", Value::Boolean(true)),
        ("/3442/0/1110/0", text("Blue")),
    ] {
        assert_eq!(bench.value(at), Some(value.clone()));
        assert_eq!(bench.event(), Event::Written { path: path(at), value });
    }
    assert_eq!(bench.value("/3442/0/1110/1"), Some(text("Green")), "what is not mentioned stays");
}

#[test]
fn c_043_a_write_with_one_fault_writes_nothing() {
    let mut bench = Bench::registered(V1_1);
    for (second, code) in [
        (r#"{"n":"/3/0/9","v":1}"#, Code::METHOD_NOT_ALLOWED),
        (r#"{"n":"/3303/9/5750","vs":"x"}"#, Code::NOT_FOUND),
        (r#"{"n":"/3311/0/5852","v":1}"#, Code::NOT_FOUND),
        (r#"{"n":"/3442/0/1110/9","vs":"x"}"#, Code::NOT_FOUND),
        (r#"{"n":"/0/0/0","vs":"x"}"#, Code::UNAUTHORIZED),
        (r#"{"n":"/3311/0/5851","v":101}"#, Code::BAD_REQUEST),
        (r#"{"n":"/3311/0/5851","vs":"x"}"#, Code::BAD_REQUEST),
        (r#"{"n":"/3442/0/170","vlo":"99:0"}"#, Code::BAD_REQUEST),
        (r#"{"n":"/3442/0/120","v":8}"#, Code::BAD_REQUEST),
        (r#"{"n":"/3442/0/1110/1","vs":null}"#, Code::BAD_REQUEST),
    ] {
        let payload = format!(r#"[{{"n":"/3442/0/120","v":7}},{second}]"#);
        let answer = ipatch(&mut bench, ContentFormat::SENML_JSON, payload.as_bytes());
        assert_eq!(answer.code, code, "{second}: {}", diagnostic(&answer));
    }
    assert_eq!(bench.value("/3442/0/120"), Some(Value::Integer(-5)));
    assert!(bench.events.is_empty());
    assert_eq!(ipatch(&mut bench, ContentFormat::SENML_JSON, b"[]").code, Code::BAD_REQUEST);
    let tlv = ipatch(&mut bench, ContentFormat::TLV, &[]);
    assert_eq!(tlv.code, Code::UNSUPPORTED_CONTENT_FORMAT);
}

#[test]
fn c_043_version_1_2_removes_resource_instances() {
    // {0: "/3442/0/1110/1", 3: null}, and in JSON with a value and without.
    let cbor = [&[0x81, 0xA2, 0, 0x6E], &b"/3442/0/1110/1"[..], &[3, 0xF6]].concat();
    for (format, payload) in [
        (ContentFormat::SENML_ETCH_CBOR, &cbor[..]),
        (ContentFormat::SENML_ETCH_JSON, br#"[{"n":"/3442/0/1110/1","vs":null}]"#),
        (ContentFormat::SENML_ETCH_JSON, br#"[{"n":"/3442/0/1110/1"}]"#),
    ] {
        let mut bench = Bench::registered(V1_2);
        let answer = ipatch(&mut bench, format, payload);
        assert_eq!(answer.code, Code::CHANGED, "{}", diagnostic(&answer));
        assert_eq!(bench.event(), Event::Deleted { path: path("/3442/0/1110/1") });
        assert_eq!((bench.value("/3442/0/1110/0"), bench.value("/3442/0/1110/1")), (Some(text("Red")), None));
        for (not_removable, code) in [
            (r#"[{"n":"/3442/0/120"}]"#, Code::BAD_REQUEST),
            (r#"[{"n":"/3442/0/1110/7"}]"#, Code::NOT_FOUND),
            (r#"[{"n":"/3/0/6/1"}]"#, Code::METHOD_NOT_ALLOWED),
            (r#"[{"n":"/3442/0/1110/0"},{"n":"/3442/0/1110/0","vs":"x"}]"#, Code::BAD_REQUEST),
        ] {
            let answer = ipatch(&mut bench, ContentFormat::SENML_ETCH_JSON, not_removable.as_bytes());
            assert_eq!(answer.code, code, "{not_removable}");
        }
    }
}

#[test]
fn c_043_a_write_comes_in_lwm2m_cbor_since_1_2() {
    // {[3442, 0, 120]: 5, [3311, 0, 5850]: true}
    let payload =
        [0xA2, 0x83, 0x19, 0x0D, 0x72, 0, 0x18, 120, 5, 0x83, 0x19, 0x0C, 0xEF, 0, 0x19, 0x16, 0xDA, 0xF5];
    let mut bench = Bench::registered(V1_2);
    let answer = ipatch(&mut bench, ContentFormat::LWM2M_CBOR, &payload);
    assert_eq!(answer.code, Code::CHANGED, "{}", diagnostic(&answer));
    assert_eq!(bench.value("/3442/0/120"), Some(Value::Integer(5)));
    assert_eq!(bench.value("/3311/0/5850"), Some(Value::Boolean(true)));
    let older = ipatch(&mut Bench::registered(V1_1), ContentFormat::LWM2M_CBOR, &payload);
    assert_eq!(older.code, Code::UNSUPPORTED_CONTENT_FORMAT);
}

#[test]
fn c_043_a_client_may_do_without() {
    let config = ClientConfig { composites: false, ..ClientConfig::new("urn:test:1") };
    for mut bench in [Bench::registered(V1_0), Bench::with(config, tree()).register()] {
        let read = fetch(&mut bench, ContentFormat::SENML_JSON, None, &["/3/0/9"]);
        let write = ipatch(&mut bench, ContentFormat::SENML_JSON, br#"[{"n":"/3442/0/120","v":7}]"#);
        assert_eq!([read.code, write.code], [Code::METHOD_NOT_ALLOWED; 2]);
    }
}

#[test]
fn composites_need_a_list_they_can_read() {
    let mut bench = Bench::registered(V1_1);
    for (format, payload, code) in [
        (Some(110), &b"[{\"n\":\"/3\",\"v\":1}]"[..], Code::BAD_REQUEST),
        (Some(110), b"[{\"n\":\"3\"}]", Code::BAD_REQUEST),
        (Some(110), b"", Code::BAD_REQUEST),
        (Some(11542), b"", Code::UNSUPPORTED_CONTENT_FORMAT),
        (None, b"[]", Code::BAD_REQUEST),
    ] {
        let mut options = Options::new().with_path("/");
        if let Some(format) = format {
            options = options.with_content_format(format);
        }
        assert_eq!(bench.request(Code::FETCH, options, payload).code, code, "{format:?}");
    }
}

#[test]
fn composites_know_the_alternate_path() {
    let config = ClientConfig { root: "/lwm2m".to_owned(), ..ClientConfig::new("urn:test:1") };
    let mut bench = Bench::with(config, tree()).register();
    let options = Options::new().with_path("/lwm2m").with_content_format(110);
    let answer = bench.request(Code::FETCH, options.clone(), br#"[{"n":"/lwm2m/3/0/9"}]"#);
    assert_eq!(read(&bench, &answer).1, [("/3/0/9".to_owned(), Value::Integer(80))]);
    let write = bench.request(Code::IPATCH, options, br#"[{"n":"/lwm2m/3442/0/120","v":7}]"#);
    assert_eq!((write.code, bench.value("/3442/0/120")), (Code::CHANGED, Some(Value::Integer(7))));
}
