//! What pages ask about the open device.

use std::sync::Arc;

use console_api::Command;
use lwm2m_codec::attributes::{
    Attribute, AttributeClass, EffectiveAttributes, LinkAttributes, NotificationAttributes, ServerDefaults,
};
use lwm2m_codec::{Level, Path, Value};

use super::{Attributes, Device};
use crate::format::unit;
use crate::live::cell::Cell;
use crate::live::exchange::Exchange;
use crate::live::history::History;

const SENSOR_UNITS: u16 = 5701;

/// A longer text is no unit.
const UNIT_CHARACTERS: usize = 12;

impl Device {
    pub(crate) fn cell(&self, path: &Path) -> Option<&Arc<Cell>> {
        self.cells.get(path)
    }

    /// The unit of a numeric Resource: by its definition, or told by the Object Instance itself. The sensor
    /// Objects of the registry have one definition for all units and name theirs in Sensor Units (5701).
    pub(crate) fn unit(&self, path: &Path, defined: &str) -> String {
        let told = || {
            let of_a_sensor = path.resource_id().is_some_and(|id| matches!(id, 5700 | 5601..=5604));
            let units = path.truncate(Level::ObjectInstance).child(SENSOR_UNITS).filter(|_| of_a_sensor)?;
            match self.cells.get(&units)?.content.single()? {
                Value::String(name) if name.chars().count() <= UNIT_CHARACTERS => Some(name.to_string()),
                _ => None,
            }
        };
        let name = if defined.is_empty() { told().unwrap_or_default() } else { defined.to_owned() };
        unit(&name).to_owned()
    }

    pub(crate) fn history(&self, path: &Path) -> Option<&History> {
        self.histories.get(path)
    }

    /// Another number when what the server has kept of a Resource may have to be asked for anew: values have come that
    /// are older than others, or nobody listened for a while. None before the first snapshot.
    pub(crate) fn stored_version(&self, path: &Path) -> Option<u32> {
        let revision = self.histories.get(path).map_or(0, History::revision);
        self.loaded.then_some(self.restored + revision)
    }

    /// The payload that tells most about a node: what was last asked for right there, else what brought its value.
    pub(crate) fn exchange(&self, path: &Path) -> Option<Arc<Exchange>> {
        let own = self.exchanges.get(path);
        let bearing = self.cells.get(path).map(|cell| &cell.exchange);
        let newest = match (own, bearing) {
            (Some(own), Some(bearing)) if bearing.at_ms > own.at_ms => Some(bearing),
            (own, bearing) => own.or(bearing),
        };
        newest.cloned()
    }

    pub(crate) fn observed(&self, path: &Path) -> bool {
        self.observations.contains(path)
    }

    /// The observation of a parent that also reports this node; the root for an Observe-Composite.
    pub(crate) fn covering_observation(&self, path: &Path) -> Option<Path> {
        let parent = std::iter::successors(path.parent(), Path::parent)
            .find(|parent| self.observations.contains(parent));
        parent.or_else(|| self.covering_composite(path).map(|_| Path::ROOT))
    }

    /// Since when there is an Observe-Composite that also reports this node.
    fn covering_composite(&self, path: &Path) -> Option<u64> {
        let covers = |(paths, _): &&(Vec<Path>, u64)| paths.iter().any(|observed| path.starts_with(observed));
        self.composites.iter().find(covers).map(|(_, since_ms)| *since_ms)
    }

    /// Since when the client reports a node; none while it does not.
    pub(crate) fn reported_since(&self, path: &Path) -> Option<u64> {
        if self.departed.is_some() {
            return None;
        }
        let levels = std::iter::successors(Some(*path), Path::parent);
        let since_ms = levels.filter_map(|level| self.observations.get(&level).copied()).next();
        since_ms.or_else(|| self.covering_composite(path))
    }

    /// The paths of each Observe-Composite.
    pub(crate) fn composites(&self) -> Vec<Vec<Path>> {
        self.composites.iter().map(|(paths, _)| paths.clone()).collect()
    }

