use console_api::{Observation, Reported, Source};
use lwm2m_codec::{ContentFormat, registration::LwM2mVersion};
use lwm2m_model::Registry;

use super::*;
use crate::fleet::client;
use crate::live::Change;

const REGISTRY: &str = r#"{"objects":[{"id":3,"name":"Device","version":"1.0","urn":"urn:oma:lwm2m:oma:3",
"multiple":false,"mandatory":true,"resources":[
{"id":0,"name":"Manufacturer","operations":"R","multiple":false,"mandatory":false,"type":"string","range":"","units":""},
{"id":4,"name":"Reboot","operations":"E","multiple":false,"mandatory":true,"type":"none","range":"","units":""},
{"id":6,"name":"Power Sources","operations":"R","multiple":true,"mandatory":false,"type":"integer","range":"","units":""},
{"id":9,"name":"Battery Level","operations":"R","multiple":false,"mandatory":false,"type":"integer","range":"","units":"/100"}]}]}"#;

/// A resource that only a Bootstrap-Server reaches.
const WITH_BOOTSTRAP_ONLY: &str = r#"{"objects":[{"id":3,"name":"Device","version":"1.0","urn":"urn:oma:lwm2m:oma:3",
"multiple":false,"mandatory":true,"resources":[
{"id":0,"name":"Manufacturer","operations":"R","multiple":false,"mandatory":false,"type":"string","range":"","units":""},
{"id":13,"name":"Priority","operations":"","multiple":false,"mandatory":false,"type":"integer","range":"","units":""}]}]}"#;

struct Scene {
    device: Device,
    registry: Registry,
    view: TreeView,
}

impl Scene {
    fn new() -> Self {
        let mut device = Device::new("a".into());
        device.update(client("a", &[(3, &[0]), (42_000, &[1])]), &mut Change::default());
        Self { device, registry: Registry::from_json(REGISTRY).unwrap(), view: TreeView::default() }
    }

    fn with_registry(text: &str) -> Self {
        Self { registry: Registry::from_json(text).unwrap(), ..Self::new() }
    }

    fn report(&mut self, path: &str, source: Source, format: ContentFormat, payload: &[u8]) {
        let reported = Reported {
            client: 1,
            path: path.into(),
            source,
            content_format: Some(format.0),
            payload: payload.to_vec(),
            at_ms: 1,
            sequence: None,
            confirmable: false,
        };
        self.device.apply(&reported, &self.registry, &mut Change::default());
    }

    fn rows(&self) -> Vec<Row> {
        rows(&self.device, &self.model(), &self.view, 0)
    }

    fn model(&self) -> ClientModel<'_> {
        self.registry.for_client(LwM2mVersion::V1_0, [])
    }

    fn paths(&self) -> Vec<String> {
        let line = |row: Row| match row.kind {
            RowKind::Unreported { count, .. } => format!("{} +{count}", row.path),
            _ => row.path.to_string(),
        };
        self.rows().into_iter().map(line).collect()
    }
}

#[test]
fn registration_and_definitions_make_the_tree() {
    let scene = Scene::new();
    let expected = ["/3", "/3/0", "/3/0/0", "/3/0/4", "/3/0/6", "/3/0/9", "/42000", "/42000/1"];
    assert_eq!(scene.paths(), expected);
    let rows = scene.rows();
    assert_eq!((rows[0].name.as_deref(), rows[0].open), (Some("Device"), Some(true)));
    assert_eq!((rows[6].name.as_deref(), rows[7].open), (None, None));
    assert!(matches!(&rows[5].kind, RowKind::Resource { units, .. } if units == "%"));
}

