//! What is written: format, version, instance ids, secrets.

use coap::{Code, Message, Options};
use lwm2m_codec::{ContentFormat, Node, Path, Record, Value, decode};
use lwm2m_core::bootstrap_server::{Account, BootstrapInformation, BootstrapOperation, OnRefusal};

use crate::world::{
    ENDPOINT, EP, World, access_control, account, definitions, everything, example, peer, resources, shown,
};

/// The Writes to a device with these instances, decoded.
fn writes(information: BootstrapInformation, queries: &[&str], links: &str) -> Vec<(Path, Vec<Record>)> {
    let mut world = World::giving(information);
    world.request(peer(1), queries);
    let mut writes = Vec::new();
    while let Some((to, sent)) = world.next_command() {
        match sent.code {
            Code::GET => world.answer_discover(to, &sent, links),
            Code::DELETE => world.answer(to, &sent, Code::DELETED),
            _ => world.answer(to, &sent, Code::CHANGED),
        }
        if sent.code == Code::PUT {
            writes.push(written(&sent));
        }
    }
    assert_eq!(world.ended(), [(7, Ok(()))]);
    writes
}

fn written(command: &Message) -> (Path, Vec<Record>) {
    let path: Path = format!("/{}", command.options.uri_path().unwrap().join("/")).parse().unwrap();
    let format = ContentFormat(command.options.content_format().unwrap());
    (path, decode(format, &path, &command.payload, &*definitions()).unwrap())
}

fn paths(information: BootstrapInformation, links: &str) -> Vec<String> {
    let information = BootstrapInformation { discover: true, ..information };
    writes(information, &[EP], links).into_iter().map(|(path, _)| path.to_string()).collect()
}

#[test]
fn b_004_the_device_is_written_to_as_it_prefers() {
    let text = |format: ContentFormat, queries: &[&str]| {
        let mut world = World::giving(example());
        world.request(peer(1), queries);
        let (to, delete) = world.next_command().unwrap();
        world.answer(to, &delete, Code::DELETED);
        let (_, write) = world.next_command().unwrap();
        assert_eq!(write.options.content_format(), Some(format.0), "{queries:?}");
        written(&write)
    };
    let tlv = text(ContentFormat::TLV, &[EP]);
    for (pct, format) in [
        ("pct=110", ContentFormat::SENML_JSON),
        ("pct=112", ContentFormat::SENML_CBOR),
        ("pct=11542", ContentFormat::TLV),
        ("pct=11544", ContentFormat::LWM2M_CBOR),
    ] {
        let (path, mut records) = text(format, &[EP, pct]);
        records.sort_by_key(|record| record.path);
        assert_eq!((path, records), tlv, "{pct}");
    }
}

#[test]
fn b_004_a_configuration_may_choose_another_format() {
    let content_format = Some(ContentFormat::SENML_CBOR);
    let mut world = World::giving(BootstrapInformation { content_format, ..example() });
    world.request(peer(1), &[EP, "pct=110"]);
    let (to, delete) = world.next_command().unwrap();
    world.answer(to, &delete, Code::DELETED);
    let (_, write) = world.next_command().unwrap();
    assert_eq!(write.options.content_format(), Some(112));
    assert_eq!(world.steps()[4].content_format, content_format);
}

#[test]
fn b_006_an_object_is_written_with_several_instances() {
    let record = |instance, value| Record::new(Path::resource(3442, instance, 110), Value::string(value));
    let records = vec![record(0, "a"), record(5, "b")];
    for pct in ["pct=11542", "pct=112", "pct=110", "pct=11544"] {
        let information = BootstrapInformation {
            instances: vec![(Path::object(3442), records.clone())],
            ..BootstrapInformation::default()
        };
        assert_eq!(writes(information, &[EP, pct], ""), [(Path::object(3442), records.clone())], "{pct}");
    }
}

