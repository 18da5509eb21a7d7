//! Several servers and what each may do, at the level where one request is answered.

use std::collections::BTreeMap;

use coap::Response;
use lwm2m_codec::{attributes::AttachedAttributes, decode};
use lwm2m_model::access_control::Requester;

use super::*;
use crate::client::{
    Template,
    device_management::{DeviceManagement, representation},
    observations::Observations,
};

/// A client with the accounts of the servers 101 and 102.
pub(super) struct Servers {
    pub(super) tree: ObjectTree,
    pub(super) config: ClientConfig,
    /// What belongs to each of them.
    accounts: BTreeMap<u16, (Observations, AttachedAttributes)>,
    events: Vec<Event>,
}

impl Servers {
    pub(super) fn new(tree: ObjectTree) -> Self {
        let config = ClientConfig { version: LwM2mVersion::V1_2, ..ClientConfig::new("urn:test:1") };
        Self { tree, config, accounts: BTreeMap::new(), events: Vec::new() }
    }

    pub(super) fn request(
        &mut self,
        requester: Requester,
        code: Code,
        options: Options,
        payload: &[u8],
    ) -> Response {
        let server = match requester {
            Requester::Server(server) => server,
            Requester::Bootstrap => 0,
        };
        let (observations, attached) = self.accounts.entry(server).or_default();
        let mut device_management = DeviceManagement {
            now: Instant::from_millis(0),
            config: &self.config,
            requester,
            tree: &mut self.tree,
            observations,
            attached,
            server_instance: 0,
            events: Vec::new(),
        };
        let response = device_management.answer(&Message {
            message_type: MessageType::Confirmable,
            code,
            message_id: MessageId(1),
            token: Token::EMPTY,
            options,
            payload: payload.to_vec(),
        });
        self.events.extend(device_management.events);
        response
    }

    /// A request of a server that needs no options.
    fn ask(&mut self, server: u16, code: Code, at: &str, payload: &[u8]) -> Response {
        let options =
            Options::new().with_path(at).with_content_format(if code == Code::POST { 11542 } else { 0 });
        self.request(Requester::Server(server), code, options, payload)
    }

    /// Adds an instance of Object 2.
    pub(super) fn guard(mut self, id: u16, guarded: (u16, u16), owner: u16, acl: &[(u16, u16)]) -> Self {
        let mut insert = |at: String, value: u16| {
            self.tree.insert(path(&at), Value::Integer(value.into())).unwrap();
        };
        insert(format!("/2/{id}/0"), guarded.0);
        insert(format!("/2/{id}/1"), guarded.1);
        insert(format!("/2/{id}/3"), owner);
        for (server, rights) in acl {
            insert(format!("/2/{id}/2/{server}"), *rights);
        }
        self
    }

    /// The instances of Object 2: what they guard, and their owners.
    pub(super) fn guards(&self) -> Vec<(i64, i64, i64)> {
        let number = |id, resource| match self.tree.value(&Path::resource(2, id, resource)) {
            Some(Value::Integer(number)) => *number,
            other => panic!("/2/{id}/{resource} is {other:?}"),
        };
        let ids = self.tree.instances(2).into_iter().flatten();
        ids.map(|id| (number(id, 0), number(id, 1), number(id, 3))).collect()
    }
}

/// The objects that the worked cases speak of, each with the instances given, and the accounts of both servers.
pub(super) fn world(instances: &[(u16, u16)]) -> ObjectTree {
    let registry = Arc::new(Registry::from_bytes(REGISTRY).unwrap());
    let mut tree = ObjectTree::new(Arc::clone(&registry));
    let portfolio = Template::new(&registry, 16, [], []).unwrap();
    let link = Value::ObjectLink(lwm2m_codec::ObjectLink::NULL);
    let connectivity = Template::new(&registry, 10, [(path("/10/0/11/0"), link)], []).unwrap();
    tree.allow_create(Arc::new(portfolio)).unwrap();
    tree.allow_create(Arc::new(connectivity)).unwrap();
    let accounts = [("/1/0/0", Value::Integer(101)), ("/1/1/0", Value::Integer(102))];
    let keys = [("/0/0/0", text("coap://192.0.2.1")), ("/21/0/0", Value::opaque([1]))];
    for (at, value) in accounts.into_iter().chain(keys) {
        tree.insert(path(at), value).unwrap();
    }
    for (object, instance) in instances {
        let values: &[(u16, Value)] = match object {
            1 => &[(1, Value::Integer(300))],
            3 => &[(0, text("OMA")), (9, Value::Integer(80)), (14, text("+01:00"))],
            4 => &[(0, Value::Integer(1))],
            5 => &[(1, text("")), (3, Value::Integer(0))],
            6 => &[(0, Value::Float(1.0))],
            3303 => &[(5700, Value::Float(21.5))],
            _ => &[],
        };
        for (resource, value) in values {
            tree.insert(Path::resource(*object, *instance, *resource), value.clone()).unwrap();
        }
        if *object == 3 {
            tree.insert_executable(path("/3/0/4")).unwrap();
        }
        if *object == 16 {
            tree.insert(Path::resource_instance(16, *instance, 0, 0), text("Host")).unwrap();
        }
    }
    tree
}

