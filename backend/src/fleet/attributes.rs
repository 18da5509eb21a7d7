//! The notification attributes of a client as far as they are known: what it told when it was discovered, and what it took.

use std::collections::{BTreeMap, BTreeSet};

use coap::Instant;
use console_api::AttributeInForce;
use lwm2m_codec::{
    ContentFormat, Decoder, NoDefinitions, Path, Value,
    attributes::{
        AttachedAttributes, EffectiveAttributes, LinkAttributes, NotificationAttributes, ServerDefaults,
        WriteAttributes,
    },
    registration::{LwM2mVersion, parse_discover},
};
use lwm2m_core::server::{ObservationTarget, Reported, Source, Subject};
use lwm2m_model::Registry;

use super::{known::Known, limits};

/// The Server Object.
const SERVER: u16 = 1;

#[derive(Default)]
pub(super) struct KnownAttributes {
    attached: AttachedAttributes,
    /// When a Discover of a node was last answered.
    discovered: BTreeMap<Path, Instant>,
}

/// What is in force for the observations of a client.
pub(crate) struct ClientAttributes<'a> {
    known: &'a KnownAttributes,
    defaults: ServerDefaults,
}

/// What is in force for one observation.
pub(crate) struct InForce {
    /// None where nothing is known.
    pub(crate) attributes: Option<Vec<AttributeInForce>>,
    /// What is set and not in force, and why.
    pub(crate) ignored: Vec<String>,
    /// When the client told last what is attached.
    pub(crate) discovered_ms: Option<u64>,
}

impl KnownAttributes {
    /// The client told the links of a node. What cannot be read is told to whoever asked.
    pub(super) fn discovered(&mut self, reported: &Reported) {
        let Ok(links) = parse_discover(&reported.payload) else { return };
        let links = links.into_iter();
        let attributes =
            links.map(|link| (link.path, LinkAttributes::parse(&link.attributes).0.notification));
        self.attached.discovered(&reported.path, attributes);
        self.discovered.retain(|path, _| !path.starts_with(&reported.path));
        if self.discovered.len() < limits::REPORTED_PER_CLIENT {
            self.discovered.insert(reported.path, reported.at);
        }
    }

    /// The client took a Write-Attributes.
    pub(super) fn written(&mut self, path: &Path, write: &WriteAttributes, version: LwM2mVersion) {
        if let Err(error) = self.attached.write(path, write, &NoDefinitions, version) {
            tracing::debug!("attributes of {path} that a client took are not remembered: {error}");
        }
    }

    /// Nodes of Object Instances that are gone.
    pub(super) fn forget(&mut self, goes: impl Fn(Path) -> bool) {
        let gone: Vec<Path> =
            self.attached.iter().map(|(path, _)| *path).filter(|path| goes(*path)).collect();
        gone.iter().for_each(|path| self.attached.remove(path));
        self.discovered.retain(|path, _| !goes(*path));
    }

    /// When a Discover told of the node.
    fn discovered_at(&self, path: &Path) -> Option<Instant> {
        let levels = std::iter::successors(Some(*path), Path::parent);
        levels.filter_map(|level| self.discovered.get(&level).copied()).max()
    }
}

impl<'a> ClientAttributes<'a> {
    pub(super) fn of(known: &'a Known, registry: &Registry) -> Self {
        Self { known: &known.attributes, defaults: server_defaults(known, registry) }
    }

    /// `parameters`: those of the Observe itself, since LwM2M 1.2.
    pub(crate) fn of_observation(
        &self,
        target: &ObservationTarget,
        parameters: Option<&NotificationAttributes>,
    ) -> InForce {
        let nodes = match target {
            ObservationTarget::Path(path) => std::slice::from_ref(path),
            ObservationTarget::Paths(paths) => paths,
        };
        let (mut in_force, mut ignored) = (BTreeSet::new(), BTreeSet::new());
        for node in nodes {
            let effective = self.of_node(node, matches!(target, ObservationTarget::Path(_)), parameters);
            for (attribute, found) in effective.in_force() {
                in_force.insert((attribute, found.value.to_text(), found.origin.to_string()));
            }
            ignored.extend(effective.ignored().iter().map(ToString::to_string));
        }
        let told = |node| self.known.discovered_at(node).map(Instant::as_millis);
        let discovered_ms = nodes.iter().map(told).min().flatten();
        let is_known = discovered_ms.is_some() || parameters.is_some() || !in_force.is_empty();
        let attributes = in_force.into_iter().map(|(attribute, value, origin)| AttributeInForce {
            name: attribute.name().to_owned(),
            value,
            origin,
        });
        let attributes = is_known.then(|| attributes.collect());
        InForce { attributes, ignored: ignored.into_iter().collect(), discovered_ms }
    }

    fn of_node(
        &self,
        node: &Path,
        is_alone: bool,
        parameters: Option<&NotificationAttributes>,
    ) -> EffectiveAttributes {
        let attached = || self.known.attached.resolve(node, &self.defaults);
        match parameters {
            None => attached(),
            Some(parameters) if is_alone => EffectiveAttributes::of_parameters(parameters, &self.defaults),
            Some(parameters) => attached().with_composite_parameters(parameters, &self.defaults),
        }
    }
}