#[test]
fn b_007_what_discover_tells_decides_the_version() {
    let mut with_newer = account(101);
    with_newer.security.insert(16, Node::Children([(0, Node::Value(Value::Unsigned(49_320)))].into()));
    with_newer.security.insert(25, Node::Children([(0, Node::Value(Value::string("coap://b")))].into()));
    with_newer.server.insert(13, Node::Value(Value::Unsigned(1)));
    with_newer.server.insert(26, Node::Value(Value::Integer(1)));
    let numbers = |queries: &[&str], links: &str| {
        let information = BootstrapInformation {
            discover: true,
            accounts: vec![with_newer.clone()],
            ..BootstrapInformation::default()
        };
        let writes = writes(information, queries, links);
        let newer = writes.iter().flat_map(|(_, records)| records).map(|record| record.path);
        let newer = newer.filter(|path| {
            let resource = path.resource_id();
            (path.object_id() == Some(0) && resource > Some(10)) || resource > Some(7) && resource != Some(10)
        });
        newer.filter_map(|path| path.resource_id()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&[EP], "lwm2m=\"1.0\",</0/9>"), [0_u16; 0]);
    assert_eq!(numbers(&[EP], "</>;lwm2m=1.1,</0/9>"), [16, 13]);
    assert_eq!(numbers(&[EP], "</>;lwm2m=1.2,</0/9>"), [16, 25, 13, 26]);
    assert_eq!(numbers(&[EP], "</>;lwm2m=1.1,</0>;ver=1.2,</0/9>"), [16, 25, 13]);
    assert_eq!(numbers(&[EP], "</>;lwm2m=7.0,</0/9>"), [16, 25, 13, 26]);
    // Where it does not say, `pct` came with 1.1.
    assert_eq!(numbers(&[EP], "</0/9>"), [0_u16; 0]);
    assert_eq!(numbers(&[EP, "pct=112"], "</0/9>"), [16, 13]);
    assert_eq!(numbers(&[EP, "pct=11544"], "</0/9>"), [16, 25, 13, 26]);
}

#[test]
fn b_007_what_is_left_out_is_said() {
    let mut account = account(101);
    account.server.insert(13, Node::Value(Value::Unsigned(1)));
    account.server.insert(25, Node::Children([(0, Node::Value(Value::string("1.2")))].into()));
    let mut world =
        World::giving(BootstrapInformation { accounts: vec![account], ..BootstrapInformation::default() });
    world.request(peer(1), &[EP]);
    world.obey("");
    let write = world.steps().into_iter().find(|step| step.path == "/1/0").unwrap();
    assert_eq!(
        write.remark,
        "left out, as LwM2M Server in version 1.0 has no such Resource: /1/0/13, /1/0/25"
    );
}

#[test]
fn b_007_queue_mode_is_part_of_the_binding_before_1_1() {
    let binding = |text: &str, queue_mode, queries: &[&str]| {
        let mut account = Account { queue_mode, ..account(101) };
        account.server.insert(7, Node::Value(Value::string(text)));
        let information = BootstrapInformation { accounts: vec![account], ..BootstrapInformation::default() };
        let (_, records) = writes(information, queries, "").remove(1);
        records.into_iter().find(|record| record.path.resource_id() == Some(7)).unwrap().value.to_string()
    };
    assert_eq!(binding("U", true, &[EP]), "UQ");
    assert_eq!(binding("UQ", false, &[EP]), "UQ");
    assert_eq!(binding("US", true, &[EP]), "UQS");
    assert_eq!(binding("S", true, &[EP]), "SQ");
    assert_eq!(binding("UT", false, &[EP]), "U");
    assert_eq!(binding("UQ", true, &[EP, "pct=112"]), "U");
    assert_eq!(binding("UT", true, &[EP, "pct=112"]), "UT");
}

#[test]
fn b_007_old_forms_of_the_answer_are_read() {
    let discover = "lwm2m=\"1.0\",</0/0/>;ssid=7,</0/1/>,</1/0/>;ssid=7,</3/0/>,</5/>";
    let information =
        BootstrapInformation { accounts: vec![account(101)], ..BootstrapInformation::default() };
    assert_eq!(paths(information, discover), ["/0/2", "/1/1"]);
}

#[test]
fn b_007_an_answer_that_cannot_be_read_stops_unless_all_ids_are_given() {
    let run = |information: BootstrapInformation, code: Code| {
        let mut world = World::giving(BootstrapInformation { discover: true, ..information });
        world.request(peer(1), &[EP]);
        let (to, discover) = world.next_command().unwrap();
        world.answer_with(to, &discover, code, Options::new(), b"<0/0>");
        let rest = world.obey("");
        (rest, world.steps()[3].failed)
    };
    let free = || BootstrapInformation { accounts: vec![account(1)], ..BootstrapInformation::default() };
    let given = Account { security_instance: Some(4), server_instance: Some(5), ..account(1) };
    let given = || BootstrapInformation { accounts: vec![given.clone()], ..BootstrapInformation::default() };
    for code in [Code::CONTENT, Code::METHOD_NOT_ALLOWED, Code::NOT_FOUND] {
        assert_eq!(run(free(), code), (vec![], true));
        assert_eq!(run(given(), code).0, ["PUT /0/4", "PUT /1/5", "POST /bs"]);
        let on_refusal = OnRefusal::Continue;
        assert_eq!(run(BootstrapInformation { on_refusal, ..free() }, code).0.len(), 3);
    }
}

