//! The worked cases of access control, each as a request to a client.

use std::collections::BTreeSet;

use lwm2m_codec::{Level, decode, encode_paths};
use lwm2m_model::access_control::Requester;
use serde_json::Value as Json;

use super::access_control::{Servers, world};
use super::*;
use crate::client::{composite::Selection, device_management::representation};

const CASES: &str = include_str!("../../../../../assets/vectors/acl_cases.json");

#[test]
fn c_035_the_worked_cases_hold_for_requests() {
    let file: Json = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 63);
    let failed: Vec<String> = cases.iter().filter_map(|case| Case::new(case).check().err()).collect();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

struct Case<'a> {
    id: &'a str,
    request: &'a Json,
    expect: &'a Json,
    servers: Servers,
}

impl<'a> Case<'a> {
    fn new(case: &'a Json) -> Self {
        let guards = case["context"]["ac"].as_array().unwrap();
        let enabled = case["context"]["ac_enabled"].as_bool().unwrap();
        let mut instances: Vec<(u16, u16)> = guards
            .iter()
            .map(|guard| (number(&guard["object"]), number(&guard["instance"])))
            .filter(|(_, instance)| *instance != u16::MAX)
            .collect();
        if !enabled {
            instances = vec![(1, 0), (3, 0), (16, 0)];
        }
        let mut servers = Servers::new(world(&instances));
        for guard in guards {
            let acl: Vec<(u16, u16)> = guard["acl"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(server, rights)| (server.parse().unwrap(), number(rights)))
                .collect();
            let guarded = (number(&guard["object"]), number(&guard["instance"]));
            servers = servers.guard(number(&guard["ac_instance"]), guarded, number(&guard["owner"]), &acl);
        }
        Self { id: case["id"].as_str().unwrap(), request: &case["request"], expect: &case["expect"], servers }
    }

    fn check(mut self) -> Result<(), String> {
        let (code, format, payload) = self.perform();
        let id = self.id;
        let answered = code.map(|code| code.to_string());
        let answered = answered.as_deref().and_then(|code| code.split(' ').next());
        if answered != self.expect["code"].as_str() {
            return Err(format!("{id}: got {answered:?}: {}", String::from_utf8_lossy(&payload)));
        }
        if self.expect["silent"] == true && format.is_some() {
            return Err(format!("{id}: expected silence"));
        }
        if let Some(expected) = self.expect["paths"].as_array() {
            let expected: BTreeSet<Path> = expected.iter().map(|at| path(at.as_str().unwrap())).collect();
            let told = self.told(format, &payload);
            let covered = expected.iter().all(|at| told.iter().any(|told| told.starts_with(at)));
            let nothing_else = told.iter().all(|told| expected.iter().any(|at| told.starts_with(at)));
            if !covered || !nothing_else {
                return Err(format!("{id}: expected values of {expected:?}, got {told:?}"));
            }
        }
        self.check_side_effect()
    }

    /// The paths of the values in a payload.
    fn told(&self, format: Option<ContentFormat>, payload: &[u8]) -> Vec<Path> {
        let target = self.request["path"].as_str().unwrap_or("/");
        let records = decode(format.unwrap(), &path(target), payload, self.servers.tree.registry()).unwrap();
        records.into_iter().map(|record| record.path).collect()
    }

    fn check_side_effect(&self) -> Result<(), String> {
        let guards = self.servers.guards();
        let effect = &self.expect["side_effect"];
        let (expected, holds) = if let Some(removed) = effect["removed_ac_for"].as_str() {
            let gone = path(removed);
            let ids = (gone.object_id().unwrap(), gone.instance_id().unwrap());
            let guarded = |(object, instance, _): &(i64, i64, i64)| {
                (*object, *instance) == (ids.0.into(), ids.1.into())
            };
            (format!("no guard of {removed}"), !guards.iter().any(guarded))
        } else if effect.is_object() {
            let number = |name: &str| effect[name].as_i64().unwrap();
            let created = (number("object"), number("instance"), number("owner"));
            (format!("the guard {created:?}"), guards.contains(&created))
        } else {
            return Ok(());
        };
        if holds { Ok(()) } else { Err(format!("{}: expected {expected} in {guards:?}", self.id)) }
    }

