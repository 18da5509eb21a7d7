use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::content_format::ContentFormat;
use crate::error::ErrorClass;
use crate::limits::REMARKS_MAX;
use crate::path::Path;

fn register(queries: &[&str]) -> Result<RegisterParameters, ParameterError> {
    RegisterParameters::parse(queries.iter().copied())
}

fn update(queries: &[&str], version: LwM2mVersion) -> Result<UpdateParameters, ParameterError> {
    UpdateParameters::parse(queries.iter().copied(), version)
}

#[test]
fn register_without_parameters_has_the_defaults() {
    let parameters = register(&[]).unwrap();
    assert_eq!(parameters, RegisterParameters::default());
    assert_eq!((parameters.lifetime_s, parameters.version), (86_400, LwM2mVersion::V1_0));
    assert_eq!(parameters.binding.as_str(), "U");
}

#[test]
fn register_with_everything() {
    let parameters = register(&[
        "b=UT",
        "Q",
        "lwm2m=1.2",
        "lt=300",
        "ep=urn:dev:os:1-2",
        "sms=4915112345",
        "pid=\"oma:a, v:b\"",
        "pid=6:27354b9a",
        "et=x",
        "flag",
    ]);
    let expected = RegisterParameters {
        endpoint: Some("urn:dev:os:1-2".to_string()),
        lifetime_s: 300,
        version: LwM2mVersion::V1_2,
        binding: Binding::parse("UT", LwM2mVersion::V1_2).unwrap(),
        queue_mode: true,
        sms_number: Some("4915112345".to_string()),
        profile_ids: vec!["oma:a".to_string(), "v:b".to_string(), "6:27354b9a".to_string()],
        additional: vec![("et".to_string(), Some("x".to_string())), ("flag".to_string(), None)],
    };
    assert_eq!(parameters, Ok(expected));
}

#[test]
fn values_may_contain_equal_signs() {
    assert_eq!(register(&["ep=a=b"]).unwrap().endpoint.as_deref(), Some("a=b"));
}

#[test]
fn malformed_parameters_are_refused() {
    let long = "x".repeat(256);
    let (long_name, long_query) = (alloc::format!("ep={}", &long[..252]), alloc::format!("ep={long}"));
    assert!(register(&[&long_name]).is_ok());
    let cases: [&[&str]; 18] = [
        &["lt=0"],
        &["lt=-1"],
        &["lt=+1"],
        &["lt="],
        &["lt"],
        &["lt=4294967296"],
        &["lt=1.5"],
        &["ep="],
        &["ep=a\nb"],
        &[&long_query],
        &["ep=a", "ep=a"],
        &["x=1", "x=2"],
        &["=1"],
        &[""],
        &["lwm2m=1"],
        &["b=USQ"],
        &["Q=maybe"],
        &["pid=a,,b"],
    ];
    for queries in cases {
        let error = register(queries).unwrap_err();
        assert!(!error.unsupported_version(), "{queries:?}: {error}");
    }
    let many: Vec<String> = (0..=32).map(|number| alloc::format!("x{number}")).collect();
    let error = RegisterParameters::parse(many.iter().map(String::as_str)).unwrap_err();
    assert_eq!(error, ParameterError::TooMany { max: 32 });
}

#[test]
fn an_unsupported_version_is_told_before_anything_else() {
    for version in ["lwm2m=1.3", "lwm2m=2.0"] {
        let error = register(&["ep=", "b=Z", version]).unwrap_err();
        assert!(error.unsupported_version(), "{error}");
    }
    let error = register(&["lwm2m=1.3"]).unwrap_err();
    assert_eq!(error.to_string(), "parameter lwm2m: expected version 1.0, 1.1 or 1.2, got \"1.3\"");
}

#[test]
fn queue_mode_by_version() {
    assert!(register(&["b=UQ"]).unwrap().queue_mode);
    assert!(!register(&["b=U"]).unwrap().queue_mode);
    for flag in ["Q", "Q=", "Q=1", "Q=true"] {
        assert!(register(&["lwm2m=1.1", flag]).unwrap().queue_mode, "{flag}");
    }
    for flag in ["Q=0", "Q=false"] {
        assert!(!register(&["lwm2m=1.1", flag]).unwrap().queue_mode, "{flag}");
    }
    assert!(register(&["lwm2m=1.1", "b=UQ"]).unwrap().queue_mode);
}

#[test]
fn an_update_tells_only_what_changed() {
    assert_eq!(update(&[], LwM2mVersion::V1_1), Ok(UpdateParameters::default()));
    let parameters = update(&["lt=60", "ep=a", "lwm2m=1.1"], LwM2mVersion::V1_1).unwrap();
    assert_eq!((parameters.lifetime_s, parameters.queue_mode), (Some(60), None));
    assert_eq!((parameters.endpoint.as_deref(), parameters.version), (Some("a"), Some(LwM2mVersion::V1_1)));
    assert_eq!(update(&["b=U"], LwM2mVersion::V1_1).unwrap().queue_mode, None);
    assert_eq!(update(&["b=UQ"], LwM2mVersion::V1_1).unwrap().queue_mode, Some(true));
    // In 1.0 the binding says all about queue mode, so a new one may also end it.
    assert_eq!(update(&["b=U"], LwM2mVersion::V1_0).unwrap().queue_mode, Some(false));
    assert_eq!(update(&["b=UQ"], LwM2mVersion::V1_0).unwrap().queue_mode, Some(true));
}

fn any_version() -> impl Strategy<Value = LwM2mVersion> {
    prop_oneof![Just(LwM2mVersion::V1_0), Just(LwM2mVersion::V1_1), Just(LwM2mVersion::V1_2)]
}

