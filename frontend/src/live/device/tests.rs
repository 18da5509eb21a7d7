use lwm2m_codec::{ContentFormat, Operations, ResourceShape, ValueType};

use lwm2m_codec::attributes::NotificationAttributes;

use super::*;

/// Resource 0 is a string, 1 executable, 6 multiple, everything else an integer.
struct Definitions;

impl Lookup for Definitions {
    fn resource(&self, object: u16, resource: u16) -> Option<ResourceShape> {
        let value_type = match resource {
            0 => Some(ValueType::String),
            1 => None,
            _ => Some(ValueType::Integer),
        };
        let operations = Operations { read: resource != 1, write: resource != 1, execute: resource == 1 };
        (object == 3).then_some(ResourceShape { value_type, multiple: resource == 6, operations })
    }
}

fn reported(path: &str, format: ContentFormat, payload: &[u8], at_ms: u64) -> Reported {
    Reported {
        client: 1,
        path: path.into(),
        source: Source::Read,
        content_format: Some(format.0),
        payload: payload.to_vec(),
        at_ms,
        sequence: None,
        confirmable: false,
    }
}

fn text(path: &str, text: &str, at_ms: u64) -> Reported {
    reported(path, ContentFormat::TEXT, text.as_bytes(), at_ms)
}

fn apply(device: &mut Device, reported: &Reported) -> Change {
    let mut change = Change::default();
    device.apply(reported, &Definitions, &mut change);
    change
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn value<'a>(device: &'a Device, at: &str) -> Option<&'a Content> {
    device.cell(&path(at)).map(|cell| &cell.content)
}

#[test]
fn a_value_that_changes_counts_and_makes_history() {
    let mut device = Device::new("a".into());
    let first = apply(&mut device, &text("/3/0/9", "70", 1000));
    assert!(first.structure && first.paths.contains(&path("/3/0/9")));
    let same = apply(&mut device, &text("/3/0/9", "70", 2000));
    assert!(!same.structure);
    apply(&mut device, &text("/3/0/9", "71", 3000));
    let cell = device.cell(&path("/3/0/9")).unwrap();
    assert_eq!((cell.revision, cell.at_ms), (1, 3000));
    let history = device.history(&path("/3/0/9")).unwrap();
    assert_eq!(history.points(), [(1000.0, 70.0), (2000.0, 70.0), (3000.0, 71.0)]);
}

#[test]
fn a_read_of_an_instance_drops_what_is_gone_and_knows_the_rest() {
    let mut device = Device::new("a".into());
    apply(&mut device, &text("/3/0/9", "70", 1000));
    apply(&mut device, &text("/3/1/9", "71", 1000));
    assert!(!device.is_unreported(&path("/3/0/10"), true));
    // Resource 0 "x" and the multiple resource 6 with the instances 0 and 2.
    let tlv = [0xc1, 0, b'x', 0x86, 6, 0x41, 0, 5, 0x41, 2, 7];
    let change = apply(&mut device, &reported("/3/0", ContentFormat::TLV, &tlv, 2000));
    assert!(change.structure);
    assert_eq!(value(&device, "/3/0/9"), None);
    assert!(value(&device, "/3/1/9").is_some());
    assert_eq!(value(&device, "/3/0/0"), Some(&Content::Single(Value::String("x".into()))));
    let six = Content::Multiple(vec![(0, Value::Integer(5)), (2, Value::Integer(7))]);
    assert_eq!(value(&device, "/3/0/6"), Some(&six));
    assert_eq!(value(&device, "/3/0/6/2"), Some(&Content::Single(Value::Integer(7))));
    assert!(device.is_unreported(&path("/3/0/10"), true));
    assert!(!device.is_unreported(&path("/3/0/1"), false), "a Read does not list executable resources");
    assert_eq!(device.cell(&path("/3/0/0")).unwrap().exchange.path, path("/3/0"));
    assert_eq!(device.exchange(&path("/3/0/0")).unwrap().path, path("/3/0"));
}

#[test]
fn an_undecodable_payload_is_kept_with_its_error() {
    let mut device = Device::new("a".into());
    apply(&mut device, &reported("/3/0/9", ContentFormat::TLV, &[0xc2, 9, 1], 1000));
    assert_eq!(value(&device, "/3/0/9"), Some(&Content::Undecodable(vec![0xc2, 9, 1])));
    assert!(device.exchange(&path("/3/0/9")).unwrap().error.is_some());
    apply(&mut device, &reported("/3/0", ContentFormat::TLV, &[0xff], 1000));
    assert!(device.exchange(&path("/3/0")).unwrap().error.is_some());
    let unknown = reported("/3/0/9", ContentFormat(9999), &[1], 2000);
    apply(&mut device, &unknown);
    assert_eq!(value(&device, "/3/0/9"), Some(&Content::Undecodable(vec![1])));
}