    pub(crate) fn observation_count(&self) -> usize {
        self.observations.len() + self.composites.len()
    }

    /// In the order in which they were asked for.
    pub(crate) fn commands(&self) -> impl DoubleEndedIterator<Item = &Arc<Command>> {
        self.commands.values()
    }

    pub(crate) fn command_with(&self, id: u64) -> Option<&Arc<Command>> {
        self.commands.get(&id)
    }

    pub(crate) fn attributes(&self, path: &Path) -> &[(String, Option<String>)] {
        self.discovered.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// Attributes that the levels above have, as far as the node has none of that name; nearest first.
    pub(crate) fn inherited(&self, path: &Path) -> Vec<(Path, (String, Option<String>))> {
        let mut taken: Vec<&str> = self.attributes(path).iter().map(|(name, _)| name.as_str()).collect();
        let mut inherited = Vec::new();
        for above in std::iter::successors(path.parent(), Path::parent) {
            for (name, value) in self.attributes(&above) {
                let notification = Attribute::from_name(name)
                    .is_some_and(|attribute| attribute.class() == AttributeClass::Notification);
                if notification && !taken.contains(&name.as_str()) {
                    taken.push(name);
                    inherited.push((above, (name.clone(), value.clone())));
                }
            }
        }
        inherited
    }

    /// The attributes in force for a node, as far as they are known; `own` in place of those that are attached to it.
    pub(crate) fn effective_attributes(
        &self,
        path: &Path,
        own: Option<NotificationAttributes>,
    ) -> EffectiveAttributes {
        let attached = |level: &Path| match own.filter(|_| level == path) {
            Some(own) => own,
            None => LinkAttributes::parse(self.attributes(level)).0.notification,
        };
        EffectiveAttributes::of_node(path, attached, &self.server_defaults())
    }

    /// Those of the first account that the client has told (Object 1).
    fn server_defaults(&self) -> ServerDefaults {
        const SERVER: u16 = 1;
        let account = self.cells.subtree(Path::object(SERVER)).find_map(|path| path.instance_id());
        ServerDefaults::of_account(|resource| {
            self.cells.get(&Path::resource(SERVER, account?, resource))?.content.single().cloned()
        })
    }

    /// Whether a Discover listed the node, so that what it does not have it has not.
    pub(crate) fn is_discovered(&self, path: &Path) -> bool {
        self.discovered.contains(path)
    }

    /// The client took a Write-Attributes: `pmin=10&gt`, a bare name unsets.
    pub(crate) fn write_attributes(&mut self, path: Path, query: &str) {
        let attached = self.discovered.get_or_insert(path, Attributes::default);
        for parameter in query.split('&') {
            let (name, value) = match parameter.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (parameter, None),
            };
            attached.retain(|(known, _)| known != name);
            if value.is_some() {
                attached.push((name.to_owned(), value));
            }
        }
    }

    pub(crate) fn has_values(&self) -> bool {
        !self.cells.is_empty()
    }

    /// Every path that the registration, a Discover or a value names, in listing order.
    pub(crate) fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        for object in self.client.iter().flat_map(|client| &client.objects) {
            paths.push(Path::object(object.id));
            paths.extend(object.instances.iter().map(|instance| Path::instance(object.id, *instance)));
        }
        for path in self.cells.paths().chain(self.discovered.paths()) {
            let above = std::iter::successors(Some(path), Path::parent);
            paths.extend(above.take_while(|path| *path != Path::ROOT));
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Whether the client is known not to have this Resource: it was missing where it had to be listed.
    pub(crate) fn is_unreported(&self, resource: &Path, readable: bool) -> bool {
        let instance = resource.truncate(Level::ObjectInstance);
        if self.cells.contains(resource) || self.discovered.contains(resource) {
            return false;
        }
        self.discovered_whole.contains(&instance) || (readable && self.read_whole.contains(&instance))
    }
}