/// Server 101 owns `/3303/0`, server 102 may read it; 102 has `/3303/1` for itself.
fn two_servers() -> Servers {
    let mut tree = tree();
    tree.insert(path("/1/0/0"), Value::Integer(101)).unwrap();
    for (at, value) in
        [("/1/1/0", Value::Integer(102)), ("/1/1/1", Value::Integer(60)), ("/3303/1/5750", text("Cellar"))]
    {
        tree.insert(path(at), value).unwrap();
    }
    let portfolio = Template::new(tree.registry(), 16, [], []).unwrap();
    tree.allow_create(Arc::new(portfolio)).unwrap();
    Servers::new(tree).guard(0, (3303, 0), 101, &[(101, 15), (102, 1)]).guard(1, (3303, 1), 102, &[]).guard(
        2,
        (16, 65535),
        65535,
        &[(101, 16)],
    )
}

/// {0: {0: "x"}}
const PORTFOLIO: &[u8] = &[0x83, 0, 0x41, 0, b'x'];

#[test]
fn c_036_a_created_instance_is_guarded_for_its_creator() {
    let mut servers = two_servers();
    assert_eq!(servers.ask(102, Code::POST, "/16", PORTFOLIO).code, Code::UNAUTHORIZED);
    assert_eq!(servers.guards().len(), 3);
    assert_eq!(servers.ask(101, Code::POST, "/16", PORTFOLIO).code, Code::CREATED);
    assert_eq!(servers.guards().last(), Some(&(16, 0, 101)));
    assert_eq!(servers.tree.value(&path("/2/3/2/101")), Some(&Value::Integer(15)));
    for (server, code) in [(101, Code::CONTENT), (102, Code::UNAUTHORIZED)] {
        assert_eq!(servers.ask(server, Code::GET, "/16/0", b"").code, code, "{server}");
    }
    assert_eq!(servers.ask(102, Code::DELETE, "/16/0", b"").code, Code::UNAUTHORIZED);
    assert_eq!(servers.ask(101, Code::DELETE, "/16/0", b"").code, Code::DELETED);
    assert_eq!(servers.guards().len(), 3, "the guard goes with the instance");
    assert!(!servers.tree.contains(&path("/2/3")));
}

#[test]
fn c_036_without_object_2_nothing_is_guarded() {
    let mut tree = tree();
    tree.allow_create(Arc::new(Template::new(tree.registry(), 16, [], []).unwrap())).unwrap();
    let mut bench = Bench::with(ClientConfig::new("urn:test:1"), tree).register();
    assert_eq!(bench.post("/16", ContentFormat::TLV, PORTFOLIO).code, Code::CREATED);
    assert!(bench.client.tree().instances(2).is_none());
}

#[test]
fn c_035_only_the_owner_changes_an_acl() {
    let mut servers = two_servers();
    assert_eq!(servers.ask(102, Code::PUT, "/3303/0/5750", b"Hall").code, Code::UNAUTHORIZED);
    assert_eq!(servers.ask(102, Code::PUT, "/2/0/2/102", b"15").code, Code::UNAUTHORIZED);
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/2/102", b"3").code, Code::CHANGED);
    assert_eq!(servers.ask(102, Code::PUT, "/3303/0/5750", b"Hall").code, Code::CHANGED);
    assert_eq!(servers.ask(102, Code::DELETE, "/3303/0", b"").code, Code::UNAUTHORIZED);
    // An entry for a server that had none, and then another owner.
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/2/103", b"1").code, Code::CHANGED);
    assert_eq!(servers.tree.value(&path("/2/0/2/103")), Some(&Value::Integer(1)));
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/2/103", b"64").code, Code::BAD_REQUEST, "rights are 0..31");
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/3", b"102").code, Code::CHANGED);
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/3", b"101").code, Code::UNAUTHORIZED);
    assert_eq!(servers.ask(102, Code::PUT, "/2/0/3", b"101").code, Code::CHANGED);
    for (code, at) in [(Code::POST, "/2"), (Code::DELETE, "/2/0")] {
        assert_eq!(servers.ask(101, code, at, b"").code, Code::UNAUTHORIZED, "{code} {at}");
    }
}

