use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::Value;
use crate::link;
use crate::lookup::{Lookup, NoDefinitions, Operations, ResourceShape};
use crate::path::{Level, Path};
use crate::registration::LwM2mVersion;
use crate::value::ValueType;

/// One object in which resource n has the n-th type, and resource 9 is executable.
struct OneOfEachType;

impl Lookup for OneOfEachType {
    fn resource(&self, _object: u16, resource: u16) -> Option<ResourceShape> {
        let value_type = ValueType::ALL.get(usize::from(resource)).copied();
        let operations = Operations { read: true, write: true, execute: value_type.is_none() };
        (resource <= 9).then_some(ResourceShape { value_type, multiple: false, operations })
    }
}

const FLOAT: Path = Path::resource(32769, 0, 3);
const BOOLEAN: Path = Path::resource(32769, 0, 4);

fn target(path: Path, version: LwM2mVersion) -> AttributeTarget {
    AttributeTarget::new(&path, &OneOfEachType, version)
}

fn float_target() -> AttributeTarget {
    target(FLOAT, LwM2mVersion::V1_2)
}

fn parse(queries: &[&str]) -> Result<WriteAttributes, AttributeError> {
    WriteAttributes::parse(queries.iter().copied())
}

fn attributes(queries: &[&str]) -> NotificationAttributes {
    parse_observe_parameters(queries.iter().copied()).unwrap().unwrap_or_default()
}