#[test]
fn b_014_the_account_of_the_bootstrap_server_is_never_overwritten() {
    let two = || BootstrapInformation {
        accounts: vec![account(101), account(102)],
        access_control: vec![access_control()],
        ..BootstrapInformation::default()
    };
    assert_eq!(paths(two(), "</0/0>,</1>"), ["/0/1", "/1/0", "/0/2", "/1/1", "/2/0"]);
    assert_eq!(paths(two(), "</0/1>,</2/0>,</2/2>"), ["/0/0", "/1/0", "/0/2", "/1/1", "/2/1"]);
    // What is deleted first is free, but for that account.
    let emptied = BootstrapInformation { delete: vec![Path::ROOT], ..two() };
    let links = "</0/0>,</0/1>;ssid=3,</1/0>;ssid=3,</2/0>,</3/0>";
    assert_eq!(paths(emptied, links), ["/0/1", "/1/0", "/0/2", "/1/1", "/2/0"]);
    // An account with the same server is written again in its place.
    assert_eq!(
        paths(two(), "</0/0>,</0/5>;ssid=102,</1/3>;ssid=102"),
        ["/0/1", "/1/0", "/0/5", "/1/3", "/2/0"]
    );
}

#[test]
fn b_014_an_id_that_would_overwrite_it_is_refused_before_anything_is_done() {
    let clash = Account { security_instance: Some(1), ..account(101) };
    let other = (Path::instance(0, 1), vec![Record::new(Path::resource(0, 1, 0), Value::string("x"))]);
    for information in [
        BootstrapInformation { accounts: vec![clash], ..BootstrapInformation::default() },
        BootstrapInformation { instances: vec![other], ..BootstrapInformation::default() },
    ] {
        let mut world =
            World::giving(BootstrapInformation { discover: true, delete: vec![Path::ROOT], ..information });
        world.request(peer(1), &[EP]);
        assert_eq!(world.obey("</0/0>;ssid=4,</0/1>"), ["GET /"]);
        assert!(world.failure().what.contains("/0/1 is the account"), "{:?}", world.failure());
    }
}

#[test]
fn b_014_it_is_replaced_on_purpose() {
    let own = Account { bootstrap_server: true, ..account(0) };
    let information =
        BootstrapInformation { accounts: vec![own, account(101)], ..BootstrapInformation::default() };
    assert_eq!(paths(information, "</0/0>;ssid=3,</0/4>,</1/0>;ssid=3"), ["/0/4", "/0/1", "/1/1"]);
}

#[test]
fn b_009_deletes_leave_the_account_of_the_bootstrap_server_which_discover_shows() {
    let delete = ["/0", "/0/1", "/1"].map(|path| path.parse().unwrap()).into();
    let information = BootstrapInformation {
        discover: true,
        delete,
        accounts: vec![account(101)],
        read: everything(),
        ..BootstrapInformation::default()
    };
    for (after, remark) in [
        ("</>;lwm2m=1.0,</0/0>;ssid=101,</0/1>,</1/0>;ssid=101", "everything is there"),
        ("</>;lwm2m=1.0,</0/0>;ssid=101,</1/0>;ssid=101", "not there: /0/1"),
    ] {
        let mut world = World::giving(information.clone());
        world.request(peer(1), &[EP]);
        let mut commands = Vec::new();
        while let Some((to, sent)) = world.next_command() {
            commands.push(shown(&sent));
            match sent.code {
                Code::GET if commands.len() == 1 => {
                    world.answer_discover(to, &sent, "lwm2m=1.0,</0/0>;ssid=5,</0/1>,</1/0>;ssid=5");
                }
                Code::GET => world.answer_discover(to, &sent, after),
                Code::DELETE => world.answer(to, &sent, Code::DELETED),
                _ => world.answer(to, &sent, Code::CHANGED),
            }
        }
        // Its own account is not even asked to be deleted.
        assert_eq!(
            commands,
            ["GET /", "DELETE /0", "DELETE /1", "PUT /0/0", "PUT /1/0", "GET /", "POST /bs"]
        );
        let discovered: Vec<_> = world
            .steps()
            .into_iter()
            .filter(|step| step.operation == BootstrapOperation::Discover && step.from_device)
            .map(|step| step.remark.clone())
            .collect();
        assert!(discovered[0].contains("which is left alone: /0/1"), "{discovered:?}");
        assert!(discovered[1].contains(remark), "{discovered:?}");
    }
}

