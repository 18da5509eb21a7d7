//! Client Registration interface, server side (LwM2M 1.0 TS §5.3). Rows of the conformance table by number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coap::{Block, Code, MessageType, Options, Token};
use common::{LINKS, World, peer, secured, session};
use lwm2m_codec::{ContentFormat, Path, registration::ObjectLinks};
use lwm2m_core::{
    PeerIdentity,
    server::{Admission, Change, Departure, Event, Operation, ServerConfig},
};
use lwm2m_model::Registry;

fn codes(world: &mut World, queries: &[&str], payload: &str) -> Code {
    world.ask(peer(1), Code::POST, "/rd", queries, payload).code
}

#[test]
fn s_001_register_gives_a_location_below_rd() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60", "lwm2m=1.0", "b=U"]);
    assert!(location.starts_with("/rd/") && location.len() > 12, "{location}");
    let registration = world.server.registration("a").unwrap();
    assert_eq!(registration.lifetime_s, 60);
    assert!(matches!(world.events.as_slice(), [Event::Registered(_)]));
}

#[test]
fn s_002_locations_never_come_again() {
    let mut world = World::new();
    let locations: BTreeSet<String> =
        (0..50).map(|i| world.register(peer(1), ["a", "b"][i % 2], &["lt=60"])).collect();
    assert_eq!(locations.len(), 50);
}

#[test]
fn s_003_a_new_register_replaces_the_old_one() {
    let mut world = World::new();
    let first = world.register(peer(1), "a", &["lt=60"]);
    let second = world.register(peer(2), "a", &["lt=60"]);
    assert_eq!(world.server.registration_count(), 1);
    assert_eq!(world.ask(peer(1), Code::POST, &first, &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(peer(2), Code::POST, &second, &[], "").code, Code::CHANGED);
    let replaced = |event: &Event| matches!(event, Event::Departed { why: Departure::Replaced, .. });
    assert!(world.events.iter().any(replaced));
}

/// Refused with this code, without a trace.
fn refused(queries: &[&str], links: &str, code: Code) {
    let mut world = World::new();
    assert_eq!(codes(&mut world, queries, links), code, "{queries:?} {links}");
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.changes, []);
    assert!(world.events.iter().all(|event| matches!(event, Event::Refused { .. })));
}

#[test]
fn s_004_a_register_without_ep_is_refused() {
    refused(&["lt=60"], LINKS, Code::BAD_REQUEST);
    refused(&["ep="], LINKS, Code::BAD_REQUEST);
    refused(&["ep=a", "ep=b"], LINKS, Code::BAD_REQUEST);
}

#[test]
fn s_007_blocked_and_unknown_endpoints_are_told_apart() {
    let admission = Admission {
        blocked: vec!["urn:dev:old-*".into()],
        known: Some(BTreeSet::from(["a".to_owned(), "urn:dev:old-1".to_owned()])),
        ..Admission::default()
    };
    let mut world = World::with_config(ServerConfig { admission, ..ServerConfig::default() });
    assert_eq!(codes(&mut world, &["ep=urn:dev:old-1"], LINKS), Code::FORBIDDEN);
    assert_eq!(codes(&mut world, &["ep=b"], LINKS), Code::BAD_REQUEST);
    assert_eq!(codes(&mut world, &["ep=a"], LINKS), Code::CREATED);
    assert_eq!(world.server.registration_count(), 1);
}

#[test]
fn s_008_a_version_that_we_do_not_speak_is_refused() {
    refused(&["ep=a", "lwm2m=2.0"], LINKS, Code::PRECONDITION_FAILED);
    refused(&["ep=a", "lwm2m=1.3"], LINKS, Code::PRECONDITION_FAILED);
}

#[test]
fn s_010_a_malformed_version_is_refused() {
    refused(&["ep=a", "lwm2m=one"], LINKS, Code::BAD_REQUEST);
    refused(&["ep=a", "lwm2m="], LINKS, Code::BAD_REQUEST);
}

#[test]
fn s_013_a_malformed_lifetime_is_refused() {
    for lifetime in ["lt=-1", "lt=x", "lt=", "lt=0", "lt=99999999999"] {
        refused(&["ep=a", lifetime], LINKS, Code::BAD_REQUEST);
    }
}

