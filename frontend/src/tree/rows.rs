use lwm2m_codec::{Level, Operations, Path, Value, ValueType};
use lwm2m_model::{ClientModel, ResourceDefinition};

use super::TreeView;
use crate::format;
use crate::live::{Content, Device};
use crate::sorted_map::PathSet;

/// One line of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) path: Path,
    pub(crate) kind: RowKind,
    /// `None` when the registry has no definition of the version that the client has.
    pub(crate) name: Option<String>,
    /// `None` when it has no children.
    pub(crate) open: Option<bool>,
    pub(crate) observed: Observed,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RowKind {
    Object,
    ObjectInstance,
    Resource {
        /// `None`: nobody has a definition, anything may work.
        operations: Option<Operations>,
        value_type: Option<ValueType>,
        units: String,
        /// The client is known not to have it.
        unreported: bool,
    },
    ResourceInstance {
        units: String,
    },
    /// Not a node: tells how many Resources are hidden, or hides them again.
    Unreported {
        count: usize,
        shown: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observed {
    No,
    Itself,
    /// With this parent.
    By(Path),
}

impl Row {
    /// Two rows of one path are a node and the line about what is hidden in it.
    pub(crate) fn key(&self) -> (Path, bool) {
        (self.path, self.is_node())
    }

    pub(crate) fn is_node(&self) -> bool {
        !matches!(self.kind, RowKind::Unreported { .. })
    }
}

/// The rows to show, from top to bottom.
pub(crate) fn rows(device: &Device, model: &ClientModel, view: &TreeView, east_min: i32) -> Vec<Row> {
    let mut paths = device.paths();
    let mut unreported = PathSet::default();
    let instances: Vec<Path> =
        paths.iter().copied().filter(|path| path.level() == Level::ObjectInstance).collect();
    for instance in instances {
        for (resource, definition) in defined_resources(instance, model) {
            // What only a Bootstrap-Server reaches will never be reported.
            let bootstrap_only = definition.operations == Operations::default();
            if device.is_unreported(&resource, definition.operations.read || bootstrap_only) {
                unreported.add(resource);
            }
            paths.push(resource);
        }
    }
    paths.sort_unstable();
    paths.dedup();
    Listing { device, model, view, east_min, words: view.words(), paths, unreported }.rows()
}

fn defined_resources<'a>(
    instance: Path,
    model: &ClientModel<'a>,
) -> impl Iterator<Item = (Path, &'a ResourceDefinition)> + use<'a> {
    let definition = instance.object_id().and_then(|id| model.object(id));
    let resources = definition.map(|object| object.resources.as_slice()).unwrap_or_default();
    resources.iter().filter_map(move |resource| Some((instance.child(resource.id)?, resource)))
}

struct Listing<'a> {
    device: &'a Device,
    model: &'a ClientModel<'a>,
    view: &'a TreeView,
    east_min: i32,
    words: Vec<String>,
    paths: Vec<Path>,
    unreported: PathSet,
}

impl Listing<'_> {
    fn rows(&self) -> Vec<Row> {
        let found = self.found();
        let mut rows = Vec::new();
        let mut hidden_in: Option<(Path, usize)> = None;
        for (index, path) in self.paths.iter().enumerate() {
            if let Some((instance, count)) = hidden_in
                && !path.starts_with(&instance)
            {
                rows.extend(self.unreported_row(instance, count));
                hidden_in = None;
            }
            if path.level() == Level::ObjectInstance && self.is_visible(path) {
                hidden_in = Some((*path, 0));
            }
            if found.as_ref().is_some_and(|found| !found.contains(path)) || !self.is_visible(path) {
                continue;
            }
            if self.unreported.contains(path)
                && let Some((instance, count)) = &mut hidden_in
            {
                *count += 1;
                if !self.view.shows_unreported(instance) && found.is_none() {
                    continue;
                }
            }
            rows.push(self.row(*path, self.paths.get(index + 1)));
        }
        rows.extend(hidden_in.and_then(|(instance, count)| self.unreported_row(instance, count)));
        rows
    }

    fn unreported_row(&self, instance: Path, count: usize) -> Option<Row> {
        let shown = self.view.shows_unreported(&instance);
        (count > 0 && self.words.is_empty() && self.view.is_open(&instance)).then_some(Row {
            path: instance,
            kind: RowKind::Unreported { count, shown },
            name: None,
            open: None,
            observed: Observed::No,
        })
    }

    /// Nodes that match the filter, with everything above them; `None` without a filter.
    fn found(&self) -> Option<PathSet> {
        if self.words.is_empty() {
            return None;
        }
        let mut found = PathSet::default();
        for path in &self.paths {
            if self.matches(path) {
                for above in std::iter::successors(Some(*path), Path::parent) {
                    found.add(above);
                }
            }
        }
        Some(found)
    }

    fn matches(&self, path: &Path) -> bool {
        let name = self.name(path).unwrap_or_default().to_lowercase();
        let address = path.to_string();
        let own_id = path.ids().last().map(u16::to_string).unwrap_or_default();
        let value = self.value(path).to_lowercase();
        self.words.iter().all(|word| {
            let by_address =
                word.starts_with('/') && (address == *word || address.starts_with(&format!("{word}/")));
            by_address
                || name.contains(word)
                || own_id == *word
                || (!value.is_empty() && value.contains(word))
        })
    }

    fn value(&self, path: &Path) -> String {
        let cell = self.device.cell(path);
        match cell.map(|cell| &cell.content) {
            Some(Content::Single(value)) => format::value(value, self.east_min),
            _ => String::new(),
        }
    }

    fn is_visible(&self, path: &Path) -> bool {
        let mut parents = std::iter::successors(path.parent(), Path::parent);
        !self.words.is_empty() || parents.all(|parent| self.view.is_open(&parent))
    }

    /// `next`: the path after it in the listing.
    fn row(&self, path: Path, next: Option<&Path>) -> Row {
        let observed = if self.device.observed(&path) {
            Observed::Itself
        } else {
            self.device.covering_observation(&path).map_or(Observed::No, Observed::By)
        };
        let has_children = next.is_some_and(|next| next.starts_with(&path));
        let open = !self.words.is_empty() || self.view.is_open(&path);
        Row {
            path,
            kind: self.kind(&path),
            name: self.name(&path),
            open: has_children.then_some(open),
            observed,
        }
    }

    fn name(&self, path: &Path) -> Option<String> {
        match path.level() {
            Level::Object => Some(self.model.object(path.object_id()?)?.name.clone()),
            Level::Resource => Some(self.definition(path)?.name.clone()),
            Level::ObjectInstance => instance_label(self.device, path),
            Level::Root | Level::ResourceInstance => None,
        }
    }

    fn definition(&self, path: &Path) -> Option<&ResourceDefinition> {
        self.model.resource(path.object_id()?, path.resource_id()?)
    }

    fn kind(&self, path: &Path) -> RowKind {
        let definition = self.definition(path);
        let units = definition.map(|resource| self.device.unit(path, &resource.units)).unwrap_or_default();
        match path.level() {
            Level::Root | Level::Object => RowKind::Object,
            Level::ObjectInstance => RowKind::ObjectInstance,
            Level::Resource => RowKind::Resource {
                operations: definition.map(|resource| resource.operations),
                value_type: definition.and_then(|resource| resource.value_type),
                units,
                unreported: self.unreported.contains(path),
            },
            Level::ResourceInstance => RowKind::ResourceInstance { units },
        }
    }
}

/// What an Object Instance says it is: the Application Type of a sensor, the server of a Server Object, what an
/// Access Control Object is about, the name of a software package.
fn instance_label(device: &Device, instance: &Path) -> Option<String> {
    const APPLICATION_TYPE: u16 = 5750;
    let single = |id: u16| device.cell(&instance.child(id)?)?.content.single().cloned();
    let text = |value: Value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.to_string()),
        _ => None,
    };
    match instance.object_id()? {
        1 => single(0).map(|id| format!("server {id}")),
        2 => Some(format!("for /{}/{}", single(0)?, single(1)?)),
        9 => single(0).and_then(text),
        _ => single(APPLICATION_TYPE).and_then(text),
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
