//! A configuration that is right, and everything that can be wrong with it. Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bootstrap_configuration::{check, differences, limits};
use console_api::{BootstrapCheck, BootstrapConfiguration};
use lwm2m_model::Registry;
use proptest::prelude::*;
use serde_json::{Value, json};

fn registry() -> Registry {
    Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin")).unwrap()
}

/// DER of the right form: a SEQUENCE of three bytes.
const DER: &str = "3003020101";

/// Two servers with access control, and one with the Bootstrap-Server itself.
fn right() -> Value {
    json!({
        "name": "lab",
        "note": "two servers",
        "assigned": [{"pattern": "lab-*"}, {"endpoint": "urn:imei:1"}, "default"],
        "discover": true,
        "content_format": 112,
        "delete": ["/0", "/1", "/2", "/5/0"],
        "servers": [
            {"uri": "coaps://lwm2m.example.com:5684", "short_server_id": 101, "security_mode": "psk",
             "default_minimum_period_s": 1, "default_maximum_period_s": 60, "disable_timeout_s": 3600,
             "binding": "UQ", "security_resources": {"11": 5, "16": "49320,174"},
             "server_resources": {"13": 1, "16": true, "22": "U"}},
            {"uri": "coap://[2001:db8::1]", "short_server_id": 102, "security_mode": "no_sec"},
            {"bootstrap_server": true, "uri": "coaps://bs.example.com:5784", "security_mode": "psk"}
        ],
        "access_control": [
            {"object": 1, "object_instance": 0, "acl": {"101": 15, "102": 1}, "owner": 101},
            {"object": 3442, "object_instance": 65535, "acl": {"102": 16}, "owner": 65535}
        ],
        "instances": [
            {"path": "/3442/0", "values": [
                {"path": "110", "value": "text"}, {"path": "/3442/0/120", "value": -5},
                {"path": "1110/0", "value": "a"}, {"path": "1110/1", "value": "b"}]}
        ]
    })
}

fn checked(configuration: Value) -> BootstrapCheck {
    let configuration: BootstrapConfiguration = serde_json::from_value(configuration).unwrap();
    check(&configuration, &registry())
}

/// The configuration with another value at a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut configuration = right();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = configuration.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match (parent, member.parse::<usize>()) {
        (Value::Array(items), Ok(position)) if position < items.len() => items[position] = value,
        (Value::Array(items), _) => items.push(value),
        (parent, _) => parent[member] = value,
    }
    configuration
}

#[test]
fn b_018_what_is_right_has_no_problem() {
    assert_eq!(checked(right()), BootstrapCheck::default());
}

/// A value at a JSON pointer, the field that is a problem then, and what is expected of it.
type Case<'a> = (&'a str, Value, &'a str, &'a str);