#[test]
fn s_014_parameters_come_in_any_order() {
    let queries = ["ep=a", "lt=77", "lwm2m=1.1", "b=U", "sms=49123"];
    for first in 0..queries.len() {
        let mut world = World::new();
        let mut rotated = queries.to_vec();
        rotated.rotate_left(first);
        assert_eq!(codes(&mut world, &rotated, LINKS), Code::CREATED);
        let registration = world.server.registration("a").unwrap();
        assert_eq!((registration.lifetime_s, registration.sms_number.as_deref()), (77, Some("49123")));
    }
}

#[test]
fn s_015_unknown_parameters_are_kept_or_refused_as_the_operator_wants() {
    let queries = ["ep=a", "site=north", "flag"];
    let mut world = World::new();
    assert_eq!(codes(&mut world, &queries, LINKS), Code::CREATED);
    let kept = [("site".to_owned(), Some("north".to_owned())), ("flag".to_owned(), None)];
    assert_eq!(world.server.registration("a").unwrap().additional, kept);
    let mut strict = World::with_config(ServerConfig { strict_parameters: true, ..ServerConfig::default() });
    assert_eq!(codes(&mut strict, &queries, LINKS), Code::BAD_REQUEST);
    let location = strict.register(peer(1), "a", &[]);
    assert_eq!(strict.ask(peer(1), Code::POST, &location, &["site=north"], "").code, Code::BAD_REQUEST);
}

fn queue_mode(queries: &[&str]) -> bool {
    let mut world = World::new();
    world.register(peer(1), "a", queries);
    world.server.registration("a").unwrap().queue_mode
}

#[test]
fn s_016_queue_mode_is_a_letter_in_1_0() {
    for binding in ["b=UQ", "b=SQ", "b=UQS"] {
        assert!(queue_mode(&["lwm2m=1.0", binding]), "{binding}");
    }
    for binding in ["b=U", "b=S", "b=US"] {
        assert!(!queue_mode(&["lwm2m=1.0", binding]), "{binding}");
    }
}

#[test]
fn s_017_queue_mode_is_a_flag_since_1_1() {
    for version in ["lwm2m=1.1", "lwm2m=1.2"] {
        assert!(queue_mode(&[version, "b=U", "Q"]));
        assert!(!queue_mode(&[version, "b=U"]));
    }
}

#[test]
fn s_018_bindings_that_1_0_does_not_have_are_refused() {
    refused(&["ep=a", "lwm2m=1.0", "b=UQSQ"], LINKS, Code::BAD_REQUEST);
    refused(&["ep=a", "lwm2m=1.0", "b=USQ"], LINKS, Code::BAD_REQUEST);
}

#[test]
fn s_019_the_sms_number_is_kept_as_it_comes() {
    for number in ["49123", "+49123"] {
        let mut world = World::new();
        world.register(peer(1), "a", &[&format!("sms={number}")]);
        assert_eq!(world.server.registration("a").unwrap().sms_number.as_deref(), Some(number));
    }
}

/// The Objects of a client that registers with this list.
fn listed(links: &str) -> ObjectLinks {
    let mut world = World::new();
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=1.1"], links), Code::CREATED, "{links}");
    world.server.registration("a").unwrap().links.as_ref().clone()
}

#[test]
fn s_020_objects_instances_and_versions_are_read_from_the_list() {
    let links = listed("</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>,</3303/7>");
    let instances: Vec<(u16, Vec<u16>)> =
        links.objects.iter().map(|(id, object)| (*id, object.instances.iter().copied().collect())).collect();
    assert_eq!(instances, [(1, vec![0]), (3, vec![0]), (3303, vec![0, 7])]);
    assert_eq!(links.objects[&3303].version.as_deref(), Some("1.1"));
}

#[test]
fn s_021_an_object_without_instance_is_kept() {
    let links = listed("</1/0>,</3/0>,</5>");
    assert!(links.objects[&5].instances.is_empty());
}

#[test]
fn s_022_object_versions_are_kept_or_follow_from_the_enabler() {
    let registry = Registry::from_bytes(include_bytes!("../../../assets/registry/registry.bin")).unwrap();
    let mut world = World::new();
    codes(&mut world, &["ep=a", "lwm2m=1.1"], "</1/0>,</3/0>,</5>;ver=1.2,</3303/0>");
    let model = world.server.registration("a").unwrap().model(&registry);
    let version = |object| model.version(object).map(|version| version.to_string());
    assert_eq!(version(5).as_deref(), Some("1.2"), "as listed");
    assert_eq!(version(3).as_deref(), Some("1.1"), "a core Object of LwM2M 1.1");
    assert_eq!(version(3303).as_deref(), Some("1.0"), "any other Object");
}