#[test]
fn discover_lists_everything() {
    let mut device = Device::new("a".into());
    let mut answer = reported("/3/0", ContentFormat::CORE_LINK, b"</3/0>,</3/0/0>,</3/0/9>;pmin=10", 1000);
    answer.source = Source::Discover;
    apply(&mut device, &answer);
    assert!(device.is_unreported(&path("/3/0/1"), false));
    assert!(!device.is_unreported(&path("/3/0/9"), true));
    assert_eq!(device.attributes(&path("/3/0/9")), [("pmin".to_string(), Some("10".to_string()))]);
    assert!(device.paths().contains(&path("/3/0/9")));
}

#[test]
fn a_snapshot_replaces_values_but_keeps_history() {
    let mut device = Device::new("a".into());
    apply(&mut device, &text("/3/0/9", "70", 1000));
    apply(&mut device, &text("/3/0/10", "1", 1000));
    let observation = Observation { client: 1, path: "/3/0".into(), paths: vec![], since_ms: 500 };
    let mut change = Change::default();
    device.restore(None, vec![text("/3/0/9", "71", 2000)], &[observation], &Definitions, &mut change);
    assert!(change.paths.contains(&path("/3/0/10")));
    assert_eq!(value(&device, "/3/0/10"), None);
    assert_eq!(device.history(&path("/3/0/9")).unwrap().points().len(), 2);
    assert_eq!(device.cell(&path("/3/0/9")).unwrap().revision, 1);
    assert!(device.loaded && device.observed(&path("/3/0")));
    assert_eq!(device.covering_observation(&path("/3/0/9")), Some(path("/3/0")));
    assert_eq!(device.covering_observation(&path("/3/0")), None);
    device.end_observation("/3/0", &[], &mut change);
    assert_eq!(device.observation_count(), 0);
}

#[test]
fn writing_one_resource_instance_keeps_the_others() {
    let mut device = Device::new("a".into());
    let tlv = [0x86, 6, 0x41, 0, 5, 0x41, 2, 7];
    apply(&mut device, &reported("/3/0/6", ContentFormat::TLV, &tlv, 1000));
    let mut write = text("/3/0/6/2", "8", 2000);
    write.source = Source::Write;
    apply(&mut device, &write);
    let six = Content::Multiple(vec![(0, Value::Integer(5)), (2, Value::Integer(8))]);
    assert_eq!(value(&device, "/3/0/6"), Some(&six));
    assert_eq!(value(&device, "/3/0/6/0"), Some(&Content::Single(Value::Integer(5))));
}

fn senml(source: Source, json: &str, at_ms: u64) -> Reported {
    Reported { source, ..reported("/", ContentFormat::SENML_JSON, json.as_bytes(), at_ms) }
}