fn apply(old: &[&str], write: &[&str], target: AttributeTarget) -> Result<NotificationAttributes, String> {
    attributes(old)
        .apply(&parse(write).unwrap(), &target)
        .map_err(|violations| violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[test]
fn the_table_is_the_published_one() {
    let table = include_str!("../../../../assets/vectors/attributes.json");
    let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
    assert_eq!(table.len(), Attribute::ALL.len());
    for row in table {
        let text = |member: &str| row[member].as_str();
        let attribute = Attribute::from_name(text("name").unwrap()).unwrap();
        assert_eq!(Some(attribute.class().name()), text("class"), "{attribute}");
        assert_eq!(Some(attribute.since().to_string().as_str()), text("since"), "{attribute}");
        let attribute_type = match attribute.attribute_type() {
            AttributeType::Integer => "integer",
            AttributeType::Float => "float",
            AttributeType::Bit => "0|1",
            AttributeType::Count => "integer 0..255",
            AttributeType::ShortServerId => "integer 1..65534",
            AttributeType::Version => "M.m",
            AttributeType::Text => "quoted string",
        };
        assert_eq!(Some(attribute_type), text("type"), "{attribute}");
        let levels: Vec<&str> =
            row["levels"].as_array().unwrap().iter().map(|level| level.as_str().unwrap()).collect();
        let own = attribute.levels().iter().map(|level| match level {
            Level::Root => "root",
            Level::Object => "O",
            Level::ObjectInstance => "OI",
            Level::Resource => "R",
            Level::ResourceInstance => "RI",
        });
        assert_eq!(own.collect::<Vec<_>>(), levels, "{attribute}");
        let applies = match attribute.applies_to() {
            AppliesTo::Everything => None,
            AppliesTo::Numbers => Some("numeric"),
            AppliesTo::Booleans => Some("boolean"),
        };
        assert_eq!(applies, text("applies"), "{attribute}");
        assert_eq!(row["read_only"] == true, attribute.class() == AttributeClass::Properties, "{attribute}");
    }
}

#[test]
fn a_query_sets_and_unsets() {
    let write =
        parse(&["pmin=10", "pmax", "lt=-3.5", "gt=4e1", "edge=0", "con=1", "hqmax=4294967295"]).unwrap();
    let expected = [
        (Attribute::Pmin, Some(AttributeValue::Integer(10))),
        (Attribute::Pmax, None),
        (Attribute::Gt, Some(AttributeValue::Float(40.0))),
        (Attribute::Lt, Some(AttributeValue::Float(-3.5))),
        (Attribute::Edge, Some(AttributeValue::Edge(Edge::Falling))),
        (Attribute::Con, Some(AttributeValue::Boolean(true))),
        (Attribute::Hqmax, Some(AttributeValue::Integer(u32::MAX))),
    ];
    assert_eq!(write.iter().collect::<Vec<_>>(), expected);
    assert_eq!(
        write.to_queries(),
        ["pmin=10", "pmax", "gt=40", "lt=-3.5", "edge=0", "con=1", "hqmax=4294967295"]
    );
    assert!(parse(&[]).unwrap().is_empty());
}

#[test]
fn cancel_of_the_drafts_is_understood_and_never_sent() {
    let write = parse(&["cancel", "pmin=1"]).unwrap();
    assert!(write.cancel);
    assert_eq!(write.to_queries(), ["pmin=1"]);
    assert!(parse(&["cancel=1"]).is_err());
}

#[test]
fn a_bad_query_is_told() {
    let cases = [
        ("pmin=", "attribute pmin: expected an integer from 0 to 4294967295, got \"\""),
        ("pmin=-1", "attribute pmin: expected an integer from 0 to 4294967295, got \"-1\""),
        ("pmin=+1", "attribute pmin: expected an integer from 0 to 4294967295, got \"+1\""),
        ("pmax=1.5", "attribute pmax: expected an integer from 0 to 4294967295, got \"1.5\""),
        ("epmax=4294967296", "attribute epmax: expected an integer from 0 to 4294967295, got \"4294967296\""),
        ("gt=warm", "attribute gt: expected a finite decimal number, got \"warm\""),
        ("gt=NaN", "attribute gt: expected a finite decimal number, got \"NaN\""),
        ("lt=inf", "attribute lt: expected a finite decimal number, got \"inf\""),
        ("lt=1e999", "attribute lt: expected a finite decimal number, got \"1e999\""),
        ("st=.5", "attribute st: expected a finite decimal number, got \".5\""),
        ("st=5.", "attribute st: expected a finite decimal number, got \"5.\""),
        ("st=+5", "attribute st: expected a finite decimal number, got \"+5\""),
        ("edge=2", "attribute edge: expected 0 (falling) or 1 (rising), got \"2\""),
        ("con=true", "attribute con: expected 0 or 1, got \"true\""),
        ("dim=3", "expected an attribute that can be written, got dim, which only tells about the node"),
        (
            "PMIN=3",
            "expected an attribute (pmin, pmax, gt, lt, st, epmin, epmax, edge, con, hqmax), got \"PMIN=3\"",
        ),
    ];
    for (query, message) in cases {
        assert_eq!(parse(&[query]).unwrap_err().to_string(), message);
    }
    for twice in [["gt=1", "gt=1"], ["gt=1", "gt"]] {
        assert_eq!(parse(&twice), Err(AttributeError::Duplicate { attribute: Attribute::Gt }));
    }
}

#[test]
fn numbers_are_written_plainly() {
    let number = |text: &str| attributes(&[&format!("gt={text}")]).get(Attribute::Gt).unwrap().to_text();
    assert_eq!(number("-0"), "0");
    assert_eq!(number("00042.50"), "42.5");
    assert_eq!(number("-1.25e-3"), "-0.00125");
    assert_eq!(number("1e21"), "1000000000000000000000");
    assert_eq!(number("1e300"), "1e300", "too long for an option in decimal");
}

#[test]
fn what_a_discover_answer_tells() {
    // The example of LwM2M Core §6.3.2, and properties.
    let text =
        b"</3>;ver=1.2;pmin=10,</3/0/7>;dim=2;gt=50;lt=42.2,</1/0>;ssid=101;uri=\"coap://a\";x;pmax=-1";
    let links = link::parse(text).unwrap();
    let read: Vec<_> = links.iter().map(|link| LinkAttributes::parse(&link.attributes)).collect();
    assert_eq!((read[0].0.ver.as_deref(), read[0].0.notification.pmin), (Some("1.2"), Some(10)));
    let battery = &read[1].0;
    assert_eq!((battery.dim, battery.notification), (Some(2), attributes(&["gt=50", "lt=42.2"])));
    let (server, errors) = &read[2];
    assert_eq!((server.ssid, server.uri.as_deref()), (Some(101), Some("coap://a")));
    assert_eq!(server.additional, [("x".to_owned(), None)]);
    let message = "attribute pmax: expected an integer from 0 to 4294967295, got \"-1\"";
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [message]);
    assert_eq!(battery.to_link(), links[1].attributes);
}

#[test]
fn properties_are_checked_and_written_back() {
    for (name, bad) in
        [("dim", "256"), ("dim", "-1"), ("ssid", "0"), ("ssid", "65535"), ("ver", "1"), ("ver", "1.x")]
    {
        let (read, errors) = LinkAttributes::parse(&[(name.to_owned(), Some(bad.to_owned()))]);
        assert_eq!((read, errors.len()), (LinkAttributes::default(), 1), "{name}={bad}");
    }
    let (_, errors) = LinkAttributes::parse(&[("pmin".to_owned(), None)]);
    assert!(errors[0].to_string().ends_with("got no value"), "{}", errors[0]);
    let text = "</>;lwm2m=1.2;ver=1.1;ssid=7;uri=\"coaps://[::1]:5684\";dim=0;pmin=1;edge=1";
    let links = link::parse(text.as_bytes()).unwrap();
    let (read, errors) = LinkAttributes::parse(&links[0].attributes);
    assert_eq!(errors, []);
    let written = link::Link { target: "/".to_owned(), attributes: read.to_link() };
    assert_eq!(link::write(&[written]), text);
}

#[test]
fn what_a_node_can_have() {
    let v1_2 = LwM2mVersion::V1_2;
    let object = Path::object(32769);
    for path in [object, Path::instance(32769, 0), FLOAT, Path::resource_instance(32769, 0, 3, 0)] {
        assert!(
            apply(&[], &["pmin=1", "pmax=2", "epmin=1", "epmax=2", "con=0", "hqmax=3"], target(path, v1_2))
                .is_ok()
        );
    }
    for resource in [1, 2, 3, 6] {
        let path = Path::resource(32769, 0, resource);
        assert!(apply(&[], &["gt=9", "lt=1", "st=2"], target(path, v1_2)).is_ok(), "{path}");
    }
    assert!(apply(&[], &["edge=1"], target(BOOLEAN, v1_2)).is_ok());
    // Without a definition the type rules nothing out.
    let unknown = AttributeTarget::new(&FLOAT, &NoDefinitions, v1_2);
    assert!(apply(&[], &["edge=1", "gt=1"], unknown).is_ok());
    let refused = |path, query, version| apply(&[], &[query], target(path, version)).unwrap_err();
    assert_eq!(
        refused(object, "gt=1", v1_2),
        "attribute gt: expected it on the level resource or resource instance, got it on the level object"
    );
    assert_eq!(
        refused(BOOLEAN, "gt=1", v1_2),
        "attribute gt: expected a resource that is a number, got one of type boolean"
    );
    assert_eq!(
        refused(FLOAT, "edge=1", v1_2),
        "attribute edge: expected a Boolean resource, got one of type float"
    );
    assert_eq!(
        refused(Path::resource(32769, 0, 9), "lt=1", v1_2),
        "attribute lt: expected a resource that is a number, got one of type none (it is executable)"
    );
    assert_eq!(
        refused(FLOAT, "epmin=1", LwM2mVersion::V1_0),
        "attribute epmin exists since LwM2M 1.1, and the client speaks 1.0"
    );
    assert_eq!(
        refused(BOOLEAN, "edge=1", LwM2mVersion::V1_1),
        "attribute edge exists since LwM2M 1.2, and the client speaks 1.1"
    );
    assert_eq!(
        refused(Path::resource_instance(32769, 0, 3, 0), "pmin=1", LwM2mVersion::V1_0),
        "attribute pmin: resource instances have attributes since LwM2M 1.1, and the client speaks 1.0"
    );
    assert_eq!(refused(FLOAT, "st=-1", v1_2), "attribute st: expected a step of 0 or more, got -1");
}

#[test]
fn values_must_go_together_with_those_already_there() {
    let cases: [(&[&str], &[&str], &str); 7] = [
        (&[], &["lt=50", "gt=50"], "expected lt below gt, got lt=50 and gt=50"),
        (&["gt=20"], &["lt=30"], "expected lt below gt, got lt=30 and gt=20"),
        (&[], &["lt=20", "gt=40", "st=10"], "expected lt + 2 * st below gt, got lt=20, st=10 and gt=40"),
        (&["lt=20", "gt=40"], &["st=10"], "expected lt + 2 * st below gt, got lt=20, st=10 and gt=40"),
        (
            &["lt=20", "st=10", "gt=50"],
            &["gt=40"],
            "expected lt + 2 * st below gt, got lt=20, st=10 and gt=40",
        ),
        (&["epmin=5"], &["epmax=5"], "expected epmin below epmax, got epmin=5 and epmax=5"),
        (
            &[],
            &["lt=2", "gt=1", "epmin=6", "epmax=5"],
            "expected lt below gt, got lt=2 and gt=1; expected epmin below epmax, got epmin=6 and epmax=5",
        ),
    ];
    for (old, write, message) in cases {
        assert_eq!(apply(old, write, float_target()).unwrap_err(), message);
    }
    assert_eq!(
        apply(&["lt=20", "gt=40"], &["lt", "gt=10", "pmin=3"], float_target()),
        Ok(attributes(&["gt=10", "pmin=3"])),
        "what is unset does not count"
    );
    assert!(apply(&["lt=20", "gt=40"], &["st=9.9"], float_target()).is_ok());
    assert!(apply(&["pmin=20"], &["pmax=10"], float_target()).is_ok(), "a low pmax is ignored, not refused");
}

#[test]
fn nearer_levels_win_attribute_by_attribute() {
    let mut attached = AttachedAttributes::default();
    let mut write = |path: &str, queries: &[&str]| {
        let path: Path = path.parse().unwrap();
        attached.write(&path, &parse(queries).unwrap(), &OneOfEachType, LwM2mVersion::V1_2).unwrap();
    };
    write("/32769", &["pmin=1", "pmax=100", "epmin=4"]);
    write("/32769/0", &["pmin=2", "con=1"]);
    write("/32769/0/3", &["gt=50", "lt=10"]);
    write("/32769/0/3/1", &["lt=60", "pmax=1"]);
    let defaults = ServerDefaults { pmin: Some(9), pmax: Some(9), con: Some(false) };
    let shown = |path: &str| {
        let effective = attached.resolve(&path.parse().unwrap(), &defaults);
        let list = effective.list().into_iter().map(|(attribute, found)| format!("{attribute}={found}"));
        let ignored = effective.ignored().iter().map(ToString::to_string).collect();
        (list.collect::<Vec<_>>(), ignored)
    };
    assert_eq!(
        shown("/1"),
        (
            vec![
                "pmin=9 (from the Default Minimum Period, /1/x/2)".to_owned(),
                "pmax=9 (from the Default Maximum Period, /1/x/3)".to_owned(),
                "con=0 (from the Default Notification Mode, /1/x/26)".to_owned(),
            ],
            Vec::<String>::new()
        )
    );
    let (list, ignored) = shown("/32769/0/3/1");
    assert_eq!(
        list,
        [
            "pmin=2 (from /32769/0)",
            "pmax=1 (from /32769/0/3/1)",
            "gt=50 (from /32769/0/3)",
            "lt=60 (from /32769/0/3/1)",
            "epmin=4 (from /32769)",
            "con=1 (from /32769/0)",
        ]
    );
    assert_eq!(
        ignored,
        [
            "pmax is ignored, since it is below pmin: pmin=2 and pmax=1",
            "gt, lt and st are ignored: expected lt below gt, got lt=60 and gt=50",
        ]
    );
    let effective = attached.resolve(&"/32769/0/3/1".parse().unwrap(), &defaults);
    assert_eq!((effective.pmax_in_force(), effective.thresholds_in_force()), (None, (None, None, None)));
    let names = |list: Vec<(Attribute, _)>| list.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(effective.in_force()), [Attribute::Pmin, Attribute::Epmin, Attribute::Con]);
    let effective = attached.resolve(&FLOAT, &defaults);
    assert_eq!(effective.in_force(), effective.list());
    assert_eq!(effective.thresholds_in_force(), (Some(50.0), Some(10.0), None));
    assert_eq!(
        effective.attached(),
        attributes(&["pmin=2", "pmax=100", "gt=50", "lt=10", "epmin=4", "con=1"])
    );
    attached.remove(&Path::instance(32769, 0));
    assert_eq!(attached.iter().count(), 1);
}