#[test]
fn s_023_unknown_objects_and_versions_are_no_mistake() {
    let links = listed("</1/0>,</3/0>,</64999>;ver=9.9,</64999/3>");
    assert_eq!(links.objects[&64999].version.as_deref(), Some("9.9"));
}

#[test]
fn s_024_unknown_link_attributes_are_ignored() {
    let links = listed(r#"</1/0>;if="x";sz=4,</3/0>;foo;obs"#);
    assert_eq!(links.objects.keys().copied().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_refusal_says_what_was_expected_and_what_came() {
    let mut world = World::new();
    let reply = world.ask(peer(1), Code::POST, "/rd", &["ep=a", "lt=soon"], LINKS);
    let text = String::from_utf8(reply.payload).unwrap();
    assert!(text.contains("soon") && text.contains("lt"), "{text}");
}

#[test]
fn s_009_the_versions_that_we_speak_are_kept() {
    let mut world = World::new();
    for version in ["1.0", "1.1", "1.2"] {
        world.register(peer(1), "a", &[&format!("lwm2m={version}")]);
        assert_eq!(world.server.registration("a").unwrap().version.to_string(), version);
    }
    world.register(peer(1), "a", &["lwm2m=1.0.2"]);
    assert_eq!(world.server.registration("a").unwrap().version.to_string(), "1.0", "a patch of 1.0");
}

#[test]
fn s_011_without_a_version_1_0_is_meant() {
    let mut world = World::new();
    world.register(peer(1), "a", &[]);
    assert_eq!(world.server.registration("a").unwrap().version.to_string(), "1.0");
}

#[test]
fn s_012_without_a_lifetime_a_day_is_meant() {
    let mut world = World::new();
    world.register(peer(1), "a", &[]);
    assert_eq!(world.server.registration("a").unwrap().lifetime_s, 86_400);
}

#[test]
fn s_026_an_alternate_path_has_no_number() {
    refused(&["ep=a"], r#"</lwm2m/7>;rt="oma.lwm2m",</lwm2m/7/1/0>"#, Code::BAD_REQUEST);
}

#[test]
fn s_027_formats_come_from_the_root_link() {
    let formats = |links: &str| listed(links).content_formats;
    let both = [ContentFormat::CBOR, ContentFormat::SENML_CBOR];
    assert_eq!(formats(r#"</>;rt="oma.lwm2m";ct="60 112",</1/0>,</3/0>"#), both);
    assert_eq!(formats("</>;ct=11543,</1/0>,</3/0>"), [ContentFormat::JSON]);
}

#[test]
fn s_028_blanks_after_commas_are_accepted() {
    assert_eq!(listed("</1/0>, </3/0>,  </5/0>").objects.len(), 3);
}

#[test]
fn s_029_objects_with_secrets_are_ignored_and_flagged() {
    let links = listed("</0/0>,</1/0>,</3/0>,</21/0>");
    assert_eq!(links.objects.keys().copied().collect::<Vec<_>>(), [1, 3]);
    assert_eq!(links.remarks.len(), 2, "{:?}", links.remarks);
}

#[test]
fn s_030_a_malformed_list_is_refused() {
    refused(&["ep=a"], "</1/0", Code::BAD_REQUEST);
    refused(&["ep=a"], "</1/x>", Code::BAD_REQUEST);
    refused(&["ep=a"], "", Code::BAD_REQUEST);
}

#[test]
fn s_031_a_register_may_come_in_blocks() {
    let mut world = World::new();
    let list: String = (0..20).map(|instance| format!("</3303/{instance}>,")).collect::<String>() + LINKS;
    let blocks: Vec<&[u8]> = list.as_bytes().chunks(64).collect();
    for (position, payload) in blocks.iter().enumerate() {
        let more = position + 1 < blocks.len();
        let block = Block { num: u32::try_from(position).unwrap(), more, szx: 2 };
        let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
        let message = world.message(Code::POST, options.with_block1(block), payload);
        world.give(peer(1), &message);
        let code = world.reply_to(peer(1), &message).code;
        assert_eq!(code, if more { Code::CONTINUE } else { Code::CREATED });
    }
    assert_eq!(world.server.registration("a").unwrap().links.objects[&3303].instances.len(), 20);
}

#[test]
fn s_032_a_list_in_another_format_is_refused() {
    let mut world = World::new();
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(50);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).code, Code::UNSUPPORTED_CONTENT_FORMAT);
}

/// A server that knows the profile `oma:basic`: Server, Device, and a thermometer.
fn with_profile() -> World {
    let objects = ObjectLinks::parse(b"</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>").unwrap().objects;
    let profiles = BTreeMap::from([("oma:basic".to_owned(), objects)]);
    World::with_config(ServerConfig { profiles, ..ServerConfig::default() })
}

fn objects(world: &World) -> Vec<u16> {
    world.server.registration("a").unwrap().links.objects.keys().copied().collect()
}

#[test]
fn s_033_a_known_profile_stands_for_a_list() {
    let mut world = with_profile();
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=1.2", "pid=oma:basic"], ""), Code::CREATED);
    assert_eq!(objects(&world), [1, 3, 3303]);
    assert_eq!(world.server.registration("a").unwrap().profile_ids, ["oma:basic"]);
}

#[test]
fn s_034_a_profile_and_a_list_are_merged() {
    let mut world = with_profile();
    let queries = ["ep=a", "lwm2m=1.2", "pid=oma:basic"];
    assert_eq!(codes(&mut world, &queries, "</5/0>,</3303/7>"), Code::CREATED);
    assert_eq!(objects(&world), [1, 3, 5, 3303]);
    let thermometer = &world.server.registration("a").unwrap().links.objects[&3303];
    assert_eq!((thermometer.instances.len(), thermometer.version.as_deref()), (2, Some("1.1")));
}

#[test]
fn s_035_an_unknown_profile_needs_a_list() {
    let mut world = World::new();
    let queries = ["ep=a", "lwm2m=1.2", "pid=6:27354b9a"];
    assert_eq!(codes(&mut world, &queries, ""), Code::CONFLICT);
    assert_eq!(codes(&mut world, &["ep=a", "lwm2m=1.2"], ""), Code::CONFLICT, "nor a profile");
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(codes(&mut world, &queries, LINKS), Code::CREATED);
    assert_eq!(codes(&mut world, &queries, ""), Code::CREATED, "learnt from the client itself");
    assert_eq!(objects(&world), [1, 3, 3303]);
    assert_eq!(
        codes(&mut world, &["ep=b", "lwm2m=1.2", "pid=6:27354b9a"], ""),
        Code::CONFLICT,
        "not for others"
    );
}

#[test]
fn s_037_requests_go_to_the_peer_that_registered() {
    let mut world = secured();
    world.register(session(1), "a", &[]);
    world.register(peer(5), "b", &[]);
    for (endpoint, peer, identity) in
        [("a", session(1), PeerIdentity::Psk("a".into())), ("b", peer(5), PeerIdentity::NoSec)]
    {
        let registration = world.server.registration(endpoint).unwrap();
        assert_eq!((registration.peer, &registration.identity), (peer, &identity));
        world.operate(endpoint, Operation::Read { path: Path::object(3), accept: None });
        assert_eq!(world.request().0, peer);
    }
}

#[test]
fn s_038_an_update_renews_the_lifetime() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_secs(50));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
    world.pass(Duration::from_secs(50));
    assert_eq!(world.server.registration_count(), 1);
    world.pass(Duration::from_secs(10));
    assert_eq!(world.server.registration_count(), 0);
}

#[test]
fn s_039_an_update_changes_the_lifetime() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["lt=300"], "").code, Code::CHANGED);
    world.pass(Duration::from_secs(299));
    assert_eq!(world.server.registration("a").unwrap().lifetime_s, 300);
}

