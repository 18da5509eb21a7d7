mod asked;

use std::collections::BTreeMap;
use std::sync::Arc;

use console_api::{Client, Command, Departure, Label, Observation, Reported, Source};
use lwm2m_codec::{Decoder, Level, Lookup, Path, Record, Value, registration::parse_discover};

use crate::format::numeric;
use crate::live::cell::{Cell, Content};
use crate::live::exchange::Exchange;
use crate::live::fleet::wake;
use crate::live::histories::Histories;
use crate::live::limits::{CELLS, EXCHANGES};
use crate::sorted_map::{PathMap, PathSet};

/// Attributes of a node as Discover listed them.
pub(crate) type Attributes = Vec<(String, Option<String>)>;

/// Everything known about the client whose page is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Device {
    pub(crate) endpoint: String,
    pub(crate) client: Option<Client>,
    /// Given by operators.
    pub(crate) notes: String,
    /// Why and when the registration ended, while there is no newer one.
    pub(crate) departed: Option<(Departure, u64)>,
    /// A snapshot has come: what is absent is known to be absent.
    pub(crate) loaded: bool,
    /// Counts snapshots: what was not seen before one is stored at the server.
    restored: u32,
    /// Values that were not kept, because there were [`CELLS`] already.
    pub(crate) left_out: bool,
    cells: PathMap<Arc<Cell>>,
    histories: Histories,
    exchanges: PathMap<Arc<Exchange>>,
    /// By id, and so in the order in which they were asked for.
    commands: BTreeMap<u64, Arc<Command>>,
    /// What is observed, and since when.
    observations: PathMap<u64>,
    /// The paths of each Observe-Composite.
    composites: Vec<(Vec<Path>, u64)>,
    discovered: PathMap<Attributes>,
    /// Object Instances whose readable Resources are all known, from a Read or notification of the whole.
    read_whole: PathSet,
    /// Object Instances whose Resources are all known, from a Discover.
    discovered_whole: PathSet,
}

