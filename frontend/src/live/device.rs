use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use console_api::{Client, Departure, Observation, Reported, Source};
use lwm2m_codec::{Level, Lookup, Path, Record, Value, decode, registration::parse_discover};

use super::cell::{Cell, Content};
use super::exchange::Exchange;
use super::history::History;
use super::limits::{CELLS, EXCHANGES};
use crate::format::numeric;

/// Attributes of a node as Discover listed them.
pub(crate) type Attributes = Vec<(String, Option<String>)>;

/// Everything known about the client whose page is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Device {
    pub(crate) endpoint: String,
    pub(crate) client: Option<Client>,
    /// Why and when the registration ended, while there is no newer one.
    pub(crate) departed: Option<(Departure, u64)>,
    /// A snapshot has come: what is absent is known to be absent.
    pub(crate) loaded: bool,
    cells: BTreeMap<Path, Arc<Cell>>,
    histories: BTreeMap<Path, History>,
    exchanges: BTreeMap<Path, Arc<Exchange>>,
    observations: BTreeMap<Path, u64>,
    discovered: BTreeMap<Path, Attributes>,
    /// Object Instances whose readable Resources are all known, from a Read or notification of the whole.
    read_whole: BTreeSet<Path>,
    /// Object Instances whose Resources are all known, from a Discover.
    discovered_whole: BTreeSet<Path>,
}

/// What an event changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Change {
    /// Values at these paths.
    pub(crate) paths: BTreeSet<Path>,
    /// Which nodes there are, their observations, the registration.
    pub(crate) structure: bool,
    /// Payloads were exchanged.
    pub(crate) exchanges: bool,
}

impl Change {
    pub(crate) fn structure() -> Self {
        Self { structure: true, ..Self::default() }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.paths.append(&mut other.paths);
        self.structure |= other.structure;
        self.exchanges |= other.exchanges;
    }
}

impl Device {
    pub(crate) fn new(endpoint: String) -> Self {
        Self { endpoint, ..Self::default() }
    }

    /// Replaces what was known; histories stay, since a snapshot has only the latest values.
    pub(crate) fn restore(
        &mut self,
        client: Option<Client>,
        mut reported: Vec<Reported>,
        observations: Vec<Observation>,
        lookup: &dyn Lookup,
    ) -> Change {
        self.loaded = true;
        if client.is_some() {
            self.departed = None;
        }
        self.client = client;
        self.observations =
            observations.into_iter().filter_map(|one| Some((one.path.parse().ok()?, one.since_ms))).collect();
        let before: Vec<Path> = self.cells.keys().copied().collect();
        self.exchanges.clear();
        self.discovered.clear();
        self.read_whole.clear();
        self.discovered_whole.clear();
        let mut change = Change { structure: true, exchanges: true, ..Change::default() };
        let mut present = BTreeSet::new();
        reported.sort_by_key(|one| one.at_ms);
        for one in &reported {
            let applied = self.apply(one, lookup);
            present.extend(applied.paths.iter().copied().filter(|path| self.cells.contains_key(path)));
            change.merge(applied);
        }
        for path in before {
            if !present.contains(&path) && self.cells.remove(&path).is_some() {
                change.paths.insert(path);
            }
        }
        change
    }

    /// A payload that the client sent or took.
    pub(crate) fn apply(&mut self, reported: &Reported, lookup: &dyn Lookup) -> Change {
        let Ok(path) = reported.path.parse::<Path>() else {
            return Change::default();
        };
        let mut exchange = Exchange::new(path, reported);
        let mut change = Change { exchanges: true, ..Change::default() };
        if reported.source == Source::Discover {
            match parse_discover(&reported.payload) {
                Ok(links) => {
                    self.discover(path, links.into_iter().map(|link| (link.path, link.attributes)));
                    change.structure = true;
                }
                Err(error) => exchange.error = Some(error),
            }
        } else {
            match decode(exchange.format(), &path, &reported.payload, lookup) {
                Ok(records) => change.merge(self.accept(path, records, reported)),
                Err(error) => {
                    exchange.error = Some(error);
                    if path.level() >= Level::Resource {
                        let content = Content::Undecodable(reported.payload.clone());
                        change.merge(self.put(path, content, path, reported));
                    }
                }
            }
        }
        self.remember(exchange);
        change
    }