#[test]
fn s_040_an_update_with_a_list_replaces_the_whole_list() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "</1/0>,</3/0>,</5>").code, Code::CHANGED);
    assert_eq!(objects(&world), [1, 3, 5]);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::CHANGED);
    assert_eq!(objects(&world), [1, 3, 5], "none keeps the list");
}

#[test]
fn s_041_an_update_changes_binding_and_sms_number() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["sms=1"]);
    let queries = ["b=UQ", "sms=49123"];
    assert_eq!(world.ask(peer(1), Code::POST, &location, &queries, "").code, Code::CHANGED);
    let registration = world.server.registration("a").unwrap();
    assert_eq!((registration.binding.as_str(), registration.queue_mode), ("UQ", true));
    assert_eq!(registration.sms_number.as_deref(), Some("49123"));
}

#[test]
fn s_042_an_update_may_be_a_put() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    assert_eq!(world.ask(peer(1), Code::PUT, &location, &["lt=300"], "").code, Code::CHANGED);
    assert_eq!(world.server.registration("a").unwrap().lifetime_s, 300);
}

#[test]
fn s_043_an_update_needs_a_registration() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    assert_eq!(world.ask(peer(1), Code::POST, "/rd/0123", &[], "").code, Code::NOT_FOUND);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["ep=other"], "").code, Code::BAD_REQUEST);
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["lwm2m=1.1"], "").code, Code::BAD_REQUEST);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::NOT_FOUND, "expired");
}