#[test]
fn c_035_a_read_leaves_out_what_the_server_may_not_read() {
    let mut servers = two_servers();
    let paths = |servers: &Servers, response: &Response, at: &str| -> Vec<String> {
        let registry = servers.tree.registry();
        let records = decode(ContentFormat::TLV, &path(at), &response.payload, registry).unwrap();
        records.iter().map(|record| record.path.to_string()).collect()
    };
    let everything = servers.ask(102, Code::GET, "/3303", b"");
    let all = ["/3303/0/5700", "/3303/0/5750", "/3303/1/5700", "/3303/1/5750"];
    assert_eq!(paths(&servers, &everything, "/3303"), all);
    let part = servers.ask(101, Code::GET, "/3303", b"");
    assert_eq!(paths(&servers, &part, "/3303"), all[..2]);
    let observe = Options::new().with_path("/3303").with_observe(0);
    let observed = servers.request(Requester::Server(101), Code::GET, observe, b"");
    assert_eq!(paths(&servers, &observed, "/3303"), all[..2]);
    let composite = Options::new().with_path("/").with_content_format(110);
    let list = br#"[{"n":"/3303/1/5750"},{"n":"/3303/0/5750"}]"#;
    let read = servers.request(Requester::Server(101), Code::FETCH, composite.clone(), list);
    assert_eq!(read.payload, br#"[{"bn":"/","n":"3303/0/5750","vs":"Living room"}]"#);
    let nothing =
        servers.request(Requester::Server(101), Code::FETCH, composite, br#"[{"n":"/3303/1/5750"}]"#);
    assert_eq!(nothing.code, Code::UNAUTHORIZED);
}

#[test]
fn c_035_a_right_that_is_withdrawn_silences_notifications() {
    let mut servers = two_servers();
    let observe = Options::new().with_path("/3303/0/5700").with_observe(0);
    assert_eq!(servers.request(Requester::Server(102), Code::GET, observe, b"").code, Code::CONTENT);
    assert_eq!(servers.ask(101, Code::PUT, "/2/0/2/102", b"0").code, Code::CHANGED);
    let (version, requester) = (servers.config.version, Requester::Server(102));
    let refused = representation(&servers.tree, version, requester, &path("/3303/0/5700"), None);
    assert_eq!(refused.unwrap_err().code, Code::UNAUTHORIZED);
}

#[test]
fn c_035_a_single_server_has_all_rights() {
    let mut tree = tree();
    tree.insert(path("/1/0/0"), Value::Integer(101)).unwrap();
    let mut servers = Servers::new(tree).guard(0, (3303, 0), 7, &[(101, 0)]);
    assert_eq!(servers.ask(101, Code::GET, "/3303/0/5700", b"").code, Code::CONTENT);
    servers.tree.insert(path("/1/1/0"), Value::Integer(102)).unwrap();
    assert_eq!(servers.ask(101, Code::GET, "/3303/0/5700", b"").code, Code::UNAUTHORIZED);
}

#[test]
fn c_024_a_discover_shows_the_attributes_of_the_asking_server() {
    let mut servers = two_servers();
    for (server, query) in [(101, "pmin=5"), (102, "pmax=60")] {
        let write = Options::new().with_path("/3303/0/5700").with_query(query);
        assert_eq!(servers.request(Requester::Server(server), Code::PUT, write, b"").code, Code::CHANGED);
    }
    for (server, attributes) in [(101, ";pmin=5"), (102, ";pmax=60"), (103, "")] {
        let discover = Options::new().with_path("/3303/0/5700").with_accept(40);
        let links = servers.request(Requester::Server(server), Code::GET, discover, b"");
        assert_eq!(links.payload, format!("</3303/0/5700>{attributes}").into_bytes(), "{server}");
    }
}

#[test]
fn c_029_attributes_below_the_object_need_the_right_to_read() {
    let mut servers = two_servers();
    for (server, at, code) in [
        (101, "/3303", Code::CHANGED),
        (101, "/3303/0", Code::CHANGED),
        (102, "/3303/0/5700", Code::CHANGED),
        (101, "/3303/1", Code::UNAUTHORIZED),
        (101, "/3303/1/5700", Code::UNAUTHORIZED),
        (101, "/3303/1/9999", Code::UNAUTHORIZED),
    ] {
        let write = Options::new().with_path(at).with_query("pmin=5");
        assert_eq!(
            servers.request(Requester::Server(server), Code::PUT, write, b"").code,
            code,
            "{server} {at}"
        );
    }
}