#[test]
fn equal_periods_are_strict_and_none_is_zero() {
    let effective =
        |queries| EffectiveAttributes::of_parameters(&attributes(queries), &ServerDefaults::default());
    assert_eq!(effective(&["pmin=5", "pmax=5"]).pmax_in_force(), Some(5));
    assert_eq!(effective(&["pmin=5", "pmax=4"]).pmax_in_force(), None);
    assert_eq!(effective(&["pmax=0"]).pmax_in_force(), None);
    assert_eq!(effective(&["pmax=0"]).ignored(), [Ignored::NoMaximumPeriod]);
    assert_eq!(effective(&["epmin=5", "epmax=5"]).epmax_in_force(), None);
}

#[test]
fn parameters_of_an_observe_stand_alone() {
    let mut attached = AttachedAttributes::default();
    let write = parse(&["pmin=1", "gt=5", "lt=1", "hqmax=3"]).unwrap();
    attached.write(&FLOAT, &write, &OneOfEachType, LwM2mVersion::V1_2).unwrap();
    let defaults = ServerDefaults { pmax: Some(30), ..ServerDefaults::default() };
    let parameters = attributes(&["pmin=7"]);
    let alone = EffectiveAttributes::of_parameters(&parameters, &defaults);
    assert_eq!(alone.pmin, Some(Resolved { value: 7, origin: Origin::ObserveParameter }));
    assert_eq!((alone.gt, alone.hqmax), (None, None));
    assert_eq!(alone.pmax.unwrap().origin, Origin::ServerObject { resource: 3 });
    assert!(alone.attached().is_empty(), "a Discover does not show them");
    let member = attached.resolve(&FLOAT, &defaults).with_composite_parameters(&parameters, &defaults);
    assert_eq!((member.pmin, member.hqmax), (alone.pmin, None));
    assert_eq!(member.thresholds_in_force(), (Some(5.0), Some(1.0), None));
    let parse = |query| parse_observe_parameters([query]);
    assert_eq!(parse_observe_parameters([]), Ok(None));
    assert!(matches!(parse("pmin"), Err(AttributeError::NoValue { .. })));
    assert!(matches!(parse("cancel"), Err(AttributeError::Unknown { .. })));
}