#[test]
fn s_045_requests_follow_the_address_of_the_client() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(9), Code::POST, &location, &[], "").code, Code::CHANGED);
    world.operate("a", Operation::Read { path: Path::object(3), accept: None });
    assert_eq!(world.request().0, peer(9), "without security with the Update");
    // In a session the transport knows the address; the peer stays the session (RFC 9146).
    let mut world = secured();
    let location = world.register(session(1), "a", &[]);
    assert_eq!(world.ask(session(1), Code::POST, &location, &[], "").code, Code::CHANGED);
    world.operate("a", Operation::Read { path: Path::object(3), accept: None });
    assert_eq!(world.request().0, session(1));
}

#[test]
fn s_047_a_deregister_needs_a_registration() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::DELETED);
    assert_eq!(world.server.registration_count(), 0);
    assert_eq!(world.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::NOT_FOUND);
    let gone = |event: &Event| matches!(event, Event::Departed { why: Departure::Deregistered, .. });
    assert!(world.events.iter().any(gone));
}

#[test]
fn s_048_a_registration_expires_with_its_lifetime() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_millis(59_999));
    assert_eq!(world.server.registration_count(), 1);
    world.pass(Duration::from_millis(1));
    assert_eq!(world.server.registration_count(), 0);
    assert!(world.changes.iter().any(|change| matches!(change, Change::Removed { .. })));
    assert_eq!(world.ask(peer(1), Code::POST, &location, &[], "").code, Code::NOT_FOUND);
}

#[test]
fn s_050_rd_has_its_methods() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &[]);
    for method in [Code::GET, Code::PUT, Code::DELETE] {
        let reply = world.ask(peer(1), method, "/rd", &[], "");
        assert_eq!(reply.code, Code::METHOD_NOT_ALLOWED, "{method}");
        assert!(String::from_utf8(reply.payload).unwrap().starts_with("POST expected"));
    }
    assert_eq!(world.ask(peer(1), Code::GET, &location, &[], "").code, Code::METHOD_NOT_ALLOWED);
}

#[test]
fn s_051_a_client_can_be_told_to_update() {
    let mut world = World::new();
    world.register(peer(1), "a", &["lwm2m=1.1"]);
    for arguments in [None, Some("0='U'".to_owned())] {
        let path = Path::resource(1, 0, 8);
        let id = world.operate("a", Operation::Execute { path, arguments: arguments.clone() });
        let (_, request) = world.request();
        assert_eq!((request.code, request.options.uri_path().unwrap()), (Code::POST, vec!["1", "0", "8"]));
        assert_eq!(request.payload, arguments.clone().unwrap_or_default().as_bytes());
        assert_eq!(request.options.content_format(), arguments.map(|_| 0));
        world.answer(peer(1), &request, Code::CHANGED, Options::new(), b"");
        assert_eq!(world.result(id).unwrap().unwrap().code, Code::CHANGED);
    }
}

#[test]
fn s_052_servers_hold_the_same_client_side_by_side() {
    let (mut one, mut other) = (World::new(), World::new());
    let location = one.register(peer(1), "a", &["lt=60"]);
    other.register(peer(1), "a", &["lt=300"]);
    assert_eq!(one.ask(peer(1), Code::DELETE, &location, &[], "").code, Code::DELETED);
    assert_eq!((one.server.registration_count(), other.server.registration_count()), (0, 1));
    assert_eq!(other.server.registration("a").unwrap().lifetime_s, 300);
}