proptest! {
    #[test]
    fn registers_are_read_back(
        version in any_version(),
        endpoint in prop::option::of("[ -~]{1,40}"),
        lifetime_s in 1..=u32::MAX,
        binding in prop_oneof![Just("U"), Just("S"), Just("US")],
        queue_mode: bool,
        profile_ids in prop::collection::vec("[a-z0-9:]{1,8}", 0..3),
        additional in prop::collection::btree_map("x[a-z]{0,4}", prop::option::of("[ -~]{0,8}"), 0..3),
    ) {
        let binding = Binding::parse(binding, version).unwrap();
        // In 1.0 queue mode is a letter of the binding.
        let letter = queue_mode && version == LwM2mVersion::V1_0;
        let binding = if letter { binding.with_queue_mode() } else { binding };
        let additional = additional.into_iter().collect();
        let parameters = RegisterParameters {
            endpoint, lifetime_s, version, binding, queue_mode, profile_ids, additional, sms_number: None,
        };
        let queries = parameters.write();
        prop_assert_eq!(RegisterParameters::parse(queries.iter().map(String::as_str)), Ok(parameters));
    }

    #[test]
    fn any_query_is_answered(
        queries in prop::collection::vec("[a-zQ=,\"0-9.é]{0,12}", 0..5),
        version in any_version(),
    ) {
        let _ = RegisterParameters::parse(queries.iter().map(String::as_str));
        let _ = UpdateParameters::parse(queries.iter().map(String::as_str), version);
    }
}

#[test]
fn an_update_is_read_back() {
    let version = LwM2mVersion::V1_1;
    let parameters = UpdateParameters {
        lifetime_s: Some(60),
        binding: Some(Binding::default()),
        queue_mode: Some(true),
        ..UpdateParameters::default()
    };
    let queries = parameters.write(version);
    assert_eq!(queries, ["lt=60", "b=U", "Q"]);
    assert_eq!(UpdateParameters::parse(queries.iter().map(String::as_str), version), Ok(parameters));
}

#[test]
fn other_links_and_remarks_are_kept() {
    let list = ObjectLinks::parse(b"</sensors>;rt=\"t\",</0/0>,</1/0>,</1/0>,</3/0/1>,</65535>").unwrap();
    assert_eq!(list.objects.keys().copied().collect::<Vec<_>>(), [1]);
    assert_eq!(list.other_links.len(), 1);
    assert_eq!(
        list.remarks,
        [
            "object 0 must not be listed, ignored",
            "\"/1/0\" is listed more than once",
            "\"/3/0/1\" is deeper than an object instance, ignored",
            "\"/65535\" has the reserved id 65535, ignored",
            "object 3 (Device) is mandatory and not listed",
        ]
    );
    let flood = "</0/0>,".repeat(100) + "</1>";
    assert_eq!(ObjectLinks::parse(flood.as_bytes()).unwrap().remarks.len(), REMARKS_MAX);
}

#[test]
fn links_outside_the_root_are_not_objects() {
    let list = ObjectLinks::parse(b"</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>,</3/1>,</lwm2mx/4>,</lwm2m/logs>")
        .unwrap();
    let expected = RegisteredObject { version: None, instances: BTreeSet::from([0]) };
    assert_eq!(list.objects, BTreeMap::from([(3, expected)]));
    let others: Vec<&str> = list.other_links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(others, ["/3/1", "/lwm2mx/4", "/lwm2m/logs"]);
}

#[test]
fn object_links_as_a_client_writes_them() {
    let mut list = ObjectLinks { root: "/lwm2m".to_string(), ..ObjectLinks::default() };
    list.content_formats = vec![ContentFormat::SENML_CBOR, ContentFormat::TLV];
    list.objects
        .insert(1, RegisteredObject { version: Some("1.1".to_string()), instances: BTreeSet::from([0, 1]) });
    list.objects.insert(3, RegisteredObject { version: None, instances: BTreeSet::from([0]) });
    list.objects.insert(5, RegisteredObject::default());
    let text = "</lwm2m>;rt=\"oma.lwm2m\";ct=\"112 11542\",</lwm2m/1>;ver=1.1,</lwm2m/1/0>,</lwm2m/1/1>,\
                </lwm2m/3/0>,</lwm2m/5>";
    assert_eq!(list.write(), text);
    assert_eq!(ObjectLinks::parse(text.as_bytes()), Ok(list));
}

#[test]
fn discover_answers() {
    let payload = b"</3>;pmin=10,</3/0>;pmax=60,</3/0/7>;dim=2;gt=50;lt=42.2,</3/0/7/1>;lt=45";
    let links = parse_discover(payload).unwrap();
    let paths: Vec<String> = links.iter().map(|link| link.path.to_string()).collect();
    assert_eq!(paths, ["/3", "/3/0", "/3/0/7", "/3/0/7/1"]);
    assert_eq!(links[2].attributes[2], ("lt".to_string(), Some("42.2".to_string())));

    assert_eq!(parse_discover(b"</lwm2m/3/0>").unwrap()[0].path, Path::instance(3, 0));
    assert_eq!(parse_discover(b"</>").unwrap()[0].path, Path::ROOT);
    let classes = [
        ("</3/x>", ErrorClass::LinkBadTarget),
        ("</3/0/1/2/3>", ErrorClass::PathTooDeep),
        ("</3/65535>", ErrorClass::ReservedId),
        ("</3/70000>", ErrorClass::IdOutOfRange),
        ("</3//0>", ErrorClass::LinkBadTarget),
    ];
    for (payload, class) in classes {
        assert_eq!(parse_discover(payload.as_bytes()).unwrap_err().class, class, "{payload}");
    }
}