    fn accept(&mut self, request: Path, records: Vec<Record>, reported: &Reported) -> Change {
        let mut change = Change::default();
        let mut named = BTreeSet::new();
        let mut multiple: BTreeMap<Path, BTreeMap<u16, Value>> = BTreeMap::new();
        for record in records {
            named.insert(record.path);
            if let Some(id) = record.path.resource_instance_id() {
                let resource = record.path.truncate(Level::Resource);
                named.insert(resource);
                multiple.entry(resource).or_default().insert(id, record.value.clone());
            }
            change.merge(self.put(record.path, Content::Single(record.value), request, reported));
        }
        for (resource, mut values) in multiple {
            if request.level() == Level::ResourceInstance {
                // One instance of several: the others stay.
                let known = self.cells.get(&resource).and_then(|cell| cell.content.instances().cloned());
                let mut merged = known.unwrap_or_default();
                merged.append(&mut values);
                values = merged;
            }
            change.merge(self.put(resource, Content::Multiple(values), request, reported));
        }
        // A Write of an Object Instance may be partial; everything else tells the whole of what it names.
        if reported.source != Source::Write || request.level() >= Level::Resource {
            change.merge(self.drop_absent(request, &named));
        }
        if reported.source != Source::Write && request.level() <= Level::ObjectInstance {
            let instances = named.iter().map(|path| path.truncate(Level::ObjectInstance));
            self.read_whole
                .extend(instances.chain((request.level() == Level::ObjectInstance).then_some(request)));
            change.structure = true;
        }
        change
    }

    fn put(&mut self, path: Path, content: Content, request: Path, reported: &Reported) -> Change {
        let before = self.cells.get(&path);
        if before.is_none() && self.cells.len() >= CELLS {
            return Change::default();
        }
        let revision = match before {
            Some(cell) => cell.revision + u32::from(cell.content != content),
            None => 0,
        };
        let structure = before.is_none();
        if let Some(number) = content.single().and_then(numeric) {
            self.histories.entry(path).or_default().push(reported.at_ms, number);
        }
        let cell = Cell {
            content,
            at_ms: reported.at_ms,
            source: reported.source,
            sequence: reported.sequence,
            confirmable: reported.confirmable,
            request,
            revision,
        };
        self.cells.insert(path, Arc::new(cell));
        Change { paths: BTreeSet::from([path]), structure, exchanges: false }
    }

    /// What lies below `request` and was not named is no longer there.
    fn drop_absent(&mut self, request: Path, named: &BTreeSet<Path>) -> Change {
        let gone: Vec<Path> = subtree(&self.cells, request).filter(|path| !named.contains(path)).collect();
        for path in &gone {
            self.cells.remove(path);
        }
        Change { structure: !gone.is_empty(), paths: gone.into_iter().collect(), exchanges: false }
    }

    fn discover(&mut self, request: Path, links: impl Iterator<Item = (Path, Attributes)>) {
        let gone: Vec<Path> = subtree(&self.discovered, request).collect();
        for path in gone {
            self.discovered.remove(&path);
        }
        for (path, attributes) in links.take(CELLS) {
            if path.level() >= Level::Resource {
                self.discovered_whole.insert(path.truncate(Level::ObjectInstance));
            }
            self.discovered.insert(path, attributes);
        }
    }

    fn remember(&mut self, exchange: Exchange) {
        if self.exchanges.len() >= EXCHANGES && !self.exchanges.contains_key(&exchange.path) {
            let oldest = self.exchanges.values().min_by_key(|one| one.at_ms).map(|one| one.path);
            if let Some(path) = oldest {
                self.exchanges.remove(&path);
            }
        }
        self.exchanges.insert(exchange.path, Arc::new(exchange));
    }