#[test]
fn b_008_servers_are_read_since_1_1_and_accounts_since_1_2() {
    let information = BootstrapInformation { discover: true, read: everything(), ..example() };
    let reads = |version: &str| {
        let mut world = World::giving(information.clone());
        world.request(peer(1), &[EP]);
        let mut reads = Vec::new();
        while let Some((to, sent)) = world.next_command() {
            match (sent.code, sent.options.accept()) {
                (Code::GET, Some(40)) => {
                    world.answer_discover(to, &sent, &format!("</>;lwm2m={version},</0/9>"));
                }
                (Code::GET, accept) => {
                    assert_eq!(accept, Some(11542));
                    reads.push(shown(&sent));
                    // TLV of /2: one instance, owned by another server.
                    let payload: &[u8] = match shown(&sent).as_str() {
                        "GET /2" => {
                            &[0x08, 0, 14, 0xc1, 0, 1, 0xc1, 1, 0, 0x83, 2, 0x41, 101, 15, 0xc1, 3, 102]
                        }
                        _ => &[0xff],
                    };
                    let options = Options::new().with_content_format(11542);
                    world.answer_with(to, &sent, Code::CONTENT, options, payload);
                }
                (Code::DELETE, _) => world.answer(to, &sent, Code::DELETED),
                _ => world.answer(to, &sent, Code::CHANGED),
            }
        }
        assert_eq!(world.ended(), [(7, Ok(()))], "what is read is remarked on only");
        let remarks = world.steps().into_iter().filter(|step| step.operation == BootstrapOperation::Read);
        let remarks = remarks.filter(|step| step.from_device).map(|step| step.remark.clone());
        (reads, remarks.collect::<Vec<_>>())
    };
    assert_eq!(reads("1.0"), (vec![], vec![]));
    assert_eq!(reads("1.1"), (vec!["GET /2".to_owned()], vec!["not as it was written: /2/0/3".to_owned()]));
    let (paths, remarks) = reads("1.2");
    assert_eq!(paths, ["GET /1", "GET /2"]);
    assert!(remarks[0].contains("cannot be read"), "{remarks:?}");
}

#[test]
fn b_023_no_alternate_path_is_prefixed() {
    let information = BootstrapInformation { discover: true, ..example() };
    let mut world = World::giving(information);
    world.request(peer(1), &[EP]);
    let links = "</lwm2m>;rt=\"oma.lwm2m\";lwm2m=1.1,</lwm2m/0/0>,</lwm2m/1>,</lwm2m/3/0>";
    assert_eq!(world.obey(links), ["GET /", "DELETE /", "PUT /0/1", "PUT /1/0", "PUT /2/0", "POST /bs"]);
}

#[test]
fn b_024_secrets_are_zero_in_what_is_told_and_as_long() {
    let secret = [0xab; 16];
    let mut psk = account(101);
    psk.security.insert(2, Node::Value(Value::Integer(0)));
    psk.security.insert(3, Node::Value(Value::opaque(*b"the identity")));
    psk.security.insert(5, Node::Value(Value::opaque(secret)));
    psk.security.insert(8, Node::Value(Value::opaque(secret)));
    let oscore = vec![Record::new(Path::resource(21, 0, 0), Value::opaque(secret))];
    let password = vec![
        Record::new(Path::resource(11, 0, 0), Value::string("profile")),
        Record::new(Path::resource(11, 0, 6), Value::string("abababababababab")),
    ];
    let information = BootstrapInformation {
        accounts: vec![psk],
        instances: vec![(Path::instance(21, 0), oscore), (Path::instance(11, 0), password)],
        ..BootstrapInformation::default()
    };
    for pct in ["pct=11542", "pct=112", "pct=110", "pct=11544"] {
        let mut world = World::giving(information.clone());
        world.request(peer(1), &[EP, pct]);
        let mut sent = Vec::new();
        while let Some((to, command)) = world.next_command() {
            world.answer(to, &command, Code::CHANGED);
            sent.push(command);
        }
        let steps: Vec<_> = world.steps().into_iter().filter(|step| !step.from_device).skip(1).collect();
        for (step, command) in steps.iter().zip(&sent) {
            assert_eq!(step.payload.len(), command.payload.len(), "{pct} {}", step.path);
            let told = format!("{step:?}");
            assert!(!told.contains("171, 171") && !told.contains("abab"), "{told}");
        }
        let masked = |index: usize| steps[index].masked.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(masked(0), ["/0/0/5", "/0/0/8"]);
        assert_eq!(
            (masked(1), masked(2), masked(3)),
            (vec![], vec!["/21/0/0".into()], vec!["/11/0/6".into()])
        );
        let identity = |payload: &[u8]| payload.windows(12).any(|window| window == b"the identity");
        assert!(pct == "pct=110" || identity(&steps[0].payload), "an identity is no secret");
        let told = format!("{:?}", world.events);
        assert!(!told.contains("171, 171") && !told.contains("abab"));
    }
}