/// Those of the first account that the client has told.
fn server_defaults(known: &Known, registry: &Registry) -> ServerDefaults {
    let is_server = |path: &Path| path.object_id() == Some(SERVER);
    let tells = |subject: &Subject| is_server(&subject.path) || subject.named.iter().any(is_server);
    let mut reported: Vec<_> = known
        .reported
        .iter()
        .filter(|(subject, reported)| tells(subject) && reported.source != Source::Discover)
        .map(|(_, reported)| reported)
        .collect();
    if reported.is_empty() {
        return ServerDefaults::default();
    }
    reported.sort_by_key(|reported| reported.at);
    let registration = known.registration();
    let (model, mut values) = (registration.model(registry), BTreeMap::<Path, Value>::new());
    for reported in reported {
        let format = reported.content_format.unwrap_or(ContentFormat::TEXT);
        let decoder = Decoder::new(format, &reported.path, &model).root(&registration.links.root);
        let records = decoder.decode(&reported.payload).unwrap_or_default();
        values.extend(records.into_iter().map(|record| (record.path, record.value)));
    }
    let account = values.keys().filter(|path| is_server(path)).find_map(Path::instance_id);
    ServerDefaults::of_account(|resource| values.get(&Path::resource(SERVER, account?, resource)).cloned())
}

#[cfg(test)]
mod tests {
    use lwm2m_codec::attributes::parse_observe_parameters;

    use super::*;
    use crate::fleet::samples::row;

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    fn reported(at: &str, source: Source, format: ContentFormat, payload: &str) -> Reported {
        Reported {
            endpoint: "a".to_owned(),
            path: path(at),
            source,
            content_format: Some(format),
            payload: payload.as_bytes().to_vec(),
            at: Instant::from_millis(7),
            sequence: None,
            confirmable: false,
            delivery: None,
            current: true,
        }
    }

    fn discover(known: &mut Known, at: &str, links: &str) {
        known.report(&reported(at, Source::Discover, ContentFormat::CORE_LINK, links).into());
    }

    fn write(known: &mut Known, at: &str, query: &str) {
        let write = WriteAttributes::parse(query.split('&')).unwrap();
        known.attributes.written(&path(at), &write, LwM2mVersion::V1_1);
    }

    fn of(known: &Known, paths: &[&str], parameters: Option<&str>) -> InForce {
        let target = match paths {
            [one] => ObservationTarget::Path(path(one)),
            several => ObservationTarget::composite(several.iter().map(|one| path(one)).collect()),
        };
        let parameters = parameters.and_then(|query| parse_observe_parameters(query.split('&')).unwrap());
        let registry = Registry::default();
        ClientAttributes::of(known, &registry).of_observation(&target, parameters.as_ref())
    }

    fn in_words(in_force: &InForce) -> Vec<String> {
        let attributes = in_force.attributes.as_deref().unwrap();
        attributes.iter().map(|one| format!("{} {} {}", one.name, one.value, one.origin)).collect()
    }

    #[test]
    fn what_was_told_and_taken_is_in_force_with_where_it_is_from() {
        let mut known = Known::new(row(1, "a", "</3303/0>"));
        let temperature = &["/3303/0/5700"];
        assert_eq!(of(&known, temperature, None).attributes, None);
        discover(&mut known, "/3303", "</3303>;pmax=60,</3303/0>,</3303/0/5700>");
        let told = of(&known, temperature, None);
        assert_eq!((in_words(&told), told.discovered_ms), (vec!["pmax 60 from /3303".to_owned()], Some(7)));
        write(&mut known, "/3303/0/5700", "pmin=90&gt=24");
        let told = of(&known, temperature, None);
        assert_eq!(in_words(&told), ["pmin 90 from /3303/0/5700", "gt 24 from /3303/0/5700"]);
        assert!(told.ignored[0].starts_with("pmax is ignored"), "{:?}", told.ignored);
        write(&mut known, "/3303/0/5700", "pmin&gt");
        discover(&mut known, "/3303", "</3303>,</3303/0>,</3303/0/5700>");
        assert_eq!(of(&known, temperature, None).attributes, Some(Vec::new()), "known to have none");
        assert_eq!(of(&known, &["/3/0/9"], None).attributes, None);
    }

    #[test]
    fn defaults_of_the_server_and_parameters_of_an_observe_count() {
        let mut known = Known::new(row(1, "a", "</3303/0>"));
        let account = r#"[{"bn":"/1/0/","n":"2","v":1},{"n":"3","v":300}]"#;
        known.report(&reported("/1/0", Source::Read, ContentFormat::SENML_JSON, account).into());
        write(&mut known, "/3303/0/5700", "pmin=9&gt=24");
        let own = of(&known, &["/3303/0/5700"], Some("pmin=5"));
        let defaults = "pmax 300 from the Default Maximum Period, /1/x/3";
        assert_eq!(in_words(&own), ["pmin 5 given with the Observe", defaults]);
        let composite = of(&known, &["/3/0/9", "/3303/0/5700"], None);
        let minimum = "pmin 1 from the Default Minimum Period, /1/x/2";
        let of_one = ["pmin 9 from /3303/0/5700", defaults, "gt 24 from /3303/0/5700"];
        assert_eq!(in_words(&composite), [&[minimum][..], &of_one].concat());
        assert_eq!(composite.discovered_ms, None);
    }

    #[test]
    fn what_is_gone_has_no_attributes() {
        let mut known = Known::new(row(1, "a", "</3303/0>"));
        write(&mut known, "/3303/0/5700", "gt=24");
        discover(&mut known, "/3", "</3>");
        known.attributes.forget(|path| path.starts_with(&Path::instance(3303, 0)));
        assert_eq!(of(&known, &["/3303/0/5700"], None).attributes, None);
        assert_eq!(of(&known, &["/3/0/9"], None).attributes, Some(Vec::new()));
    }
}
