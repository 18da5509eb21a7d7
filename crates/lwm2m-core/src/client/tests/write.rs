use lwm2m_codec::ObjectLink;

use super::*;
use crate::client::{limits, payload};

fn bench() -> Bench {
    Bench::registered(LwM2mVersion::V1_1)
}

fn tlv(at: &str, values: &[(&str, Value)]) -> Vec<u8> {
    encoded(ContentFormat::TLV, at, values)
}

#[test]
fn resources_take_values_in_every_format() {
    let mut bench = bench();
    assert_eq!(bench.put("/3311/0/5850", ContentFormat::TEXT, b"1").code, Code::CHANGED);
    assert_eq!(bench.value("/3311/0/5850"), Some(Value::Boolean(true)));
    assert_eq!(bench.event(), Event::Written { path: path("/3311/0/5850"), value: Value::Boolean(true) });
    assert_eq!(bench.put("/3442/0/150", ContentFormat::OPAQUE, &[9, 8]).code, Code::CHANGED);
    assert_eq!(bench.value("/3442/0/150"), Some(Value::opaque([9, 8])));
    let payload = tlv("/3442/0/120", &[("/3442/0/120", Value::Integer(70_000))]);
    assert_eq!(bench.put("/3442/0/120", ContentFormat(1542), &payload).code, Code::CHANGED);
    assert_eq!(bench.value("/3442/0/120"), Some(Value::Integer(70_000)));
    assert_eq!(bench.put("/3442/0/110", ContentFormat::TEXT, b"").code, Code::CHANGED);
    assert_eq!(bench.value("/3442/0/110"), Some(text("")));
}

#[test]
fn c_028_a_format_belongs_to_the_versions_that_have_it() {
    use LwM2mVersion::{V1_0, V1_1, V1_2};
    let at = path("/3442/0/120");
    for (format, versions) in [
        (ContentFormat::TLV, &[V1_0, V1_1, V1_2][..]),
        (ContentFormat::JSON, &[V1_0]),
        (ContentFormat::CBOR, &[V1_1, V1_2]),
        (ContentFormat::SENML_JSON, &[V1_1, V1_2]),
        (ContentFormat::SENML_CBOR, &[V1_1, V1_2]),
        (ContentFormat::LWM2M_CBOR, &[V1_2]),
    ] {
        let payload = encode(format, &at, &[Record::new(at, Value::Integer(-77))]).unwrap();
        for version in [V1_0, V1_1, V1_2] {
            let mut bench = Bench::registered(version);
            let known = versions.contains(&version);
            let written = bench.put("/3442/0/120", format, &payload).code;
            let expected = if known { Code::CHANGED } else { Code::UNSUPPORTED_CONTENT_FORMAT };
            assert_eq!(written, expected, "{format} {version}");
            let read = bench.read_as("/3442/0/120", format);
            if known {
                assert_eq!((read.code, read.payload), (Code::CONTENT, payload.clone()), "{format} {version}");
            } else {
                assert_eq!(read.code, Code::NOT_ACCEPTABLE, "{format} {version}");
            }
        }
    }
}

#[test]
fn ids_of_lwm2m_cbor_may_begin_below_the_target() {
    let mut bench = Bench::registered(LwM2mVersion::V1_2);
    // {120: 5}
    assert_eq!(bench.put("/3442/0", ContentFormat::LWM2M_CBOR, &[0xA1, 0x18, 120, 5]).code, Code::CHANGED);
    assert_eq!(bench.value("/3442/0/120"), Some(Value::Integer(5)));
}

#[test]
fn an_instance_may_be_given_an_empty_multiple_resource() {
    let mut bench = bench();
    // Resource 1120 with nothing in it.
    assert_eq!(bench.post("/3442/0", ContentFormat::TLV, &[0xA0, 0x04, 0x60]).code, Code::CHANGED);
    assert_eq!(bench.client.tree().records(&path("/3442/0/1120")), []);
}