    /// The code of the answer, or none where the client reports; and what is told.
    fn perform(&mut self) -> (Option<Code>, Option<ContentFormat>, Vec<u8>) {
        let requester = match self.request["ssid"].as_u64() {
            Some(server) => Requester::Server(u16::try_from(server).unwrap()),
            None => Requester::Bootstrap,
        };
        let op = self.request["op"].as_str().unwrap();
        let tree = &self.servers.tree;
        let reported = match op {
            "notify" => {
                let version = self.servers.config.version;
                Some(representation(tree, version, requester, &self.path(), None))
            }
            "send" => {
                let format = ContentFormat::SENML_CBOR;
                let selection = Selection { paths: self.paths(), format };
                Some(selection.representation(tree, requester).map(|payload| (format, payload)))
            }
            _ => None,
        };
        match reported {
            Some(Ok((format, payload))) => return (None, Some(format), payload),
            Some(Err(refusal)) => {
                assert_eq!(refusal.code, Code::UNAUTHORIZED, "{}: what keeps a report back", self.id);
                return (None, None, Vec::new());
            }
            None => {}
        }
        let (code, options, payload) = self.message(op);
        let response = self.servers.request(requester, code, options, &payload);
        let format = response.options.content_format().map(ContentFormat);
        (Some(response.code), format, response.payload)
    }

    fn message(&self, op: &str) -> (Code, Options, Vec<u8>) {
        let composite = |format: u16| Options::new().with_path("/").with_content_format(format);
        let senml = ContentFormat::SENML_CBOR;
        match op {
            "read-composite" | "observe-composite" => {
                let paths = encode_paths(senml, &self.paths()).unwrap();
                return (Code::FETCH, composite(senml.0), paths);
            }
            "write-composite" => {
                let records: Vec<Record> =
                    self.paths().into_iter().map(|at| Record::new(at, value(&at))).collect();
                return (Code::IPATCH, composite(senml.0), encode(senml, &Path::ROOT, &records).unwrap());
            }
            _ => {}
        }
        let at = self.request["path"].as_str().unwrap();
        let options = Options::new().with_path(at);
        match op {
            "read" => (Code::GET, options, Vec::new()),
            "observe" => (Code::GET, options.with_observe(0), Vec::new()),
            "discover" => (Code::GET, options.with_accept(40), Vec::new()),
            "execute" => (Code::POST, options, Vec::new()),
            "delete" => (Code::DELETE, options, Vec::new()),
            "write-attributes" => (Code::PUT, options.with_query("pmin=1"), Vec::new()),
            "write" => {
                let record = Record::new(self.path(), value(&self.path()));
                let payload = encode(ContentFormat::TEXT, &self.path(), &[record]).unwrap();
                (Code::PUT, options.with_content_format(0), payload)
            }
            "create" => {
                let named = self.request["value"].as_str().map(path);
                let instance = named.unwrap_or(path(&format!("{at}/7")));
                let mandatory = instance.child(0).and_then(|resource| resource.child(0)).unwrap();
                let record = Record::new(mandatory, text("Host"));
                let payload = encode(ContentFormat::TLV, &path(at), &[record]).unwrap();
                (Code::POST, options.with_content_format(ContentFormat::TLV.0), payload)
            }
            other => panic!("no operation is called {other}"),
        }
    }

    fn path(&self) -> Path {
        path(self.request["path"].as_str().unwrap())
    }

    fn paths(&self) -> Vec<Path> {
        self.request["paths"].as_array().unwrap().iter().map(|at| path(at.as_str().unwrap())).collect()
    }
}

/// A value that the resource at `at` takes, or would take if it could be written.
fn value(at: &Path) -> Value {
    match (at.object_id(), at.resource_id(), at.level()) {
        (Some(1 | 2 | 4), ..) | (Some(3), Some(9), _) => Value::Integer(1),
        (_, _, Level::Root) => panic!("the root has no value"),
        _ => text("+02:00"),
    }
}

fn number(json: &Json) -> u16 {
    u16::try_from(json.as_u64().unwrap()).unwrap()
}