    /// Register: observations of an earlier registration ended with it (LwM2M Core §6.2.1).
    pub(crate) fn register(&mut self, client: Client) -> Change {
        let renewed =
            self.client.as_ref().is_none_or(|known| known.registration_id != client.registration_id);
        if renewed {
            self.observations.clear();
        }
        self.departed = None;
        self.client = Some(client);
        Change::structure()
    }

    pub(crate) fn update(&mut self, client: Client) -> Change {
        self.departed = None;
        self.client = Some(client);
        Change::structure()
    }

    pub(crate) fn depart(&mut self, why: Departure, at_ms: u64) -> Change {
        self.observations.clear();
        self.departed = Some((why, at_ms));
        Change::structure()
    }

    pub(crate) fn observe(&mut self, observation: &Observation) -> Change {
        match observation.path.parse() {
            Ok(path) => self.observations.insert(path, observation.since_ms),
            Err(_) => return Change::default(),
        };
        Change::structure()
    }

    pub(crate) fn end_observation(&mut self, path: &str) -> Change {
        match path.parse::<Path>() {
            Ok(path) => Change { structure: self.observations.remove(&path).is_some(), ..Change::default() },
            Err(_) => Change::default(),
        }
    }

    pub(crate) fn cell(&self, path: &Path) -> Option<&Arc<Cell>> {
        self.cells.get(path)
    }

    pub(crate) fn history(&self, path: &Path) -> Option<&History> {
        self.histories.get(path)
    }

    /// The payload that tells most about a node: what was last asked for right there, else what brought its value.
    pub(crate) fn exchange(&self, path: &Path) -> Option<Arc<Exchange>> {
        let own = self.exchanges.get(path);
        let bearing = self.cells.get(path).and_then(|cell| self.exchanges.get(&cell.request));
        let newest = match (own, bearing) {
            (Some(own), Some(bearing)) if bearing.at_ms > own.at_ms => Some(bearing),
            (own, bearing) => own.or(bearing),
        };
        newest.cloned()
    }

    pub(crate) fn observed(&self, path: &Path) -> bool {
        self.observations.contains_key(path)
    }

    /// The observation of a parent that also reports this node.
    pub(crate) fn covering_observation(&self, path: &Path) -> Option<Path> {
        std::iter::successors(path.parent(), Path::parent)
            .find(|parent| self.observations.contains_key(parent))
    }

    pub(crate) fn observation_count(&self) -> usize {
        self.observations.len()
    }

    pub(crate) fn attributes(&self, path: &Path) -> &[(String, Option<String>)] {
        self.discovered.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn has_values(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Every path that the registration, a Discover or a value names.
    pub(crate) fn paths(&self) -> BTreeSet<Path> {
        let mut paths: BTreeSet<Path> = BTreeSet::new();
        for object in self.client.iter().flat_map(|client| &client.objects) {
            paths.insert(Path::object(object.id));
            paths.extend(object.instances.iter().map(|instance| Path::instance(object.id, *instance)));
        }
        for path in self.cells.keys().chain(self.discovered.keys()) {
            paths.extend(
                std::iter::successors(Some(*path), Path::parent).take_while(|path| *path != Path::ROOT),
            );
        }
        paths
    }

    /// Whether the client is known not to have this Resource: it was missing where it had to be listed.
    pub(crate) fn is_unreported(&self, resource: &Path, readable: bool) -> bool {
        let instance = resource.truncate(Level::ObjectInstance);
        if self.cells.contains_key(resource) || self.discovered.contains_key(resource) {
            return false;
        }
        self.discovered_whole.contains(&instance) || (readable && self.read_whole.contains(&instance))
    }
}

/// The paths at and below `root`, which stand next to each other.
fn subtree<V>(map: &BTreeMap<Path, V>, root: Path) -> impl Iterator<Item = Path> + '_ {
    map.range(root..).map(|(path, _)| *path).take_while(move |path| path.starts_with(&root))
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