#[test]
fn what_the_client_does_not_have_is_counted_and_can_be_shown() {
    let mut scene = Scene::new();
    scene.report("/3/0", Source::Discover, ContentFormat::CORE_LINK, b"</3/0/0>,</3/0/77>");
    assert_eq!(scene.paths(), ["/3", "/3/0", "/3/0/0", "/3/0/77", "/3/0 +3", "/42000", "/42000/1"]);
    scene.view.toggle_unreported(Path::instance(3, 0));
    assert_eq!(scene.paths().len(), 10);
    assert_eq!(scene.paths()[7], "/3/0 +3");
    scene.view.set_open(Path::instance(3, 0), false);
    assert_eq!(scene.paths(), ["/3", "/3/0", "/42000", "/42000/1"]);
}

#[test]
fn a_multiple_resource_opens() {
    let mut scene = Scene::new();
    scene.report("/3/0/6", Source::Read, ContentFormat::TLV, &[0x86, 6, 0x41, 0, 5, 0x41, 2, 7]);
    assert!(!scene.paths().contains(&"/3/0/6/0".to_string()));
    scene.view.set_open(Path::resource(3, 0, 6), true);
    assert!(scene.paths().contains(&"/3/0/6/2".to_string()));
}

#[test]
fn the_filter_keeps_matches_and_their_parents() {
    let mut scene = Scene::new();
    scene.report("/3/0/0", Source::Read, ContentFormat::TEXT, b"Acme");
    scene.view.set_open(Path::object(3), false);
    for (filter, expected) in [
        ("batt", vec!["/3", "/3/0", "/3/0/9"]),
        ("acme", vec!["/3", "/3/0", "/3/0/0"]),
        ("/42000", vec!["/42000", "/42000/1"]),
        ("9", vec!["/3", "/3/0", "/3/0/9"]),
        ("nothing", vec![]),
    ] {
        scene.view.filter = filter.into();
        assert_eq!(scene.paths(), expected, "{filter}");
    }
}

#[test]
fn observations_cover_what_is_below() {
    let mut scene = Scene::new();
    let observation = Observation { client: 1, path: "/3/0".into(), paths: vec![], since_ms: 1 };
    scene.device.observe(&observation, &mut Change::default());
    let rows = scene.rows();
    assert_eq!(rows[0].observed, Observed::No);
    assert_eq!(rows[1].observed, Observed::Itself);
    assert_eq!(rows[2].observed, Observed::By(Path::instance(3, 0)));
}

#[test]
fn a_bare_path_is_no_row() {
    let scene = Scene::new();
    assert!(rows(&Device::new("b".into()), &scene.model(), &scene.view, 0).is_empty());
    let unknown = Registry::new();
    let model = unknown.for_client(LwM2mVersion::V1_0, []);
    assert_eq!(rows(&scene.device, &model, &scene.view, 0).len(), 4);
}

#[test]
fn what_only_bootstrap_reaches_is_folded_once_the_instance_was_read() {
    let mut scene = Scene::with_registry(WITH_BOOTSTRAP_ONLY);
    assert!(scene.paths().contains(&"/3/0/13".to_owned()));
    scene.report("/3/0", Source::Read, ContentFormat::TLV, &[0xC1, 0, b'a']);
    let paths = scene.paths();
    assert!(!paths.contains(&"/3/0/13".to_owned()) && paths.contains(&"/3/0 +1".to_owned()), "{paths:?}");
}

#[test]
fn an_instance_is_called_what_it_says_it_is() {
    let mut scene = Scene::new();
    let name = |scene: &Scene| scene.rows().into_iter().find(|row| row.path == Path::instance(42_000, 1));
    assert_eq!(name(&scene).unwrap().name, None);
    // An Application Type that nobody has a definition for stays bytes.
    scene.report("/42000/1/5750", Source::Read, ContentFormat::TEXT, b"Hall");
    assert_eq!(name(&scene).unwrap().name, None);
    scene.report(
        "/42000/1/5750",
        Source::Read,
        ContentFormat::SENML_JSON,
        br#"[{"n":"/42000/1/5750","vs":"Hall"}]"#,
    );
    assert_eq!(name(&scene).unwrap().name.as_deref(), Some("Hall"));
}