#[test]
fn c_027_faults_are_told_apart_and_change_nothing() {
    let mut bench = bench();
    let before = bench.read("/3442").payload;
    for (at, format, payload, code) in [
        ("/3/0/9", ContentFormat::TEXT, "50", Code::METHOD_NOT_ALLOWED),
        ("/3/0/4", ContentFormat::TEXT, "1", Code::METHOD_NOT_ALLOWED),
        ("/3/0/9", ContentFormat::SENML_JSON, "[]", Code::METHOD_NOT_ALLOWED),
        ("/3442/0/120", ContentFormat::SENML_JSON, "[]", Code::BAD_REQUEST),
        ("/3442/0/120", ContentFormat::LWM2M_CBOR, "", Code::UNSUPPORTED_CONTENT_FORMAT),
        ("/3442/0", ContentFormat::JSON, "{}", Code::UNSUPPORTED_CONTENT_FORMAT),
        ("/3442/0/120", ContentFormat::TEXT, "twelve", Code::BAD_REQUEST),
        ("/3442/0/120", ContentFormat::TLV, "twelve", Code::BAD_REQUEST),
        ("/3442/0/1110", ContentFormat::TEXT, "Blue", Code::BAD_REQUEST),
        ("/3311/0/5851", ContentFormat::TEXT, "101", Code::BAD_REQUEST),
        ("/3311/0/5852", ContentFormat::TEXT, "0", Code::NOT_FOUND),
        ("/3442/0/1110/5", ContentFormat::TEXT, "Blue", Code::NOT_FOUND),
        ("/3442/0/120/0", ContentFormat::TEXT, "1", Code::METHOD_NOT_ALLOWED),
        ("/1/0/1", ContentFormat::TEXT, "0", Code::BAD_REQUEST),
        ("/0/0/0", ContentFormat::TEXT, "x", Code::UNAUTHORIZED),
    ] {
        assert_eq!(bench.put(at, format, payload.as_bytes()).code, code, "{at} {format:?} {payload}");
    }
    let without_format = bench.request(Code::PUT, Options::new().with_path("/3442/0/120"), b"1");
    assert_eq!(without_format.code, Code::BAD_REQUEST);
    assert_eq!(bench.post("/3442/0/120", ContentFormat::TEXT, b"1").code, Code::METHOD_NOT_ALLOWED);
    // No datagram carries as much; in blocks it does not even come here.
    let request = Message { payload: vec![b'x'; limits::REQUEST_PAYLOAD_BYTES + 1], ..bench.read("/3") };
    let refusal = payload::bounded(&request).unwrap_err();
    assert_eq!(refusal.code, Code::REQUEST_ENTITY_TOO_LARGE);
    assert_eq!(bench.read("/3442").payload, before);
    assert!(bench.events.is_empty());
}

#[test]
fn c_025_a_multiple_resource_is_replaced_or_added_to() {
    let values = [("/3442/0/1110/1", text("Yellow")), ("/3442/0/1110/3", text("Blue"))];
    let payload = tlv("/3442/0/1110", &values);
    let instances = |bench: &Bench| {
        let records = bench.client.tree().records(&path("/3442/0/1110"));
        records.into_iter().map(|record| (record.path.to_string(), record.value)).collect::<Vec<_>>()
    };
    let named = |entries: &[(&str, &str)]| -> Vec<(String, Value)> {
        entries.iter().map(|(id, value)| (format!("/3442/0/1110/{id}"), text(value))).collect()
    };

    // The example of LwM2M 1.2 Core §6.3.3, with {0: Red, 1: Green} before.
    let mut replaced = bench();
    assert_eq!(replaced.put("/3442/0/1110", ContentFormat::TLV, &payload).code, Code::CHANGED);
    assert_eq!(instances(&replaced), named(&[("1", "Yellow"), ("3", "Blue")]));

    let mut updated = bench();
    assert_eq!(updated.post("/3442/0/1110", ContentFormat::TLV, &payload).code, Code::CHANGED);
    assert_eq!(instances(&updated), named(&[("0", "Red"), ("1", "Yellow"), ("3", "Blue")]));

    assert_eq!(updated.put("/3442/0/1110/3", ContentFormat::TEXT, b"Grey").code, Code::CHANGED);
    assert_eq!(instances(&updated), named(&[("0", "Red"), ("1", "Yellow"), ("3", "Grey")]));
}

#[test]
fn c_025_a_partial_update_leaves_the_other_resources() {
    let mut bench = bench();
    let payload = tlv("/3311/0", &[("/3311/0/5851", Value::Integer(10))]);
    assert_eq!(bench.post("/3311/0", ContentFormat::TLV, &payload).code, Code::CHANGED);
    assert_eq!(bench.value("/3311/0/5851"), Some(Value::Integer(10)));
    assert_eq!(bench.value("/3311/0/5706"), Some(text("#ffffff")));
}

#[test]
fn c_025_a_replace_removes_optional_resources_until_they_are_written_again() {
    let mut bench = bench();
    let payload = tlv("/3311/0", &[("/3311/0/5851", Value::Integer(10))]);
    assert_eq!(bench.put("/3311/0", ContentFormat::TLV, &payload).code, Code::CHANGED);
    assert_eq!(bench.value("/3311/0/5851"), Some(Value::Integer(10)));
    assert_eq!(bench.value("/3311/0/5706"), None, "optional");
    assert_eq!(bench.value("/3311/0/5850"), Some(Value::Boolean(false)), "mandatory");
    let payload = tlv("/3311/0", &[("/3311/0/5706", text("#000000"))]);
    assert_eq!(bench.post("/3311/0", ContentFormat::TLV, &payload).code, Code::CHANGED);
    assert_eq!(bench.value("/3311/0/5706"), Some(text("#000000")));
}

#[test]
fn c_026_an_instance_is_written_whole_or_not_at_all() {
    let mut bench = bench();
    let with_read_only = [("/3/0/14", text("+02:00")), ("/3/0/9", Value::Integer(1))];
    let response = bench.post("/3/0", ContentFormat::TLV, &tlv("/3/0", &with_read_only));
    assert_eq!(response.code, Code::METHOD_NOT_ALLOWED);
    let out_of_range = [("/3311/0/5850", Value::Boolean(true)), ("/3311/0/5851", Value::Integer(200))];
    let response = bench.post("/3311/0", ContentFormat::TLV, &tlv("/3311/0", &out_of_range));
    assert_eq!(response.code, Code::BAD_REQUEST);
    assert!(diagnostic(&response).contains("0..100"), "{}", diagnostic(&response));
    assert_eq!(bench.value("/3/0/14"), Some(text("+01:00")));
    assert_eq!(bench.value("/3311/0/5850"), Some(Value::Boolean(false)));
    assert!(bench.events.is_empty());
}

