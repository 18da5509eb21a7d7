//! How much memory a payload may cost: at most four times the largest payload, whatever it is made of. What is copied
//! while a list grows counts too.
//!
//! One test, since everything in the process is counted together.

use lwm2m_codec::limits::{ITEMS_MAX, PAYLOAD_MAX};
use lwm2m_codec::registration::ObjectLinks;
use lwm2m_codec::{ContentFormat, NoDefinitions, Path, decode, decode_paths, link};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// For messages of errors and the like.
const SLACK: usize = 16 * 1024;

/// Bytes that `work` has in use at its peak.
fn peak<T>(work: impl FnOnce() -> T) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = work();
    let peak = MEMORY.peak_usage() - before;
    drop(result);
    peak
}

/// Elements of one level whose values fill the payload; the ids go up or down.
fn tlv(count: usize, value: usize, descending: bool) -> Vec<u8> {
    let mut payload = Vec::with_capacity(PAYLOAD_MAX);
    for index in 0..count {
        let id = if descending { count - 1 - index } else { index };
        let [.., high, low] = id.to_be_bytes();
        payload.extend([0b1110_1000, high, low, value as u8]);
        payload.extend(std::iter::repeat_n(b'x', value));
    }
    payload
}

fn repeated(head: &str, item: &str, separator: &str, tail: &str) -> Vec<u8> {
    let mut text = String::with_capacity(PAYLOAD_MAX);
    text.push_str(head);
    for index in 0..ITEMS_MAX {
        let next = item.replace('#', &index.to_string());
        if text.len() + next.len() + separator.len() + tail.len() > PAYLOAD_MAX {
            break;
        }
        text.push_str(if index == 0 { "" } else { separator });
        text.push_str(&next);
    }
    text.push_str(tail);
    text.into_bytes()
}

/// 65,535 entries of a map, each a resource with a small number.
fn lwm2m_cbor(descending: bool) -> Vec<u8> {
    let mut payload = vec![0xA1, 0x82, 9, 0, 0xB9, 0xFF, 0xFE];
    for index in 0..0xFFFE_u16 {
        let id = if descending { 0xFFFD - index } else { index };
        payload.push(0x19);
        payload.extend(id.to_be_bytes());
        payload.push(5);
    }
    payload
}

/// Some bytes that announce as much as their format can.
const DECLARED: [(&str, ContentFormat, &[u8]); 7] = [
    ("a TLV resource of 16 MiB", ContentFormat::TLV, &[0b1101_1000, 5, 0xFF, 0xFF, 0xFF, 1]),
    ("a TLV instance of 16 MiB", ContentFormat::TLV, &[0b0001_1000, 0, 0xFF, 0xFF, 0xFF, 1]),
    ("CBOR bytes of 2^63", ContentFormat::CBOR, &[0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
    ("a CBOR text of 2^32", ContentFormat::CBOR, &[0x7A, 0xFF, 0xFF, 0xFF, 0xFF, b'x']),
    (
        "SenML CBOR, 2^32 records",
        ContentFormat::SENML_CBOR,
        &[0x9A, 0xFF, 0xFF, 0xFF, 0xFF, 0xA1, 0x02, 0x05],
    ),
    (
        "SenML CBOR, a name of 2^63",
        ContentFormat::SENML_CBOR,
        &[0x81, 0xA1, 0x00, 0x7B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
    ),
    ("LwM2M CBOR, 2^32 entries", ContentFormat::LWM2M_CBOR, &[0xBA, 0xFF, 0xFF, 0xFF, 0xFF, 0x05, 0x01]),
];

#[test]
fn s_127_memory_follows_what_is_there_and_not_what_is_declared() {
    let instance = Path::instance(9, 0);
    for (name, format, payload) in DECLARED {
        let bytes = peak(|| {
            let path = if format == ContentFormat::CBOR { Path::resource(9, 0, 1) } else { instance };
            let refused = decode(format, &path, payload, &NoDefinitions);
            assert!(refused.is_err(), "{name}: {refused:?}");
        });
        assert!(bytes <= SLACK, "{name}: {bytes}");
    }
    a_payload_costs_at_most_four_of_the_largest(instance);
}

fn a_payload_costs_at_most_four_of_the_largest(instance: Path) {
    let values: [(&str, ContentFormat, Vec<u8>); 9] = [
        ("TLV", ContentFormat::TLV, tlv(65_535, 12, false)),
        ("TLV, ids descending", ContentFormat::TLV, tlv(65_535, 12, true)),
        ("TLV of one large value", ContentFormat::TLV, {
            let mut payload = vec![0b1101_1000, 5, 0x0F, 0xFF, 0x00];
            payload.resize(PAYLOAD_MAX - 0xFB, b'x');
            payload
        }),
        ("LwM2M CBOR", ContentFormat::LWM2M_CBOR, lwm2m_cbor(false)),
        ("LwM2M CBOR, ids descending", ContentFormat::LWM2M_CBOR, lwm2m_cbor(true)),
        (
            "SenML JSON",
            ContentFormat::SENML_JSON,
            repeated(r#"[{"bn":"/9/0/1","v":1},"#, r#"{"v":1,"t":#}"#, ",", "]"),
        ),
        (
            "SenML JSON with values",
            ContentFormat::SENML_JSON,
            repeated("[", r##"{"n":"/9/0/1","t":#,"vs":"\u0061bcdefghij"}"##, ",", "]"),
        ),
        ("JSON", ContentFormat::JSON, repeated(r#"{"bn":"/9/0/1","e":["#, r#"{"v":1,"t":#}"#, ",", "]}")),
        ("SenML CBOR", ContentFormat::SENML_CBOR, {
            let mut payload = vec![0x99, 0xFF, 0xFF];
            // The first record names them all.
            payload.extend([0xA2, 0x21, 0x66]);
            payload.extend(b"/9/0/1");
            payload.extend([0x02, 0x05]);
            for time in 1..0xFFFF_u16 {
                payload.extend([0xA2, 0x02, 0x05, 0x06, 0x19]);
                payload.extend(time.to_be_bytes());
            }
            payload
        }),
    ];
    for (name, format, payload) in values {
        assert!(payload.len() <= PAYLOAD_MAX, "{name}");
        let mut found = 0;
        let bytes = peak(|| {
            let records = decode(format, &instance, &payload, &NoDefinitions);
            found = records.as_ref().map_or(0, Vec::len);
            records
        });
        println!("{name}: {found} values, payload {} bytes, memory {bytes} bytes", payload.len());
        assert!(bytes <= 4 * PAYLOAD_MAX + SLACK, "{name}: {bytes}");
    }
    let links = repeated("", "</#>;a;b;c;d", ",", "");
    let objects = repeated("", "</#/1>", ",", "");
    let paths = repeated("[", r#"{"n":"/#"}"#, ",", "]");
    for (name, bytes) in [
        ("links", peak(|| link::parse(&links))),
        ("objects", peak(|| ObjectLinks::parse(&objects))),
        ("paths", peak(|| decode_paths(ContentFormat::SENML_JSON, &paths))),
    ] {
        println!("{name}: memory {bytes} bytes");
        assert!(bytes <= 4 * PAYLOAD_MAX + SLACK, "{name}: {bytes}");
    }
}