/// What events changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Change {
    /// Values at these paths.
    pub(crate) paths: PathSet,
    /// Which nodes there are, their observations, the registration.
    pub(crate) structure: bool,
    /// Payloads were exchanged.
    pub(crate) exchanges: bool,
    /// Commands were accepted, or have reached another state.
    pub(crate) commands: bool,
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
        observations: &[Observation],
        lookup: &dyn Lookup,
        change: &mut Change,
    ) {
        if self.loaded {
            // What happened since the connection was lost is not known.
            self.histories.interrupt();
        }
        self.loaded = true;
        self.restored += 1;
        self.left_out = false;
        if let Some(client) = &client {
            self.departed = client.departed.map(|departed| (departed.why, departed.at_ms));
        }
        self.client = client;
        self.forget_observations();
        for one in observations {
            self.observe(one, change);
        }
        let before: Vec<Path> = self.cells.paths().collect();
        self.exchanges.clear();
        self.discovered.clear();
        self.read_whole.clear();
        self.discovered_whole.clear();
        let mut told = Change { structure: true, exchanges: true, ..Change::default() };
        reported.sort_unstable_by_key(|one| one.at_ms);
        for one in &reported {
            self.apply(one, lookup, &mut told);
        }
        for path in before {
            if !told.paths.contains(&path) {
                self.cells.remove(&path);
                told.paths.add(path);
            }
        }
        change.paths.merge(&told.paths);
        change.structure = true;
        change.exchanges = true;
    }

    /// What operators call the client from now on.
    pub(crate) fn label(&mut self, label: Label, change: &mut Change) {
        if let Some(client) = &mut self.client {
            client.name = label.name;
            client.tags = label.tags;
        }
        self.notes = label.notes;
        change.structure = true;
    }

    /// All that are known of the client.
    pub(crate) fn restore_commands(&mut self, commands: Vec<Command>, change: &mut Change) {
        self.commands = commands.into_iter().map(|command| (command.id, Arc::new(command))).collect();
        change.commands = true;
    }

    /// A command was accepted, or has reached another state.
    pub(crate) fn command(&mut self, command: Command, queued: u32, change: &mut Change) {
        self.commands.insert(command.id, Arc::new(command));
        let over = self.commands.values().filter(|command| command.is_over());
        if over.clone().count() > Command::<()>::OVER_PER_CLIENT
            && let Some(oldest) = over.map(|command| command.id).next()
        {
            self.commands.remove(&oldest);
        }
        if let Some(client) = &mut self.client {
            client.queue.queued = queued;
        }
        change.commands = true;
    }

    /// Whether the client takes requests, and until when, or since when not.
    pub(crate) fn wake(&mut self, awake: bool, until_ms: u64, change: &mut Change) {
        if let Some(client) = &mut self.client {
            wake(client, awake, until_ms);
        }
        change.structure = true;
    }

    /// An operator had everything about the client removed.
    pub(crate) fn forget(&mut self, change: &mut Change) {
        for path in self.cells.paths() {
            change.paths.add(path);
        }
        let restored = self.restored + 1;
        *self = Self { loaded: true, restored, ..Self::new(std::mem::take(&mut self.endpoint)) };
        change.structure = true;
        change.exchanges = true;
        change.commands = true;
    }

    /// A payload that the client sent or took.
    pub(crate) fn apply(&mut self, reported: &Reported, lookup: &dyn Lookup, change: &mut Change) {
        let Ok(path) = reported.path.parse::<Path>() else {
            return;
        };
        let mut exchange = Exchange::new(path, reported);
        change.exchanges = true;
        let result = if reported.source == Source::Discover {
            parse_discover(&reported.payload).map(|links| {
                self.discover(path, links.into_iter().map(|link| (link.path, link.attributes)));
                change.structure = true;
                None
            })
        } else {
            let root = self.client.as_ref().map_or("/", |client| client.root.as_str());
            let decoder = Decoder::new(exchange.format(), &path, lookup).root(root);
            decoder.decode(&reported.payload).map(Some)
        };
        if let Err(error) = &result {
            exchange.error = Some(error.clone());
        }
        let exchange = Arc::new(exchange);
        match result {
            Ok(Some(records)) => self.accept(&exchange, records, reported, change),
            Err(_) if path.level() >= Level::Resource && reported.source != Source::Discover => {
                self.put(path, Content::Undecodable(reported.payload.clone()), &exchange, reported, change);
            }
            Ok(None) | Err(_) => {}
        }
        self.remember(exchange);
    }

    fn accept(
        &mut self,
        exchange: &Arc<Exchange>,
        records: Vec<Record>,
        reported: &Reported,
        change: &mut Change,
    ) {
        let request = exchange.path;
        let written = matches!(reported.source, Source::Write | Source::WriteComposite);
        // When one Resource Instance of several was asked for or written, the others stay.
        let keeps_others =
            request.level() == Level::ResourceInstance || reported.source == Source::WriteComposite;
        let mut named = PathSet::default();
        let mut multiple: PathMap<Vec<(u16, Value)>> = PathMap::default();
        for record in records {
            named.add(record.path);
            if let Some(id) = record.path.resource_instance_id() {
                let resource = record.path.truncate(Level::Resource);
                named.add(resource);
                let known = || if keeps_others { self.instances(&resource) } else { Vec::new() };
                put_instance(multiple.get_or_insert(resource, known), id, record.value.clone());
            }
            let measured_ms = record.time().map(|time| {
                let now_s = reported.at_ms as f64 / 1000.0;
                (exchange.format().absolute_time(time, now_s) * 1000.0).max(0.0) as u64
            });
            self.put_measured(
                record.path,
                Content::Single(record.value),
                measured_ms,
                exchange,
                reported,
                change,
            );
        }
        for (resource, values) in multiple.iter() {
            self.put(*resource, Content::Multiple(values.clone()), exchange, reported, change);
        }
        if request == Path::ROOT {
            // A composite payload or a Send tells the whole of the Resources that it names, and nothing of others.
            if !written {
                multiple.paths().for_each(|resource| self.drop_absent(resource, &named, change));
            }
            return;
        }
        // A Write of an Object Instance may be partial; everything else tells the whole of what it names.
        if !written || request.level() >= Level::Resource {
            self.drop_absent(request, &named, change);
        }
        if !written && request.level() <= Level::ObjectInstance {
            if request.level() == Level::ObjectInstance {
                self.read_whole.add(request);
            }
            for path in named.paths() {
                self.read_whole.add(path.truncate(Level::ObjectInstance));
            }
            change.structure = true;
        }
    }

    fn instances(&self, resource: &Path) -> Vec<(u16, Value)> {
        self.cells.get(resource).and_then(|cell| cell.content.instances()).unwrap_or_default().to_vec()
    }

    fn put(
        &mut self,
        path: Path,
        content: Content,
        exchange: &Arc<Exchange>,
        reported: &Reported,
        change: &mut Change,
    ) {
        self.put_measured(path, content, None, exchange, reported, change);
    }

    /// `measured_ms`: when the client says that the value was true.
    fn put_measured(
        &mut self,
        path: Path,
        content: Content,
        measured_ms: Option<u64>,
        exchange: &Arc<Exchange>,
        reported: &Reported,
        change: &mut Change,
    ) {
        let before = self.cells.get(&path);
        if before.is_none() && self.cells.len() >= CELLS {
            change.structure |= !std::mem::replace(&mut self.left_out, true);
            return;
        }
        let revision = match before {
            Some(cell) => cell.revision + u32::from(cell.content != content),
            None => 0,
        };
        // A payload may tell of several times; the newest is the value that counts.
        let outdated = before.is_some_and(|cell| {
            Arc::ptr_eq(&cell.exchange, exchange) && measured_ms.is_some() && measured_ms < cell.measured_ms
        });
        change.structure |= before.is_none();
        change.paths.add(path);
        if let Some(number) = content.single().and_then(numeric) {
            let at_ms = measured_ms.unwrap_or(reported.at_ms);
            self.histories.push(path, at_ms, number);
        }
        if outdated {
            return;
        }
        let cell = Cell {
            content,
            at_ms: reported.at_ms,
            measured_ms,
            source: reported.source,
            sequence: reported.sequence,
            confirmable: reported.confirmable,
            exchange: Arc::clone(exchange),
            revision,
        };
        self.cells.insert(path, Arc::new(cell));
    }

    /// How many values are kept for charts.
    pub(crate) const fn points(&self) -> usize {
        self.histories.points()
    }

    /// Fewer values are kept for charts; by how many.
    pub(crate) fn shorten(&mut self) -> usize {
        self.histories.shorten()
    }

    /// What lies below `request` and was not named is no longer there.
    fn drop_absent(&mut self, request: Path, named: &PathSet, change: &mut Change) {
        let gone: Vec<Path> = self.cells.subtree(request).filter(|path| !named.contains(path)).collect();
        for path in gone {
            self.cells.remove(&path);
            change.paths.add(path);
            change.structure = true;
        }
    }

    fn discover(&mut self, request: Path, links: impl Iterator<Item = (Path, Attributes)>) {
        let gone: Vec<Path> = self.discovered.subtree(request).collect();
        for path in gone {
            self.discovered.remove(&path);
        }
        // Its target shows what it inherits as well (LwM2M Core §6.3.2).
        let above: Vec<_> = self.inherited(&request).into_iter().map(|(_, attribute)| attribute).collect();
        for (path, mut attributes) in links.take(CELLS) {
            if path == request {
                attributes.retain(|attribute| !above.contains(attribute));
            }
            if path.level() >= Level::Resource {
                self.discovered_whole.add(path.truncate(Level::ObjectInstance));
            }
            self.discovered.insert(path, attributes);
        }
    }

    fn remember(&mut self, exchange: Arc<Exchange>) {
        if self.exchanges.len() >= EXCHANGES && !self.exchanges.contains(&exchange.path) {
            let oldest = self.exchanges.iter().min_by_key(|(_, one)| one.at_ms).map(|(path, _)| *path);
            if let Some(path) = oldest {
                self.exchanges.remove(&path);
            }
        }
        self.exchanges.insert(exchange.path, exchange);
    }

    /// Register: observations of an earlier registration ended with it (LwM2M Core §6.2.1).
    pub(crate) fn register(&mut self, client: Client, change: &mut Change) {
        let renewed =
            self.client.as_ref().is_none_or(|known| known.registration_id != client.registration_id);
        if renewed {
            self.forget_observations();
        }
        self.update(client, change);
    }

    pub(crate) fn update(&mut self, client: Client, change: &mut Change) {
        for instance in self.registered_instances() {
            if !instances(&client).any(|still| still == instance) {
                self.discovered_whole.remove(&instance);
                self.read_whole.remove(&instance);
                self.discover(instance, std::iter::empty());
                self.drop_absent(instance, &PathSet::default(), change);
            }
        }
        self.departed = client.departed.map(|departed| (departed.why, departed.at_ms));
        self.client = Some(client);
        change.structure = true;
    }

    fn registered_instances(&self) -> Vec<Path> {
        self.client.iter().flat_map(instances).collect()
    }

    pub(crate) fn depart(&mut self, why: Departure, at_ms: u64, change: &mut Change) {
        self.forget_observations();
        self.departed = Some((why, at_ms));
        change.structure = true;
    }

    pub(crate) fn observe(&mut self, observation: &Observation, change: &mut Change) {
        if let Some(paths) = composite(&observation.paths) {
            self.composites.retain(|(known, _)| *known != paths);
            self.composites.push((paths, observation.since_ms));
        } else if let Ok(path) = observation.path.parse() {
            self.observations.insert(path, observation.since_ms);
        }
        change.structure = true;
    }

    /// `paths`: those of an Observe-Composite, otherwise none.
    pub(crate) fn end_observation(&mut self, path: &str, paths: &[String], change: &mut Change) {
        if let Some(ended) = composite(paths) {
            self.composites.retain(|(known, _)| *known != ended);
        } else if let Ok(path) = path.parse::<Path>() {
            self.observations.remove(&path);
        }
        change.structure = true;
    }

    fn forget_observations(&mut self) {
        self.observations.clear();
        self.composites.clear();
    }
}

fn instances(client: &Client) -> impl Iterator<Item = Path> + '_ {
    client
        .objects
        .iter()
        .flat_map(|object| object.instances.iter().map(|instance| Path::instance(object.id, *instance)))
}

/// The paths of an Observe-Composite; none when the observation is of one path.
fn composite(paths: &[String]) -> Option<Vec<Path>> {
    let paths: Vec<Path> = paths.iter().filter_map(|path| path.parse().ok()).collect();
    (!paths.is_empty()).then_some(paths)
}

/// Resource Instances are kept in the order of their ids.
fn put_instance(values: &mut Vec<(u16, Value)>, id: u16, value: Value) {
    match values.binary_search_by(|(known, _)| known.cmp(&id)) {
        Ok(index) => values[index].1 = value,
        Err(index) => values.insert(index, (id, value)),
    }
}

#[cfg(test)]
mod tests;