#[test]
fn what_a_client_sends_is_shown_at_its_paths_and_leaves_the_rest_alone() {
    let mut device = Device::new("a".into());
    apply(&mut device, &text("/3/0/13", "7", 1000));
    apply(&mut device, &reported("/3/0/6", ContentFormat::TLV, &[0x86, 6, 0x41, 0, 5, 0x41, 2, 7], 1000));
    let first = senml(Source::Send, r#"[{"n":"/3/0/9","v":70}]"#, 2000);
    let change = apply(&mut device, &first);
    assert!(change.paths.contains(&path("/3/0/9")));
    apply(&mut device, &senml(Source::Notify, r#"[{"n":"/3/0/6/2","v":8}]"#, 3000));
    assert_eq!(value(&device, "/3/0/9"), Some(&Content::Single(Value::Integer(70))));
    assert_eq!(value(&device, "/3/0/13"), Some(&Content::Single(Value::Integer(7))));
    assert_eq!(value(&device, "/3/0/6"), Some(&Content::Multiple(vec![(2, Value::Integer(8))])));
    assert_eq!(value(&device, "/3/0/6/0"), None, "a payload names all instances of a Resource");
    assert!(!device.is_unreported(&path("/3/0/10"), true));
    assert_eq!(device.exchange(&path("/3/0/9")).unwrap().payload, first.payload, "not that of a later one");
}

#[test]
fn writing_a_resource_instance_with_others_keeps_its_neighbours() {
    let mut device = Device::new("a".into());
    apply(&mut device, &reported("/3/0/6", ContentFormat::TLV, &[0x86, 6, 0x41, 0, 5, 0x41, 2, 7], 1000));
    apply(&mut device, &senml(Source::WriteComposite, r#"[{"n":"/3/0/6/2","v":8}]"#, 2000));
    let six = Content::Multiple(vec![(0, Value::Integer(5)), (2, Value::Integer(8))]);
    assert_eq!(value(&device, "/3/0/6"), Some(&six));
}

#[test]
fn a_composite_observation_covers_its_paths() {
    let mut device = Device::new("a".into());
    let paths = vec!["/1".to_owned(), "/3/0/9".to_owned()];
    let mut change = Change::default();
    let observation = Observation { client: 1, path: "/".into(), paths: paths.clone(), since_ms: 500 };
    device.observe(&observation, &mut change);
    device.observe(&observation, &mut change);
    assert_eq!(device.observation_count(), 1);
    assert_eq!(device.covering_observation(&path("/3/0/9")), Some(Path::ROOT));
    assert_eq!(device.covering_observation(&path("/1/0")), Some(Path::ROOT));
    assert_eq!(device.covering_observation(&path("/3/0")), None);
    assert!(!device.observed(&Path::ROOT));
    device.end_observation("/", &paths, &mut change);
    assert_eq!(device.observation_count(), 0);
}

#[test]
fn an_instance_that_is_no_longer_registered_is_gone() {
    let client = |instances: &[u16]| crate::fleet::client("a", &[(3, instances)]);
    let mut device = Device::new("a".into());
    device.register(client(&[0, 1]), &mut Change::default());
    apply(&mut device, &text("/3/0/9", "70", 1000));
    apply(&mut device, &text("/3/1/9", "71", 1000));
    apply(&mut device, &text("/3/2/9", "72", 1000));
    let mut change = Change::default();
    device.update(client(&[0]), &mut change);
    assert!(change.paths.contains(&path("/3/1/9")));
    assert_eq!(value(&device, "/3/1/9"), None);
    assert!(value(&device, "/3/0/9").is_some());
    assert!(value(&device, "/3/2/9").is_some(), "never listed, so that its absence says nothing");
}

#[test]
fn a_gap_in_the_connection_is_a_gap_in_the_course() {
    let mut device = Device::new("a".into());
    let restore = |device: &mut Device, reported: Vec<Reported>| {
        device.restore(None, reported, &[], &Definitions, &mut Change::default());
    };
    assert_eq!(device.stored_version(&path("/3/0/9")), None);
    restore(&mut device, vec![text("/3/0/9", "70", 1000)]);
    let before = device.stored_version(&path("/3/0/9"));
    restore(&mut device, vec![text("/3/0/9", "71", 5000)]);
    assert_eq!(device.history(&path("/3/0/9")).unwrap().gaps(), [1000.0]);
    let after = device.stored_version(&path("/3/0/9"));
    assert!(after > before, "the server has what was missed");
    apply(&mut device, &text("/3/0/9", "72", 3000));
    assert!(device.stored_version(&path("/3/0/9")) > after, "and what comes late");
}

#[test]
fn values_that_a_client_kept_have_their_own_times() {
    let mut device = Device::new("a".into());
    let kept = br#"[{"bn":"/3/0/9","bt":1700000000,"v":3,"t":20},{"v":1,"t":0},{"v":2,"t":10}]"#;
    apply(&mut device, &reported("/3/0/9", ContentFormat::SENML_JSON, kept, 1_700_000_100_000));
    let cell = device.cell(&path("/3/0/9")).unwrap();
    assert_eq!(cell.content, Content::Single(Value::Integer(3)), "the newest counts");
    assert_eq!((cell.at_ms, cell.measured_ms), (1_700_000_100_000, Some(1_700_000_020_000)));
    let history = device.history(&path("/3/0/9")).unwrap();
    assert_eq!(history.newest(9), [1.0, 2.0, 3.0]);
}

#[test]
fn attributes_hold_from_above_and_change_with_a_write() {
    let mut device = Device::new("a".into());
    let links = b"</3>;pmin=10;ver=1.1,</3/0>;pmin=5,</3/0/9>;gt=20";
    let discovered =
        Reported { source: Source::Discover, ..reported("/3", ContentFormat::CORE_LINK, links, 1000) };
    apply(&mut device, &discovered);
    let nine = path("/3/0/9");
    assert_eq!(device.inherited(&nine), [(path("/3/0"), ("pmin".to_owned(), Some("5".to_owned())))]);
    let links = b"</3/0/9>;pmin=5;gt=20";
    let discovered =
        Reported { source: Source::Discover, ..reported("/3/0/9", ContentFormat::CORE_LINK, links, 2000) };
    apply(&mut device, &discovered);
    assert_eq!(device.attributes(&nine), [("gt".to_owned(), Some("20".to_owned()))], "pmin is inherited");
    device.write_attributes(nine, "pmin=1&gt");
    assert_eq!(device.attributes(&nine), [("pmin".to_owned(), Some("1".to_owned()))]);
    assert!(device.inherited(&nine).is_empty());
}

#[test]
fn attributes_of_all_levels_are_in_force_and_the_proposed_ones_first() {
    let mut device = Device::new("a".into());
    device.write_attributes(path("/3303/0/5700"), "gt=24&pmin=5");
    device.write_attributes(path("/3303"), "pmax=60&gt=x");
    let period = br#"[{"n":"/1/0/2","v":1}]"#;
    apply(&mut device, &reported("/1/0/2", ContentFormat::SENML_JSON, period, 1000));
    let known = device.effective_attributes(&path("/3303/0/5700"), None);
    assert_eq!(known.gt.map(|gt| gt.value), Some(24.0));
    assert_eq!((known.pmin.map(|pmin| pmin.value), known.pmax_in_force()), (Some(5), Some(60)));
    let proposed = NotificationAttributes { gt: Some(30.0), ..NotificationAttributes::default() };
    let proposed = device.effective_attributes(&path("/3303/0/5700"), Some(proposed));
    assert_eq!(proposed.gt.map(|gt| gt.value), Some(30.0));
    assert_eq!((proposed.pmin.map(|pmin| pmin.value), proposed.pmax_in_force()), (Some(1), Some(60)));
}