fn every_problem_names_its_field(cases: &[Case<'_>]) {
    for (pointer, value, field, expected) in cases {
        let problems = checked(with(pointer, value.clone())).problems;
        let found = problems.iter().find(|problem| problem.field == *field);
        let found = found.unwrap_or_else(|| panic!("{pointer} {value}: {problems:?}"));
        assert!(found.expected.contains(expected), "{pointer} {value}: {found:?}");
    }
}

#[test]
fn b_018_problems_of_names_assignments_and_deletes() {
    let long = "x".repeat(300);
    every_problem_names_its_field(&[
        ("/name", json!(" "), "name", "a name of 1 to 100"),
        ("/name", json!("x".repeat(101)), "name", "a name of 1 to 100"),
        ("/name", json!("a\nb"), "name", "without control characters"),
        ("/note", json!("x".repeat(5_000)), "note", "at most 4096 bytes"),
        ("/assigned/0", json!({"pattern": "lab"}), "assigned/0", "one *"),
        ("/assigned/0", json!({"pattern": "a*b*"}), "assigned/0", "one * in a pattern"),
        ("/assigned/0", json!({"pattern": ""}), "assigned/0", "a pattern of 1 to 255"),
        ("/assigned/1", json!({"endpoint": ""}), "assigned/1", "Endpoint Client Name"),
        ("/assigned/1", json!({"endpoint": long}), "assigned/1", "1 to 255 bytes"),
        ("/assigned/1", json!("default"), "assigned/2", "each assignment once"),
        ("/content_format", json!(40), "content_format", "11542"),
        ("/delete/1", json!("1"), "delete/1", "an Object Instance"),
        ("/delete/1", json!("/1/0/0"), "delete/1", "an Object Instance"),
        ("/delete/1", json!("/65535"), "delete/1", "an Object Instance"),
        ("/delete/1", json!("/0"), "delete/1", "each path once"),
        ("/read", json!(["/", "1"]), "read/1", "/, /1, /2"),
        ("/read", json!(["/0"]), "read/0", "/, /1, /2"),
        ("/read", json!(["/1/0/1"]), "read/0", "or an instance"),
        ("/read", json!(["/1/0", "/2", "/2"]), "read/2", "each path once"),
    ]);
}

#[test]
fn b_018_problems_of_accounts() {
    let long = "x".repeat(300);
    every_problem_names_its_field(&[
        ("/servers/0/uri", json!(""), "servers/0/uri", "coaps://host:port"),
        ("/servers/0/uri", json!("http://a"), "servers/0/uri", "schemes"),
        ("/servers/0/uri", json!("coap://a"), "servers/0/uri", "coaps://, as the account is with security"),
        ("/servers/0/uri", json!(format!("coaps://{long}")), "servers/0/uri", "at most 255 bytes"),
        (
            "/servers/1/uri",
            json!("coaps://a"),
            "servers/1/uri",
            "coap://, as the account is without security",
        ),
        ("/servers/1/short_server_id", json!(0), "servers/1/short_server_id", "1 to 65534"),
        ("/servers/1/short_server_id", json!(65535), "servers/1/short_server_id", "1 to 65534"),
        ("/servers/1/short_server_id", json!(101), "servers/1/short_server_id", "than servers/0 has"),
        ("/servers/2/short_server_id", json!(103), "servers/2/short_server_id", "0, as a Bootstrap-Server"),
        ("/servers/2/server_instance", json!(0), "servers/2/server_instance", "none"),
        ("/servers/0/security_instance", json!(65535), "servers/0/security_instance", "0 to 65534"),
        ("/servers/0/server_instance", json!(65535), "servers/0/server_instance", "0 to 65534"),
        ("/servers/0/binding", json!(""), "servers/0/binding", "letters"),
        ("/servers/0/binding", json!("Q"), "servers/0/binding", "letters"),
        ("/servers/0/binding", json!("UU"), "servers/0/binding", "letters"),
        ("/servers/0/binding", json!("UX"), "servers/0/binding", "letters"),
        ("/servers/0/default_maximum_period_s", json!(0), "servers/0/default_maximum_period_s", "at least"),
    ]);
}

#[test]
fn b_018_problems_of_their_resources() {
    every_problem_names_its_field(&[
        ("/servers/2/server_resources", json!({"13": 1}), "servers/2/server_resources", "none"),
        (
            "/servers/0/security_resources/5",
            json!("00"),
            "servers/0/security_resources/5",
            "field of its own",
        ),
        (
            "/servers/0/security_resources/99",
            json!(1),
            "servers/0/security_resources/99",
            "Resource of Object 0",
        ),
        ("/servers/0/security_resources/11", json!("x"), "servers/0/security_resources/11", "integer"),
        ("/servers/0/security_resources/13", json!(4), "servers/0/security_resources/13", "0 to 3"),
        ("/servers/0/security_resources/16", json!("1,x"), "servers/0/security_resources/16", "unsigned"),
        ("/servers/0/security_resources/17", json!("21"), "servers/0/security_resources/17", "objlnk"),
        ("/servers/0/security_resources/8", json!("xy"), "servers/0/security_resources/8", "hexadecimal"),
        ("/servers/0/server_resources/7", json!("U"), "servers/0/server_resources/7", "field of its own"),
        ("/servers/0/server_resources/8", json!(1), "servers/0/server_resources/8", "with a value"),
        ("/servers/0/server_resources/16", json!(1), "servers/0/server_resources/16", "boolean"),
    ]);
}

#[test]
fn b_018_problems_of_access_control_and_other_instances() {
    every_problem_names_its_field(&[
        ("/access_control/0/object", json!(0), "access_control/0/object", "not 0, 2 or 21"),
        ("/access_control/0/object", json!(65535), "access_control/0/object", "not 0, 2 or 21"),
        ("/access_control/0/instance", json!(65535), "access_control/0/instance", "0 to 65534"),
        ("/access_control/0/owner", json!(9), "access_control/0/owner", "Short Server ID of an account"),
        ("/access_control/0/owner", json!(0), "access_control/0/owner", "Short Server ID of an account"),
        ("/access_control/0/acl", json!({"9": 1}), "access_control/0/acl/9", "Short Server ID of an account"),
        ("/access_control/0/acl", json!({"0": 32}), "access_control/0/acl/0", "0 to 31"),
        (
            "/access_control/1",
            json!({"object": 1, "object_instance": 0, "acl": {}, "owner": 101}),
            "access_control/1/object_instance",
            "than access_control/0 has",
        ),
        ("/instances/0/path", json!("/3442"), "instances/0/path", "an Object Instance"),
        ("/instances/0/path", json!("3442/0"), "instances/0/path", "an Object Instance"),
        ("/instances/0/path", json!("/1/0"), "instances/0/path", "another Object than 0, 1 and 2"),
        ("/instances/0/path", json!("/3/1"), "instances/0/path", "/3/0, as Device has one instance"),
        ("/instances/0/values/0/path", json!("x"), "instances/0/values/0/path", "below /3442/0"),
        ("/instances/0/values/0/path", json!("/3/0/1"), "instances/0/values/0/path", "below /3442/0"),
        ("/instances/0/values/0/path", json!("9999"), "instances/0/values/0/path", "a Resource of"),
        ("/instances/0/values/0/path", json!("110/0"), "instances/0/values/0/value", "no instances"),
        ("/instances/0/values/0/path", json!("1110"), "instances/0/values/0/value", "several instances"),
        ("/instances/0/values/1/path", json!("110"), "instances/0/values/1/path", "each value once"),
        ("/instances/0/values/1/value", json!("x"), "instances/0/values/1/value", "integer"),
        ("/instances/1", json!({"path": "/3442/0"}), "instances/1/path", "each instance once"),
    ]);
}

#[test]
fn b_018_instances_that_are_given_are_given_once() {
    for member in ["security_instance", "server_instance"] {
        let mut configuration = right();
        for position in [0, 1] {
            configuration["servers"][position][member] = json!(4);
        }
        configuration["access_control"][0]["object_instance"] = json!(65535);
        let problems = checked(configuration).problems;
        assert_eq!(problems[0].field, format!("servers/1/{member}"));
        assert_eq!((problems.len(), problems[0].expected.as_str()), (1, "another one than servers/0 has"));
    }
    let mut configuration = right();
    for position in [0, 1] {
        configuration["access_control"][position]["instance"] = json!(4);
    }
    assert_eq!(checked(configuration).problems[0].field, "access_control/1/instance");
    let mut configuration = right();
    let again = configuration["servers"][2].clone();
    configuration["servers"].as_array_mut().unwrap().push(again);
    assert_eq!(checked(configuration).problems[0].field, "servers/3/bootstrap_server");
}

#[test]
fn b_018_a_target_of_access_control_is_there_where_it_is_known() {
    let mut configuration = right();
    configuration["access_control"][0]["object_instance"] = json!(7);
    // What is chosen on the device is not known before.
    assert_eq!(checked(configuration.clone()).problems, []);
    configuration["discover"] = json!(false);
    let problems = checked(configuration.clone()).problems;
    assert_eq!(problems[0].field, "access_control/0/object_instance");
    configuration["servers"][0]["server_instance"] = json!(7);
    assert_eq!(checked(configuration).problems, []);
}

#[test]
fn b_018_keys_belong_to_their_mode() {
    let fields = |account: Value| {
        let configuration = with("/servers/0", account);
        let BootstrapCheck { problems, warnings } = checked(configuration);
        let names = |list: Vec<console_api::BootstrapProblem>| {
            let names = list.into_iter().filter_map(|found| {
                assert!(!found.got.contains("abab"), "a secret is not repeated: {found:?}");
                Some(found.field.strip_prefix("servers/0/")?.to_owned())
            });
            names.collect::<Vec<_>>().join(" ")
        };
        (names(problems), names(warnings))
    };
    let psk = |members: Value| {
        let mut account = json!({"uri": "coaps://a", "short_server_id": 101, "security_mode": "psk", "credentials": "same"});
        account.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        fields(account)
    };
    let key = "ab".repeat(16);
    let for_all = "secret_key".to_owned();
    let ok = || (String::new(), for_all.clone());
    assert_eq!(psk(json!({"identity": "{endpoint}", "secret_key": key})), ok());
    assert_eq!(psk(json!({"identity": "a", "has_secret_key": true})).0, "");
    assert_eq!(psk(json!({})).0, "identity secret_key");
    assert_eq!(psk(json!({"identity": "x".repeat(129), "secret_key": key})).0, "identity");
    assert_eq!(psk(json!({"identity": "a\u{0}", "secret_key": key})).0, "identity");
    assert_eq!(psk(json!({"identity": "a", "secret_key": "ab".repeat(65)})).0, "secret_key");
    assert_eq!(psk(json!({"identity": "a", "secret_key": "ababx"})).0, "secret_key");
    assert_eq!(
        psk(json!({"identity": "a", "secret_key": "abab"})),
        (String::new(), "secret_key secret_key".into())
    );
    let unused =
        psk(json!({"identity": "a", "secret_key": key, "public_key": DER, "server_public_key": DER}));
    assert_eq!(unused, (String::new(), "public_key server_public_key secret_key".into()));
    for mode in ["raw_public_key", "certificate"] {
        let pair = |members: Value| {
            let mut account = json!({"uri": "coaps://a", "short_server_id": 101, "security_mode": mode, "credentials": "same"});
            account.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            fields(account)
        };
        assert_eq!(pair(json!({"public_key": DER, "secret_key": DER})), ok());
        assert_eq!(pair(json!({"public_key": DER, "secret_key": DER, "server_public_key": DER})), ok());
        assert_eq!(pair(json!({})).0, "public_key secret_key");
        for bad in ["3003020", "30040201", "0203", "308201", "zz", "30800000", "30810101"] {
            let found = pair(json!({"public_key": bad, "secret_key": bad, "server_public_key": bad})).0;
            if bad != "30810101" {
                assert_eq!(found, "public_key secret_key server_public_key", "{bad}");
            }
        }
    }
    let generated = json!({"uri": "coaps://a", "short_server_id": 101, "security_mode": "psk", "identity": "a", "secret_key": key});
    assert_eq!(fields(generated), (String::new(), "identity secret_key".into()));
    let without =
        json!({"uri": "coap://a", "short_server_id": 101, "security_mode": "no_sec", "identity": "a"});
    assert_eq!(fields(without), (String::new(), "identity".into()));
}

#[test]
fn b_018_what_is_not_advisable_is_a_warning() {
    let cases = [
        ("/assigned/0", json!({"pattern": "*"}), "assigned/0"),
        ("/content_format", json!(11543), "content_format"),
        ("/delete/3", json!("/2/0"), "delete/3"),
        ("/discover", json!(false), "discover"),
        ("/pack", json!(true), "pack"),
        ("/servers/0/lifetime_s", json!(0), "servers/0/lifetime_s"),
        ("/access_control/0/acl", json!({"101": 31}), "access_control/0/acl/101"),
        ("/access_control/1/acl", json!({"101": 17}), "access_control/1/acl/101"),
        (
            "/instances/0",
            json!({"path": "/42000/0", "values": [{"path": "1", "value": 1}]}),
            "instances/0/path",
        ),
        (
            "/instances/0",
            json!({"path": "/5/0", "values": [{"path": "9", "value": 1}]}),
            "instances/0/values",
        ),
    ];
    for (pointer, value, field) in cases {
        let found = checked(with(pointer, value.clone()));
        assert_eq!(found.problems, [], "{pointer} {value}");
        let fields: Vec<_> = found.warnings.into_iter().map(|warning| warning.field).collect();
        assert_eq!(fields, [field], "{pointer} {value}");
    }
    let mut configuration = right();
    configuration["servers"] = json!([]);
    configuration["access_control"] = json!([]);
    assert_eq!(checked(configuration).warnings[0].field, "servers");
}

#[test]
fn everything_is_bounded() {
    let many = |member: &str, count: usize, item: &dyn Fn(usize) -> Value| {
        let mut configuration = right();
        configuration[member] = (0..count).map(item).collect();
        checked(configuration).problems
    };
    let cases = [
        ("servers", many("servers", limits::SERVERS + 1, &|_| json!({}))),
        ("access_control", many("access_control", limits::ACCESS_CONTROL + 1, &|_| json!({}))),
        ("instances", many("instances", limits::INSTANCES + 1, &|_| json!({}))),
        ("delete", many("delete", limits::DELETES + 1, &|at| json!(format!("/{at}")))),
        ("assigned", many("assigned", limits::ASSIGNMENTS + 1, &|at| json!({"endpoint": at.to_string()}))),
    ];
    for (member, problems) in cases {
        assert!(problems.iter().any(|problem| problem.field == member), "{member}: {problems:?}");
        assert!(problems.len() <= limits::PROBLEMS);
    }
    let values =
        (0..=limits::VALUES_PER_INSTANCE).map(|at| json!({"path": format!("1110/{at}"), "value": "x"}));
    let instance = json!({"path": "/3442/0", "values": values.collect::<Vec<_>>()});
    assert_eq!(checked(with("/instances/0", instance)).problems[0].field, "instances/0/values");
}

/// Any JSON that is small and of the kinds that occur in a configuration.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z*:/0-9é,]{0,12}".prop_map(Value::from),
        "/[0-9]{1,5}(/[0-9]{1,3}){0,3}".prop_map(Value::from),
        "coaps?://[a-z0-9:.\\[\\]/]{0,12}".prop_map(Value::from),
        "(00|30|82|ff){0,8}".prop_map(Value::from),
    ];
    let number = prop_oneof![any::<u16>().prop_map(Value::from), any::<i64>().prop_map(Value::from)];
    let leaf = prop_oneof![text, number, any::<bool>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[0-9]{1,5}|path|value|uri", inner, 0..3)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Places in the configuration that is right.
fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{position}"), all);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, format!("{at}/{name}"), all);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        all.push(at);
    }
}

proptest! {
    /// Whatever stands in a field, it is checked, and its problems are about fields that there are.
    #[test]
    fn any_configuration_is_checked(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_json()), 1..4),
    ) {
        let registry = registry();
        let mut configuration = right();
        for (index, value) in changes {
            let mut all = Vec::new();
            pointers(&configuration, String::new(), &mut all);
            let pointer = &all[index.index(all.len())];
            *configuration.pointer_mut(pointer).unwrap() = value;
        }
        // What serde does not take never gets here.
        let Ok(configuration) = serde_json::from_value::<BootstrapConfiguration>(configuration) else {
            return Ok(());
        };
        let found = check(&configuration, &registry);
        let told = serde_json::to_value(&configuration).unwrap();
        for problem in found.problems.iter().chain(&found.warnings) {
            let mut field = problem.field.as_str();
            // A member that is absent because it is null or empty is still a field.
            while told.pointer(&format!("/{field}")).is_none() {
                field = field.rsplit_once('/').unwrap_or_else(|| panic!("{problem:?}")).0;
            }
        }
        prop_assert!(differences(&configuration, &configuration).is_empty());
    }
}