/// Everything at once.
fn pack(information: BootstrapInformation, accept: Option<u16>) -> (Message, World) {
    let mut world = World::giving(information);
    let options = Options::new().with_path("/bspack").with_query(EP);
    let options = accept.iter().fold(options, |options, accept| options.with_accept(*accept));
    world.send(peer(1), Code::GET, options);
    let (_, answer) = world.sent.pop_front().unwrap();
    assert!(world.sent.is_empty());
    (answer, world)
}

#[test]
fn b_015_a_pack_holds_everything_at_once() {
    for (accept, format) in
        [(None, 112), (Some(112), 112), (Some(110), 110), (Some(11544), 11544), (Some(322), 322)]
    {
        let (answer, world) = pack(BootstrapInformation { pack: true, ..example() }, accept);
        assert_eq!((answer.code, answer.options.content_format()), (Code::CONTENT, Some(format)));
        let format = ContentFormat(format);
        let records = decode(format, &Path::ROOT, &answer.payload, &*definitions()).unwrap();
        let expected = writes(example(), &[EP, "pct=11544"], "");
        let expected: Vec<_> = expected.into_iter().flat_map(|(_, records)| records).collect();
        assert_eq!(records, expected, "{format}");
        assert_eq!(world.ended(), [(7, Ok(()))]);
        let step = world.steps()[1];
        assert!(step.remark.contains("does not delete what is in Objects that it does not name"), "{step:?}");
    }
}

#[test]
fn b_015_secrets_of_a_pack_are_masked() {
    let mut psk = account(101);
    psk.security.insert(5, Node::Value(Value::opaque([0xab; 16])));
    let information =
        BootstrapInformation { pack: true, accounts: vec![psk], ..BootstrapInformation::default() };
    let (answer, world) = pack(information, Some(112));
    let step = world.steps()[1];
    assert_eq!(step.masked, [Path::resource(0, 0, 5)]);
    assert_eq!(step.payload.len(), answer.payload.len());
    assert!(answer.payload.windows(16).any(|window| window == [0xab; 16]));
    assert!(!step.payload.contains(&0xab));
}

#[test]
fn b_016_a_pack_that_is_not_given_has_its_code() {
    use lwm2m_core::bootstrap_server::NotConfigured;
    let (answer, world) = pack(example(), None);
    assert_eq!(answer.code, Code::NOT_FOUND);
    assert!(world.failure().advice.contains("Bootstrap-Request"));
    let (answer, world) = pack(BootstrapInformation { pack: true, ..example() }, Some(11542));
    assert_eq!(answer.code, Code::NOT_ACCEPTABLE);
    assert_eq!(world.asked, []);
    for code in [Code::METHOD_NOT_ALLOWED, Code::NOT_IMPLEMENTED, Code::BAD_REQUEST] {
        let mut world = World::new();
        world.configured.insert(ENDPOINT.into(), Err(NotConfigured { code, what: "no pack".into() }));
        world.send(peer(1), Code::GET, Options::new().with_path("/bspack").with_query(EP));
        assert_eq!(world.sent.pop_front().unwrap().1.code, code);
        // The device goes on with a request.
        world.give(example());
        world.request(peer(1), &[EP]);
        assert_eq!(world.obey("").len(), 5);
    }
    // A value that cannot be written.
    let instances = vec![(Path::instance(3, 0), vec![Record::new(Path::object(3), Value::Boolean(true))])];
    let (answer, _) = pack(BootstrapInformation { pack: true, instances, ..example() }, None);
    assert_eq!(answer.code, Code::NOT_IMPLEMENTED);
}

#[test]
fn several_instances_of_a_resource_are_written_by_their_ids() {
    let mut account = account(101);
    account.security.insert(
        16,
        Node::Children([(0, Node::Value(Value::Unsigned(1))), (3, Node::Value(Value::Unsigned(2)))].into()),
    );
    let information = BootstrapInformation { accounts: vec![account], ..BootstrapInformation::default() };
    let (_, records) = writes(information, &[EP, "pct=112"], "").remove(0);
    let several: Vec<_> =
        records.into_iter().filter(|record| record.path.resource_id() == Some(16)).collect();
    assert_eq!(several[1], Record::new(Path::resource_instance(0, 0, 16, 3), Value::Unsigned(2)));
    assert_eq!(several.len(), 2);
    assert!(resources([]).is_empty());
}