#[test]
fn there_is_room_for_so_many_nodes() {
    let mut attached = AttachedAttributes::default();
    let set = parse(&["pmin=1"]).unwrap();
    let unset = parse(&["pmin"]).unwrap();
    let mut write = |instance, write| {
        let path = Path::instance(1, instance);
        attached.write(&path, write, &NoDefinitions, LwM2mVersion::V1_0)
    };
    let limit = u16::try_from(crate::limits::ATTACHED_NODES_MAX).unwrap();
    assert!((0..limit).all(|instance| write(instance, &set).is_ok()));
    assert_eq!(write(limit, &set), Err(AttachError::TooManyNodes));
    assert_eq!(write(0, &unset), Ok(()));
    assert_eq!(write(limit, &set), Ok(()));
}

fn any_attributes() -> impl Strategy<Value = NotificationAttributes> {
    use proptest::option::of;
    let finite = || proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
    let edge = prop_oneof![Just(Edge::Rising), Just(Edge::Falling)];
    let periods = (of(any::<u32>()), of(any::<u32>()), of(any::<u32>()), of(any::<u32>()));
    let rest = (of(edge), of(any::<bool>()), of(any::<u32>()));
    (periods, (of(finite()), of(finite()), of(finite())), rest).prop_map(
        |((pmin, pmax, epmin, epmax), (gt, lt, st), (edge, con, hqmax))| NotificationAttributes {
            pmin,
            pmax,
            gt,
            lt,
            st,
            epmin,
            epmax,
            edge,
            con,
            hqmax,
        },
    )
}