#[test]
fn c_026_unsupported_resources_in_an_instance_are_passed_over_since_1_1() {
    let mut bench = bench();
    // 5852 is defined and this light lacks it; 9999 is not even defined.
    let values = [
        ("/3311/0/5850", Value::Boolean(true)),
        ("/3311/0/5852", Value::Integer(0)),
        ("/3311/0/9999", Value::Integer(1)),
    ];
    assert_eq!(bench.post("/3311/0", ContentFormat::TLV, &tlv("/3311/0", &values)).code, Code::CHANGED);
    assert_eq!(bench.value("/3311/0/5850"), Some(Value::Boolean(true)));
    assert_eq!(bench.value("/3311/0/5852"), None);
    let mut older = Bench::registered(LwM2mVersion::V1_0);
    assert_eq!(older.post("/3311/0", ContentFormat::TLV, &tlv("/3311/0", &values)).code, Code::NOT_FOUND);
    assert_eq!(older.value("/3311/0/5850"), Some(Value::Boolean(false)));
}

#[test]
fn c_025_version_1_0_updates_instances_only() {
    let mut bench = Bench::registered(LwM2mVersion::V1_0);
    let payload = tlv("/3442/0/1110", &[("/3442/0/1110/3", text("Blue"))]);
    assert_eq!(bench.post("/3442/0/1110", ContentFormat::TLV, &payload).code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(bench.put("/3442/0/1110/1", ContentFormat::TEXT, b"Blue").code, Code::METHOD_NOT_ALLOWED);
    let instance = tlv("/3442/0", &[("/3442/0/1110/3", text("Blue"))]);
    assert_eq!(bench.post("/3442/0", ContentFormat::TLV, &instance).code, Code::CHANGED);
    let held = bench.client.tree().records(&path("/3442/0/1110"));
    let ids: Vec<_> = held.iter().map(|record| record.path.resource_instance_id()).collect();
    assert_eq!(ids, [Some(0), Some(1), Some(3)]);
}

#[test]
fn c_025_a_replaced_array_may_become_empty() {
    let mut bench = bench();
    // Resource 1110 with nothing in it.
    assert_eq!(bench.put("/3442/0/1110", ContentFormat::TLV, &[0xA0, 0x04, 0x56]).code, Code::CHANGED);
    assert_eq!(bench.client.tree().records(&path("/3442/0/1110")), []);
    assert_eq!(bench.read("/3442/0/1110").code, Code::CONTENT);
}

#[test]
fn c_027_links_must_point_to_something() {
    let mut bench = bench();
    for (link, code) in [
        ("3303:1", Code::CHANGED),
        ("3303:65535", Code::CHANGED),
        ("65535:65535", Code::CHANGED),
        ("3303:9", Code::BAD_REQUEST),
        ("99:65535", Code::BAD_REQUEST),
    ] {
        assert_eq!(bench.put("/3442/0/170", ContentFormat::TEXT, link.as_bytes()).code, code, "{link}");
    }
    assert_eq!(bench.value("/3442/0/170"), Some(Value::ObjectLink(ObjectLink::NULL)));
}

#[test]
fn a_repeated_message_writes_once() {
    let mut bench = bench();
    let write = Message {
        message_type: MessageType::Confirmable,
        code: Code::PUT,
        message_id: MessageId(5),
        token: Token::EMPTY,
        options: Options::new().with_path("/3442/0/110").with_content_format(0),
        payload: b"x".to_vec(),
    };
    bench.receive(&write);
    let first = bench.sent();
    bench.set("/3442/0/110", text("y"));
    bench.receive(&write);
    assert_eq!(bench.sent(), first);
    assert_eq!(bench.value("/3442/0/110"), Some(text("y")));
}

#[test]
fn the_application_may_refuse_what_the_definitions_allow() {
    let mut bench = bench();
    bench.client.change(bench.now, |tree| {
        tree.set_permission(|_, path, value| match (path.ids(), value) {
            ([3311, 0, 5850], Some(Value::Boolean(true))) => Err("the fuse has blown"),
            ([3, 0, 4], None) => Err("not now"),
            _ => Ok(()),
        });
    });
    let refused = bench.put("/3311/0/5850", ContentFormat::TEXT, b"1");
    assert_eq!(refused.code, Code::METHOD_NOT_ALLOWED);
    assert!(String::from_utf8_lossy(&refused.payload).contains("the fuse has blown"));
    assert_eq!(bench.put("/3311/0/5850", ContentFormat::TEXT, b"0").code, Code::CHANGED);
    assert_eq!(bench.execute("/3/0/4", "").code, Code::METHOD_NOT_ALLOWED);
}