/// Seen on the wire: no Content-Format, no token, no binding, Object 0, an unquoted version, instances twice.
#[test]
fn what_real_clients_send_is_accepted() {
    let mut world = World::new();
    let list = "</>;rt=\"oma.lwm2m\";ct=110,</0/0>,</1>;ver=1.1,</1/0>,</3>;ver=\"1.1\",</3/0>,</3/0>";
    let options = ["lwm2m=1.1", "lt=300", "Q", "ep=a"]
        .iter()
        .fold(Options::new().with_path("/rd"), |options, query| options.with_query(query));
    let mut message = world.message(Code::POST, options, list.as_bytes());
    message.token = Token::EMPTY;
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CREATED);
    let registration = world.server.registration("a").unwrap();
    assert_eq!((registration.queue_mode, registration.binding.as_str()), (true, "U"));
    assert_eq!(registration.links.objects.keys().copied().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn s_150_the_server_says_what_it_has() {
    let mut world = World::new();
    let reply = world.ask(peer(1), Code::GET, "/.well-known/core", &[], "");
    assert_eq!((reply.code, reply.options.content_format()), (Code::CONTENT, Some(40)));
    let links = lwm2m_codec::link::parse(&reply.payload).unwrap();
    let targets: Vec<&str> = links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(targets, ["/rd", "/dp"]);
}

#[test]
fn s_151_what_is_not_there_or_cannot_be_done_is_told_apart() {
    let mut world = World::new();
    for (method, path, accept, code) in [
        (Code::GET, "/nothing", None, Code::NOT_FOUND),
        (Code::POST, "/", None, Code::NOT_FOUND),
        (Code::POST, "/.well-known/core", None, Code::METHOD_NOT_ALLOWED),
        (Code::GET, "/dp", None, Code::METHOD_NOT_ALLOWED),
        (Code::FETCH, "/rd", None, Code::METHOD_NOT_ALLOWED),
        (Code::GET, "/.well-known/core", Some(50), Code::NOT_ACCEPTABLE),
    ] {
        let options = Options::new().with_path(path);
        let options = accept.iter().fold(options, |options, accept| options.with_accept(*accept));
        let message = world.message(method, options, b"");
        world.give(peer(1), &message);
        let reply = world.reply_to(peer(1), &message);
        assert_eq!(reply.code, code, "{method} {path}");
        assert!(String::from_utf8(reply.payload).unwrap().contains("expected"));
    }
}

#[test]
fn no_acknowledgement_leaves_before_its_ticket() {
    let mut world = World::new();
    world.hold = true;
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    world.give(peer(1), &message); // a retransmission is absorbed
    assert_eq!((world.sent.len(), world.server.registration_count(), world.held.len()), (0, 0, 1));
    world.release();
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CREATED);
    world.give(peer(1), &message);
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CREATED, "answered again, done once");
    assert_eq!(world.changes.len(), 1);
}

#[test]
fn a_slow_store_means_an_empty_acknowledgement_and_a_separate_response() {
    let mut world = World::new();
    world.hold = true;
    let options = Options::new().with_path("/rd").with_query("ep=a").with_content_format(40);
    let message = world.message(Code::POST, options, LINKS.as_bytes());
    world.give(peer(1), &message);
    world.pass(Duration::from_millis(1_500));
    let reply = world.reply_to(peer(1), &message);
    assert_eq!((reply.message_type, reply.code), (MessageType::Acknowledgement, Code::EMPTY));
    world.release();
    let (_, response) = world.sent.pop_front().unwrap();
    assert_eq!((response.message_type, response.code), (MessageType::Confirmable, Code::CREATED));
    assert_eq!(response.token, message.token);
}

#[test]
fn what_cannot_be_stored_is_not_acknowledged() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.fail = true;
    let reply = world.ask(peer(2), Code::POST, "/rd", &["ep=b"], LINKS);
    assert_eq!(reply.code, Code::SERVICE_UNAVAILABLE);
    assert!(reply.options.max_age().is_some());
    assert!(world.server.registration("b").is_none());
    assert_eq!(world.ask(peer(1), Code::POST, &location, &["lt=999"], "").code, Code::SERVICE_UNAVAILABLE);
    assert_eq!(world.server.registration("a").unwrap().lifetime_s, 60);
    world.pass(Duration::from_secs(60));
    assert_eq!(world.server.registration_count(), 0, "the refused Update did not extend the lifetime");
}

#[test]
fn an_update_that_waits_for_the_store_keeps_the_registration_alive() {
    let mut world = World::new();
    let location = world.register(peer(1), "a", &["lt=60"]);
    world.pass(Duration::from_millis(59_900));
    world.hold = true;
    let message = world.message(Code::POST, Options::new().with_path(&location), b"");
    world.give(peer(1), &message);
    world.pass(Duration::from_millis(500));
    world.release();
    assert_eq!(world.reply_to(peer(1), &message).code, Code::CHANGED);
    assert_eq!(world.server.registration_count(), 1);
}