proptest! {
    #[test]
    fn a_query_reads_back(attributes in any_attributes()) {
        let queries = WriteAttributes::setting(&attributes).to_queries();
        prop_assert!(queries.iter().all(|query| query.len() <= 255));
        let read = parse_observe_parameters(queries.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(read.unwrap_or_default(), attributes);
    }

    #[test]
    fn a_link_reads_back(notification in any_attributes(), dim in any::<Option<u8>>(), ssid in 1..=65534u16) {
        let attributes = LinkAttributes { notification, dim, ssid: Some(ssid), ..LinkAttributes::default() };
        prop_assert_eq!(LinkAttributes::parse(&attributes.to_link()), (attributes, vec![]));
    }

    /// The difference of two sets, applied to the one, gives the other or breaks a rule.
    #[test]
    fn a_difference_leads_there(old in any_attributes(), new in any_attributes()) {
        let target = AttributeTarget { level: Level::Resource, shape: None, version: LwM2mVersion::V1_2 };
        let write = WriteAttributes::between(&old, &new);
        match old.apply(&write, &target) {
            Ok(result) => prop_assert_eq!(result, new),
            Err(violations) => prop_assert!(!violations.is_empty() && !new.violations(&target).is_empty()),
        }
        prop_assert_eq!(WriteAttributes::parse(write.to_queries().iter().map(String::as_str)), Ok(write));
    }

    #[test]
    fn nothing_panics(queries in proptest::collection::vec("\\PC{0,20}|(pmin|gt|edge|dim)=?[-+.0-9e]{0,8}", 0..4)) {
        let _ = WriteAttributes::parse(queries.iter().map(String::as_str));
    }
}

#[test]
fn a_discover_takes_the_place_of_what_was_known_and_shows_what_its_target_inherits() {
    let mut known = AttachedAttributes::default();
    let path = |text: &str| text.parse::<Path>().unwrap();
    let link = |text: &str, queries: &[&str]| (path(text), attributes(queries));
    known.discovered(&path("/3303"), [link("/3303", &["pmin=10"]), link("/3303/0/5700", &["gt=5", "lt=1"])]);
    known.discovered(
        &path("/3303/0"),
        [link("/3303/0", &["pmin=10", "pmax=60"]), link("/3303/0/5700", &["gt=6"])],
    );
    assert_eq!(known.get(&path("/3303/0")), attributes(&["pmax=60"]), "pmin is that of the Object");
    known.discovered(&path("/3303/0/5700"), [link("/3303/0/5700", &["pmin=10", "pmax=30", "gt=6"])]);
    assert_eq!(known.get(&path("/3303/0/5700")), attributes(&["pmax=30", "gt=6"]));
    let effective = known.resolve(&path("/3303/0/5700"), &ServerDefaults::default());
    assert_eq!(effective.pmin.unwrap().origin, Origin::Attached(path("/3303")));
    known.discovered(&path("/3303"), [link("/3303", &[])]);
    assert_eq!(known.iter().count(), 0);
    let many = (0..u16::MAX).map(|instance| (Path::instance(3303, instance), attributes(&["pmin=1"])));
    known.discovered(&path("/3303"), many);
    assert_eq!(known.iter().count(), crate::limits::ATTACHED_NODES_MAX);
}

#[test]
fn an_account_has_defaults() {
    let account = |resource| match resource {
        2 => Some(Value::Integer(5)),
        3 => Some(Value::Integer(-1)),
        26 => Some(Value::Unsigned(1)),
        _ => None,
    };
    let defaults = ServerDefaults { pmin: Some(5), pmax: None, con: Some(true) };
    assert_eq!(ServerDefaults::of_account(account), defaults);
}
